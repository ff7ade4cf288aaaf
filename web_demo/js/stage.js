// Where a picture is shown large: one rendition against the original, or against another one.

import { publicUrl } from "./api.js";
import { makeCompare } from "./compare.js";
import { h, icon } from "./dom.js";
import { format, saving, size } from "./format.js";
import * as originals from "./originals.js";
import { largest, ratio, whole } from "./sources.js";

/** @typedef {import("./api.js").Picture} Picture */

/** Value of the choice that stands for the original. */
const ORIGINAL = "";

/** Failures that lie in what was asked for, or pass. */
const RECIPES_FAULT = new Set([
  "unknown-recipe",
  "missing-watermark",
  "crop-outside",
  "cannot-fit",
  "too-large-rendition",
  "too-slow",
  "too-costly",
  "too-much-memory",
  "gave-up",
]);

/**
 * @typedef {object} Stage
 * @property {HTMLElement} element
 * @property {(key: string) => void} open begins with a picture, of which nothing need be known yet
 * @property {(picture: Picture) => void} update
 * @property {(name: string) => void} choose shows a rendition
 * @property {(text: string) => void} complain says why there is nothing to show
 */

/**
 * @returns {Stage}
 */
export function makeStage() {
  let key = "";
  /** @type {Picture | undefined} */
  let picture;
  let before = ORIGINAL;
  let after = "";

  const compare = makeCompare();
  const choice = (label, act) =>
    h(
      "label",
      { class: "picker" },
      label,
      h("select", { "aria-label": label, onchange: ({ target }) => act(target) }),
    );
  const first = choice("Before", ({ value }) => {
    before = value;
    draw();
  });
  const second = choice("After", ({ value }) => choose(value));
  const off = h("p", { class: "stage-off" }, "Originals are not given out here");
  const bar = h("div", { class: "stage-bar", hidden: true }, first, off, second);
  const note = h("div", { class: "stage-note" });
  // A picture that is held is blurred until somebody wants to see it.
  const look = h(
    "button",
    {
      type: "button",
      class: "button",
      onclick: () => lookAt(!element.classList.contains("is-looked-at")),
    },
    "Look at it",
  );
  const element = h("div", { class: "stage" }, bar, compare.element, note);

  function lookAt(isShown) {
    element.classList.toggle("is-looked-at", isShown);
    look.textContent = isShown ? "Blur it" : "Look at it";
  }

  compare.onBroken((url) => {
    if (originals.urlOf(key) !== url) return;
    originals.giveUp(key);
    draw();
  });

  async function open(opened) {
    key = opened;
    picture = undefined;
    before = ORIGINAL;
    after = "";
    note.replaceChildren();
    lookAt(false);
    compare.mark([]);
    draw();
    await ask();
  }

  /** With another picture, that has come under the same key. */
  function begin() {
    lookAt(false);
    originals.forget(key);
    ask();
  }

  async function ask() {
    const mine = key;
    await originals.ask(mine);
    if (key === mine) draw();
  }

  function choose(name) {
    after = name;
    draw();
  }

  function draw() {
    const made = picture?.renditions ?? [];
    const named = (name) => made.find((each) => each.name === name);
    if (!named(after)) after = (picture && largest(picture)?.name) ?? "";
    const url = picture && originals.urlOf(key);
    const shown = named(after);
    const left = named(before) ?? (url || originals.isPending(key) ? undefined : another(made));
    const names = made.map(({ name }) => [name, name]);
    fill(first, url ? [[ORIGINAL, "Original"], ...names] : names, left?.name ?? ORIGINAL);
    fill(second, names, after);
    bar.hidden = made.length === 0;
    off.hidden = originals.areGivenOut();
    compare.element.hidden = !shown && (!url || picture?.status === "failed");
    compare.show(left ? side(left) : url ? original(url) : null, shown ? side(shown) : null);
    element.dataset.status = picture?.status ?? "";
    explain();
  }

  /** What to compare with where there is no original: the whole picture, if it can be. */
  const another = (made) =>
    [...(picture ? whole(picture) : []), ...made].find(({ name }) => name !== after);

  const side = (each) => ({
    name: each.name,
    facts: [format(each.type), " · ", size(each.bytes)].join("") + saved(each),
    url: publicUrl(each),
    ratio: each.width / each.height,
  });

  const saved = (each) => (picture.bytes ? ` (${saving(each.bytes, picture.bytes)})` : "");

  const original = (url) => ({
    name: "Original",
    facts: `${format(picture.format)} · ${size(picture.bytes)}`,
    url,
    ratio: ratio(picture),
  });

  function explain() {
    if (!picture) return;
    const { status, error, renditions } = picture;
    if (status === "failed" && error) note.replaceChildren(...failure(error));
    else if (status === "processing" && !renditions.length) {
      note.replaceChildren(h("span", { class: "spinner" }), h("p", null, "Developing"));
    } else if (status === "review" || status === "rejected") {
      if (!note.contains(look)) note.replaceChildren(look);
      look.hidden = !originals.urlOf(key);
    } else if (note.childElementCount) note.replaceChildren();
  }

  return {
    element,
    open,
    choose,
    /** Marks places in the picture, where it is shown whole. @param {import("./compare.js").Box[]} boxes */
    mark(boxes) {
      if (boxes.length && !whole(picture).some(({ name }) => name === after)) {
        before = ORIGINAL;
        choose(largest(picture)?.name ?? "");
      }
      compare.mark(boxes);
    },
    update(now) {
      if (picture && now.uploaded !== picture.uploaded) begin();
      picture = now;
      draw();
    },
    complain: (text) => note.replaceChildren(icon("alert"), h("p", null, text)),
  };
}

function failure({ code, message }) {
  const advice = RECIPES_FAULT.has(code) && " Another recipe may help: make it again with one.";
  return [
    icon("alert"),
    h(
      "div",
      null,
      h("p", { class: "stage-title" }, message),
      h("p", { class: "faint" }, `Code: ${code}.`, advice),
    ),
  ];
}

function fill({ lastElementChild: select }, options, value) {
  const wanted = options.map(([name]) => name).join("\n");
  if (select.dataset.options !== wanted) {
    select.dataset.options = wanted;
    select.replaceChildren(...options.map(([name, label]) => h("option", { value: name }, label)));
  }
  select.value = value;
}
