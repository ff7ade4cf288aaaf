// Polling with backoff: one request at a time, and fewer while the API is slow or unavailable.

import * as api from "./api.js";

/** The pause after a response is at least this multiple of the request's duration. */
const PAUSE_FACTOR = 2;
const MAX_PAUSE = 30_000;
const FIRST_RETRY = 1000;
const MAX_RETRY_PAUSE = 15_000;
/** Fraction by which pauses vary, so tabs don't poll in step. */
const JITTER = 0.2;

/**
 * Returns the pause before a retry, in milliseconds.
 * @param {number} failures in a row
 */
export const retryPause = (failures) =>
  withJitter(Math.min(MAX_RETRY_PAUSE, FIRST_RETRY * 2 ** (failures - 1)));

const withJitter = (pause) => pause * (1 + JITTER * (Math.random() - 0.5));

/**
 * Calls `request` repeatedly while the page is visible. It pauses for the interval, longer after a
 * slow response, and with exponential backoff after failures.
 * @param {() => Promise<unknown>} request rejects on an API error
 * @param {() => number} interval milliseconds; Infinity to stop
 * @returns {(delay?: number) => void} reschedules the next call; during a request it has the next
 *   one follow at once
 */
export function poll(request, interval) {
  let timer = 0;
  let isRunning = false;
  let isRequested = false;
  let failures = 0;

  function schedule(delay = 0) {
    clearTimeout(timer);
    if (isRunning) isRequested = true;
    else if (!document.hidden && delay < Infinity) timer = window.setTimeout(run, delay);
  }

  async function run() {
    isRunning = true;
    isRequested = false;
    const started = performance.now();
    try {
      await request();
      failures = 0;
    } catch {
      // The banner shows the error.
      failures += 1;
    }
    isRunning = false;
    const rest = Math.min(MAX_PAUSE, PAUSE_FACTOR * (performance.now() - started));
    const usual = isRequested ? 0 : interval();
    schedule(failures ? retryPause(failures) : withJitter(Math.max(usual, rest)));
  }

  document.addEventListener("visibilitychange", () => schedule(interval() < Infinity ? 0 : Infinity));
  api.health.on("reachable", () => {
    if (failures && !isRunning) schedule();
  });
  return schedule;
}
