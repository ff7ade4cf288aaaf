// Client of the API (docs/reference/openapi.yaml), with its health: reachable, denied, slow.

import { synchronize, withDeadline } from "./clock.js";
import { EventEmitter } from "./event-emitter.js";

/**
 * @typedef {{name: string, path: string, url: string, width: number, height: number,
 *   bytes: number, type: string, ms: number}} Rendition
 * @typedef {{code: string, message: string}} Failure
 * @typedef {Record<string, any> & {renditions: Record<string, any>[]}} Recipe
 * @typedef {{key: string, status: "processing" | "review" | "done" | "rejected" | "failed", version: string,
 *   uploaded: string, updated: string, bytes?: number, format?: string, width?: number,
 *   height?: number, frames?: number, recipe?: string | Recipe, renditions: Rendition[],
 *   sources: {type: string, srcset: string}[], markup: string | null,
 *   variant_url?: string, signable?: boolean,
 *   placeholder: {thumbhash: string, color: string} | null, analysis?: Record<string, any>,
 *   timings?: Record<string, number>, error?: Failure, retry?: Failure, review?: Review,
 *   failed_request?: FailedRequest, execution?: string, name?: string, duplicate_of?: string,
 *   original?: "deleted" | "expired",
 *   metadata_etag: string,
 *   alt?: string, title?: string, tags?: string[], fields?: Record<string, string>,
 *   focal_point?: Point, rendered_focal_point?: Point}} Image
 * @typedef {{x: number, y: number}} Point
 * @typedef {Failure & {time: string, recipe?: string | Recipe}} FailedRequest
 * @typedef {{reasons: {name: string, confidence: number}[], since: string,
 *   decision?: "approve" | "reject", by?: "api" | "timeout", decided?: string}} Review
 * @typedef {{name: string, type: string, within?: string, entered?: string, exited?: string,
 *   status: "waiting" | "running" | "succeeded" | "failed" | "skipped", error?: string}} State
 * @typedef {{execution: string, status: string, started: string, stopped?: string,
 *   states: State[], transitions: {from: string, to: string, on: "success" | "error",
 *   taken: boolean}[]}} Workflow
 * @typedef {{name: string, key: string, url: string, fields: Record<string, string>,
 *   expires_in: number, usableUntil: number}} UploadTicket
 * @typedef {{name: string, problem: {code: string, detail: string}}} UploadRefusal
 * @typedef {{queue: {waiting: number, in_flight: number, dead: number},
 *   newest: {images: number, processing: number, done: number, failed: number, review: number,
 *     rejected: number, is_all: boolean},
 *   latency: {median: number, p95: number, recent: number[]} | null,
 *   throughput: {seconds: number, counts: number[]}}} Stats
 */

const BASE = new URL("./", document.baseURI);
const API_KEY = "darkroom-api-key";
/** Milliseconds after which a pending request counts as slow. */
const SLOW = 4000;
/** Milliseconds after which a request is given up; API Gateway itself gives up after 29 s. */
const TIMEOUT = 35_000;

/** A failed request, with a message for people. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 without a response
   * @param {string} code
   * @param {string} detail
   */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }

  /** Whether the API is unavailable: the same request may succeed later. */
  get isOutage() {
    return this.status === 0 || this.status >= 500;
  }

  /** Whether credentials are missing or wrong. */
  get isDenied() {
    return this.status === 401 || (this.status === 403 && this.code !== "originals-off");
  }
}

/**
 * Emits `reachable`, `unreachable` or `denied` after each request, the latter two with the error.
 * @type {EventEmitter<ApiError | undefined>}
 */
export const health = new EventEmitter();

/**
 * Emits `slow` and `fast` when the pace of the API changes.
 * @type {EventEmitter<undefined>}
 */
export const pace = new EventEmitter();

/** Kinds of requests that the page polls. */
const POLLED = ["stats", "newest"];

/**
 * Slow requests: pending ones by their own id, and polled kinds whose last response was slow.
 * @type {Set<any>}
 */
const slow = new Set();

