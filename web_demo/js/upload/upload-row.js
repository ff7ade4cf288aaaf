// Row of the upload list: preview, progress from the upload to the result, times, and actions.

import { append, h, icon, setText } from "../lib/dom.js";
import { dateTime, duration, fileName } from "../lib/format.js";
import { store } from "../lib/image-store.js";
import { hrefOf } from "../lib/router.js";
import { segments, total } from "../lib/timings.js";
import * as queue from "./upload-queue.js";

/** @typedef {import("./upload-queue.js").Upload} Upload */
/** @typedef {import("../lib/api.js").Image} Image */

const STEPS = ["Uploaded", "Queued", "Processing", "Done"];
/** Name of the first step before it is reached. */
const FIRST_STEP = { waiting: "Waiting", uploading: "Uploading" };

const FINISHED = ["done", "held", "failed", "refused", "canceled"];

/** @param {Upload} upload */
export const isFinished = ({ status }) => FINISHED.includes(status);

/** @param {Upload} upload */
const nameOf = ({ file }) => file.name || "Pasted image";

/**
 * @param {Upload} upload
 * @returns {{element: HTMLElement, update: () => void}}
 */
export function createRow(upload) {
  const name = h("span", { class: "upload-name" }, nameOf(upload));
  const note = h("span", { class: "upload-note" });
  const bar = h("div", {
    class: "upload-bar",
    role: "progressbar",
    "aria-label": `Upload of ${nameOf(upload)}`,
    "aria-valuemin": 0,
    "aria-valuemax": 100,
  });
  const stages = h("p", { class: "upload-stages" });
  const steps = STEPS.map((label) => {
    const time = h("span", { class: "upload-step-time" });
    const name = h("span", { class: "upload-step-name" }, label);
    return { element: h("li", null, name, time), name, time };
  });
  const reason = h("p", { class: "upload-reason" });
  const actions = h("span", { class: "upload-actions" });
  const element = h(
    "li",
    { class: "upload", "data-testid": "upload" },
    preview(upload),
    h(
      "div",
      { class: "upload-body" },
      h("div", { class: "upload-top" }, name, note, actions),
      bar,
      h(
        "div",
        { class: "upload-line" },
        h(
          "ol",
          { class: "upload-steps", "aria-label": "Progress" },
          steps.map((each) => each.element),
        ),
        stages,
      ),
      reason,
    ),
  );
  let rendered = "";
  const update = () => {
    const current = currentStep(upload);
    const image = upload.key ? store.get(upload.key) : undefined;
    element.dataset.status = upload.status;
    setText(note, headline(upload, current, image));
    const text = upload.reason ?? duplicate(image);
    setText(reason, text);
    reason.hidden = !text;
    setText(steps[0].name, FIRST_STEP[upload.status] ?? STEPS[0]);
    const times = stepTimes(upload, current, image);
    steps.forEach(({ element: step, time }, index) => {
      setText(time, times[index] ?? "");
      step.dataset.state = index < current ? "past" : index === current ? "current" : "next";
    });
    if (rendered !== `${upload.status} ${upload.key}`) {
      rendered = `${upload.status} ${upload.key}`;
      renderActions(actions, upload);
      renderName(name, upload);
    }
    renderBar(bar, upload, image);
    setText(stages, upload.status === "done" ? stageTimes(image) : "");
    if (image) steps[0].element.title = `S3 stored it on ${dateTime(image.uploaded)}`;
  };
  update();
  return { element, update };
}

/**
 * Returns the index of the current step; 4 after the last.
 * @param {Upload} upload
 */
function currentStep(upload) {
  if (upload.status === "done") return STEPS.length;
  if (upload.uploadMs === undefined) return 0;
  return upload.key && store.get(upload.key) ? 2 : 1;
}

/**
 * @param {Upload} upload
 * @param {number} step
 * @param {Image} [image]
 */
function headline(upload, step, image) {
  switch (upload.status) {
    case "waiting":
      return queue.summary(upload);
    case "uploading":
      return `${Math.round(upload.progress * 100)}%`;
    case "done":
      return duration(total(image?.timings, upload.uploadMs));
    case "failed":
      return "Failed";
    case "held":
      return image?.status === "rejected" ? "Rejected" : "Held for review";
    case "refused":
      return "Not uploaded";
    case "canceled":
      return "Canceled";
    default:
      if (image?.retry) return "Retrying";
      return step === 1 ? "Queued" : "Processing";
  }
}

