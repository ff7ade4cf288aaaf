// Metadata form: alternative text, title, tags and focal point of an image.

import * as api from "../lib/api.js";
import { h, toast } from "../lib/dom.js";
import { refresh, watch } from "../lib/image-watcher.js";
import { store } from "../lib/image-store.js";
import { largest, uncropped } from "../lib/renditions.js";

/** @typedef {import("../lib/api.js").Image} Image */

/** Characters of a tag, and tags of an image, as in the API. */
const MAX_TAG = 64;
const MAX_TAGS = 50;

/**
 * @param {() => Image | undefined} current
 * @returns {{element: HTMLElement, update: () => void, reset: () => void}}
 */
export function createMetadataForm(current) {
  /** Whether the form has input that is not saved: updates then leave it alone. */
  let isEdited = false;
  let shown = "";
  /** Of the metadata that the form was filled with: the image may have a newer one by now. */
  let etag = "";
  const field = (label, input, hint) =>
    h("label", { class: "field" }, h("span", null, label), input, hint && h("small", null, hint));
  const alt = h("textarea", { rows: 2, maxLength: 1000 });
  const title = h("input", { type: "text", maxLength: 200 });
  const tags = h("input", { type: "text" });
  const coordinate = (name) =>
    h("input", { type: "number", min: 0, max: 1, step: "any", "aria-label": `Focal point ${name}` });
  const x = coordinate("X");
  const y = coordinate("Y");
  const labeled = (name, input) => h("label", { class: "coordinate" }, name, input);
  const image = h("img", { alt: "", draggable: false });
  const mark = h("span", { class: "focal-mark" });
  const picker = h("div", { class: "focal-picker", onclick: pick }, image, mark);
  const clear = h("button", { type: "button", class: "button", onclick: clearPoint }, "No point");
  const save = h("button", { type: "submit", class: "button primary" }, "Save");
  const focus = h(
    "fieldset",
    null,
    h("legend", null, "Focal point"),
    h(
      "p",
      { class: "faint" },
      "Crops keep this point in view. Click the image, or enter fractions from its top left.",
    ),
    picker,
    h("div", { class: "row" }, labeled("X", x), labeled("Y", y), clear),
  );
  const form = h(
    "form",
    { onsubmit: submit, oninput: edited },
    field("Alternative text", alt, "What the image shows; empty if it is a decoration"),
    field("Title", title),
    field("Tags", tags, "Separated by commas"),
    focus,
    h("div", { class: "row" }, save),
  );
  const element = h("section", { class: "metadata-form" }, h("h3", null, "Metadata"), form);

  function edited() {
    isEdited = true;
    check();
    renderMark();
  }

  /** Says at the fields what the API would refuse, or not understand. */
  function check() {
    x.required = y.value !== "";
    y.required = x.value !== "";
    const names = tagNames();
    const long = names.find((each) => each.length > MAX_TAG);
    tags.setCustomValidity(
      long
        ? `A tag has at most ${MAX_TAG} characters: ${long}`
        : names.length > MAX_TAGS
          ? `An image has at most ${MAX_TAGS} tags; these are ${names.length}.`
          : "",
    );
  }

  const tagNames = () =>
    tags.value
      .split(",")
      .map((each) => each.trim())
      .filter(Boolean);

  /** @param {MouseEvent} event */
  function pick(event) {
    const box = image.getBoundingClientRect();
    const fraction = (at, start, length) =>
      Math.min(1, Math.max(0, (at - start) / length)).toFixed(3);
    x.value = fraction(event.clientX, box.left, box.width);
    y.value = fraction(event.clientY, box.top, box.height);
    edited();
  }

  function clearPoint() {
    x.value = y.value = "";
    edited();
  }

  const point = () =>
    x.value === "" || y.value === "" ? null : { x: Number(x.value), y: Number(y.value) };

  function renderMark() {
    const { x: left, y: top } = point() ?? {};
    mark.hidden = left === undefined;
    mark.style.left = `${100 * (left ?? 0)}%`;
    mark.style.top = `${100 * (top ?? 0)}%`;
  }

  async function submit(event) {
    event.preventDefault();
    const before = current();
    if (!before) return;
    save.disabled = true;
    try {
      const after = await api.editImage(before.key, etag, {
        // Without the line breaks of the text area.
        alt: alt.value.trim().replace(/\s+/g, " ") || null,
        title: title.value.trim() || null,
        tags: tagNames(),
        focal_point: point(),
      });
      isEdited = false;
      store.put([after]);
      const isRendered = isSame(after.focal_point, after.rendered_focal_point);
      // Any later version: the renditions that crop are rendered again.
      if (after.status === "done" && !isRendered) watch(after.key, `${after.version}!`);
      toast(isRendered ? "Saved." : "Saved. The crops are rendered again.");
    } catch (error) {
      toast(error.message, "error");
      // The input stays; the next attempt replaces what the other editor has written.
      if (error.status === 412) {
        await refresh(before.key).catch(() => {});
        etag = store.get(before.key)?.metadata_etag ?? etag;
      }
    } finally {
      save.disabled = false;
    }
  }

  function update() {
    const now = current();
    if (!now || isEdited) return;
    const state = `${now.key} ${now.version} ${now.metadata_etag}`;
    if (state === shown) return;
    shown = state;
    etag = now.metadata_etag;
    alt.value = now.alt ?? "";
    title.value = now.title ?? "";
    tags.value = (now.tags ?? []).join(", ");
    x.value = now.focal_point?.x ?? "";
    y.value = now.focal_point?.y ?? "";
    const rendition = uncropped(now)[0] ?? largest(now);
    focus.hidden = !rendition;
    if (rendition) image.src = api.publicUrl(rendition);
    check();
    renderMark();
  }

  return {
    element,
    update,
    reset: () => {
      isEdited = false;
      shown = "";
    },
  };
}

const isSame = (one, other) => one?.x === other?.x && one?.y === other?.y;
