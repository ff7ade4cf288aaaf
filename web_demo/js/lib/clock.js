// Clock of the server, and the life of what it signs: this device's own clock may be wrong, or set
// while the page is open. performance.now() only grows.

/** Milliseconds before its expiry from which something signed is no longer used. */
const MARGIN = 40_000;
/** Least milliseconds for which a response is used, so none is requested again at once. */
const SHORTEST = 20_000;

/** Milliseconds from the origin of performance.now() to 1970, by the server's clock once it responds. */
let origin = Date.now() - performance.now();

/** @param {string | null} date the header of a response */
export function synchronize(date) {
  const time = Date.parse(date ?? "");
  if (!Number.isNaN(time)) origin = time - performance.now();
}

/** Returns the server's time, in milliseconds since 1970. */
export const serverTime = () => origin + performance.now();

/**
 * Returns a response that has just arrived, with the time of performance.now() until which it is
 * used.
 * @template {{expires_in: number}} Signed
 * @param {Signed} response
 * @returns {Signed & {usableUntil: number}}
 */
export const withDeadline = (response) => ({
  ...response,
  usableUntil: performance.now() + Math.max(SHORTEST, 1000 * response.expires_in - MARGIN),
});

/** @param {{usableUntil: number}} signed */
export const isUsable = ({ usableUntil }) => performance.now() < usableUntil;
