// Waits for pictures to be done. Asks for the list, and not for single pictures, because a picture
// that is still in the queue has no entry yet: its 404 would stand in the console as an error.

import * as api from "./api.js";
import { poll } from "./poll.js";
import { Signal } from "./signal.js";
import { store } from "./store.js";

const SOONEST = 300;
const LATEST = 2000;
/** Pictures that are asked for one by one, rather than in the list. */
const MOST_AT_ONCE = 3;

/**
 * Keys that are waited for.
 * @type {Map<string, {version: string, isDecided: boolean}>}
 */
const waited = new Map();
let pause = SOONEST;

/** `busy` and `idle`: whether anything is waited for. */
export const activity = new Signal();

export const isBusy = () => waited.size > 0;

const schedule = poll(ask, () => (isBusy() ? pause : Infinity));

/**
 * Keeps asking about a picture until it is done, held or failed.
 * @param {string} key
 * @param {string} [version] that it must have reached
 * @param {boolean} [isDecided] whether its review is over, so that it will not stay held
 */
export function watch(key, version = "", isDecided = false) {
  const before = waited.get(key);
  if (before && before.version >= version && before.isDecided >= isDecided) return;
  const wasBusy = isBusy();
  waited.set(key, { version, isDecided });
  if (!wasBusy) activity.emit("busy");
  pause = SOONEST;
  schedule(pause / 2);
}

/** @param {string} key */
export function unwatch(key) {
  if (waited.delete(key) && !isBusy()) activity.emit("idle");
}

/** Whether a picture has become what is waited for. */
function hasArrived(picture, { version, isDecided }) {
  const isOnItsWay = (status) => status === "processing" || (isDecided && status === "review");
  return picture && !isOnItsWay(picture.status) && picture.version >= version;
}

async function ask() {
  const before = waited.size;
  const known = [...waited.keys()].filter((key) => store.get(key));
  if (known.length === waited.size && known.length <= MOST_AT_ONCE) {
    await Promise.all(known.map(look));
  } else {
    const { images } = await api.listNewest({ limit: 100 });
    store.put(images);
    await askForOlder(new Set(images.map(({ key }) => key)));
  }
  for (const [key, wanted] of [...waited]) {
    if (hasArrived(store.get(key), wanted)) unwatch(key);
  }
  pause = waited.size < before ? SOONEST : Math.min(LATEST, pause * 1.3);
}

/** Pictures that are known, but not among the newest: uploaded long ago, or gone. */
async function askForOlder(newest) {
  const older = [...waited.keys()].filter((key) => store.get(key) && !newest.has(key));
  await Promise.all(older.slice(0, MOST_AT_ONCE).map(look));
}

/**
 * Asks about one picture that is known; it may be gone.
 * @param {string} key
 */
export async function look(key) {
  try {
    store.put([await api.getImage(key)]);
  } catch (error) {
    if (error.status !== 404) throw error;
    unwatch(key);
    store.remove(key);
  }
}
