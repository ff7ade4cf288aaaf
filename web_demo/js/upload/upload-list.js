// Upload list: one row for each upload, the count of each outcome, and the clear button.

import { announce, byId, setText } from "../lib/dom.js";
import { dismiss, list, uploads } from "./upload-queue.js";
import { createRow, isFinished } from "./upload-row.js";

/** Milliseconds between updates of running times. */
const TICK = 100;

/** @type {Map<number, {element: HTMLElement, update: () => void}>} */
const rows = new Map();
let ticker = 0;
let wasActive = false;

/** Shows uploads from now on. */
export function start() {
  uploads.on("add", (upload) => {
    const row = createRow(upload);
    rows.set(upload.id, row);
    byId("uploads").prepend(row.element);
    render();
  });
  uploads.on("change", (upload) => {
    rows.get(upload.id)?.update();
    render();
  });
  uploads.on("remove", (upload) => {
    const row = rows.get(upload.id);
    const hadFocus = row?.element.contains(document.activeElement);
    row?.element.remove();
    rows.delete(upload.id);
    if (hadFocus) byId("files").focus();
    render();
  });
  byId("upload-clear").addEventListener("click", () => {
    for (const upload of list()) if (isFinished(upload)) dismiss(upload);
    byId("files").focus();
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
  byId("upload-panel").toggleAttribute("data-empty", all.length === 0);
  setText(byId("upload-count"), text);
  byId("upload-clear").disabled = finished === 0;
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
