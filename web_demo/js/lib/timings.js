// Processing times: duration and meaning of each stage, from the upload to the commit.

/** Stages of an attempt in order: those of processor/telemetry/timings.py, held equal by a test. */
export const STAGES = ["claim", "fetch", "inspect", "analyze", "wait", "render", "store", "commit"];

const MEANINGS = {
  upload: "Transfer from this device to S3",
  queue: "S3 event, SQS and start of Lambda",
  claim: "Conditional write of the claim to the catalog",
  fetch: "Read of the original from S3",
  inspect: "Parse of the original's header",
  analyze: "Labels and moderation by Rekognition",
  wait: "Wait for a free processor and memory",
  decode: "Decode of the original into pixels",
  render: "Scaling and encoding of the renditions",
  store: "Write of the renditions to S3",
  commit: "Write of the result to the catalog",
};

/** @typedef {{name: string, ms: number, meaning: string}} Segment */

const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);

const attemptTime = (timings) => sum(STAGES.map((stage) => timings[stage] ?? 0));

/**
 * Splits the time from the upload to the result into segments, without empty ones. `queue` is the
 * rest of `since_upload` after all stages; `decode`, which the pipeline counts as part of `render`,
 * is a segment of its own.
 * @param {Record<string, number>} [timings] of the catalog entry
 * @param {number} [uploadMs] measured by this page
 * @returns {Segment[]}
 */
export function segments(timings = {}, uploadMs = 0) {
  const { since_upload: sinceUpload = 0, render = 0, decode = 0 } = timings;
  const durations = {
    ...timings,
    upload: uploadMs,
    queue: sinceUpload - attemptTime(timings),
    render: render - decode,
  };
  const order = STAGES.flatMap((stage) => (stage === "render" ? ["decode", stage] : [stage]));
  return ["upload", "queue", ...order]
    .map((name) => ({ name, ms: Math.round(durations[name] ?? 0), meaning: MEANINGS[name] }))
    .filter(({ ms }) => ms > 0);
}

/**
 * Returns the milliseconds from the first byte sent, or from S3's event if this page did not send
 * the file, to the result.
 * @param {Record<string, number>} [timings]
 * @param {number} [uploadMs]
 * @returns {number | undefined}
 */
export function total(timings = {}, uploadMs = 0) {
  if (timings.since_upload !== undefined) return Math.round(timings.since_upload + uploadMs);
  return attemptTime(timings) || undefined;
}
