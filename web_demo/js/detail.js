// One picture, large, in a dialog: what it became, what is known of it, and the playground.

import * as api from "./api.js";
import { makeActions } from "./actions.js";
import { byId, h, icon, setText, toast } from "./dom.js";
import * as about from "./facts.js";
import { fileName } from "./format.js";
import * as gallery from "./gallery.js";
import { makePlayground } from "./playground.js";
import * as router from "./router.js";
import * as seen from "./seen.js";
import { PLAYGROUND } from "./sources.js";
import { makeStage } from "./stage.js";
import { store } from "./store.js";
import { list as uploads } from "./uploads.js";
import { watch } from "./watch.js";

/** @typedef {import("./api.js").Picture} Picture */

/** @type {HTMLDialogElement} */
let dialog;
let parts;
let key = "";
/** @type {"image" | "workflow" | "playground"} */
let view = "image";
/** What the facts were drawn from. */
let drawn = "";

/** Builds the dialog, closed. */
export function prepare() {
  dialog = byId("detail");
  const stage = makeStage();
  const current = () => store.get(key);
  const playground = makePlayground(current, (isLive) => {
    stage.choose(PLAYGROUND);
    // On a phone the stage may be out of sight.
    if (!isLive) dialog.scrollTo({ top: 0, behavior: "smooth" });
  });
  const actions = makeActions(current);
  const facts = h("div", { class: "facts-panel" });
  parts = {
    stage,
    playground,
    graph: h("div", { class: "graph-stage", hidden: true }),
    workflow: h("div", { class: "workflow", hidden: true }),
    actions,
    facts,
    title: h("h2", { id: "detail-title", tabindex: -1 }),
    state: h("p", { class: "detail-state" }),
    previous: button("left", "Newer picture", () => go(-1)),
    next: button("right", "Older picture", () => go(1)),
    tabs: h(
      "nav",
      { class: "tabs", "aria-label": "Views of this picture" },
      tab("image", "Details"),
      tab("workflow", "Workflow"),
      tab("playground", "Playground"),
    ),
  };
  parts.body = h(
    "div",
    { class: "side-body" },
    facts,
    actions.element,
    parts.workflow,
    playground.element,
  );
  dialog.append(
    stage.element,
    parts.graph,
    h(
      "div",
      { class: "side" },
      h(
        "header",
        { class: "side-head" },
        h("div", { class: "side-title" }, parts.title, parts.state),
        parts.previous,
        parts.next,
        button("close", "Close", router.leave),
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
    router.leave();
  });
  // Browsers may close it without asking.
  dialog.addEventListener("close", () => key && !dialog.open && router.leave());
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && router.leave());
  store.on("change", (changed) => {
    if (changed === key) render();
    else if (key) renderSteps();
  });
  store.on("remove", (removed) => {
    if (removed !== key) return;
    // Its tile, where focus would go back to, is gone as well.
    dialog.addEventListener("close", () => byId("gallery-title").focus(), { once: true });
    router.leave();
  });
}

function button(name, label, act) {
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
    follow(false);
    if (dialog.open) dialog.close();
    document.title = "Darkroom";
    return;
  }
  const isOther = route.key !== key;
  const isElsewhere = isOther || route.view !== view;
  key = route.key;
  view = route.view;
  if (isOther) open();
  document.title = `${fileName(key)} · Darkroom`;
  render();
  if (store.get(key)?.renditions.some(({ name }) => name === PLAYGROUND) && view !== "image") {
    parts.stage.choose(PLAYGROUND);
  }
  if (!dialog.open) {
    dialog.showModal();
    parts.title.focus();
  }
  if (isElsewhere) parts.body.scrollTop = dialog.scrollTop = 0;
}

async function open() {
  const mine = key;
  drawn = "";
  parts.actions.reset();
  parts.stage.open(mine);
  setText(parts.state, "");
  try {
    store.put([await api.getImage(mine)]);
    const found = store.get(mine);
    if (found?.status === "processing") watch(mine, found.version);
  } catch (error) {
    if (error.status === 404 && store.get(mine)) {
      toast(error.message, "error");
      store.remove(mine);
    } else if (mine === key && !store.get(mine)) parts.stage.complain(error.message);
  }
}

function go(by) {
  const keys = gallery.order();
  const to = keys[keys.indexOf(key) + by];
  if (to) router.replace(view, to);
}

function render() {
  const picture = store.get(key);
  const isPlayground = view === "playground";
  const isWorkflow = view === "workflow";
  setText(parts.title, fileName(key));
  renderSteps();
  for (const each of parts.tabs.children) {
    each.href = router.hrefOf(each.dataset.view, key);
    if (each.dataset.view === view) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  parts.facts.hidden = parts.actions.element.hidden = view !== "image" || !picture;
  parts.playground.element.hidden = !isPlayground || !picture;
  parts.workflow.hidden = !isWorkflow || !picture;
  parts.graph.hidden = !isWorkflow;
  parts.stage.element.hidden = isWorkflow;
  follow(isWorkflow && picture !== undefined);
  if (!picture) return;
  if (isPlayground) parts.playground.open();
  parts.stage.update(picture);
  parts.state.dataset.status = picture.status;
  setText(parts.state, stateOf(picture));
  renderFacts(picture);
}

/**
 * Loaded when it is first looked at: most visits do without. The promise is kept, not what comes of
 * it, so that whoever asks while it loads gets the same one.
 * @type {Promise<{open: () => void, close: () => void} | undefined> | undefined}
 */
let workflow;

async function follow(isFollowed) {
  if (!isFollowed && !workflow) return;
  workflow ??= import("./workflow.js")
    .then(({ makeWorkflow }) =>
      makeWorkflow(() => store.get(key), parts.graph, parts.workflow),
    )
    .catch(() => {
      workflow = undefined;
      toast("The workflow's view cannot be loaded.", "error");
    });
  const shown = await workflow;
  if (key && view === "workflow") shown?.open();
  else shown?.close();
}

/** @param {Picture} picture */
function renderFacts(picture) {
  const showing = `${picture.key} ${picture.version} ${picture.status} ${picture.updated}`;
  if (showing === drawn) return;
  drawn = showing;
  parts.stage.mark([]);
  const upload = uploads().find((each) => each.key === key);
  const wasOpen = parts.facts.querySelector("details")?.open;
  parts.facts.replaceChildren(
    ...[
      about.failedRequest(picture),
      seen.review(picture),
      about.renditions(picture, parts.stage.choose),
      seen.labels(picture, parts.stage.mark),
      about.timings(picture, upload?.uploadMs),
      about.palette(picture),
      about.metadata(picture),
    ].filter((each) => each !== null),
  );
  const code = parts.facts.querySelector("details");
  if (code && wasOpen) code.open = true;
}

/** To the neighbors in the gallery, once it has them. */
function renderSteps() {
  const keys = gallery.order();
  const at = keys.indexOf(key);
  parts.previous.disabled = at <= 0;
  parts.next.disabled = at < 0 || at >= keys.length - 1;
}

/** @param {Picture} picture */
function stateOf({ status, retry }) {
  if (status === "processing") return retry ? `Trying again: ${retry.message}` : "Developing";
  return { failed: "Failed", review: "Held for review", rejected: "Rejected" }[status] ?? "Done";
}
