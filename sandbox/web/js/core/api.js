/**
 * The sandbox's client API: what Discord's own app would say to Discord.
 * @module core/api
 */

/** A refusal by the sandbox: HTTP status, a sentence, and what was wrong with which field. */
export class ApiError extends Error {
  /** @param {number} status @param {string} message @param {unknown} [errors] */
  constructor(status, message, errors) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.errors = errors;
  }
}

/**
 * Everything one user can see.
 * @param {string} user id
 */
export function fetchState(user) {
  return call("GET", `/client/state?user=${encodeURIComponent(user)}`);
}

/**
 * Send an interaction: a command, autocompletion, a component or a modal.
 * @param {{user: string, channel_id: string, nonce: string, type: number, data: object}} body
 * @returns {Promise<{id: string}>}
 */
export function sendInteraction(body) {
  return call("POST", "/client/interactions", body);
}

/**
 * Say something in a channel.
 * @param {{user: string, channel_id: string, content: string}} body
 */
export function sendMessage(body) {
  return call("POST", "/client/messages", body);
}

/**
 * Delete a message, or dismiss it when it is ephemeral.
 * @param {string} user @param {string} channel @param {string} message ids
 */
export function deleteMessage(user, channel, message) {
  const path = [channel, message].map(encodeURIComponent).join("/");
  return call("DELETE", `/client/messages/${path}?user=${encodeURIComponent(user)}`);
}

/**
 * Bring a file to the sandbox, for an attachment option or a file field.
 * @param {string} user id @param {File} file
 * @returns {Promise<{id: string}>}
 */
export function uploadFile(user, file) {
  return call("POST", `/client/uploads?${new URLSearchParams({ user, filename: file.name })}`, file);
}

/** Put the sandbox back to its first state. */
export function resetSandbox() {
  return call("POST", "/client/reset", {});
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object|File} [body] a file as it is, anything else as JSON
 * @returns {Promise<any>} the JSON answer, null when there is none
 */
async function call(method, path, body) {
  const raw = body instanceof File;
  const headers = { "Content-Type": raw ? "application/octet-stream" : "application/json" };
  const content = raw ? body : JSON.stringify(body);
  const response = await fetch(path, body ? { method, headers, body: content } : { method }).catch(() => {
    throw new ApiError(0, "The sandbox does not answer. Is it still running?");
  });
  const text = await response.text();
  const answer = parse(text);
  if (response.ok) return answer;
  throw new ApiError(
    response.status,
    answer?.message ?? `The sandbox answered ${response.status}.`,
    answer?.errors,
  );
}

/** @param {string} text */
function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
