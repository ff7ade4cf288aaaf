// Waits for pictures to be done. Asks for the list, and not for single pictures, because a picture
// that is still in the queue has no entry yet: its 404 would stand in the console as an error.

import * as api from "./api.js";
import { Signal } from "./signal.js";
import { store } from "./store.js";

const SOONEST = 300;
const LATEST = 2000;

/** Keys that are waited for -> the version they must have reached; "" for any. */
const waited = new Map();
let timer = 0;
let pause = SOONEST;
let isAsking = false;

/** `busy` and `idle`: whether anything is waited for. */
export const activity = new Signal();

export const isBusy = () => waited.size > 0;

/**
 * Keeps asking about a picture until it is done or failed.
 * @param {string} key
 * @param {string} [version] that it must have reached
 */
export function watch(key, version = "") {
  const wasBusy = isBusy();
  waited.set(key, version);
  if (!wasBusy) activity.emit("busy");
  pause = SOONEST;
  schedule(pause / 2);
}

/** @param {string} key */
export function unwatch(key) {
  if (waited.delete(key) && !isBusy()) activity.emit("idle");
}

/** Whether a picture has become what is waited for. */
function hasArrived(picture, version) {
  return picture && picture.status !== "processing" && picture.version >= version;
}

function schedule(after) {
  clearTimeout(timer);
  if (isBusy() && !document.hidden && !isAsking) timer = window.setTimeout(ask, after);
}

async function ask() {
  isAsking = true;
  const before = waited.size;
  try {
    const known = [...waited.keys()].filter((key) => store.get(key));
    if (known.length === waited.size && known.length <= 3) {
      store.put(await Promise.all(known.map((key) => api.getImage(key))));
    } else {
      store.put((await api.listImages({ limit: 100 })).images);
      await askForOlder();
    }
    for (const [key, version] of [...waited]) {
      if (hasArrived(store.get(key), version)) unwatch(key);
    }
    pause = waited.size < before ? SOONEST : Math.min(LATEST, pause * 1.3);
  } catch (error) {
    // A picture that is gone will not come; everything else is tried again.
    if (error.status === 404) for (const key of waited.keys()) if (store.get(key)) unwatch(key);
    pause = LATEST;
  } finally {
    isAsking = false;
  }
  schedule(pause);
}

/** Pictures that were uploaded long ago and are made anew are not among the newest. */
async function askForOlder() {
  const older = [...waited]
    .filter(([key, version]) => version && !hasArrived(store.get(key), version))
    .map(([key]) => key)
    .filter((key) => store.get(key))
    .slice(0, 3);
  store.put(await Promise.all(older.map((key) => api.getImage(key))));
}

document.addEventListener("visibilitychange", () => schedule(0));
