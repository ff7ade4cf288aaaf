// One picture, large, in a dialog: what it became, what is known of it, and the playground.

import * as api from "./api.js";
import { makeActions } from "./actions.js";
import { makeCompare } from "./compare.js";
import { byId, h, icon, setText, toast } from "./dom.js";
import * as about from "./facts.js";
import { fileName, format, saving, size } from "./format.js";
import * as gallery from "./gallery.js";
import { makePlayground } from "./playground.js";
import * as router from "./router.js";
import { PLAYGROUND, largest, ratio, whole } from "./sources.js";
import { store } from "./store.js";
import { list as uploads } from "./uploads.js";
import { watch } from "./watch.js";

/** @typedef {import("./api.js").Picture} Picture */

/** Value of the choice that stands for the original. */
const ORIGINAL = "";
/** Seconds of a URL's life that have to be left. */
const MARGIN = 20;

/** Failures that lie in what was asked for, or pass. */
const RECIPES_FAULT = new Set([
  "unknown-recipe",
  "missing-watermark",
  "crop-outside",
  "cannot-fit",
  "too-large-rendition",
  "too-slow",
  "too-costly",
  "too-much-memory",
  "gave-up",
]);

/** @type {HTMLDialogElement} */
let dialog;
let parts;
let key = "";
/** @type {"image" | "playground"} */
let view = "image";
let after = "";
let before = ORIGINAL;
let drawn = "";
/** Whether originals are given out; unknown until it was asked. */
let areOriginalsOn = sessionStorage.getItem("originals") !== "off";
/** @type {Map<string, {url: string, expires: string}>} */
const originals = new Map();
/** Originals in formats that this browser does not show. */
const unshowable = new Set();

/** Builds the dialog, closed. */
export function prepare() {
  dialog = byId("detail");
  const compare = makeCompare();
  const title = h("h2", { id: "detail-title", tabindex: -1 });
  const state = h("p", { class: "detail-state" });
  const choose = (label, act) =>
    h("label", { class: "picker" }, label, h("select", { onchange: act }));
  const first = choose("Before", ({ target }) => ((before = target.value), stage()));
  const second = choose("After", ({ target }) => ((after = target.value), stage()));
  const playground = makePlayground(
    () => store.get(key),
    (isLive) => {
      after = PLAYGROUND;
      render();
      // On a phone the stage may be out of sight.
      if (!isLive) dialog.scrollTo({ top: 0, behavior: "smooth" });
    },
  );
  const actions = makeActions(() => store.get(key));
  const facts = h("div", { class: "facts-panel" });
  const tab = (name, label) =>
    h(
      "a",
      {
        "data-view": name,
        onclick: (event) => {
          event.preventDefault();
          router.replace(name, key);
        },
      },
      label,
    );
  const step = (name, label, by) =>
    h(
      "button",
      {
        type: "button",
        class: "button icon-only",
        "aria-label": label,
        title: label,
        onclick: () => go(by),
      },
      icon(name),
    );
  parts = {
    compare,
    title,
    state,
    first,
    second,
    playground,
    actions,
    off: h("p", { class: "stage-off", hidden: true }, "Originals are not given out here"),
    choosers: h("div", { class: "stage-bar" }),
    note: h("div", { class: "stage-note" }),
    tabs: h(
      "nav",
      { class: "tabs", "aria-label": "Views of this picture" },
      tab("image", "Details"),
      tab("playground", "Playground"),
    ),
    facts,
    body: h("div", { class: "side-body" }, facts, actions.element, playground.element),
    previous: step("left", "Newer picture", -1),
    next: step("right", "Older picture", 1),
  };
  parts.choosers.append(first, parts.off, second);
  dialog.append(
    h("div", { class: "stage" }, parts.choosers, compare.element, parts.note),
    h(
      "div",
      { class: "side" },
      h(
        "header",
        { class: "side-head" },
        h("div", { class: "side-title" }, title, state),
        parts.previous,
        parts.next,
        h(
          "button",
          {
            type: "button",
            class: "button icon-only",
            "aria-label": "Close",
            title: "Close",
            onclick: () => router.leave(),
          },
          icon("close"),
        ),
      ),
      parts.tabs,
      parts.body,
    ),
    h("div", { class: "toasts" }),
  );
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    router.leave();
  });
  dialog.addEventListener("close", () => key && router.leave());
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && router.leave());
  compare.onBroken((url) => {
    if (originals.get(key)?.url !== url) return;
    unshowable.add(key);
    stage();
  });
  store.on("change", (changed) => {
    if (changed === key) render();
    else if (key) renderSteps();
  });
  store.on("remove", (removed) => removed === key && router.leave());
}

/** @param {router.Route} route */
export function show(route) {
  if (route.view === "gallery" || !route.key) {
    key = "";
    if (dialog.open) dialog.close();
    document.title = "Darkroom";
    return;
  }
  const isOther = route.key !== key;
  if (isOther || route.view !== view) parts.body.scrollTop = 0;
  key = route.key;
  view = route.view;
  if (isOther) {
    before = ORIGINAL;
    after = "";
    drawn = "";
    parts.actions.reset();
    load();
  }
  document.title = `${fileName(key)} · Darkroom`;
  render();
  if (!dialog.open) {
    dialog.showModal();
    parts.title.focus();
  }
}

