// Presigned URLs of originals, requested once for each image and kept until they expire.

import * as api from "../lib/api.js";
import { isUsable } from "../lib/clock.js";

const STORAGE_KEY = "darkroom-originals";

/** @type {Map<string, {url: string, usableUntil: number}>} */
const urls = new Map();
/** Keys whose URL is being requested. */
const pending = new Set();
/** Keys whose format this browser cannot decode. */
const unsupported = new Set();
// Remembered for the session, because the browser logs each refused request as an error.
let areAllowed = sessionStorage.getItem(STORAGE_KEY) !== "off";

/** Returns false once the API has refused an original. */
export const areOriginalsAllowed = () => areAllowed;

/** @param {string} key */
export const isPending = (key) => pending.has(key);

/**
 * @param {string} key
 * @returns {string | undefined} undefined if the original cannot be shown
 */
export function urlOf(key) {
  return unsupported.has(key) ? undefined : urls.get(key)?.url;
}

/**
 * Marks an original as one that the browser cannot decode.
 * @param {string} key
 */
export const markUnsupported = (key) => unsupported.add(key);

/**
 * Removes a URL, because a new version replaced the original.
 * @param {string} key
 */
export function forget(key) {
  urls.delete(key);
  unsupported.delete(key);
}

/**
 * Requests a URL, unless there is a valid one. Never rejects.
 * @param {string} key
 */
export async function load(key) {
  const known = urls.get(key);
  if (!areAllowed || pending.has(key)) return;
  if (known && isUsable(known)) return;
  pending.add(key);
  try {
    urls.set(key, await api.getOriginal(key));
  } catch (error) {
    if (error.code === "originals-off") {
      areAllowed = false;
      sessionStorage.setItem(STORAGE_KEY, "off");
    }
  } finally {
    pending.delete(key);
  }
}
