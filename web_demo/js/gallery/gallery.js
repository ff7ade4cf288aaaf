// Gallery: images newest first, with filters and infinite scrolling. Items are kept by key and
// updated in place.

import * as api from "../lib/api.js";
import { byId, h, icon, setText } from "../lib/dom.js";
import { feed } from "../lib/feed.js";
import { store } from "../lib/image-store.js";
import { Retry } from "../lib/polling.js";
import { createItem } from "./gallery-item.js";
import * as searching from "./search.js";

/** @typedef {import("../lib/api.js").Image} Image */

const PAGE_SIZE = 48;
/** First items, whose images load at once instead of lazily. */
const EAGER_ITEMS = 8;
/** Items of a section. The browser skips layout and paint of whole sections out of sight. */
const SECTION_SIZE = 96;
/** Most empty pages in a row: with filters, a page may have no image while more follow. */
const MAX_EMPTY_PAGES = 10;

/** @type {Map<string, ReturnType<typeof createItem>>} */
const items = new Map();
let status = "";
/** What images must match. @type {searching.Search} */
let search = {};
/** @type {string | null} */
let nextCursor = null;
let isLoading = false;
/** Number of the current filter; responses for an earlier one are dropped. */
let filterId = 0;
/** Aborts the page request of an earlier filter. */
let abort = new AbortController();
let hasFailed = false;
const retry = new Retry(() => applyFilter(status));

const endObserver = new IntersectionObserver(
  (entries) => entries.at(-1)?.isIntersecting && !hasFailed && loadPage(),
  { rootMargin: "800px" },
);

/** Loads the first page and keeps the gallery up to date. */
export function start() {
  byId("status-filter").addEventListener("change", ({ target }) => applyFilter(target.value));
  byId("search").addEventListener("change", ({ target }) => searchFor(target.value));
  // The clear button and Escape emit no change event.
  byId("search").addEventListener("input", ({ target }) => target.value || searchFor(""));
  byId("more").addEventListener("click", () => (hasFailed ? applyFilter(status) : loadPage()));
  observeEnd();
  store.on("change", (key) => show(store.get(key)));
  store.on("remove", (key) => removeItem(key));
  feed.on("reset", () => refreshNewest().catch(() => {}));
  applyFilter("");
}

/** Shows the images that match a text, or all if it is empty. @param {string} text */
export function searchFor(text) {
  byId("search").value = text;
  search = searching.parse(text);
  applyFilter(status);
}

async function applyFilter(selected) {
  status = selected;
  filterId += 1;
  abort.abort();
  abort = new AbortController();
  isLoading = false;
  hasFailed = false;
  retry.cancel();
  nextCursor = null;
  for (const image of store.all()) {
    if (!matches(image)) removeItem(image.key);
  }
  await loadPage(true);
}

const matches = (image) =>
  (!status || image.status === status) && searching.matches(image, search);

async function loadPage(isFirst = false) {
  if (isLoading || (!isFirst && !nextCursor)) return;
  if (searching.problem(search)) return renderEnd();
  isLoading = true;
  const id = filterId;
  const list = byId("gallery-items");
  list.setAttribute("aria-busy", "true");
  try {
    let found = 0;
    for (let pages = 0; pages < MAX_EMPTY_PAGES && !found; pages++) {
      const query = { limit: PAGE_SIZE, status, ...search, cursor: nextCursor ?? undefined };
      const page = await api.listImages(query, abort.signal);
      if (id !== filterId) return;
      found = page.images.length;
      nextCursor = page.next;
      showAll(page.images);
      if (!nextCursor) break;
    }
    retry.succeeded();
  } catch {
    hasFailed = id === filterId;
    if (hasFailed) retry.failed();
  } finally {
    if (id === filterId) {
      isLoading = false;
      list.setAttribute("aria-busy", "false");
      renderEnd();
      observeEnd();
    }
  }
}

/** Loads the next page when the end of the list is near. */
function observeEnd() {
  // An observer reports changes only; observing again reports an end that is still near.
  endObserver.disconnect();
  endObserver.observe(byId("gallery-end"));
}