export const isSlow = () => slow.size > 0;

function setSlow(id, isNowSlow) {
  const wasSlow = isSlow();
  if (isNowSlow) slow.add(id);
  else slow.delete(id);
  if (wasSlow !== isSlow()) pace.emit(isSlow() ? "slow" : "fast");
}

/** @param {string} key */
export function setApiKey(key) {
  if (key) sessionStorage.setItem(API_KEY, key);
  else sessionStorage.removeItem(API_KEY);
}

/**
 * Sends a request and emits its outcome. Rejects with an ApiError.
 * @param {string} path below `api/`
 * @param {{method?: string, body?: any, signal?: AbortSignal, kind?: string,
 *   isPatient?: boolean, etag?: string}} [options] a patient request waits at the API, and is not slow
 * @returns {Promise<any>}
 */
async function call(path, { method = "GET", body, signal, kind, isPatient, etag } = {}) {
  const id = kind ?? Symbol(path);
  const started = performance.now();
  const timer = isPatient ? 0 : setTimeout(() => setSlow(id, true), SLOW);
  let wasSlow = false;
  try {
    const response = await request(path, method, body, signal, etag);
    wasSlow = POLLED.includes(kind) && performance.now() - started > SLOW;
    health.emit("reachable");
    return response;
  } catch (error) {
    if (signal?.aborted) throw error;
    const event = error.isOutage ? "unreachable" : error.isDenied ? "denied" : "reachable";
    health.emit(event, error);
    throw error;
  } finally {
    clearTimeout(timer);
    setSlow(id, wasSlow);
  }
}

/**
 * The request in flight of each kind.
 * @type {Map<string, {path: string, response: Promise<any>}>}
 */
const inFlight = new Map();

/**
 * Sends at most one GET request of a kind at a time. Callers with the same path share its response;
 * another path waits until it has ended.
 * @param {string} kind
 * @param {string} path
 */
function coalesce(kind, path) {
  const current = inFlight.get(kind);
  if (current?.path === path) return current.response;
  const send = () => call(path, { kind });
  const response = current ? current.response.then(send, send) : send();
  const entry = { path, response };
  inFlight.set(kind, entry);
  const end = () => {
    if (inFlight.get(kind) === entry) inFlight.delete(kind);
  };
  response.then(end, end);
  return response;
}

async function request(path, method, body, signal, etag) {
  const headers = { Accept: "application/json" };
  const key = sessionStorage.getItem(API_KEY);
  if (key) headers["x-api-key"] = key;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (etag) headers["If-Match"] = `"${etag}"`;
  let response;
  let json;
  try {
    response = await fetch(new URL(`api/${path}`, BASE), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(signal ? [signal] : [])]),
    });
    synchronize(response.headers.get("Date"));
    json = await response.json();
  } catch (error) {
    if (response && error instanceof SyntaxError) throw unreadable(response.status);
    throw new ApiError(
      0,
      "no-response",
      error.name === "TimeoutError"
        ? `The API did not respond within ${TIMEOUT / 1000} seconds.`
        : "The API cannot be reached.",
    );
  }
  if (response.ok) return json;
  if (typeof json?.detail !== "string") throw unreadable(response.status);
  throw new ApiError(response.status, String(json.code), json.detail);
}

function unreadable(status) {
  const detail =
    status === 429
      ? "The API received too many requests. Retry in a moment."
      : `The API responded with status ${status} and no error message.`;
  // Every 404 of the API has a reason: without one, something else responds at this address.
  const isForeign = status === 200 || status === 404;
  return new ApiError(isForeign ? 502 : status, "unreadable", detail);
}

const segment = encodeURIComponent;

/**
 * Returns a ticket or a refusal for each file, in the order of the files.
 * @param {{name: string, type: string, size: number, recipe?: string}[]} files
 * @returns {Promise<(UploadTicket | UploadRefusal)[]>}
 */
export async function requestUploads(files) {
  const { uploads } = await call("uploads", { method: "POST", body: { files } });
  return uploads.map((each) => ("problem" in each ? each : withDeadline(each)));
}

