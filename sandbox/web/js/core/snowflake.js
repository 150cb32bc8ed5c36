/**
 * Discord's ids: 64-bit numbers carried as strings, ordered by time.
 * @module core/snowflake
 */

/** Discord's epoch, the first millisecond of 2015. */
const EPOCH = 1420070400000n;

let sequence = 0n;

/** A fresh id in the shape Discord's own app uses for nonces. */
export function nonce() {
  sequence = (sequence + 1n) % 4096n;
  const random = BigInt(Math.floor(Math.random() * 1024));
  return String(((BigInt(Date.now()) - EPOCH) << 22n) | (random << 12n) | sequence);
}

/**
 * Order of two ids, for Array.sort.
 * @param {string} left @param {string} right
 */
export function compareIds(left, right) {
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