/** Stores a page of images, and adds items for unchanged ones that the last filter excluded. */
function showAll(images) {
  store.put(images);
  for (const { key } of images) {
    const image = store.get(key);
    if (image && !items.has(key)) show(image);
  }
}

/** Loads what has changed before the feed began. */
async function refreshNewest() {
  if (searching.problem(search)) return;
  const id = filterId;
  const page = await api.listNewest({ limit: 24, status, ...search });
  if (id === filterId) showAll(page.images);
  renderEnd();
}

/** Adds, updates or removes the item of an image. @param {Image | undefined} image */
function show(image) {
  if (!image) return;
  const item = items.get(image.key);
  if (!matches(image)) {
    if (item) removeItem(image.key);
    return;
  }
  if (item) item.update(image);
  else {
    const created = createItem(image, items.size < EAGER_ITEMS);
    items.set(image.key, created);
    created.element.dataset.uploaded = image.uploaded;
    insert(created.element, image.uploaded);
  }
  if (!byId("gallery-empty").hidden) renderEnd();
}

/** Inserts an item before the first older one. It searches from the end, where most belong. */
function insert(element, uploaded) {
  const list = byId("gallery-items");
  const isOlder = (item) => item.dataset.uploaded < uploaded;
  let section = list.lastElementChild;
  while (section?.previousElementSibling && isOlder(section.firstElementChild)) {
    section = section.previousElementSibling;
  }
  let previous = section?.lastElementChild;
  while (previous && isOlder(previous)) previous = previous.previousElementSibling;
  const isFull = section?.childElementCount >= SECTION_SIZE;
  if (!section || (isFull && previous === list.lastElementChild?.lastElementChild)) {
    list.append(h("div", { class: "gallery-section", role: "presentation" }, element));
  } else if (previous) previous.after(element);
  else section.prepend(element);
}

function removeItem(key) {
  const element = items.get(key)?.element;
  const section = element?.parentElement;
  element?.remove();
  if (section && !section.childElementCount) section.remove();
  items.delete(key);
  renderEnd();
}

/** Title and explanation of an empty gallery, by status filter. */
const EMPTY = {
  "": ["No images yet", "Upload a photo above. It appears here immediately."],
  done: ["No processed images", "Images appear here when their renditions are stored."],
  processing: ["No images in process", "Images appear here while they are processed, usually for a second."],
  review: ["No images to review", "Images that moderation holds appear here until you approve or reject them."],
  rejected: ["No rejected images", "Images that are rejected in review appear here."],
  failed: ["No failed images", "Files that cannot be processed appear here with the reason."],
};

/** Shows the button for more, or why the gallery is empty. */
function renderEnd() {
  const hasGivenUp = hasFailed && !retry.isWaiting;
  setText(byId("more"), hasFailed ? "Load again" : "Show more");
  byId("more").hidden = !nextCursor && !hasGivenUp;
  const empty = byId("gallery-empty");
  const isEmpty = items.size === 0 && !isLoading && !nextCursor;
  const rendered = `${status} ${JSON.stringify(search)} ${hasFailed} ${hasGivenUp}`;
  if (isEmpty === !empty.hidden && empty.dataset.rendered === rendered) return;
  empty.hidden = !isEmpty;
  empty.dataset.rendered = rendered;
  if (!isEmpty) return;
  const problem = searching.problem(search);
  const [title, text] = hasFailed
    ? [
        "The gallery cannot be loaded",
        hasGivenUp
          ? "The API refuses the list, and responds to other requests."
          : "It loads automatically once the API responds.",
      ]
    : problem
      ? ["The search is not possible", problem]
      : Object.keys(search).length
        ? searching.noMatch(search)
        : EMPTY[status];
  empty.replaceChildren(
    h("div", { class: "empty-art", "aria-hidden": "true" }, h("span"), h("span"), h("span")),
    h("p", { class: "empty-title" }, hasFailed ? icon("alert") : null, title),
    h("p", { class: "faint" }, text),
  );
}

/**
 * Returns the keys of the shown images, in order.
 * @returns {string[]}
 */
export const keys = () =>
  [...byId("gallery-items").querySelectorAll("[data-key]")].map((each) => each.dataset.key);
