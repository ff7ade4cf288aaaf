// Workflow view: the graph and the steps of an image's Step Functions execution, and its start.

import * as api from "../lib/api.js";
import { h, icon, setText, toast } from "../lib/dom.js";
import { dateTime, duration } from "../lib/format.js";
import { store } from "../lib/image-store.js";
import { refresh, watch } from "../lib/image-watcher.js";
import { Retry } from "../lib/polling.js";
import { createGraph } from "./workflow-graph.js";

/** @typedef {import("../lib/api.js").Image} Image */
/** @typedef {import("../lib/api.js").Workflow} Workflow */

const INTERVAL = 700;
/** Interval while the execution waits for a review. */
const REVIEW_INTERVAL = 3000;

const STATUS = {
  running: "Running",
  succeeded: "Succeeded",
  failed: "Failed",
  "timed-out": "Timed out",
  aborted: "Aborted",
  "pending-redrive": "Pending redrive",
};

/**
 * @param {() => Image | undefined} current
 * @param {(image: Image) => HTMLElement | null} createReview
 * @param {HTMLElement} canvas for the graph
 * @param {HTMLElement} element for the rest
 * @returns {{open: () => void, close: () => void}}
 */
export function createWorkflow(current, createReview, canvas, element) {
  let isOpen = false;
  let key = "";
  /** Execution that this view started, until the image's entry names it. */
  let started = "";
  /** @type {Workflow | null} */
  let workflow = null;
  /** State that is rendered. */
  let rendered = "";
  let hasGraph = false;
  let timer = 0;
  /** Key whose execution is being requested. */
  let requested = "";

  const status = h("p", { class: "workflow-status", "data-testid": "workflow-status" });
  const review = h("div");
  const steps = h("ol", { class: "steps", "aria-label": "Steps of the workflow" });
  const hint = h("p", { class: "faint" });
  const runButton = h(
    "button",
    { type: "button", class: "button", onclick: run },
    icon("retry"),
    "Run workflow",
  );
  element.append(
    h("section", null, h("h3", null, "Execution"), status, steps),
    review,
    h("section", { class: "actions" }, hint, h("div", { class: "row" }, runButton)),
  );

  const retry = new Retry(() => poll());

  function open() {
    const image = current();
    if (!image) return;
    if (image.key !== key) {
      key = image.key;
      started = rendered = "";
      workflow = null;
      retry.succeeded();
      canvas.replaceChildren();
    }
    isOpen = true;
    render(image);
    poll();
  }

  function close() {
    isOpen = false;
    retry.succeeded();
    clearTimeout(timer);
  }

  async function run() {
    runButton.disabled = true;
    try {
      const { execution, version } = await api.runWorkflow(key);
      started = execution;
      watch(key, version);
      setText(status, "Starting");
    } catch (error) {
      toast(error.message, "error");
    } finally {
      runButton.disabled = false;
    }
  }

  async function poll() {
    clearTimeout(timer);
    retry.cancel();
    const image = current();
    if (!isOpen || requested === key || !image || document.hidden) return;
    if (!image.execution) {
      workflow = null;
      render(image);
      return;
    }
    if (workflow?.execution === image.execution && workflow.status !== "running") return;
    const own = key;
    requested = own;
    try {
      const found = await api.getWorkflow(own);
      if (own !== key) return;
      workflow = found;
      retry.succeeded();
      if (found.execution === started) started = "";
      render(image);
      if (found.status !== "running" && ["processing", "review"].includes(image.status)) {
        await refresh(own);
      }
    } catch (error) {
      if (own !== key) return;
      setText(status, retry.failed() ? error.message : `${error.message} Open this view again.`);
      return;
    } finally {
      if (requested === own) requested = "";
    }
    const interval = current()?.status === "review" ? REVIEW_INTERVAL : INTERVAL;
    if (!workflow || workflow.status === "running" || started) {
      timer = window.setTimeout(poll, interval);
    }
  }

  function render(image) {
    const isAbandoned = wasAbandoned(image, workflow);
    const state = JSON.stringify([workflow, image.status, image.review, image.execution]);
    runButton.hidden = ["processing", "review"].includes(image.status) && !isAbandoned;
    setText(hint, runButton.hidden ? "" : hintText(image, isAbandoned));
    if (state === rendered) return;
    rendered = state;
    const held = isAbandoned ? null : createReview(image);
    review.replaceChildren(...(held ? [held] : []));
    if (!workflow) {
      hasGraph = false;
      canvas.replaceChildren(emptyCanvas(image));
      steps.replaceChildren();
      delete status.dataset.status;
      setText(status, image.execution ? "Loading the execution" : "No execution");
      return;
    }
    status.dataset.status = workflow.status;
    setText(status, headline(workflow));
    steps.replaceChildren(...stepItems(workflow));
    renderGraph();
  }

  /** Replaces the graph, and keeps its scroll position and focus. */
  function renderGraph() {
    const old = canvas.firstElementChild;
    const graph = createGraph(workflow);
    const hadFocus = old === document.activeElement;
    const scrolled = { top: old?.scrollTop ?? 0, left: old?.scrollLeft ?? 0 };
    canvas.replaceChildren(graph);
    graph.scrollTo(hasGraph ? scrolled : currentStepPosition(graph));
    hasGraph = true;
    if (hadFocus) graph.focus();
  }

  store.on("change", (changed) => {
    if (!isOpen || changed !== key) return;
    poll();
  });
  document.addEventListener("visibilitychange", poll);

  return { open, close };
}

