// All pictures, newest first. Tiles are kept by key and changed in place; nothing is drawn twice.

import * as api from "./api.js";
import { byId, h, icon } from "./dom.js";
import { store } from "./store.js";
import { poll } from "./poll.js";
import { makeTile } from "./tile.js";
import { activity, look, watch } from "./watch.js";

/** @typedef {import("./api.js").Picture} Picture */

const PAGE = 48;
const EAGER = 8;
/** Tiles after which another part begins. The browser leaves out whole parts that are out of sight. */
const PART = 96;
const REFRESH = 5000;
/** Most pages without a single picture that are asked for in a row: filters look at a part each. */
const EMPTY_PAGES = 10;
/** Held pictures outside of the list that are asked for, one by one, at each refresh. */
const HELD_AT_ONCE = 3;

/** @type {Map<string, ReturnType<typeof makeTile>>} */
const tiles = new Map();
let status = "";
/** What is to be in the pictures; in small letters, as the API compares. */
let label = "";
/** @type {string | null} */
let next = null;
let isLoading = false;
/** Counts filters, so that answers to an older one are dropped. */
let turn = 0;
/** Ends the request for a page, which a newer filter makes useless. */
let abort = new AbortController();
let hasFailed = false;
/** Where in the held pictures the last refresh began. */
let heldSeen = 0;

const ahead = new IntersectionObserver(
  (entries) => entries.at(-1)?.isIntersecting && !hasFailed && load(),
  { rootMargin: "800px" },
);

/** Shows the first page, and keeps showing what becomes of it. */
export function start() {
  byId("filter").addEventListener("change", ({ target }) => filter(target.value));
  byId("label").addEventListener("change", ({ target }) => find(target.value));
  // Emptied by its button, or by Escape.
  byId("label").addEventListener("input", ({ target }) => target.value || find(""));
  byId("more").addEventListener("click", () => load());
  lookAhead();
  store.on("change", (key) => place(store.get(key)));
  store.on("remove", (key) => drop(key));
  api.health.on("reachable", () => {
    if (hasFailed) filter(status);
  });
  const schedule = poll(refresh, () => REFRESH);
  activity.on("idle", () => schedule());
  schedule(REFRESH);
  filter("");
}

/** Shows the pictures in which something was found; all for an empty name. @param {string} name */
export function find(name) {
  byId("label").value = name;
  label = name.trim().toLowerCase();
  filter(status);
}

async function filter(chosen) {
  status = chosen;
  turn += 1;
  abort.abort();
  abort = new AbortController();
  isLoading = false;
  hasFailed = false;
  next = null;
  for (const picture of store.all()) {
    if (!fits(picture)) drop(picture.key);
  }
  await load(true);
}

const fits = (picture) => (!status || picture.status === status) && (!label || hasLabel(picture));

/** @param {Picture} picture */
const hasLabel = ({ analysis }) =>
  (analysis?.labels ?? []).some(({ name, parents }) =>
    [name, ...parents].some((each) => each.toLowerCase() === label),
  );

async function load(isFirst = false) {
  if (isLoading || (!isFirst && !next)) return;
  isLoading = true;
  const mine = turn;
  const list = byId("tiles");
  list.setAttribute("aria-busy", "true");
  try {
    let found = 0;
    for (let asked = 0; asked < EMPTY_PAGES && !found; asked++) {
      const query = { limit: PAGE, status, label, cursor: next ?? undefined };
      const page = await api.listImages(query, abort.signal);
      if (mine !== turn) return;
      found = page.images.length;
      next = page.next;
      take(page.images);
      if (!next) break;
    }
  } catch {
    hasFailed = mine === turn;
  } finally {
    if (mine === turn) {
      isLoading = false;
      list.setAttribute("aria-busy", "false");
      showEnd();
      lookAhead();
    }
  }
}

/** Loads the next page where its place is near, now or later. */
function lookAhead() {
  // An observer tells of changes alone: observed again, it also tells of a place that stays near.
  ahead.disconnect();
  ahead.observe(byId("more-zone"));
}

/** Pictures of a page: known ones may not change, but may have no tile under this filter yet. */
function take(pictures) {
  store.put(pictures);
  for (const { key } of pictures) {
    const picture = store.get(key);
    if (picture && !tiles.has(key)) place(picture);
  }
}

