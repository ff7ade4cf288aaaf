// Presigned POST uploads to S3: transfer with progress, and readable messages for S3's errors.

import { duration, size } from "../lib/format.js";
import { UNREADABLE, firstBytes } from "./image-type.js";

/** Milliseconds without progress after which a transfer is aborted. */
const STALLED = 30_000;

/** S3's error codes after an emulator restart without the bucket, or without the signing key. */
const AFTER_RESTART = ["NoSuchBucket", "InvalidAccessKeyId", "InvalidToken"];

const LOST = "The connection to S3 was lost. Check the network and retry.";

class TransferError extends Error {
  /**
   * @param {string} message
   * @param {boolean} [canRetry]
   * @param {boolean} [isOutage] whether the same file may succeed later, so the page retries it
   */
  constructor(message, canRetry = true, isOutage = false) {
    super(message);
    this.canRetry = canRetry;
    this.isOutage = isOutage;
  }
}

/**
 * Sends a file to S3. Rejects with a TransferError. It uses XMLHttpRequest, because fetch reports
 * no upload progress.
 * @param {import("../lib/api.js").UploadTicket} ticket
 * @param {File} file
 * @param {AbortSignal} signal
 * @param {(fraction: number) => void} onProgress
 * @returns {Promise<void>}
 */
export function send(ticket, file, signal, onProgress) {
  const form = new FormData();
  for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
  // S3 ignores fields after the file.
  form.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let watchdog = 0;
    const resetWatchdog = () => {
      clearTimeout(watchdog);
      watchdog = window.setTimeout(() => request.abort(), STALLED);
    };
    request.upload.addEventListener("progress", (event) => {
      resetWatchdog();
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(errorOf(request.status, request.responseText, file));
    });
    request.addEventListener("error", async () =>
      reject(
        (await isReadable(file))
          ? new TransferError(LOST, true, true)
          : new TransferError(UNREADABLE, false),
      ),
    );
    request.addEventListener("abort", () =>
      reject(
        signal.aborted
          ? new TransferError("Canceled.")
          : new TransferError(
              `The upload made no progress for ${duration(STALLED)}. Check the network and retry.`,
              true,
              true,
            ),
      ),
    );
    request.addEventListener("loadend", () => clearTimeout(watchdog));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", ticket.url);
    resetWatchdog();
    request.send(form);
  });
}

/** Whether the browser can read a file: folders, and files changed since their choice, it cannot. */
const isReadable = (file) =>
  firstBytes(file).then(
    () => true,
    () => false,
  );

/**
 * Translates S3's XML error.
 * @param {number} status
 * @param {string} body
 * @param {{size: number}} file
 * @returns {TransferError}
 */
function errorOf(status, body, file) {
  const textOf = (tag) => body.match(new RegExp(`<${tag}>([^<]*)</${tag}>`))?.[1] ?? "";
  const code = textOf("Code");
  const message = textOf("Message");
  if (code === "EntityTooLarge") {
    const max = Number(textOf("MaxSizeAllowed"));
    const limit = max ? `, and the limit is ${size(max)}` : "";
    return new TransferError(
      `The file is too large: its size is ${size(file.size)}${limit}. Upload a smaller file.`,
      false,
    );
  }
  if (code === "EntityTooSmall") {
    return new TransferError("The file is empty. Choose another file.", false);
  }
  if (code === "AccessDenied" && /expired/i.test(message)) {
    return new TransferError("The upload form has expired. Retry with a new one.", true, true);
  }
  if (code === "AccessDenied") {
    return new TransferError(`S3 rejected the file: ${message || "access denied"}. Retry.`);
  }
  if (status >= 500 || code === "SlowDown") {
    return new TransferError("S3 is busy. Retry in a moment.", true, true);
  }
  if (AFTER_RESTART.includes(code) || (status === 404 && !code)) {
    return new TransferError(`S3 rejected the upload form (${code || status}). Retry.`, true, true);
  }
  return new TransferError(`S3 rejected the file (${code || status}). ${message}`.trim());
}
