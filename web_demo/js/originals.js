// Where originals can be looked at, if they may be. Asked for once a picture, for as long as it holds.

import * as api from "./api.js";

/** Milliseconds of a URL's life that have to be left. */
const MARGIN = 20_000;
const REMEMBERED = "darkroom-originals";

/** @type {Map<string, {url: string, expires: string}>} */
const urls = new Map();
/** Keys that are being asked for. */
const pending = new Set();
/** Keys of formats that this browser does not show. */
const unshowable = new Set();
// Each refusal stands in the browser's console, so the answer is kept.
let areOn = sessionStorage.getItem(REMEMBERED) !== "off";

/** Whether originals are given out, as far as is known. */
export const areGivenOut = () => areOn;

/** @param {string} key */
export const isPending = (key) => pending.has(key);

/**
 * @param {string} key
 * @returns {string | undefined} undefined where there is nothing to show
 */
export function urlOf(key) {
  return unshowable.has(key) ? undefined : urls.get(key)?.url;
}

/**
 * Notes that a URL could not be shown.
 * @param {string} key
 */
export const giveUp = (key) => unshowable.add(key);

/**
 * Forgets a URL, because there is another picture under the key.
 * @param {string} key
 */
export function forget(key) {
  urls.delete(key);
  unshowable.delete(key);
}

/**
 * Asks for a URL, unless there is one that holds. Never rejects.
 * @param {string} key
 */
export async function ask(key) {
  const known = urls.get(key);
  if (!areOn || pending.has(key)) return;
  if (known && Date.parse(known.expires) - Date.now() > MARGIN) return;
  pending.add(key);
  try {
    urls.set(key, await api.getOriginal(key));
  } catch (error) {
    if (error.code === "originals-off") {
      areOn = false;
      sessionStorage.setItem(REMEMBERED, "off");
    }
  } finally {
    pending.delete(key);
  }
}
