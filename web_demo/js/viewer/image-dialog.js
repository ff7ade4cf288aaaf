// Image dialog: one image with its details, workflow and playground.

import { keys as galleryKeys } from "../gallery/gallery.js";
import * as api from "../lib/api.js";
import { byId, h, icon, setText, toast } from "../lib/dom.js";
import { fileName } from "../lib/format.js";
import { store } from "../lib/image-store.js";
import { watch } from "../lib/image-watcher.js";
import { PLAYGROUND } from "../lib/renditions.js";
import * as router from "../lib/router.js";
import { uploadOf } from "../upload/upload-queue.js";
import { createActions } from "./actions.js";
import * as details from "./details.js";
import { labels, tags } from "./labels.js";
import { createMetadataForm } from "./metadata-form.js";
import { review } from "./review.js";
import { similar } from "./similar.js";
import { createViewer } from "./viewer.js";

/** @typedef {import("../lib/api.js").Image} Image */

/** @type {HTMLDialogElement} */
let dialog;
let parts;
let key = "";
/** @type {"image" | "workflow" | "playground"} */
let view = "image";
/** State of the image that the details show. */
let renderedDetails = "";

const currentImage = () => store.get(key);

/** Creates the dialog's content; the dialog stays closed. */
export function create() {
  dialog = byId("image-dialog");
  const viewer = createViewer();
  parts = {
    viewer,
    playground: h("div", { class: "playground", hidden: true }),
    graph: h("div", { class: "workflow-canvas", hidden: true }),
    workflow: h("div", { class: "workflow", hidden: true }),
    actions: createActions(currentImage),
    form: createMetadataForm(currentImage),
    details: h("div", { class: "details" }),
    title: h("h2", { id: "dialog-title", tabindex: -1 }),
    status: h("p", { class: "dialog-status" }),
    previous: iconButton("left", "Newer image", () => step(-1)),
    next: iconButton("right", "Older image", () => step(1)),
    tabs: h(
      "nav",
      { class: "tabs", "aria-label": "Views of this image" },
      tab("image", "Details"),
      tab("workflow", "Workflow"),
      tab("playground", "Playground"),
    ),
    body: h("div", { class: "sidebar-body" }),
  };
  parts.body.append(
    parts.details,
    parts.form.element,
    parts.actions.element,
    parts.workflow,
    parts.playground,
  );
  dialog.append(
    viewer.element,
    parts.graph,
    h(
      "div",
      { class: "sidebar" },
      h(
        "header",
        { class: "sidebar-head" },
        h("div", { class: "sidebar-title" }, parts.title, parts.status),
        parts.previous,
        parts.next,
        iconButton("close", "Close", router.close),
      ),
      parts.tabs,
      parts.body,
    ),
    h("div", { class: "toasts" }),
  );
  listen();
}

function listen() {
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    router.close();
  });
  // Browsers may close the dialog without a cancel event.
  dialog.addEventListener("close", () => key && !dialog.open && router.close());
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && router.close());
  store.on("change", (changed) => {
    if (changed === key) render();
    else if (key) renderNeighbors();
  });
  store.on("remove", (removed) => {
    if (removed !== key) return;
    // The gallery item that would get the focus back is removed as well.
    dialog.addEventListener("close", () => byId("gallery-title").focus(), { once: true });
    router.close();
  });
}

function iconButton(name, label, act) {
  return h(
    "button",
    {
      type: "button",
      class: "button icon-only",
      "aria-label": label,
      title: label,
      onclick: () => act(),
    },
    icon(name),
  );
}

function tab(name, label) {
  const follow = (event) => {
    event.preventDefault();
    router.replace(name, key);
  };
  return h("a", { "data-view": name, onclick: follow }, label);
}

/** @param {router.Route} route */
export function show(route) {
  if (route.view === "gallery" || !route.key) {
    key = "";
    updateViews();
    if (dialog.open) dialog.close();
    document.title = "Darkroom";
    return;
  }
  const isOtherImage = route.key !== key;
  const isOtherRoute = isOtherImage || route.view !== view;
  key = route.key;
  view = route.view;
  if (isOtherImage) load();
  document.title = `${fileName(key)} · Darkroom`;
  render();
  if (view !== "image" && currentImage()?.renditions.some(({ name }) => name === PLAYGROUND)) {
    parts.viewer.select(PLAYGROUND);
  }
  if (!dialog.open) {
    dialog.showModal();
    parts.title.focus();
  }
  if (isOtherRoute) parts.body.scrollTop = dialog.scrollTop = 0;
}

