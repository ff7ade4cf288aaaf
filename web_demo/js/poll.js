// Polling: one request at a time, and fewer of them while the API is slow or down.

import * as api from "./api.js";

/** Times a request's own duration that the pause after it lasts. */
const REST = 2;
const LONGEST = 30_000;
const FIRST_RETRY = 1000;
const LONGEST_RETRY = 15_000;
/** Part by which a pause varies, so that tabs do not ask in step. */
const JITTER = 0.2;

/**
 * The pause before a request is sent again, in milliseconds.
 * @param {number} failures in a row
 */
export const retryPause = (failures) =>
  vary(Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** (failures - 1)));

const vary = (pause) => pause * (1 + JITTER * (Math.random() - 0.5));

/**
 * Calls `ask` again and again while the page is visible. After an answer it pauses for the interval,
 * or longer where the answer took long; after a failure for a time that doubles.
 * @param {() => Promise<unknown>} ask rejects if the API is in trouble
 * @param {() => number} interval milliseconds; Infinity where there is nothing to ask for
 * @returns {(after?: number) => void} asks again that much later instead, or after what is under way
 */
export function poll(ask, interval) {
  let timer = 0;
  let isAsking = false;
  let isWanted = false;
  let failures = 0;

  function schedule(after = 0) {
    clearTimeout(timer);
    if (isAsking) isWanted = true;
    else if (!document.hidden && after < Infinity) timer = window.setTimeout(run, after);
  }

  async function run() {
    isAsking = true;
    isWanted = false;
    const since = performance.now();
    try {
      await ask();
      failures = 0;
    } catch {
      // The banner shows it.
      failures += 1;
    }
    isAsking = false;
    const rest = Math.min(LONGEST, REST * (performance.now() - since));
    const usual = isWanted ? 0 : interval();
    schedule(failures ? retryPause(failures) : vary(Math.max(usual, rest)));
  }

  document.addEventListener("visibilitychange", () => schedule(interval() < Infinity ? 0 : Infinity));
  api.health.on("reachable", () => {
    if (failures && !isAsking) schedule();
  });
  return schedule;
}
