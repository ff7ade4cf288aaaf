// Polling and retries with backoff: one request at a time, and fewer while the API is slow or
// unavailable.

import * as api from "./api.js";

/** The pause after a response is at least this multiple of the request's duration. */
const PAUSE_FACTOR = 2;
const MAX_PAUSE = 30_000;
const FIRST_RETRY = 1000;
const MAX_RETRY_PAUSE = 15_000;
/** Failures in a row, while the API responds to other requests, after which a retry gives up. */
const MAX_FAILURES = 8;
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
 * Retries of one request, with exponential backoff. When the API responds to another request, the
 * next retry follows at once, but no more often than with the longest pause: the API may respond to
 * all requests but this one.
 */
export class Retry {
  /** Failures in a row. */
  failures = 0;
  /** Whether the request waits for its retry. */
  isWaiting = false;
  #timer = 0;
  #resumed = -Infinity;
  /** Whether the API has responded to other requests since the last failure. */
  #hasResponded = false;

  /**
   * @param {() => void} run
   * @param {number} [maxFailures]
   */
  constructor(run, maxFailures = MAX_FAILURES) {
    this.run = () => {
      this.cancel();
      run();
    };
    this.maxFailures = maxFailures;
    api.health.on("reachable", () => {
      if (!this.isWaiting) return;
      this.#hasResponded = true;
      if (performance.now() - this.#resumed < MAX_RETRY_PAUSE) return;
      this.#resumed = performance.now();
      this.run();
    });
  }

  /**
   * Schedules a retry after a failure. An API that responds to no request is probed by polling, so
   * after `maxFailures` the retry only waits for the end of the outage.
   * @param {number} [max] failures that allow another retry
   * @returns {boolean} false if it gives up, because the API responds to other requests
   */
  failed(max = this.maxFailures) {
    this.cancel();
    this.failures += 1;
    const canRetry = this.failures < max;
    const hasResponded = this.#hasResponded;
    this.#hasResponded = false;
    if (!canRetry && hasResponded) {
      this.succeeded();
      return false;
    }
    this.isWaiting = true;
    if (canRetry) this.#timer = window.setTimeout(this.run, retryPause(this.failures));
    return true;
  }

  succeeded() {
    this.cancel();
    this.failures = 0;
  }

  /** Ends the wait for the next retry. */
  cancel() {
    clearTimeout(this.#timer);
    this.isWaiting = false;
  }
}

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
  // A page that is visible polls for ever.
  const retry = new Retry(() => schedule(), Infinity);

  function schedule(delay = 0) {
    clearTimeout(timer);
    if (isRunning) isRequested = true;
    else if (!document.hidden && delay < Infinity) timer = window.setTimeout(run, delay);
  }

  async function run() {
    isRunning = true;
    isRequested = false;
    retry.cancel();
    const started = performance.now();
    try {
      await request();
      retry.succeeded();
    } catch {
      // The banner shows the error.
      retry.failed();
    }
    isRunning = false;
    if (retry.isWaiting) return;
    const rest = Math.min(MAX_PAUSE, PAUSE_FACTOR * (performance.now() - started));
    const usual = isRequested ? 0 : interval();
    schedule(withJitter(Math.max(usual, rest)));
  }

  document.addEventListener("visibilitychange", () => schedule(interval() < Infinity ? 0 : Infinity));
  return schedule;
}
