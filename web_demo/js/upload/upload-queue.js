// Upload queue: requests a ticket for each file, transfers it to S3, and follows its image.

import * as api from "../lib/api.js";
import { isUsable } from "../lib/clock.js";
import { EventEmitter } from "../lib/event-emitter.js";
import { size } from "../lib/format.js";
import { store } from "../lib/image-store.js";
import { unwatch, watch } from "../lib/image-watcher.js";
import { Retry, retryPause } from "../lib/polling.js";
import { UNREADABLE, imageType } from "./image-type.js";
import { send } from "./presigned-post.js";

const MAX_TRANSFERS = 4;
/** Most files of one request for tickets. */
const MAX_FILES = 100;
/** Transfers of a file that fail because of S3 before a person has to retry. */
const MAX_FAILURES = 3;
/** Upload status by the status of its image. */
const UPLOAD_STATUS = { processing: "stored", done: "done", review: "held", rejected: "held" };

/**
 * @typedef {"waiting" | "uploading" | "stored" | "done" | "held" | "failed" | "refused" | "canceled"} Status
 * waiting: for a ticket or a free transfer; stored: in S3; held: for review, or rejected in one;
 * refused: not stored, with a reason.
 *
 * @typedef {object} Upload
 * @property {number} id
 * @property {File} file
 * @property {string} recipe
 * @property {Status} status
 * @property {number} progress fraction sent, 0 to 1
 * @property {string} [key]
 * @property {string} [reason] of a refusal or failure
 * @property {boolean} [canRetry]
 * @property {number} [uploadMs] from the first byte to S3's response
 * @property {number} [storedAt] performance.now() of S3's response
 * @property {api.UploadTicket} [ticket]
 * @property {AbortController} [abort]
 * @property {number} [aspectRatio] if this browser can decode the file
 * @property {number} [queuedMs] from S3's response to the first sight of its entry
 * @property {number} [failures] transfers that failed because of S3
 * @property {boolean} [isPaused] after such a failure
 */

/**
 * Emits `add`, `change` and `remove` with the upload.
 * @type {EventEmitter<Upload>}
 */
export const uploads = new EventEmitter();

/** @type {Map<number, Upload>} */
const all = new Map();
let nextId = 1;
let isRequesting = false;
/** While it waits, the API is unavailable. */
const ticketRetry = new Retry(() => advance());

/** Returns all uploads since the page was loaded. */
export const list = () => [...all.values()];

/**
 * Adds files. They wait while the API is unavailable.
 * @param {Iterable<File>} files
 * @param {string} recipe
 */
export function add(files, recipe) {
  for (const file of files) {
    const status = /** @type {Status} */ ("waiting");
    const upload = { id: nextId++, file, recipe, status, progress: 0 };
    all.set(upload.id, upload);
    uploads.emit("add", upload);
  }
  advance();
}

/** @param {Upload} upload */
export function cancel(upload) {
  upload.abort?.abort();
  update(upload, { status: "canceled", reason: "Canceled.", canRetry: true });
}

/** @param {Upload} upload */
export function retry(upload) {
  requeue(upload);
  upload.failures = 0;
  upload.isPaused = false;
  advance();
}

/** Removes an upload from the list; its image stays. @param {Upload} upload */
export function dismiss(upload) {
  upload.abort?.abort();
  all.delete(upload.id);
  uploads.emit("remove", upload);
}

function requeue(upload) {
  const reset = { progress: 0, reason: undefined, canRetry: false, key: undefined };
  update(upload, { status: "waiting", ...reset });
}

/** Sends a file again after a pause that grows with its failures. */
function requeueLater(upload) {
  requeue(upload);
  upload.isPaused = true;
  setTimeout(() => {
    upload.isPaused = false;
    advance();
  }, retryPause(upload.failures));
}

function refuse(upload, reason, canRetry) {
  if (upload.status === "waiting") update(upload, { status: "refused", reason, canRetry });
}

function update(upload, changes) {
  Object.assign(upload, changes);
  if (all.has(upload.id)) uploads.emit("change", upload);
}

const withStatus = (status) => list().filter((each) => each.status === status);

