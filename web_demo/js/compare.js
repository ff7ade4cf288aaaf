// Two pictures, one over the other with a slider between them, or side by side.

import { h, setText } from "./dom.js";

/**
 * @typedef {{name: string, facts: string, url: string, ratio: number}} Side
 * @typedef {{name: string, left: number, top: number, width: number, height: number}} Box
 */

const STEP = 1;

/**
 * @returns {{element: HTMLElement, show: (before: Side | null, after: Side | null) => void,
 *   mark: (boxes: Box[]) => void, onBroken: (act: (url: string) => void) => void}}
 */
export function makeCompare() {
  const before = picture("before");
  const after = picture("after");
  const handle = h("span", { class: "compare-handle", "aria-hidden": "true" });
  const range = h("input", {
    type: "range",
    class: "compare-range",
    min: 0,
    max: 100,
    step: STEP,
    value: 50,
    "aria-label": "Where the picture before ends and the one after begins",
  });
  // For the eye alone: the same is said in words beside.
  const marks = h("div", { class: "compare-marks", "aria-hidden": "true" });
  const frame = h(
    "div",
    { class: "compare", "data-mode": "slide" },
    before.element,
    after.element,
    marks,
    handle,
    range,
  );
  let broken = (_url) => {};
  /** What is wanted, where the two have the same shape. */
  let wanted = "slide";

  const slide = () => {
    frame.style.setProperty("--at", `${range.value}%`);
    range.setAttribute("aria-valuetext", `${range.value}% before, ${100 - range.value}% after`);
  };
  range.addEventListener("input", slide);
  slide();
  for (const side of [before, after]) {
    side.image.addEventListener("error", () => broken(side.image.src));
  }

  const button = (value, label) =>
    h(
      "button",
      {
        type: "button",
        class: "button small",
        "data-mode": value,
        onclick: () => setMode((wanted = value)),
      },
      label,
    );
  const modes = h(
    "div",
    { class: "compare-modes", role: "group", "aria-label": "How to compare" },
    button("slide", "Slider"),
    button("beside", "Side by side"),
  );

  function setMode(mode) {
    frame.dataset.mode = mode;
    range.hidden = handle.hidden = mode !== "slide";
    for (const each of modes.children) {
      each.setAttribute("aria-pressed", String(each.dataset.mode === mode));
    }
  }

  return {
    element: h("div", { class: "compare-stage" }, frame, modes),
    show(first, second) {
      const only = first && second ? null : (first ?? second);
      const isSameShape = first && second && Math.abs(first.ratio / second.ratio - 1) < 0.03;
      modes.hidden = !isSameShape;
      frame.style.setProperty("--ratio", String((second ?? first)?.ratio ?? 1.5));
      before.show(only ? null : first);
      after.show(only ?? second);
      setMode(!first || !second ? "single" : isSameShape ? wanted : "beside");
    },
    mark(boxes) {
      if (boxes.length && !modes.hidden) setMode((wanted = "slide"));
      marks.replaceChildren(
        ...boxes.map(({ name, ...box }) => {
          const mark = h("span", { class: "compare-mark" }, h("b", null, name));
          for (const [side, part] of Object.entries(box)) mark.style[side] = `${part * 100}%`;
          return mark;
        }),
      );
    },
    onBroken(act) {
      broken = act;
    },
  };
}

function picture(role) {
  const image = h("img", { alt: "", decoding: "async" });
  const name = h("b");
  const facts = h("span");
  const caption = h("figcaption", null, name, facts);
  const element = h("figure", { class: `compare-${role}` }, image, caption);
  return {
    element,
    image,
    /** @param {Side | null} side */
    show(side) {
      element.hidden = !side;
      if (!side) return;
      setText(name, side.name);
      setText(facts, ` · ${side.facts}`);
      image.alt = caption.textContent;
      element.style.setProperty("--own", String(side.ratio));
      if (image.src !== side.url) image.src = side.url;
    },
  };
}
