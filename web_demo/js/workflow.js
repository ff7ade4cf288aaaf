// The workflow that worked on a picture, as it goes: its graph, its steps, and how to begin one.

import * as api from "./api.js";
import { h, icon, setText, toast } from "./dom.js";
import { duration, moment } from "./format.js";
import { draw } from "./graph.js";
import * as seen from "./seen.js";
import { store } from "./store.js";
import { look, watch } from "./watch.js";

/** @typedef {import("./api.js").Picture} Picture */
/** @typedef {import("./api.js").Workflow} Workflow */

const SOON = 700;
/** While a person is to decide. */
const LATER = 3000;

const STATES = {
  running: "Running",
  succeeded: "Succeeded",
  failed: "Failed",
  "timed-out": "Timed out",
  aborted: "Aborted",
  "pending-redrive": "To be redriven",
};

/**
 * @param {() => Picture | undefined} current
 * @param {HTMLElement} canvas where the graph is to be
 * @param {HTMLElement} element where all else is
 * @returns {{open: () => void, close: () => void}}
 */
export function makeWorkflow(current, canvas, element) {
  let isOpen = false;
  let key = "";
  /** The execution that was begun from here, until the entry names it. */
  let begun = "";
  /** @type {Workflow | null} */
  let shown = null;
  /** What was drawn, so that nothing is drawn again for nothing. */
  let drawn = "";
  let isDrawn = false;
  let timer = 0;
  /** The key whose execution is being asked for. */
  let asking = "";

  const status = h("p", { class: "workflow-status", "data-testid": "workflow-status" });
  const review = h("div");
  const steps = h("ol", { class: "steps", "aria-label": "Steps of the workflow" });
  const hint = h("p", { class: "faint" });
  const run = h(
    "button",
    { type: "button", class: "button", onclick: begin },
    icon("retry"),
    "Run the workflow",
  );
  element.append(
    h("section", null, h("h3", null, "Execution"), status, steps),
    review,
    h("section", { class: "actions" }, hint, h("div", { class: "row" }, run)),
  );

  function open() {
    const picture = current();
    if (!picture) return;
    if (picture.key !== key) {
      key = picture.key;
      begun = drawn = "";
      shown = null;
      canvas.replaceChildren();
    }
    isOpen = true;
    render(picture);
    ask();
  }

  function close() {
    isOpen = false;
    clearTimeout(timer);
  }

  async function begin() {
    run.disabled = true;
    try {
      const { execution, version } = await api.runWorkflow(key);
      begun = execution;
      watch(key, version);
      setText(status, "Beginning");
    } catch (error) {
      toast(error.message, "error");
    } finally {
      run.disabled = false;
    }
  }

  async function ask() {
    clearTimeout(timer);
    const picture = current();
    if (!isOpen || asking === key || !picture || document.hidden) return;
    if (!picture.execution) {
      shown = null;
      render(picture);
      return;
    }
    if (shown?.execution === picture.execution && shown.status !== "running") return;
    const mine = key;
    asking = mine;
    try {
      const found = await api.getWorkflow(mine);
      if (mine !== key) return;
      shown = found;
      if (found.execution === begun) begun = "";
      render(picture);
      if (found.status !== "running" && ["processing", "review"].includes(picture.status)) {
        await look(mine);
      }
    } catch (error) {
      if (mine === key) setText(status, error.message);
    } finally {
      if (asking === mine) asking = "";
    }
    const pause = current()?.status === "review" ? LATER : SOON;
    if (!shown || shown.status === "running" || begun) timer = window.setTimeout(ask, pause);
  }

  function render(picture) {
    const isAbandoned = wasAbandoned(picture, shown);
    const held = isAbandoned ? null : seen.review(picture);
    const showing = JSON.stringify([shown, picture.status, picture.review, picture.execution]);
    run.hidden = ["processing", "review"].includes(picture.status) && !isAbandoned;
    setText(hint, run.hidden ? "" : hintFor(picture, isAbandoned));
    if (showing === drawn) return;
    drawn = showing;
    review.replaceChildren(...(held ? [held] : []));
    if (!shown) {
      isDrawn = false;
      canvas.replaceChildren(nothing(picture));
      steps.replaceChildren();
      delete status.dataset.status;
      setText(status, picture.execution ? "Asking Step Functions" : "None has worked on it.");
      return;
    }
    status.dataset.status = shown.status;
    setText(status, headline(shown));
    steps.replaceChildren(...listed(shown));
    redraw(shown);
  }

  function redraw(workflow) {
    const old = canvas.firstElementChild;
    const graph = draw(workflow);
    const hadFocus = old === document.activeElement;
    const scrolled = { top: old?.scrollTop ?? 0, left: old?.scrollLeft ?? 0 };
    canvas.replaceChildren(graph);
    graph.scrollTo(isDrawn ? scrolled : whereItIs(graph));
    isDrawn = true;
    if (hadFocus) graph.focus();
  }

  store.on("change", (changed) => {
    if (!isOpen || changed !== key) return;
    ask();
  });
  document.addEventListener("visibilitychange", ask);

  return { open, close };
}

/** Where a graph that is larger than its frame is scrolled to: the step that runs, or the first. */
function whereItIs(graph) {
  const step = graph.querySelector('.step[data-status="running"]') ?? graph.querySelector(".step");
  const [at, frame] = [step.getBoundingClientRect(), graph.getBoundingClientRect()];
  return {
    top: at.top - frame.top - (frame.height - at.height) / 2,
    left: at.left - frame.left - (frame.width - at.width) / 2,
  };
}

/** Whether a picture is held, and what waited for the decision has been ended. */
function wasAbandoned({ status, execution }, shown) {
  const isOver = ["aborted", "failed", "timed-out"].includes(shown?.status);
  return status === "review" && isOver && shown.execution === execution;
}

function hintFor({ execution }, isAbandoned) {
  if (isAbandoned) return "Nothing waits for a decision any more. Run it again, and decide then.";
  return execution
    ? "It can be run again: the picture is made anew, step by step."
    : "Step Functions can make the picture anew, step by step.";
}

function nothing({ execution }) {
  if (execution) return h("span", { class: "spinner" });
  return h(
    "div",
    { class: "graph-none" },
    h("p", { class: "stage-title" }, "The queue's way made this one"),
    h("p", { class: "faint" }, "One function did all of it. Run the workflow to see each step."),
  );
}

/** How long a state took. */
const took = ({ entered, exited }) => duration(Date.parse(exited) - Date.parse(entered));

/** @param {Workflow} workflow */
function headline({ status, started, stopped }) {
  if (status === "running") return `Running since ${moment(started)}`;
  return `${STATES[status]} after ${took({ entered: started, exited: stopped })}`;
}

/** The steps that it came to, in their order. @param {Workflow} workflow */
function listed({ states, status }) {
  return states
    .filter(({ entered }) => entered)
    .sort((a, b) => Date.parse(a.entered) - Date.parse(b.entered))
    .map((state) =>
      h(
        "li",
        { "data-status": state.status, class: state.within ? "is-part" : "" },
        h("span", { class: "steps-name" }, state.name),
        h("span", { class: "steps-time" }, timeOf(state, status)),
        state.error ? h("span", { class: "steps-error" }, state.error) : null,
      ),
    );
}

function timeOf(state, status) {
  if (state.exited) return took(state);
  return status === "running" ? "running" : "";
}
