// Change feed: waits for changes of images in the API, and stores the images.

import * as api from "./api.js";
import { EventEmitter } from "./event-emitter.js";
import { store } from "./image-store.js";
import { Retry } from "./polling.js";

/** Seconds that a request waits for a change. */
const WAIT = 20;
/** Milliseconds between a response and the next request: changes that follow come together. */
const PAUSE = 500;
/** The same after an empty response that has not waited, as with the parameter `FeedWait` at 0. */
const PAUSE_WITHOUT_WAIT = 5000;

/**
 * Emits `change` after a response with changes, and `reset` when the feed begins: what has changed
 * before is in the lists alone.
 * @type {EventEmitter<undefined>}
 */
export const feed = new EventEmitter();

/** @type {string | null} */
let cursor = null;
let timer = 0;
let isRunning = false;
// A page that is visible reads for ever.
const retry = new Retry(() => schedule(0), Infinity);

/** Reads the feed while the page is visible. */
export function start() {
  document.addEventListener("visibilitychange", () => schedule(0));
  schedule(0);
}

function schedule(pause) {
  clearTimeout(timer);
  if (!isRunning && !document.hidden) timer = window.setTimeout(read, pause);
}

async function read() {
  isRunning = true;
  retry.cancel();
  const started = performance.now();
  let pause = PAUSE;
  try {
    if (cursor === null) {
      cursor = (await api.getChanges("now")).next;
      feed.emit("reset");
    } else {
      const { changes, next, more } = await api.getChanges(cursor, WAIT);
      cursor = next;
      apply(changes);
      const hasWaited = performance.now() - started > 1000 * (WAIT / 2);
      if (!changes.length && !hasWaited) pause = PAUSE_WITHOUT_WAIT;
      if (more) pause = 0;
    }
    retry.succeeded();
  } catch (error) {
    // The banner shows other errors.
    if (error.code === "cursor-expired") cursor = null;
    else retry.failed();
  }
  isRunning = false;
  if (!retry.isWaiting) schedule(pause);
}

/** @param {api.Change[]} changes */
function apply(changes) {
  for (const { key, image } of changes) {
    if (image) store.put([image]);
    else if (store.get(key)) store.remove(key);
  }
  if (changes.length) feed.emit("change");
}
