// The API as docs/openapi.yaml describes it, and whether it can be reached.

import { Signal } from "./signal.js";

/**
 * @typedef {{name: string, path: string, url: string, width: number, height: number,
 *   bytes: number, type: string, ms: number}} Rendition
 * @typedef {{code: string, message: string}} Failure
 * @typedef {Record<string, any> & {renditions: Record<string, any>[]}} Recipe
 * @typedef {{key: string, status: "processing" | "review" | "done" | "rejected" | "failed", version: string,
 *   uploaded: string, updated: string, bytes?: number, format?: string, width?: number,
 *   height?: number, frames?: number, recipe?: string | Recipe, renditions: Rendition[],
 *   sources: {type: string, srcset: string}[], markup: string | null,
 *   placeholder: {thumbhash: string, color: string} | null, analysis?: Record<string, any>,
 *   timings?: Record<string, number>, error?: Failure, retry?: Failure, review?: Review,
 *   failed_request?: FailedRequest, execution?: string}} Picture
 * @typedef {Failure & {time: string, recipe?: string | Recipe}} FailedRequest
 * @typedef {{reasons: {name: string, confidence: number}[], since: string,
 *   decision?: "approve" | "reject", by?: "api" | "timeout", decided?: string}} Review
 * @typedef {{name: string, type: string, within?: string, entered?: string, exited?: string,
 *   status: "waiting" | "running" | "succeeded" | "failed" | "skipped", error?: string}} State
 * @typedef {{execution: string, status: string, started: string, stopped?: string,
 *   states: State[], transitions: {from: string, to: string, on: "success" | "error",
 *   taken: boolean}[]}} Workflow
 * @typedef {{name: string, key: string, url: string, fields: Record<string, string>,
 *   expires: string}} Leave
 * @typedef {{name: string, problem: {code: string, detail: string}}} Refusal
 * @typedef {{queue: {waiting: number, in_flight: number, dead: number},
 *   newest: {images: number, processing: number, done: number, failed: number, review: number,
 *     rejected: number, is_all: boolean},
 *   latency: {median: number, p95: number, recent: number[]} | null,
 *   throughput: {seconds: number, counts: number[]}}} Stats
 */

const BASE = new URL("./", document.baseURI);
const KEY = "darkroom-api-key";
/** Milliseconds without an answer after which the API is slow; the request goes on. */
const SLOW = 4000;
/** Milliseconds after which nothing is expected any more: API Gateway waits for 29 s. */
const TIMEOUT = 35_000;

/** What went wrong with a request, in words. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 where there was no answer
   * @param {string} code
   * @param {string} detail
   */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }

  /** Whether the API itself is in trouble, so that trying again later makes sense. */
  get isOutage() {
    return this.status === 0 || this.status >= 500;
  }

  /** Whether credentials are missing. */
  get isDenied() {
    return this.status === 401 || (this.status === 403 && this.code !== "originals-off");
  }
}

/**
 * `reachable`, `unreachable` and `denied`, with the error, as answers come in.
 * @type {Signal<ApiError | undefined>}
 */
export const health = new Signal();

/**
 * `slow` and `quick`, as it changes.
 * @type {Signal<undefined>}
 */
export const pace = new Signal();

/** Kinds of requests that are sent for as long as the page is visible. */
const REPEATED = ["stats", "newest"];

/**
 * What is slow: each request that has been under way for long, and each repeated kind whose last
 * answer took long.
 * @type {Set<any>}
 */
const slow = new Set();

export const isSlow = () => slow.size > 0;

function mark(what, isLate) {
  const was = isSlow();
  if (isLate) slow.add(what);
  else slow.delete(what);
  if (was !== isSlow()) pace.emit(isSlow() ? "slow" : "quick");
}

/** @param {string} key */
export function setApiKey(key) {
  if (key) sessionStorage.setItem(KEY, key);
  else sessionStorage.removeItem(KEY);
}

/**
 * @param {string} path below `api/`
 * @param {{method?: string, body?: any, signal?: AbortSignal, kind?: string}} [options]
 * @returns {Promise<any>}
 */
async function call(path, { method = "GET", body, signal, kind } = {}) {
  const what = kind ?? Symbol(path);
  const since = performance.now();
  const timer = setTimeout(() => mark(what, true), SLOW);
  let isLate = false;
  try {
    const answer = await request(path, method, body, signal);
    isLate = REPEATED.includes(kind) && performance.now() - since > SLOW;
    health.emit("reachable");
    return answer;
  } catch (error) {
    if (signal?.aborted) throw error;
    const name = error.isOutage ? "unreachable" : error.isDenied ? "denied" : "reachable";
    health.emit(name, error);
    throw error;
  } finally {
    clearTimeout(timer);
    mark(what, isLate);
  }
}

/**
 * By kind, the request that is under way.
 * @type {Map<string, {path: string, answer: Promise<any>}>}
 */
const underWay = new Map();

