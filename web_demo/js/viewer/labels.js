// Labels of an image: what Rekognition detected, as links to the gallery and as boxes in the image.

import { h } from "../lib/dom.js";
import { percent, plural } from "../lib/format.js";
import * as router from "../lib/router.js";
import { filterByLabel } from "../gallery/gallery.js";

/**
 * @param {import("../lib/api.js").Image} image
 * @param {(boxes: import("./comparison.js").Box[]) => void} showBoxes in the viewer
 */
export function labels({ analysis }, showBoxes) {
  if (!analysis?.labels) return null;
  const faces = analysis.faces ?? [];
  const chips = [...analysis.labels].sort((a, b) => b.confidence - a.confidence).map(chip);
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

function chip({ name, confidence }) {
  const show = () => {
    router.close();
    filterByLabel(name);
  };
  return h(
    "li",
    null,
    h(
      "button",
      {
        type: "button",
        class: "chip",
        title: `Confidence ${percent(confidence)}. Show all images with this label.`,
        onclick: show,
      },
      name,
      h("span", { class: "chip-sub" }, percent(confidence)),
    ),
  );
}

function boxesSwitch(boxes, showBoxes) {
  const input = h("input", {
    type: "checkbox",
    onchange: () => showBoxes(input.checked ? boxes : []),
  });
  return h("label", { class: "boxes-switch" }, input, "Show boxes");
}
