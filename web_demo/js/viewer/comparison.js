// Comparison of two images: one over the other with a slider, or side by side.

import { h, setText } from "../lib/dom.js";

/**
 * @typedef {{name: string, details: string, url: string, ratio: number}} Side
 * @typedef {{name: string, left: number, top: number, width: number, height: number}} Box
 *   with fractions of the image's width and height
 */

/** Largest difference of the aspect ratios with which the slider makes sense. */
const RATIO_TOLERANCE = 0.03;

/**
 * @returns {{element: HTMLElement, show: (before: Side | null, after: Side | null) => void,
 *   showBoxes: (boxes: Box[]) => void, onImageError: (handle: (url: string) => void) => void}}
 */
export function createComparison() {
  const before = createSide("before");
  const after = createSide("after");
  const handle = h("span", { class: "comparison-handle", "aria-hidden": "true" });
  const slider = h("input", {
    type: "range",
    class: "comparison-slider",
    min: 0,
    max: 100,
    step: 1,
    value: 50,
    "aria-label": "Position between before and after",
  });
  // Hidden from screen readers, which get the same labels as text beside the image.
  const boxLayer = h("div", { class: "comparison-boxes", "aria-hidden": "true" });
  const frame = h(
    "div",
    { class: "comparison", "data-mode": "slider" },
    before.element,
    after.element,
    boxLayer,
    handle,
    slider,
  );
  let imageError = (_url) => {};
  /** Mode for images of the same aspect ratio. */
  let chosenMode = "slider";

  const moveSlider = () => {
    frame.style.setProperty("--position", `${slider.value}%`);
    slider.setAttribute("aria-valuetext", `${slider.value}% before, ${100 - slider.value}% after`);
  };
  slider.addEventListener("input", moveSlider);
  moveSlider();
  for (const { img } of [before, after]) img.addEventListener("error", () => imageError(img.src));

  const modeButton = (mode, label) =>
    h(
      "button",
      {
        type: "button",
        class: "button small",
        "data-mode": mode,
        onclick: () => setMode((chosenMode = mode)),
      },
      label,
    );
  const modes = h(
    "div",
    { class: "comparison-modes", role: "group", "aria-label": "Comparison mode" },
    modeButton("slider", "Slider"),
    modeButton("side-by-side", "Side by side"),
  );

  function setMode(mode) {
    frame.dataset.mode = mode;
    slider.hidden = handle.hidden = mode !== "slider";
    for (const each of modes.children) {
      each.setAttribute("aria-pressed", String(each.dataset.mode === mode));
    }
  }

  return {
    element: h("div", { class: "comparison-container" }, frame, modes),
    show(first, second) {
      const single = first && second ? null : (first ?? second);
      const isSameShape =
        first && second && Math.abs(first.ratio / second.ratio - 1) < RATIO_TOLERANCE;
      modes.hidden = !isSameShape;
      frame.style.setProperty("--ratio", String((second ?? first)?.ratio ?? 1.5));
      before.show(single ? null : first);
      after.show(single ?? second);
      setMode(!first || !second ? "single" : isSameShape ? chosenMode : "side-by-side");
    },
    showBoxes(boxes) {
      if (boxes.length && !modes.hidden) setMode((chosenMode = "slider"));
      boxLayer.replaceChildren(
        ...boxes.map(({ name, ...box }) => {
          const element = h("span", { class: "comparison-box" }, h("b", null, name));
          for (const [property, part] of Object.entries(box)) {
            element.style[property] = `${part * 100}%`;
          }
          return element;
        }),
      );
    },
    onImageError(handle) {
      imageError = handle;
    },
  };
}

function createSide(role) {
  const img = h("img", { alt: "", decoding: "async" });
  const name = h("b");
  const details = h("span");
  const caption = h("figcaption", null, name, details);
  const element = h("figure", { class: `comparison-${role}` }, img, caption);
  return {
    element,
    img,
    /** @param {Side | null} side */
    show(side) {
      element.hidden = !side;
      if (!side) return;
      setText(name, side.name);
      setText(details, ` · ${side.details}`);
      img.alt = caption.textContent;
      element.style.setProperty("--own-ratio", String(side.ratio));
      if (img.src !== side.url) img.src = side.url;
    },
  };
}
