// What Rekognition found in a picture, and why one is held back.

import * as api from "./api.js";
import { byId, h, icon, toast } from "./dom.js";
import * as gallery from "./gallery.js";
import * as router from "./router.js";
import { look, watch } from "./watch.js";

/** @typedef {import("./api.js").Picture} Picture */

const percent = (confidence) => `${Math.round(confidence)}%`;

/**
 * Its labels, each of which finds the pictures that share it, and how many faces there are.
 * @param {Picture} picture
 * @param {(boxes: import("./compare.js").Box[]) => void} mark shows where in the picture
 */
export function labels({ analysis }, mark) {
  if (!analysis?.labels) return null;
  const chips = [...analysis.labels]
    .sort((a, b) => b.confidence - a.confidence)
    .map(({ name, confidence }) =>
      h(
        "li",
        null,
        h(
          "button",
          {
            type: "button",
            class: "chip",
            title: `${percent(confidence)} sure. Show all pictures of this.`,
            onclick: () => {
              router.leave();
              gallery.find(name);
            },
          },
          name,
          h("span", { class: "chip-sub" }, percent(confidence)),
        ),
      ),
    );
  const count = analysis.faces?.length ?? 0;
  const boxes = [
    ...analysis.labels.flatMap(({ name, boxes: places }) =>
      places.map((box) => ({ name, ...box })),
    ),
    ...(analysis.faces ?? []).map(({ box }) => ({ name: "Face", ...box })),
  ];
  return h(
    "section",
    null,
    h(
      "h3",
      null,
      "In the picture",
      count ? h("span", { class: "figure" }, count === 1 ? "1 face" : `${count} faces`) : null,
    ),
    chips.length
      ? h("ul", { class: "chips" }, chips)
      : h("p", { class: "faint" }, "Nothing that Rekognition has a name for."),
    boxes.length ? where(boxes, mark) : null,
  );
}

function where(boxes, mark) {
  const input = h("input", {
    type: "checkbox",
    onchange: () => mark(input.checked ? boxes : []),
  });
  return h("label", { class: "where" }, input, "Show where");
}

/**
 * Why a picture is held, and the decision about it.
 * @param {Picture} picture
 */
export function review(picture) {
  const held = picture.review;
  if (!held || picture.status === "processing") return null;
  const reasons = held.reasons.length
    ? held.reasons.map(({ name, confidence }) => `${name} (${percent(confidence)})`).join(", ")
    : picture.frames > 1
      ? "Rekognition sees only the first picture of an animation"
      : "Rekognition could not read it";
  return h(
    "section",
    { class: "review", "data-testid": "review" },
    h("h3", null, picture.status === "review" ? "Waits for your decision" : "Review"),
    h("p", null, icon("alert"), ` ${reasons}.`),
    picture.status === "review"
      ? [
          h(
            "p",
            { class: "faint" },
            "No rendition of it exists, and none is made, until it is approved.",
          ),
          decisions(picture),
        ]
      : h("p", { class: "faint" }, outcome(held)),
  );
}

function outcome({ decision, by }) {
  if (decision === "approve") return "Somebody has approved it.";
  return by === "timeout" ? "Nobody decided in time: it was rejected." : "It was rejected.";
}

/** @param {Picture} picture */
function decisions({ key, version }) {
  const decide = async (decision) => {
    for (const each of buttons) each.disabled = true;
    try {
      await api.decideReview(key, decision, version);
      toast(decision === "approve" ? "Approved: its renditions are being made." : "Rejected.");
      // The buttons are about to go.
      byId("detail-title").focus();
      watch(key, version, true);
      await look(key);
    } catch (error) {
      toast(error.message, "error");
      for (const each of buttons) each.disabled = false;
      // Somebody else may have decided, or uploaded another.
      if (error.status === 409) await look(key).catch(() => {});
    }
  };
  const buttons = [
    h(
      "button",
      { type: "button", class: "button primary", onclick: () => decide("approve") },
      icon("check"),
      "Approve",
    ),
    h(
      "button",
      { type: "button", class: "button danger", onclick: () => decide("reject") },
      icon("close"),
      "Reject",
    ),
  ];
  return h("div", { class: "row" }, buttons);
}