/** What came from elsewhere since. */
async function refresh() {
  if (hasFailed || isLoading) return;
  const mine = turn;
  const page = await api.listNewest({ limit: 24, status, label });
  if (mine === turn) take(page.images);
  showEnd();
  await lookAtHeld(new Set(page.images.map(({ key }) => key)));
}

/** Pictures that wait for a review, and are not in the list: older ones, or decided elsewhere. */
async function lookAtHeld(listed) {
  const held = [...tiles.keys()].filter(
    (key) => store.get(key)?.status === "review" && !listed.has(key),
  );
  heldSeen = held.length ? (heldSeen + HELD_AT_ONCE) % held.length : 0;
  const some = [...held, ...held].slice(heldSeen, heldSeen + Math.min(HELD_AT_ONCE, held.length));
  await Promise.all(some.map(look));
}

/** @param {Picture | undefined} picture */
function place(picture) {
  if (!picture) return;
  if (picture.status === "processing") watch(picture.key, picture.version);
  const tile = tiles.get(picture.key);
  if (!fits(picture)) {
    if (tile) drop(picture.key);
    return;
  }
  if (tile) tile.update(picture);
  else {
    const made = makeTile(picture, EAGER - tiles.size);
    tiles.set(picture.key, made);
    made.element.dataset.uploaded = picture.uploaded;
    insert(made.element, picture.uploaded);
  }
  if (!byId("gallery-empty").hidden) showEnd();
}

/** Before the first tile that is older; most come in order, so from the end. */
function insert(element, uploaded) {
  const list = byId("tiles");
  const isOlder = (tile) => tile.dataset.uploaded < uploaded;
  let part = list.lastElementChild;
  while (part?.previousElementSibling && isOlder(part.firstElementChild)) {
    part = part.previousElementSibling;
  }
  let after = part?.lastElementChild;
  while (after && isOlder(after)) after = after.previousElementSibling;
  const isFull = part?.childElementCount >= PART;
  if (!part || (isFull && after === list.lastElementChild?.lastElementChild)) {
    list.append(h("div", { class: "tiles-part", role: "presentation" }, element));
  } else if (after) after.after(element);
  else part.prepend(element);
}

function drop(key) {
  const element = tiles.get(key)?.element;
  const part = element?.parentElement;
  element?.remove();
  if (part && !part.childElementCount) part.remove();
  tiles.delete(key);
  showEnd();
}

const EMPTY = {
  "": ["Nothing developed yet", "Drop a picture above: it is here a moment later."],
  done: ["Nothing is done yet", "Pictures come here once their renditions are stored."],
  processing: ["Nothing is in the works", "Pictures are seldom here for longer than a moment."],
  review: ["Nothing waits for a review", "Pictures that are flagged come here until you decide."],
  rejected: ["Nothing was rejected", "Pictures come here that somebody has looked at and refused."],
  failed: ["Nothing has failed", "Files that cannot be processed come here, with the reason."],
};

function showEnd() {
  byId("more").hidden = !next;
  const empty = byId("gallery-empty");
  const isEmpty = tiles.size === 0 && !isLoading && !next;
  const showing = `${status} ${label}`;
  if (isEmpty === !empty.hidden && empty.dataset.showing === showing) return;
  empty.hidden = !isEmpty;
  empty.dataset.showing = showing;
  if (!isEmpty) return;
  const [title, text] = hasFailed
    ? ["The gallery cannot be read", "It comes by itself once the API answers."]
    : label
      ? [`No picture of ${label}`, "Labels are those that Rekognition found, and what they are kinds of."]
      : EMPTY[status];
  empty.replaceChildren(
    h("div", { class: "empty-art", "aria-hidden": "true" }, h("span"), h("span"), h("span")),
    h("p", { class: "empty-title" }, hasFailed ? icon("alert") : null, title),
    h("p", { class: "faint" }, text),
  );
}

/**
 * The keys that are shown, in order.
 * @returns {string[]}
 */
export const order = () =>
  [...byId("tiles").querySelectorAll("[data-key]")].map((each) => each.dataset.key);
