// The way of files from this device to S3: leave is asked for, then each is sent as a form.

import * as api from "./api.js";
import { size } from "./format.js";
import { Signal } from "./signal.js";
import { retryPause } from "./poll.js";
import { send, isExpired } from "./transfer.js";
import { store } from "./store.js";
import { watch, unwatch } from "./watch.js";

const AT_ONCE = 4;
const MOST_FILES = 100;
/** Transfers of one file that fail because of the storage before somebody has to retry. */
const MOST_FAILURES = 3;
const STAGES = { processing: "stored", done: "done", review: "held", rejected: "held" };

/**
 * @typedef {"waiting" | "sending" | "stored" | "done" | "held" | "failed" | "refused" | "stopped"} Stage
 * waiting: for leave, or for a place; stored: in S3; held: for a review, or rejected in one;
 * refused: not stored, with a reason.
 *
 * @typedef {object} Upload
 * @property {number} id
 * @property {File} file
 * @property {string} recipe
 * @property {Stage} stage
 * @property {number} sent fraction, 0 to 1
 * @property {string} [key]
 * @property {string} [reason] why it was refused, or failed
 * @property {boolean} [canRetry]
 * @property {number} [uploadMs] from the first byte to S3's answer
 * @property {number} [storedAt] performance.now() when S3 answered
 * @property {api.Leave} [leave]
 * @property {AbortController} [abort]
 * @property {number} [shape] width by height, where this browser can read the file
 * @property {number} [queuedMs] until it was seen at work
 * @property {number} [failures] transfers that failed because of the storage
 */

/**
 * `add`, `change` and `remove`, with the upload.
 * @type {Signal<Upload>}
 */
export const uploads = new Signal();

/** @type {Map<number, Upload>} */
const all = new Map();
let nextId = 1;
let isAsking = false;
let isDown = false;
/** Requests in a row that the API was not there for. */
let failures = 0;
let timer = 0;

/** All uploads of this visit. */
export const list = () => [...all.values()];

/**
 * Takes files in. Nothing of them is lost while the API is down: they wait.
 * @param {Iterable<File>} files
 * @param {string} recipe
 */
export function add(files, recipe) {
  for (const file of files) {
    const upload = { id: nextId++, file, recipe, stage: /** @type {Stage} */ ("waiting"), sent: 0 };
    all.set(upload.id, upload);
    uploads.emit("add", upload);
  }
  pump();
}

/** @param {Upload} upload */
export function cancel(upload) {
  upload.abort?.abort();
  set(upload, { stage: "stopped", reason: "Stopped.", canRetry: true });
}

/** @param {Upload} upload */
export function retry(upload) {
  wait(upload);
  upload.failures = 0;
  pump();
}

/** Forgets an upload; the picture stays. @param {Upload} upload */
export function dismiss(upload) {
  upload.abort?.abort();
  all.delete(upload.id);
  uploads.emit("remove", upload);
}

function wait(upload) {
  set(upload, { stage: "waiting", sent: 0, reason: undefined, canRetry: false, key: undefined });
}

function set(upload, changes) {
  Object.assign(upload, changes);
  if (all.has(upload.id)) uploads.emit("change", upload);
}

const count = (stage) => list().filter((each) => each.stage === stage).length;

function pump() {
  const waiting = list().filter((each) => each.stage === "waiting");
  const ready = waiting.filter((each) => each.leave && !isExpired(each.leave));
  for (const upload of ready.slice(0, AT_ONCE - count("sending"))) transfer(upload);
  const without = waiting.filter((each) => !each.leave || isExpired(each.leave));
  if (without.length && !isAsking && !isDown) ask(without.slice(0, MOST_FILES));
}

async function ask(asking) {
  isAsking = true;
  try {
    const answers = await api.requestUploads(
      asking.map(({ file, recipe }) => ({
        name: file.name || "pasted.png",
        type: file.type,
        size: file.size,
        ...(recipe && { recipe }),
      })),
    );
    asking.forEach((upload, at) => {
      const answer = answers[at];
      if (upload.stage !== "waiting") return;
      if ("problem" in answer) set(upload, { stage: "refused", reason: answer.problem.detail });
      else set(upload, { leave: answer, key: answer.key });
    });
  } catch (error) {
    // Outages and missing credentials are the banner's matter: the files wait until it is over.
    isDown = error.isOutage || error.isDenied || error.status === 429;
    if (!isDown) {
      for (const upload of asking) {
        if (upload.stage === "waiting") {
          set(upload, { stage: "refused", reason: error.message, canRetry: true });
        }
      }
    } else if (!error.isDenied) timer = window.setTimeout(resume, retryPause((failures += 1)));
  } finally {
    isAsking = false;
  }
  pump();
}

async function transfer(upload) {
  const abort = new AbortController();
  const { leave, file } = upload;
  set(upload, { stage: "sending", sent: 0, abort });
  const since = performance.now();
  try {
    await send(leave, file, abort.signal, (sent) => set(upload, { sent }));
    const storedAt = performance.now();
    set(upload, {
      stage: "stored",
      sent: 1,
      uploadMs: storedAt - since,
      storedAt,
      abort: undefined,
    });
    watch(leave.key);
    reflect(upload);
  } catch (error) {
    if (upload.stage === "sending") {
      upload.failures = (upload.failures ?? 0) + 1;
      // The next leave is given once the API is there again, which waits for an outage to end.
      if (error.isOutage && upload.failures < MOST_FAILURES) wait(upload);
      else set(upload, { stage: "refused", reason: error.message, canRetry: error.canRetry ?? true });
    }
  } finally {
    // A leave serves once: another try is another picture.
    if (upload.leave === leave) upload.leave = undefined;
  }
  pump();
}

function resume() {
  clearTimeout(timer);
  isDown = false;
  pump();
}

api.health.on("reachable", () => {
  failures = 0;
  if (isDown) resume();
});

/** Brings an upload in line with what is known of its picture. */
function reflect(upload) {
  const picture = upload.key && store.get(upload.key);
  if (!picture || !["stored", "held"].includes(upload.stage)) return;
  upload.queuedMs ??= performance.now() - upload.storedAt;
  if (picture.status === "failed") {
    set(upload, { stage: "failed", reason: picture.error?.message });
  } else set(upload, { stage: STAGES[picture.status] });
}

store.on("change", (key) => {
  const upload = list().find((each) => each.key === key);
  if (upload) reflect(upload);
});

store.on("remove", (key) => {
  const upload = list().find((each) => each.key === key);
  unwatch(key);
  if (upload) dismiss(upload);
});

window.addEventListener("beforeunload", (event) => {
  if (count("sending") + count("waiting")) event.preventDefault();
});

/**
 * Width by height of a picture that was sent from here: known before the pipeline has read it.
 * @param {string} key
 * @returns {number | undefined}
 */
export const shapeOf = (key) => list().find((each) => each.key === key)?.shape;

/**
 * What an upload is, in one line.
 * @param {Upload} upload
 * @returns {string}
 */
export function summary(upload) {
  return `${size(upload.file.size)} · ${upload.recipe || "default"}`;
}
