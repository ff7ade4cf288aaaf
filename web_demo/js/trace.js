// The list of uploads, each with the way of its picture from here to done, as it goes.

import { h, icon, setText, append, byId, announce } from "./dom.js";
import { duration, fileName, moment } from "./format.js";
import { steps, total } from "./timing.js";
import { store } from "./store.js";
import * as queue from "./uploads.js";
import { hrefOf } from "./router.js";

/** @typedef {import("./uploads.js").Upload} Upload */

const STATIONS = ["Uploaded", "Queued", "Processing", "Done"];
/** What the first is called before it is reached. */
const FIRST = { waiting: "Waiting", sending: "Uploading" };
const TICK = 100;

/** @type {Map<number, {element: HTMLElement, update: () => void}>} */
const rows = new Map();
let ticking = 0;

/** Shows uploads from now on. */
export function start() {
  const tray = byId("tray");
  const list = byId("traces");
  queue.uploads.on("add", (upload) => {
    const row = makeRow(upload);
    rows.set(upload.id, row);
    list.prepend(row.element);
    refresh(tray);
  });
  queue.uploads.on("change", (upload) => {
    rows.get(upload.id)?.update();
    refresh(tray);
  });
  queue.uploads.on("remove", (upload) => {
    const row = rows.get(upload.id);
    const hadFocus = row?.element.contains(document.activeElement);
    row?.element.remove();
    rows.delete(upload.id);
    if (hadFocus) byId("files").focus();
    refresh(tray);
  });
  byId("tray-clear").addEventListener("click", () => {
    for (const upload of queue.list()) if (isOver(upload)) queue.dismiss(upload);
    byId("files").focus();
  });
}

const isOver = ({ stage }) => ["done", "held", "failed", "refused", "stopped"].includes(stage);

let wasActive = false;

function refresh(tray) {
  const all = queue.list();
  const over = all.filter(isOver);
  const done = all.filter((each) => each.stage === "done").length;
  const held = over.filter((each) => each.stage === "held").length;
  const failed = over.length - done - held;
  const active = all.length - over.length;
  tray.toggleAttribute("data-empty", all.length === 0);
  const parts = [
    active && `${active} on the way`,
    done && `${done} done`,
    held && `${held} held for review`,
    failed && `${failed} not done`,
  ];
  const text = parts.filter(Boolean).join(" · ");
  setText(byId("tray-count"), text);
  byId("tray-clear").disabled = over.length === 0;
  if (wasActive && active === 0 && all.length) announce(`Uploads have ended: ${text}`);
  wasActive = active > 0;
  if (active && !ticking) ticking = window.setInterval(tick, TICK);
  if (!active && ticking) {
    clearInterval(ticking);
    ticking = 0;
  }
}

/** Times that are still running. */
function tick() {
  for (const upload of queue.list()) {
    if (upload.stage === "stored") rows.get(upload.id)?.update();
  }
}

/**
 * Which of the stations an upload is at, 0 to 3; 4 when it is through.
 * @param {Upload} upload
 */
function station(upload) {
  if (upload.stage === "done") return 4;
  if (upload.uploadMs === undefined) return 0;
  const picture = upload.key && store.get(upload.key);
  return picture ? 2 : 1;
}

function makeRow(upload) {
  const name = h("span", { class: "trace-name" }, upload.file.name || "Pasted picture");
  const note = h("span", { class: "trace-note" });
  const bar = h("div", {
    class: "trace-bar",
    role: "progressbar",
    "aria-label": `Upload of ${upload.file.name}`,
    "aria-valuemin": 0,
    "aria-valuemax": 100,
  });
  const detail = h("p", { class: "trace-steps" });
  const stations = STATIONS.map((label) => {
    const time = h("span", { class: "station-time" });
    const name = h("span", { class: "station-name" }, label);
    return { element: h("li", null, name, time), name, time };
  });
  const reason = h("p", { class: "trace-reason" });
  const actions = h("span", { class: "trace-actions" });
  const element = h(
    "li",
    { class: "trace", "data-testid": "trace" },
    preview(upload),
    h(
      "div",
      { class: "trace-body" },
      h("div", { class: "trace-top" }, name, note, actions),
      bar,
      h(
        "div",
        { class: "trace-line" },
        h(
          "ol",
          { class: "stations", "aria-label": "Stages" },
          stations.map((each) => each.element),
        ),
        detail,
      ),
      reason,
    ),
  );
  let shown = "";
  const update = () => {
    const at = station(upload);
    const picture = upload.key ? store.get(upload.key) : undefined;
    element.dataset.stage = upload.stage;
    element.dataset.station = String(at);
    setText(note, headline(upload, at, picture));
    setText(reason, upload.reason ?? "");
    reason.hidden = !upload.reason;
    const times = stationTimes(upload, at, picture);
    setText(stations[0].name, FIRST[upload.stage] ?? STATIONS[0]);
    stations.forEach(({ element: each, time }, index) => {
      setText(time, times[index] ?? "");
      each.dataset.state = index < at ? "past" : index === at ? "now" : "next";
    });
    if (shown !== `${upload.stage} ${upload.key}`) {
      shown = `${upload.stage} ${upload.key}`;
      renderActions(actions, upload);
      renderName(name, upload);
    }
    renderBar(bar, upload, picture);
    setText(detail, upload.stage === "done" ? inside(picture) : "");
    if (picture) stations[0].element.title = `S3 took it on ${moment(picture.uploaded)}`;
  };
  update();
  return { element, update };
}