/** Returns the scroll position that centers the running step, or the first without one. */
function currentStepPosition(graph) {
  const step = graph.querySelector('.step[data-status="running"]') ?? graph.querySelector(".step");
  const [box, frame] = [step.getBoundingClientRect(), graph.getBoundingClientRect()];
  return {
    top: box.top - frame.top - (frame.height - box.height) / 2,
    left: box.left - frame.left - (frame.width - box.width) / 2,
  };
}

/** Whether an image is held although the execution that waited for its review has ended. */
function wasAbandoned({ status, execution }, workflow) {
  const hasEnded = ["aborted", "failed", "timed-out"].includes(workflow?.status);
  return status === "review" && hasEnded && workflow.execution === execution;
}

function hintText({ execution }, isAbandoned) {
  if (isAbandoned) {
    return "The execution that waited for the review has ended. Run the workflow again to decide.";
  }
  return execution
    ? "Run it again to reprocess the image step by step."
    : "Run it to reprocess the image step by step with Step Functions.";
}

function emptyCanvas({ execution }) {
  if (execution) return h("span", { class: "spinner" });
  return h(
    "div",
    { class: "workflow-empty" },
    h("p", { class: "viewer-title" }, "Standard processing"),
    h("p", { class: "faint" }, "One Lambda function processed this image, without a workflow."),
  );
}

const elapsed = (from, to) => duration(Date.parse(to) - Date.parse(from));

/** @param {Workflow} workflow */
function headline({ status, started, stopped }) {
  if (status === "running") return `Running since ${dateTime(started)}`;
  return `${STATUS[status]} after ${elapsed(started, stopped)}`;
}

/** Returns the entered states in order. @param {Workflow} workflow */
function stepItems({ states, status }) {
  return states
    .filter(({ entered }) => entered)
    .sort((a, b) => Date.parse(a.entered) - Date.parse(b.entered))
    .map((state) =>
      h(
        "li",
        { "data-status": state.status, class: state.within ? "is-nested" : "" },
        h("span", { class: "steps-name" }, state.name),
        h("span", { class: "steps-time" }, stepTime(state, status)),
        state.error ? h("span", { class: "steps-error" }, state.error) : null,
      ),
    );
}

/** @param {api.State} state @param {string} status of the execution */
function stepTime({ entered, exited }, status) {
  if (exited) return elapsed(entered, exited);
  return status === "running" ? "running" : "";
}
