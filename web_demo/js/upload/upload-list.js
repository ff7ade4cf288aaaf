// Upload list: one row for each upload, reports about folders, the count of each outcome, and the clear
// button.

import { announce, byId, setText } from "../lib/dom.js";
import { dismiss, list, uploads } from "./upload-queue.js";
import { createRow, isFinished } from "./upload-row.js";

/** Milliseconds between updates of running times. */
const TICK = 100;

/** @type {Map<number, {element: HTMLElement, update: () => void}>} */
const rows = new Map();
/** @type {Set<HTMLElement>} */
const reports = new Set();
let ticker = 0;
let wasActive = false;
let isRenderPending = false;

/** Shows uploads from now on. */
export function start() {
  uploads.on("add", (upload) => {
    const row = createRow(upload);
    rows.set(upload.id, row);
    byId("uploads").prepend(row.element);
    renderSoon();
  });
  uploads.on("change", (upload) => {
    rows.get(upload.id)?.update();
    renderSoon();
  });
  uploads.on("remove", (upload) => {
    const row = rows.get(upload.id);
    rows.delete(upload.id);
    if (row) remove(row.element);
  });
  byId("upload-clear").addEventListener("click", () => {
    for (const upload of list()) if (isFinished(upload)) dismiss(upload);
    for (const each of reports) remove(each);
    byId("files").focus();
  });
}

/**
 * Adds a row about folders.
 * @param {(dismiss: () => void) => HTMLElement} create
 */
export function report(create) {
  const element = create(() => remove(element));
  reports.add(element);
  byId("uploads").prepend(element);
  renderSoon();
}

/** Removes a row or a report. @param {HTMLElement} element */
function remove(element) {
  const hadFocus = element.contains(document.activeElement);
  element.remove();
  reports.delete(element);
  if (hadFocus) byId("files").focus();
  renderSoon();
}

/** Renders once for all changes of a moment: folders have many files. */
function renderSoon() {
  if (isRenderPending) return;
  isRenderPending = true;
  queueMicrotask(() => {
    isRenderPending = false;
    render();
  });
}

function render() {
  const all = list();
  const count = (status) => all.filter((each) => each.status === status).length;
  const finished = all.filter(isFinished).length;
  const active = all.length - finished;
  const parts = [
    [active, "in progress"],
    [count("done"), "done"],
    [count("held"), "held for review"],
    [finished - count("done") - count("held"), "not done"],
  ];
  const text = parts.flatMap(([number, what]) => (number ? [`${number} ${what}`] : [])).join(" · ");
  byId("upload-panel").toggleAttribute("data-empty", all.length + reports.size === 0);
  setText(byId("upload-count"), text);
  byId("upload-clear").disabled = finished + reports.size === 0;
  if (wasActive && active === 0 && all.length) announce(`Uploads finished: ${text}`);
  wasActive = active > 0;
  if (active && !ticker) ticker = window.setInterval(updateTimes, TICK);
  if (!active && ticker) {
    clearInterval(ticker);
    ticker = 0;
  }
}

function updateTimes() {
  for (const upload of list()) {
    if (upload.status === "stored") rows.get(upload.id)?.update();
  }
}
