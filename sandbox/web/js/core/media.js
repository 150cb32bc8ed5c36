/**
 * Pictures and files: where they are, how large, how they are called.
 * @module core/media
 */

/** Discord's prefix of files to be hidden, and the newer attachment flag that says the same. */
const SPOILER_PREFIX = "SPOILER_";
const IS_SPOILER = 1 << 3;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * @typedef {object} Picture
 * @property {string} url
 * @property {string} alt "" when nobody wrote one
 * @property {string} name
 * @property {number} width in pixels, 0 when unknown
 * @property {number} height
 * @property {number} size in bytes, 0 when unknown
 * @property {boolean} spoiler
 */

/**
 * An address the page may load. The sandbox names itself by one loopback address; the page may have been
 * opened by another, and its Content-Security-Policy allows its own origin only.
 * @param {string|null|undefined} address
 */
export function mediaUrl(address) {
  if (!address || !/^https?:/.test(address)) return "";
  const url = new URL(address);
  const sandbox = LOOPBACK.has(url.hostname) && url.port === location.port;
  return sandbox ? `${location.origin}${url.pathname}${url.search}` : url.href;
}

/** @param {any} attachment @returns {boolean} */
export function isPicture(attachment) {
  const type = attachment.content_type ?? "";
  return type ? type.startsWith("image/") : /\.(png|jpe?g|webp|gif)$/i.test(attachment.filename);
}

/** @param {any} attachment of a Discord message @returns {Picture} */
export function pictureOfAttachment(attachment) {
  return {
    url: mediaUrl(attachment.url),
    alt: attachment.description ?? "",
    name: plainName(attachment.filename),
    width: attachment.width ?? 0,
    height: attachment.height ?? 0,
    size: attachment.size ?? 0,
    spoiler: attachment.filename.startsWith(SPOILER_PREFIX) || Boolean((attachment.flags ?? 0) & IS_SPOILER),
  };
}

/**
 * @param {any} media an unfurled media item of a component or embed
 * @param {{description?: string|null, spoiler?: boolean}} [item] @returns {Picture}
 */
export function pictureOfMedia(media, item = {}) {
  return {
    url: mediaUrl(media.proxy_url || media.url),
    alt: item.description ?? media.description ?? "",
    name: plainName(fileNameOf(media.url)),
    width: media.width ?? 0,
    height: media.height ?? 0,
    size: media.size ?? 0,
    spoiler: Boolean(item.spoiler),
  };
}

/** @param {string} url @returns {string} the last part of its path */
export function fileNameOf(url) {
  return decodeURIComponent(url.split(/[?#]/)[0].split("/").pop() ?? "") || "file";
}

/** @param {string} name as the member sees it */
export function plainName(name) {
  return name.startsWith(SPOILER_PREFIX) ? name.slice(SPOILER_PREFIX.length) : name;
}

/** @param {number} bytes @returns {string} "1.9 MB" */
export function fileSize(bytes) {
  const units = ["bytes", "KB", "MB", "GB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)));
  const value = bytes / 1024 ** power;
  return `${power ? value.toFixed(value < 10 ? 2 : 1) : value} ${units[power]}`;
}