function headline(upload, at, picture) {
  if (upload.stage === "waiting") return queue.summary(upload);
  if (upload.stage === "sending") return `${Math.round(upload.sent * 100)}%`;
  if (upload.stage === "done") return duration(total(picture?.timings, upload.uploadMs));
  if (upload.stage === "failed") return "Failed";
  if (upload.stage === "held") return picture?.status === "rejected" ? "Rejected" : "Held for review";
  if (upload.stage === "refused") return "Not uploaded";
  if (upload.stage === "stopped") return "Stopped";
  if (picture?.retry) return "Trying again";
  return at === 1 ? "In the queue" : "Developing";
}

/** The time at each station: measured where it is over, running where it is not. */
function stationTimes(upload, at, picture) {
  const sent = upload.uploadMs === undefined ? "" : duration(upload.uploadMs);
  if (upload.stage === "done") {
    const parts = steps(picture?.timings);
    const queued = parts.find((step) => step.name === "queue")?.ms;
    const worked = parts.reduce((sum, step) => sum + (step.name === "queue" ? 0 : step.ms), 0);
    return [sent, duration(queued), duration(worked), time(picture?.updated)];
  }
  if (upload.stage !== "stored") return [sent];
  const running = duration(performance.now() - upload.storedAt);
  if (at === 1) return [sent, running];
  const queued = upload.queuedMs ?? 0;
  const working = performance.now() - upload.storedAt - queued;
  return [sent, duration(queued), duration(working)];
}

/** What the time of processing went into. */
const inside = (picture) =>
  steps(picture?.timings)
    .filter(({ name }) => name !== "queue")
    .map(({ name, ms }) => `${name} ${ms}`)
    .join(" · ");

const time = (iso) => (iso ? new Date(iso).toLocaleTimeString("en-GB", { hour12: false }) : "");

function renderBar(bar, upload, picture) {
  const percent = Math.round(upload.sent * 100);
  bar.setAttribute("aria-valuenow", String(percent));
  if (upload.stage !== "done") {
    bar.style.setProperty("--sent", String(upload.sent));
    if (bar.childElementCount) bar.replaceChildren();
    return;
  }
  if (bar.childElementCount) return;
  const parts = steps(picture?.timings, upload.uploadMs);
  bar.title = parts.map((step) => `${step.name} ${step.ms} ms`).join(" · ");
  bar.setAttribute("aria-valuetext", bar.title);
  append(
    bar,
    parts.map((step) => {
      const part = h("span", { "data-step": step.name });
      part.style.flexGrow = String(Math.max(step.ms, 1));
      return part;
    }),
  );
}

function renderName(name, upload) {
  const label = upload.file.name || "Pasted picture";
  const link = upload.key && ["done", "held", "failed"].includes(upload.stage);
  name.replaceChildren(
    link
      ? h("a", { href: hrefOf("image", upload.key), title: fileName(upload.key) }, label)
      : label,
  );
}

function renderActions(place, upload) {
  const action = (name, label, act) =>
    h(
      "button",
      {
        type: "button",
        class: "button icon-only small",
        title: label,
        onclick: () => act(upload),
        "aria-label": `${label}: ${upload.file.name}`,
      },
      icon(name),
    );
  const hadFocus = place.contains(document.activeElement);
  place.replaceChildren();
  if (upload.canRetry) place.append(action("retry", "Retry", queue.retry));
  if (upload.stage === "waiting" || upload.stage === "sending") {
    place.append(action("close", "Cancel", queue.cancel));
  } else if (isOver(upload)) place.append(action("close", "Dismiss", queue.dismiss));
  if (hadFocus) place.querySelector("button")?.focus();
}

/** The file as the browser can show it; its type where it cannot. */
function preview(upload) {
  const { file } = upload;
  const extension = file.name.includes(".") ? file.name.split(".").pop().slice(0, 4) : "?";
  const frame = h("span", { class: "trace-picture", "aria-hidden": "true" }, extension);
  if (!file.type.startsWith("image/")) return frame;
  const url = URL.createObjectURL(file);
  const release = () => URL.revokeObjectURL(url);
  frame.append(
    h("img", {
      alt: "",
      src: url,
      onload: ({ target }) => {
        upload.shape = target.naturalWidth / target.naturalHeight;
        release();
      },
      onerror: ({ target }) => {
        release();
        target.remove();
      },
    }),
  );
  return frame;
}
