// Viewer: a rendition at full size, compared with the original or with another rendition.

import { publicUrl } from "../lib/api.js";
import { h, icon } from "../lib/dom.js";
import { format, saving, size } from "../lib/format.js";
import { aspectRatio, largest, uncropped } from "../lib/renditions.js";
import { createComparison } from "./comparison.js";
import * as originals from "./original-urls.js";

/** @typedef {import("../lib/api.js").Image} Image */

/** Option value of the original. */
const ORIGINAL = "";

/** Codes of failures that another recipe may avoid. */
const RECIPE_ERRORS = new Set([
  "unknown-recipe",
  "missing-watermark",
  "crop-outside",
  "cannot-fit",
  "too-large-rendition",
  "too-slow",
  "too-costly",
  "too-much-memory",
]);

/**
 * @typedef {object} Viewer
 * @property {HTMLElement} element
 * @property {(key: string) => void} open switches to another image, which may still be loading
 * @property {(image: Image) => void} update
 * @property {(name: string) => void} select shows a rendition
 * @property {(boxes: import("./comparison.js").Box[]) => void} showBoxes on an uncropped rendition
 * @property {(text: string) => void} showError
 */

/** @returns {Viewer} */
export function createViewer() {
  let key = "";
  /** @type {Image | undefined} */
  let image;
  let before = ORIGINAL;
  let after = "";

  const comparison = createComparison();
  const picker = (label, select) =>
    h(
      "label",
      { class: "picker" },
      label,
      h("select", { "aria-label": label, onchange: ({ target }) => select(target.value) }),
    );
  const beforePicker = picker("Before", (name) => {
    before = name;
    render();
  });
  const afterPicker = picker("After", select);
  const noOriginals = h("p", { class: "viewer-hint" }, "This deployment does not share originals");
  const bar = h(
    "div",
    { class: "viewer-bar", hidden: true },
    beforePicker,
    noOriginals,
    afterPicker,
  );
  const message = h("div", { class: "viewer-message" });
  const blurButton = h("button", {
    type: "button",
    class: "button",
    onclick: () => setRevealed(!element.classList.contains("is-revealed")),
  });
  const element = h("div", { class: "viewer" }, bar, comparison.element, message);

  /** Held images are blurred until the reviewer reveals them. */
  function setRevealed(isRevealed) {
    element.classList.toggle("is-revealed", isRevealed);
    blurButton.textContent = isRevealed ? "Blur image" : "Show image";
  }

  comparison.onImageError((url) => {
    if (originals.urlOf(key) !== url) return;
    originals.markUnsupported(key);
    render();
  });

  async function open(opened) {
    key = opened;
    image = undefined;
    before = ORIGINAL;
    after = "";
    message.replaceChildren();
    setRevealed(false);
    comparison.showBoxes([]);
    render();
    await loadOriginal();
  }

  async function loadOriginal() {
    const requested = key;
    await originals.load(requested);
    if (key === requested) render();
  }

  function update(current) {
    if (image && current.uploaded !== image.uploaded) {
      setRevealed(false);
      originals.forget(key);
      loadOriginal();
    }
    image = current;
    render();
  }

  function select(name) {
    after = name;
    render();
  }

  function render() {
    const renditions = image?.renditions ?? [];
    const named = (name) => renditions.find((each) => each.name === name);
    if (!named(after)) after = (image && largest(image)?.name) ?? "";
    const url = image && originals.urlOf(key);
    const right = named(after);
    const left = named(before) ?? (url || originals.isPending(key) ? undefined : another());
    const options = renditions.map(({ name }) => [name, name]);
    const original = /** @type {string[][]} */ (url ? [[ORIGINAL, "Original"]] : []);
    setOptions(beforePicker, [...original, ...options], left?.name ?? ORIGINAL);
    setOptions(afterPicker, options, after);
    bar.hidden = renditions.length === 0;
    noOriginals.hidden = originals.areOriginalsAllowed();
    comparison.element.hidden = !right && (!url || image?.status === "failed");
    comparison.show(
      left ? renditionSide(left) : url ? originalSide(url) : null,
      right ? renditionSide(right) : null,
    );
    element.dataset.status = image?.status ?? "";
    renderMessage();
  }

  /** Returns a rendition to compare with if there is no original, preferably an uncropped one. */
  const another = () =>
    image && [...uncropped(image), ...image.renditions].find(({ name }) => name !== after);

  const renditionSide = (rendition) => ({
    name: rendition.name,
    details: `${format(rendition.type)} · ${size(rendition.bytes)}${savingOf(rendition)}`,
    url: publicUrl(rendition),
    ratio: rendition.width / rendition.height,
  });

  const savingOf = ({ bytes }) => (image.bytes ? ` (${saving(bytes, image.bytes)})` : "");

  const originalSide = (url) => ({
    name: "Original",
    details: `${format(image.format)} · ${size(image.bytes)}`,
    url,
    ratio: aspectRatio(image),
  });

  function renderMessage() {
    if (!image) return;
    const { status, error, renditions } = image;
    if (status === "failed" && error) message.replaceChildren(...failure(error));
    else if (status === "processing" && !renditions.length) {
      message.replaceChildren(h("span", { class: "spinner" }), h("p", null, "Processing"));
    } else if (status === "review" || status === "rejected") {
      if (!message.contains(blurButton)) message.replaceChildren(blurButton);
      blurButton.hidden = !originals.urlOf(key);
    } else if (message.childElementCount) message.replaceChildren();
  }

  return {
    element,
    open,
    select,
    update,
    showBoxes(boxes) {
      if (boxes.length && !uncropped(image).some(({ name }) => name === after)) {
        before = ORIGINAL;
        select(largest(image)?.name ?? "");
      }
      comparison.showBoxes(boxes);
    },
    showError: (text) => message.replaceChildren(icon("alert"), h("p", null, text)),
  };
}

function failure({ code, message }) {
  const advice = RECIPE_ERRORS.has(code) && " Reprocess the image with another recipe.";
  return [
    icon("alert"),
    h(
      "div",
      null,
      h("p", { class: "viewer-title" }, message),
      h("p", { class: "faint" }, `Code: ${code}.`, advice),
    ),
  ];
}

/** Replaces the options of a picker only if they differ, which keeps an open menu open. */
function setOptions({ lastElementChild: select }, options, value) {
  const names = options.map(([name]) => name).join("\n");
  if (select.dataset.options !== names) {
    select.dataset.options = names;
    select.replaceChildren(...options.map(([name, label]) => h("option", { value: name }, label)));
  }
  select.value = value;
}