/**
 * Sends one GET request of a kind at a time: whoever asks for the same meanwhile gets the same
 * answer, and another path waits its turn.
 * @param {string} kind
 * @param {string} path
 */
function one(kind, path) {
  const before = underWay.get(kind);
  if (before?.path === path) return before.answer;
  const send = () => call(path, { kind });
  const answer = before ? before.answer.then(send, send) : send();
  const entry = { path, answer };
  underWay.set(kind, entry);
  const end = () => {
    if (underWay.get(kind) === entry) underWay.delete(kind);
  };
  answer.then(end, end);
  return answer;
}

async function request(path, method, body, signal) {
  const headers = { Accept: "application/json" };
  const key = sessionStorage.getItem(KEY);
  if (key) headers["x-api-key"] = key;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  let answer;
  try {
    response = await fetch(new URL(`api/${path}`, BASE), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(signal ? [signal] : [])]),
    });
    answer = await response.json();
  } catch (error) {
    if (response && error instanceof SyntaxError) throw unreadable(response.status);
    throw new ApiError(
      0,
      "no-answer",
      error.name === "TimeoutError"
        ? `The API has not answered for ${TIMEOUT / 1000} seconds.`
        : "The API cannot be reached.",
    );
  }
  if (response.ok) return answer;
  if (typeof answer?.detail !== "string") throw unreadable(response.status);
  throw new ApiError(response.status, String(answer.code), answer.detail);
}

function unreadable(status) {
  const detail =
    status === 429
      ? "There are more requests than the API takes. Wait a little."
      : `The API answered with status ${status}, and no reason that could be read.`;
  // The API gives a reason with each 404: without one, something else answers in its place.
  const isOther = status === 200 || status === 404;
  return new ApiError(isOther ? 502 : status, "unreadable", detail);
}

const segment = encodeURIComponent;

/**
 * Leave to upload each of the files, or the reason why not, in their order.
 * @param {{name: string, type: string, size: number, recipe?: string}[]} files
 * @returns {Promise<(Leave | Refusal)[]>}
 */
export async function requestUploads(files) {
  return (await call("uploads", { method: "POST", body: { files } })).uploads;
}

/**
 * @typedef {{status?: string, label?: string, limit?: number, cursor?: string}} Query
 * @typedef {{images: Picture[], next: string | null}} Page
 */

/** @param {Query} query */
function listPath(query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value) parameters.set(name, String(value));
  }
  return `images?${parameters}`;
}

/**
 * A page of the list that somebody waits for.
 * @param {Query} query
 * @param {AbortSignal} signal
 * @returns {Promise<Page>}
 */
export const listImages = (query, signal) => call(listPath(query), { signal, kind: "page" });

/**
 * The newest images, asked for again and again.
 * @param {Query} query
 * @returns {Promise<Page>}
 */
export const listNewest = (query) => one("newest", listPath(query));

/** @param {string} key @returns {Promise<Picture>} */
export const getImage = (key) => one(`image ${key}`, `images/${segment(key)}`);

/** @param {string} key */
export const deleteImage = (key) => call(`images/${segment(key)}`, { method: "DELETE" });

/**
 * @param {string} key
 * @param {string | Recipe} [recipe]
 * @returns {Promise<{key: string, version: string}>}
 */
export function processImage(key, recipe) {
  return call(`images/${segment(key)}/process`, { method: "POST", body: recipe ? { recipe } : {} });
}

/**
 * Has Step Functions make a picture anew, by its own recipe.
 * @param {string} key
 * @returns {Promise<{key: string, version: string, execution: string}>}
 */
export const runWorkflow = (key) =>
  call(`images/${segment(key)}/process?workflow=full`, { method: "POST", body: {} });

/** @param {string} key of a picture that has an execution @returns {Promise<Workflow>} */
export const getWorkflow = (key) => one("workflow", `images/${segment(key)}/workflow`);

/**
 * @param {string} key of a picture that is held
 * @param {"approve" | "reject"} decision
 * @param {string} version that was looked at
 */
export const decideReview = (key, decision, version) =>
  call(`images/${segment(key)}/review`, { method: "POST", body: { decision, version } });

/** @param {string} key @returns {Promise<{url: string, expires: string}>} */
export const getOriginal = (key) => call(`images/${segment(key)}/original`);

/** @returns {Promise<Record<string, Recipe>>} */
export const listRecipes = async () => (await call("recipes")).recipes;

/** @returns {Promise<Stats>} */
export const getStats = () => one("stats", "stats");

/** The JSON Schema of recipes, a file beside this page. */
export async function getRecipeSchema() {
  const response = await fetch(new URL("recipe.schema.json", BASE));
  if (!response.ok) throw new ApiError(response.status, "no-schema", "There is no recipe schema.");
  return response.json();
}

/**
 * Where a rendition is. Its path tells its versions apart, so that no cache shows an old one.
 * @param {Rendition} rendition
 * @returns {string}
 */
export const publicUrl = (rendition) => new URL(rendition.path, BASE).href;