async function load() {
  const requested = key;
  renderedDetails = "";
  parts.actions.reset();
  parts.form.reset();
  parts.viewer.open(requested);
  parts.status.dataset.status = "";
  setText(parts.status, "Loading");
  try {
    store.put([await api.getImage(requested)]);
    const image = store.get(requested);
    if (image?.status === "processing") watch(requested, image.version);
  } catch (error) {
    if (error.status === 404 && store.get(requested)) {
      toast(error.message, "error");
      store.remove(requested);
    } else if (requested === key && !store.get(requested)) {
      setText(parts.status, "");
      parts.viewer.showError(error.message);
    }
  }
}

/** Goes to a neighbor in the gallery. */
function step(offset) {
  const keys = galleryKeys();
  const to = keys[keys.indexOf(key) + offset];
  if (to) router.replace(view, to);
}

function render() {
  const image = currentImage();
  const isWorkflow = view === "workflow";
  setText(parts.title, fileName(key));
  renderNeighbors();
  for (const each of parts.tabs.children) {
    each.href = router.hrefOf(each.dataset.view, key);
    if (each.dataset.view === view) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  for (const each of [parts.details, parts.form.element, parts.actions.element]) {
    each.hidden = view !== "image" || !image;
  }
  parts.playground.hidden = view !== "playground" || !image;
  parts.workflow.hidden = !isWorkflow || !image;
  parts.graph.hidden = !isWorkflow;
  parts.viewer.element.hidden = isWorkflow;
  updateViews();
  if (!image) return;
  parts.viewer.update(image);
  parts.status.dataset.status = image.status;
  setText(parts.status, statusText(image));
  renderDetails(image);
  parts.form.update();
}

/** @typedef {{open: () => void, close?: () => void}} View */

/**
 * Views that are loaded when they are first opened, because most visits don't need them.
 * @type {Record<string, () => Promise<View>>}
 */
const LAZY_VIEWS = {
  workflow: async () => {
    const { createWorkflow } = await import("../pipeline/workflow.js");
    return createWorkflow(currentImage, review, parts.graph, parts.workflow);
  },
  playground: async () => {
    const { createPlayground } = await import("../playground/playground.js");
    return createPlayground(currentImage, parts.playground, (isLive) => {
      parts.viewer.select(PLAYGROUND);
      // On a phone, the viewer may be out of sight.
      if (!isLive) dialog.scrollTo({ top: 0, behavior: "smooth" });
    });
  },
};

/**
 * Views by name. Calls during the load share the promise.
 * @type {Map<string, Promise<View | void>>}
 */
const views = new Map();

function updateViews() {
  for (const name of Object.keys(LAZY_VIEWS)) updateView(name);
}

async function updateView(name) {
  const isOpen = () => view === name && currentImage() !== undefined;
  if (!views.has(name)) {
    if (!isOpen()) return;
    const loading = LAZY_VIEWS[name]().catch(() => {
      views.delete(name);
      toast(`The ${name} cannot be loaded. Open it again in a moment.`, "error");
    });
    views.set(name, loading);
  }
  const loaded = await views.get(name);
  if (!loaded) return;
  if (isOpen()) loaded.open();
  else loaded.close?.();
}

/** @param {Image} image */
function renderDetails(image) {
  const state = `${image.key} ${image.version} ${image.status} ${image.updated}`;
  if (state === renderedDetails) return;
  renderedDetails = state;
  parts.viewer.showBoxes([]);
  const isHtmlOpen = parts.details.querySelector("details")?.open;
  parts.details.replaceChildren(
    ...[
      details.failedRequest(image),
      review(image),
      details.renditions(image, parts.viewer.select),
      labels(image, parts.viewer.showBoxes),
      tags(image),
      similar(image),
      details.timings(image, uploadOf(key)?.uploadMs),
      details.palette(image),
      details.metadata(image),
    ].filter((each) => each !== null),
  );
  const html = parts.details.querySelector("details");
  if (html && isHtmlOpen) html.open = true;
}

/** Enables the buttons to those neighbors that the gallery has loaded. */
function renderNeighbors() {
  const keys = galleryKeys();
  const index = keys.indexOf(key);
  parts.previous.disabled = index <= 0;
  parts.next.disabled = index < 0 || index >= keys.length - 1;
}

/** @param {Image} image */
function statusText({ status, retry }) {
  if (status === "processing") return retry ? `Retrying: ${retry.message}` : "Processing";
  return { failed: "Failed", review: "Held for review", rejected: "Rejected" }[status] ?? "Done";
}