/** Starts the transfers and the ticket request that are possible now. */
function advance() {
  const waiting = withStatus("waiting").filter(({ isPaused }) => !isPaused);
  const free = MAX_TRANSFERS - withStatus("uploading").length;
  for (const upload of waiting.filter(isReady).slice(0, free)) transfer(upload);
  const unready = waiting.filter((each) => !isReady(each));
  if (unready.length && !isRequesting && !ticketRetry.isWaiting) {
    requestTickets(unready.slice(0, MAX_FILES));
  }
}

const isReady = (/** @type {Upload} */ { ticket }) => ticket && isUsable(ticket);

async function requestTickets(uploads) {
  isRequesting = true;
  const files = new Map();
  await Promise.all(uploads.map(async (upload) => files.set(upload, await describe(upload))));
  const requested = uploads.filter(({ status }) => status === "waiting");
  try {
    const described = requested.map((upload) => files.get(upload));
    const results = described.length ? await api.requestUploads(described) : [];
    ticketRetry.succeeded();
    requested.forEach((upload, index) => {
      const result = results[index];
      if ("problem" in result) refuse(upload, result.problem.detail, false);
      else if (upload.status === "waiting") update(upload, { ticket: result, key: result.key });
    });
  } catch (error) {
    // The banner shows outages and missing credentials; the files wait until they have ended.
    const mayPass = error.isOutage || error.isDenied || error.status === 429;
    if (!mayPass) for (const upload of requested) refuse(upload, error.message, true);
    // Credentials do not become valid by waiting.
    else if (!ticketRetry.failed(error.isDenied ? 0 : undefined)) {
      for (const upload of list()) if (!isReady(upload)) refuse(upload, error.message, true);
    }
  } finally {
    isRequesting = false;
  }
  advance();
}

/** Returns what the API needs to know of a file; refuses one that the browser cannot read. */
async function describe(upload) {
  const { file, recipe } = upload;
  try {
    const type = (await imageType(file)) ?? file.type;
    return { name: file.name || "pasted.png", type, size: file.size, ...(recipe && { recipe }) };
  } catch {
    refuse(upload, UNREADABLE, false);
  }
}

async function transfer(upload) {
  const abort = new AbortController();
  const { ticket, file } = upload;
  update(upload, { status: "uploading", progress: 0, abort });
  const started = performance.now();
  try {
    await send(ticket, file, abort.signal, (progress) => update(upload, { progress }));
    const storedAt = performance.now();
    update(upload, {
      status: "stored",
      progress: 1,
      uploadMs: storedAt - started,
      storedAt,
      abort: undefined,
    });
    watch(ticket.key);
    applyImage(upload);
  } catch (error) {
    if (upload.status === "uploading") {
      upload.failures = (upload.failures ?? 0) + 1;
      // The retry needs a new ticket, so it waits for the API if that is unavailable as well.
      if (error.isOutage && upload.failures < MAX_FAILURES) requeueLater(upload);
      else update(upload, { status: "refused", reason: error.message, canRetry: error.canRetry ?? true });
    }
  } finally {
    // A ticket serves one transfer; a retry uploads to a new key.
    if (upload.ticket === ticket) upload.ticket = undefined;
  }
  advance();
}

/** Updates an upload from the state of its image. */
function applyImage(upload) {
  const image = upload.key && store.get(upload.key);
  if (!image || !["stored", "held"].includes(upload.status)) return;
  upload.queuedMs ??= performance.now() - upload.storedAt;
  if (image.status === "failed") {
    update(upload, { status: "failed", reason: image.error?.message });
  } else update(upload, { status: UPLOAD_STATUS[image.status] });
}

/**
 * Returns the upload that an image was created by, if this page sent it.
 * @param {string} key
 * @returns {Upload | undefined}
 */
export const uploadOf = (key) => list().find((each) => each.key === key);

store.on("change", (key) => {
  const upload = uploadOf(key);
  if (upload) applyImage(upload);
});

store.on("remove", (key) => {
  const upload = uploadOf(key);
  unwatch(key);
  if (upload) dismiss(upload);
});

window.addEventListener("beforeunload", (event) => {
  if (withStatus("uploading").length + withStatus("waiting").length) event.preventDefault();
});

/**
 * Returns the size and recipe of an upload in one line.
 * @param {Upload} upload
 * @returns {string}
 */
export function summary(upload) {
  return `${size(upload.file.size)} · ${upload.recipe || "default"}`;
}