async function load() {
  const mine = key;
  parts.note.replaceChildren();
  askForOriginal(mine);
  try {
    store.put([await api.getImage(mine)]);
    if (store.get(mine)?.status === "processing") watch(mine, store.get(mine)?.version);
  } catch (error) {
    if (error.status === 404 && store.get(mine)) {
      toast(error.message, "error");
      store.remove(mine);
    } else if (mine === key && !store.get(key)) {
      setText(parts.state, "");
      parts.note.replaceChildren(icon("alert"), h("p", null, error.message));
    }
  }
}

async function askForOriginal(mine) {
  const known = originals.get(mine);
  if (!areOriginalsOn || (known && Date.parse(known.expires) - Date.now() > MARGIN * 1000)) return;
  try {
    originals.set(mine, await api.getOriginal(mine));
  } catch (error) {
    if (error.code === "originals-off") {
      areOriginalsOn = false;
      sessionStorage.setItem("originals", "off");
    }
  }
  if (mine === key) stage();
}

function go(by) {
  const keys = gallery.order();
  const to = keys[keys.indexOf(key) + by];
  if (to) router.replace(view, to);
}

function render() {
  const picture = store.get(key);
  setText(parts.title, fileName(key));
  renderSteps();
  for (const tab of parts.tabs.children) {
    tab.href = router.hrefOf(tab.dataset.view, key);
    if (tab.dataset.view === view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  const isPlayground = view === "playground";
  parts.facts.hidden = parts.actions.element.hidden = isPlayground || !picture;
  parts.playground.element.hidden = !isPlayground || !picture;
  if (isPlayground && picture) {
    parts.playground.open();
    if (picture.renditions.some(({ name }) => name === PLAYGROUND)) after = PLAYGROUND;
  }
  stage();
  if (!picture) return;
  parts.state.dataset.status = picture.status;
  setText(parts.state, stateOf(picture));
  const showing = `${picture.key} ${picture.version} ${picture.status} ${picture.updated}`;
  if (showing === drawn) return;
  drawn = showing;
  const upload = uploads().find((each) => each.key === key);
  const pick = (name) => {
    after = name;
    stage();
  };
  const wasOpen = parts.facts.querySelector("details")?.open;
  parts.facts.replaceChildren(
    ...[
      about.renditions(picture, pick),
      about.timings(picture, upload?.uploadMs),
      about.palette(picture),
      about.metadata(picture),
    ].filter((each) => each !== null),
  );
  const code = parts.facts.querySelector("details");
  if (code && wasOpen) code.open = true;
  stage();
}

/** To the neighbours in the gallery, once it has them. */
function renderSteps() {
  const keys = gallery.order();
  const at = keys.indexOf(key);
  parts.previous.disabled = at <= 0;
  parts.next.disabled = at < 0 || at >= keys.length - 1;
}

function stateOf(picture) {
  const { status, retry } = picture;
  if (status === "processing") return retry ? `Trying again: ${retry.message}` : "Developing";
  return status === "failed" ? "Failed" : "Done";
}

/** Shows what is chosen, or the reason why there is nothing to show. */
function stage() {
  const picture = store.get(key);
  const made = picture?.renditions ?? [];
  const original = picture && !unshowable.has(key) ? originals.get(key) : undefined;
  const rendition = (name) => made.find((each) => each.name === name);
  if (picture && !rendition(after)) after = largest(picture)?.name ?? "";
  const isOriginal = before === ORIGINAL || !rendition(before);
  const other = [...(picture ? whole(picture) : []), ...made].find(({ name }) => name !== after);
  const first = isOriginal && original ? null : (rendition(before) ?? other);
  const names = made.map((each) => [each.name, each.name]);
  fill(
    parts.first,
    [...(original ? [[ORIGINAL, "Original"]] : []), ...names],
    first?.name ?? ORIGINAL,
  );
  fill(parts.second, names, after);
  parts.choosers.hidden = made.length === 0;
  const side = (each) => ({
    name: each.name,
    facts: `${format(each.type)} · ${size(each.bytes)}${
      picture?.bytes ? ` (${saving(each.bytes, picture.bytes)})` : ""
    }`,
    url: api.versionedUrl(each, picture.version),
    ratio: each.width / each.height,
  });
  const uploaded = original && {
    name: "Original",
    facts: `${format(picture.format)} · ${size(picture.bytes)}`,
    url: original.url,
    ratio: ratio(picture),
  };
  const shown = rendition(after);
  const left = first ? side(first) : uploaded || null;
  parts.compare.element.hidden = !shown && !uploaded;
  parts.compare.show(left, shown ? side(shown) : null);
  parts.off.hidden = areOriginalsOn || made.length === 0;
  explain(picture);
}

function fill({ lastElementChild: select }, options, value) {
  const wanted = options.map(([name]) => name).join("\n");
  if (select.dataset.options !== wanted) {
    select.dataset.options = wanted;
    select.replaceChildren(...options.map(([name, label]) => h("option", { value: name }, label)));
  }
  select.value = value;
}

function explain(picture) {
  if (!picture) return;
  if (picture.status === "failed" && picture.error) {
    parts.note.replaceChildren(
      icon("alert"),
      h(
        "div",
        null,
        h("p", { class: "stage-title" }, picture.error.message),
        h(
          "p",
          { class: "faint" },
          `Code: ${picture.error.code}.`,
          RECIPES_FAULT.has(picture.error.code) &&
            " Another recipe may help: make it again with one.",
        ),
      ),
    );
  } else if (picture.status === "processing" && !picture.renditions.length) {
    parts.note.replaceChildren(h("span", { class: "spinner" }), h("p", null, "Developing"));
  } else if (parts.note.childElementCount) parts.note.replaceChildren();
}
