// Labels and tags of an image, as links to the gallery; what has a place, also as boxes in the image.

import { h } from "../lib/dom.js";
import { percent, plural } from "../lib/format.js";
import * as router from "../lib/router.js";
import { searchFor } from "../gallery/gallery.js";

/**
 * @param {import("../lib/api.js").Image} image
 * @param {(boxes: import("./comparison.js").Box[]) => void} showBoxes in the viewer
 */
export function labels({ analysis }, showBoxes) {
  if (!analysis?.labels) return null;
  const faces = analysis.faces ?? [];
  const chips = [...analysis.labels].sort((a, b) => b.confidence - a.confidence).map(labelChip);
  const boxes = [
    ...analysis.labels.flatMap(({ name, boxes }) => boxes.map((box) => ({ name, ...box }))),
    ...faces.map(({ box }) => ({ name: "Face", ...box })),
  ];
  return h(
    "section",
    null,
    h(
      "h3",
      null,
      "Labels",
      faces.length ? h("span", { class: "figure" }, plural(faces.length, "face")) : null,
    ),
    chips.length
      ? h("ul", { class: "chips" }, chips)
      : h("p", { class: "faint" }, "Rekognition returned no labels."),
    boxes.length ? boxesSwitch(boxes, showBoxes) : null,
  );
}

/** @param {import("../lib/api.js").Image} image */
export function tags({ tags = [] }) {
  if (!tags.length) return null;
  const chips = tags.map((name) => chip("tag", name, "Show all images with this tag."));
  return h("section", null, h("h3", null, "Tags"), h("ul", { class: "chips" }, chips));
}

function labelChip({ name, confidence }) {
  const title = `Confidence ${percent(confidence)}. Show all images with this label.`;
  return chip("label", name, title, h("span", { class: "chip-sub" }, percent(confidence)));
}

/** Returns a button that shows the images with a label or a tag. */
function chip(field, name, title, ...more) {
  const show = () => {
    router.close();
    searchFor(`${field}:${name}`);
  };
  return h("li", null, h("button", { type: "button", class: "chip", title, onclick: show }, name, more));
}

function boxesSwitch(boxes, showBoxes) {
  const input = h("input", {
    type: "checkbox",
    onchange: () => showBoxes(input.checked ? boxes : []),
  });
  return h("label", { class: "boxes-switch" }, input, "Show boxes");
}