/** Returns the time of each step: measured for past ones, running for the current one. */
function stepTimes(upload, current, image) {
  const sent = upload.uploadMs === undefined ? "" : duration(upload.uploadMs);
  if (upload.status === "done") {
    const all = total(image?.timings) ?? 0;
    const queued = segments(image?.timings).find(({ name }) => name === "queue")?.ms ?? 0;
    return [sent, duration(queued), duration(all - queued), timeOfDay(image?.updated)];
  }
  if (upload.status !== "stored") return [sent];
  const sinceStored = performance.now() - upload.storedAt;
  if (current === 1) return [sent, duration(sinceStored)];
  const queued = upload.queuedMs ?? 0;
  return [sent, duration(queued), duration(sinceStored - queued)];
}

/** Returns a sentence about a file that was uploaded before; an empty text for others. */
const duplicate = (image) =>
  image?.duplicate_of && image.status !== "failed"
    ? `The same file was uploaded before, as ${fileName(image.duplicate_of)}.`
    : "";

/** Lists the milliseconds of each stage. */
const stageTimes = (image) =>
  segments(image?.timings)
    .filter(({ name }) => name !== "queue")
    .map(({ name, ms }) => `${name} ${ms}`)
    .join(" · ");

const timeOfDay = (iso) => (iso ? new Date(iso).toLocaleTimeString("en-GB", { hour12: false }) : "");

/** Shows the progress of the transfer, and after the result the share of each segment. */
function renderBar(bar, upload, image) {
  const percent = Math.round(upload.progress * 100);
  bar.setAttribute("aria-valuenow", String(percent));
  if (upload.status !== "done") {
    bar.style.setProperty("--progress", String(upload.progress));
    if (bar.childElementCount) bar.replaceChildren();
    return;
  }
  if (bar.childElementCount) return;
  const parts = segments(image?.timings, upload.uploadMs);
  bar.title = parts.map(({ name, ms }) => `${name} ${ms} ms`).join(" · ");
  bar.setAttribute("aria-valuetext", bar.title);
  append(
    bar,
    parts.map(({ name, ms }) => {
      const part = h("span", { "data-stage": name });
      part.style.flexGrow = String(ms);
      return part;
    }),
  );
}

function renderName(element, upload) {
  const hasImage = upload.key && ["done", "held", "failed"].includes(upload.status);
  element.replaceChildren(
    hasImage
      ? h("a", { href: hrefOf("image", upload.key), title: fileName(upload.key) }, nameOf(upload))
      : nameOf(upload),
  );
}

function renderActions(element, upload) {
  const button = (name, label, act) =>
    h(
      "button",
      {
        type: "button",
        class: "button icon-only small",
        title: label,
        onclick: () => act(upload),
        "aria-label": `${label}: ${nameOf(upload)}`,
      },
      icon(name),
    );
  const hadFocus = element.contains(document.activeElement);
  element.replaceChildren();
  if (upload.canRetry) element.append(button("retry", "Retry", queue.retry));
  if (upload.status === "waiting" || upload.status === "uploading") {
    element.append(button("close", "Cancel", queue.cancel));
  } else if (isFinished(upload)) element.append(button("close", "Dismiss", queue.dismiss));
  if (hadFocus) element.querySelector("button")?.focus();
}

/** Returns the file's image, or its extension if the browser cannot decode it. */
function preview(upload) {
  const { file } = upload;
  const extension = file.name.includes(".") ? file.name.split(".").pop().slice(0, 4) : "?";
  const frame = h("span", { class: "upload-preview", "aria-hidden": "true" }, extension);
  const url = URL.createObjectURL(file);
  const release = () => URL.revokeObjectURL(url);
  frame.append(
    h("img", {
      alt: "",
      loading: "lazy",
      src: url,
      onload: ({ target }) => {
        upload.aspectRatio = target.naturalWidth / target.naturalHeight;
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