/**
 * @typedef {{status?: string, label?: string, tag?: string, q?: string, limit?: number, cursor?: string}} Query
 * @typedef {{images: Image[], next: string | null}} Page
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
 * Returns one page of the list.
 * @param {Query} query
 * @param {AbortSignal} signal
 * @returns {Promise<Page>}
 */
export const listImages = (query, signal) => call(listPath(query), { signal, kind: "page" });

/**
 * Returns the newest images; for polling.
 * @param {Query} query
 * @returns {Promise<Page>}
 */
export const listNewest = (query) => coalesce("newest", listPath(query));

/**
 * @typedef {{key: string, status: string, version: string, updated: string, image?: Image}} Change
 */

/**
 * Returns the changes after a cursor; waits so many seconds for one.
 * @param {string} since
 * @param {number} [wait]
 * @returns {Promise<{changes: Change[], next: string, more: boolean}>}
 */
export const getChanges = (since, wait = 0) =>
  call(`images?${new URLSearchParams({ since, wait: String(wait) })}`, { isPatient: wait > 0 });

/** @param {string} key @returns {Promise<Image>} */
export const getImage = (key) => coalesce(`image ${key}`, `images/${segment(key)}`);

/**
 * Changes metadata; null removes a field.
 * @param {string} key
 * @param {string} etag of the metadata that was edited
 * @param {{alt?: string | null, title?: string | null, tags?: string[], focal_point?: Point | null}} edit
 * @returns {Promise<Image>}
 */
export const editImage = (key, etag, edit) =>
  call(`images/${segment(key)}`, { method: "PATCH", body: edit, etag });

/**
 * @param {string} key
 * @returns {Promise<{key: string, similar: {distance: number, image: Image}[]}>}
 */
export const getSimilar = (key) => coalesce("similar", `images/${segment(key)}/similar`);

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
 * Starts a Step Functions execution that reprocesses an image with its own recipe.
 * @param {string} key
 * @returns {Promise<{key: string, version: string, execution: string}>}
 */
export const runWorkflow = (key) =>
  call(`images/${segment(key)}/process?workflow=full`, { method: "POST", body: {} });

/** @param {string} key of an image that has an execution @returns {Promise<Workflow>} */
export const getWorkflow = (key) => coalesce("workflow", `images/${segment(key)}/workflow`);

/**
 * @param {string} key of a held image
 * @param {"approve" | "reject"} decision
 * @param {string} version that the reviewer saw
 */
export const decideReview = (key, decision, version) =>
  call(`images/${segment(key)}/review`, { method: "POST", body: { decision, version } });

/**
 * Returns the signed URLs of an image's variants, one for each text of options.
 * @param {string} key of a `signable` image
 * @param {string[]} options
 * @returns {Promise<string[]>}
 */
export async function signVariants(key, options) {
  const path = `images/${segment(key)}/variant-urls`;
  const { variants } = await call(path, { method: "POST", body: { options } });
  return variants.map(publicUrl);
}

/** @param {string} key @returns {Promise<{url: string, usableUntil: number}>} */
export const getOriginal = async (key) =>
  withDeadline(await call(`images/${segment(key)}/original`));

/** @returns {Promise<Record<string, Recipe>>} */
export const listRecipes = async () => (await call("recipes")).recipes;

/** @returns {Promise<Stats>} */
export const getStats = () => coalesce("stats", "stats");

/** Returns the JSON Schema of recipes, a file of the site. */
export async function getRecipeSchema() {
  const response = await fetch(new URL("recipe.schema.json", BASE));
  if (!response.ok) {
    throw new ApiError(response.status, "no-schema", "The recipe schema cannot be loaded.");
  }
  return response.json();
}

/**
 * Returns the URL of a rendition at this page's origin. The path names the version, so caches never
 * serve an older one.
 * @param {Pick<Rendition, "path">} rendition
 * @returns {string}
 */
export const publicUrl = (rendition) => new URL(rendition.path, BASE).href;
