// Sends one file to S3 with a presigned POST, and puts S3's refusals into words.

import { duration, size } from "./format.js";

/** Seconds before its end at which a leave is not begun with any more. */
const MARGIN = 5;

/** Milliseconds without any progress after which a transfer is given up. */
const STALLED = 30_000;

/** S3's codes after a restart that has forgotten the bucket, or the key that signed the form. */
const FORGOTTEN = ["NoSuchBucket", "InvalidAccessKeyId", "InvalidToken"];

class TransferError extends Error {
  /**
   * @param {string} message
   * @param {boolean} [canRetry]
   * @param {boolean} [isOutage] whether it is the storage's trouble, which passes by itself
   */
  constructor(message, canRetry = true, isOutage = false) {
    super(message);
    this.canRetry = canRetry;
    this.isOutage = isOutage;
  }
}

/**
 * @param {import("./api.js").Leave} leave
 * @returns {boolean}
 */
export function isExpired(leave) {
  return Date.parse(leave.expires) - Date.now() < MARGIN * 1000;
}

/**
 * Resolves once S3 has the file; rejects with a sentence that says what to do.
 * XMLHttpRequest, because fetch tells nothing of an upload's progress.
 * @param {import("./api.js").Leave} leave
 * @param {File} file
 * @param {AbortSignal} signal
 * @param {(fraction: number) => void} onProgress
 * @returns {Promise<void>}
 */
export function send(leave, file, signal, onProgress) {
  const form = new FormData();
  for (const [name, value] of Object.entries(leave.fields)) form.append(name, value);
  // S3 ignores whatever comes after the file.
  form.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let watchdog = 0;
    const feed = () => {
      clearTimeout(watchdog);
      watchdog = window.setTimeout(() => request.abort(), STALLED);
    };
    const fail = (...reason) => reject(new TransferError(...reason));
    request.upload.addEventListener("progress", (event) => {
      feed();
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else fail(...refusal(request.status, request.responseText, file));
    });
    request.addEventListener("error", () =>
      fail("The connection to the storage broke. Check the network, then retry.", true, true),
    );
    request.addEventListener("abort", () =>
      fail(
        signal.aborted
          ? "Stopped."
          : `Nothing could be sent for ${duration(STALLED)}. Check the network, then retry.`,
        true,
        !signal.aborted,
      ),
    );
    request.addEventListener("loadend", () => clearTimeout(watchdog));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", leave.url);
    feed();
    request.send(form);
  });
}

/**
 * S3's XML error in words, whether trying again may help, and whether it is the storage's trouble.
 * @param {number} status
 * @param {string} body
 * @param {{size: number}} file
 * @returns {[message: string, canRetry: boolean, isOutage?: boolean]}
 */
export function refusal(status, body, file) {
  const of = (tag) => body.match(new RegExp(`<${tag}>([^<]*)</${tag}>`))?.[1] ?? "";
  const code = of("Code");
  const message = of("Message");
  if (code === "EntityTooLarge") {
    const most = Number(of("MaxSizeAllowed"));
    const limit = most ? ` Files may have at most ${size(most)}.` : "";
    return [
      `The file is too large: it has ${size(file.size)}.${limit} Upload a smaller one.`,
      false,
    ];
  }
  if (code === "EntityTooSmall") return ["The file is empty. Choose another one.", false];
  if (code === "AccessDenied" && /expired/i.test(message)) {
    return ["The leave to upload has expired. Retry: a new one is asked for.", true];
  }
  if (code === "AccessDenied") {
    return [`The storage refused the file: ${message || "access denied"}. Retry.`, true];
  }
  if (status >= 500 || code === "SlowDown")
    return ["The storage is busy. Retry in a moment.", true, true];
  if (FORGOTTEN.includes(code) || (status === 404 && !code)) {
    return [`The storage does not know the form (${code || status}). Retry.`, true, true];
  }
  return [`The storage refused the file (${code || status}). ${message}`.trim(), true];
}
