// What a picture's timings mean. Pure.

/**
 * @typedef {{name: string, ms: number, meaning: string}} Step
 */

const MEANINGS = {
  upload: "this device to S3",
  queue: "S3's event, SQS, and Lambda's start",
  fetch: "Lambda reads the original",
  analyze: "Rekognition says what is in it",
  wait: "until a processor and memory are free",
  decode: "the original becomes pixels",
  render: "renditions are scaled and encoded",
  store: "renditions are written to S3",
};

/**
 * The steps one after another. `decode` is part of the pipeline's `render`, so it is taken out of
 * it; `queue` is what `since_upload` has beyond the steps that were measured.
 * @param {Record<string, number>} [timings] of the entry
 * @param {number} [uploadMs] measured here
 * @returns {Step[]}
 */
export function steps(timings = {}, uploadMs) {
  const { fetch = 0, analyze = 0, wait = 0, decode = 0, render = 0, store = 0 } = timings;
  const worked = fetch + analyze + wait + render + store;
  const total = timings.since_upload;
  /** @type {[keyof typeof MEANINGS, number | undefined][]} */
  const found = [
    ["upload", uploadMs],
    ["queue", total === undefined ? undefined : Math.max(0, total - worked)],
    ["fetch", timings.fetch],
    ["analyze", timings.analyze],
    ["wait", wait || undefined],
    ["decode", timings.decode],
    ["render", timings.render === undefined ? undefined : Math.max(0, render - decode)],
    ["store", timings.store],
  ];
  return found.flatMap(([name, ms]) =>
    ms === undefined ? [] : [{ name, ms: Math.round(ms), meaning: MEANINGS[name] }],
  );
}

/**
 * From the first byte sent (or from S3's time, if nothing was sent from here) to done.
 * @param {Record<string, number>} [timings]
 * @param {number} [uploadMs]
 * @returns {number | undefined}
 */
export function total(timings = {}, uploadMs = 0) {
  if (timings.since_upload !== undefined) return Math.round(timings.since_upload + uploadMs);
  const { fetch = 0, analyze = 0, wait = 0, render = 0, store = 0 } = timings;
  return fetch + analyze + wait + render + store || undefined;
}
