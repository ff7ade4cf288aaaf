// Review of an image that moderation held: the reasons, the decision, and the buttons to decide.

import * as api from "../lib/api.js";
import { byId, h, icon, toast } from "../lib/dom.js";
import { percent } from "../lib/format.js";
import { refresh, watch } from "../lib/image-watcher.js";

/** @typedef {import("../lib/api.js").Image} Image */

/** @param {Image} image */
export function review(image) {
  const { review: held, status } = image;
  if (!held || status === "processing") return null;
  const isPending = status === "review";
  return h(
    "section",
    { class: "review", "data-testid": "review" },
    h("h3", null, isPending ? "Held for review" : "Review"),
    h("p", null, icon("alert"), ` ${reasons(image)}.`),
    h(
      "p",
      { class: "faint" },
      isPending ? "It has no renditions until you approve it." : outcome(held),
    ),
    isPending ? decisionButtons(image) : null,
  );
}

/** @param {Image} image */
function reasons({ review: held, frames }) {
  if (held.reasons.length) {
    return held.reasons.map(({ name, confidence }) => `${name} (${percent(confidence)})`).join(", ");
  }
  return frames > 1
    ? "Rekognition analyzes only the first frame of an animation"
    : "Rekognition could not read it";
}

/** @param {api.Review} review */
function outcome({ decision, by }) {
  if (decision === "approve") return "A reviewer approved it.";
  return by === "timeout"
    ? "It was rejected automatically, because the review timed out."
    : "A reviewer rejected it.";
}

/** @param {Image} image */
function decisionButtons({ key, version }) {
  const decide = async (decision) => {
    for (const each of buttons) each.disabled = true;
    try {
      await api.decideReview(key, decision, version);
      toast(decision === "approve" ? "Approved. The renditions are being processed." : "Rejected.");
      // The focused button is about to be removed.
      byId("dialog-title").focus();
      watch(key, version, true);
      await refresh(key);
    } catch (error) {
      toast(error.message, "error");
      for (const each of buttons) each.disabled = false;
      // Someone else decided or uploaded a new version.
      if (error.status === 409) await refresh(key).catch(() => {});
    }
  };
  const button = (decision, style, name, label) =>
    h(
      "button",
      { type: "button", class: `button ${style}`, onclick: () => decide(decision) },
      icon(name),
      label,
    );
  const buttons = [
    button("approve", "primary", "check", "Approve"),
    button("reject", "danger", "close", "Reject"),
  ];
  return h("div", { class: "row" }, buttons);
}
