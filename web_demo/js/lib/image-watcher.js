// Polling for images in process, until each is done, held or failed. It polls the list, because a
// queued image has no entry yet and each 404 would appear as an error in the browser's console.

import * as api from "./api.js";
import { serverTime } from "./clock.js";
import { EventEmitter } from "./event-emitter.js";
import { store } from "./image-store.js";
import { poll } from "./polling.js";

const FASTEST = 300;
const SLOWEST = 2000;
const PAGE_SIZE = 100;
/** Most images that are requested one by one instead of with the list. */
const MAX_SINGLE_REQUESTS = 3;

/**
 * What is expected of each watched image, by key; `since` is in milliseconds since 1970.
 * @type {Map<string, {version: string, isDecided: boolean, since: number}>}
 */
const watched = new Map();
let interval = FASTEST;
/** Milliseconds by which an image may have been uploaded before it is watched. */
const WATCH_DELAY = 60_000;
/** Cursor of the page after the newest ones that the next refresh reads. */
let deeper = /** @type {string | null} */ (null);

/** Emits `busy` and `idle`: whether any image is watched. */
export const activity = new EventEmitter();

export const isBusy = () => watched.size > 0;

const schedule = poll(refreshWatched, () => (isBusy() ? interval : Infinity));

/**
 * Polls for an image until it is done, held or failed.
 * @param {string} key
 * @param {string} [version] the oldest version that counts
 * @param {boolean} [isDecided] whether its review has ended, so the status `review` will pass
 */
export function watch(key, version = "", isDecided = false) {
  const expected = watched.get(key);
  if (expected && expected.version >= version && expected.isDecided >= isDecided) return;
  const wasBusy = isBusy();
  watched.set(key, { version, isDecided, since: expected?.since ?? serverTime() });
  if (!wasBusy) activity.emit("busy");
  interval = FASTEST;
  schedule(interval / 2);
}

/** @param {string} key */
export function unwatch(key) {
  if (watched.delete(key) && !isBusy()) activity.emit("idle");
}

/** Whether an image has the expected version and a final status. */
function isSettled(image, { version, isDecided }) {
  const isPending = (status) => status === "processing" || (isDecided && status === "review");
  return image && !isPending(image.status) && image.version >= version;
}

async function refreshWatched() {
  const before = watched.size;
  const known = [...watched.keys()].filter((key) => store.get(key));
  if (known.length === watched.size && known.length <= MAX_SINGLE_REQUESTS) {
    await Promise.all(known.map(refresh));
  } else {
    const newest = await api.listNewest({ limit: PAGE_SIZE });
    store.put(newest.images);
    await refreshOlder(new Set(newest.images.map(({ key }) => key)));
    await refreshDeeper(newest);
  }
  for (const [key, expected] of [...watched]) {
    if (isSettled(store.get(key), expected)) unwatch(key);
  }
  interval = watched.size < before ? FASTEST : Math.min(SLOWEST, interval * 1.3);
}

/**
 * Reads a page after the newest one, a further one at each call, while it may have watched images
 * without an entry so far: of a folder's many images, the first are no longer among the newest.
 * @param {api.Page} newest
 */
async function refreshDeeper(newest) {
  const unknown = [...watched].filter(([key]) => !store.get(key)).map(([, { since }]) => since);
  const oldest = Math.min(...unknown) - WATCH_DELAY;
  const after = ({ images, next }) =>
    images.length && Date.parse(images.at(-1).uploaded) > oldest ? next : null;
  const cursor = deeper ?? after(newest);
  deeper = null;
  if (!cursor) return;
  const page = await api.listNewest({ limit: PAGE_SIZE, cursor });
  store.put(page.images);
  deeper = after(page);
}

/** Refreshes known images that are not among the newest: older or deleted ones. */
async function refreshOlder(newest) {
  const older = [...watched.keys()].filter((key) => store.get(key) && !newest.has(key));
  await Promise.all(older.slice(0, MAX_SINGLE_REQUESTS).map(refresh));
}

/**
 * Reloads one known image, and removes it from the store if it no longer exists.
 * @param {string} key
 */
export async function refresh(key) {
  try {
    store.put([await api.getImage(key)]);
  } catch (error) {
    if (error.status !== 404) throw error;
    unwatch(key);
    store.remove(key);
  }
}
