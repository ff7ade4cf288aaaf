// One picture in the gallery. Its box is known before anything loads, so nothing shifts.

import { publicUrl } from "./api.js";
import { h, icon, setText } from "./dom.js";
import { ago, dimensions, fileName, plural, size } from "./format.js";
import { hrefOf } from "./router.js";
import { ratio, responsive } from "./sources.js";
import { paint } from "./thumbhash.js";
import { shapeOf } from "./uploads.js";

/** @typedef {import("./api.js").Picture} Picture */

const NARROWEST = 0.62;
const WIDEST = 2.2;

/**
 * @param {Picture} picture
 * @param {number} eager how many more pictures are worth loading at once
 * @returns {{element: HTMLElement, update: (picture: Picture) => void}}
 */
export function makeTile(picture, eager = 0) {
  const frame = h("div", { class: "tile-frame" });
  const name = h("span", { class: "tile-name" });
  const facts = h("span", { class: "tile-facts" });
  const link = h(
    "a",
    { class: "tile-link", href: hrefOf("image", picture.key), title: picture.key },
    frame,
    h("span", { class: "tile-caption" }, name, facts),
  );
  const element = h(
    "div",
    { class: "tile", role: "listitem", "data-key": picture.key, "data-testid": "tile" },
    link,
  );
  let shown = "";
  const update = (now) => {
    const shape = Math.min(WIDEST, Math.max(NARROWEST, ratio(now, shapeOf(now.key))));
    element.style.setProperty("--ratio", shape.toFixed(4));
    element.dataset.status = now.status;
    setText(name, fileName(now.key));
    setText(facts, describe(now));
    const failed = now.failed_request?.time ?? "";
    const showing = `${now.version} ${now.status} ${now.renditions.length} ${failed}`;
    if (showing !== shown) {
      shown = showing;
      fill(frame, now, eager > 0);
    }
  };
  update(picture);
  return { element, update };
}

function describe(picture) {
  if (picture.status === "failed") return picture.error?.message ?? "Failed";
  if (picture.status === "review" || picture.status === "rejected") {
    return picture.review?.reasons.map(({ name }) => name).join(", ") || "Could not be read";
  }
  if (picture.status === "processing") {
    return picture.retry ? "Trying again" : `Uploaded ${ago(picture.uploaded)}`;
  }
  const pixels = picture.width ? `${dimensions(picture.width, picture.height ?? 0)} · ` : "";
  return `${pixels}${size(picture.bytes)} · ${plural(picture.renditions.length, "rendition")}`;
}

function fill(frame, picture, isEager) {
  const parts = [];
  if (picture.placeholder) {
    frame.style.setProperty("--color", picture.placeholder.color);
    const canvas = h("canvas", { class: "tile-hash", width: 1, height: 1, "aria-hidden": "true" });
    paint(canvas, picture.placeholder.thumbhash);
    parts.push(canvas);
  }
  if (picture.renditions.length) parts.push(image(picture, isEager));
  if (picture.status === "failed") {
    parts.push(h("span", { class: "tile-badge" }, icon("alert"), picture.error?.code ?? "failed"));
  } else if (picture.status === "review" || picture.status === "rejected") {
    parts.push(h("span", { class: "tile-veil", "aria-hidden": "true" }));
    const what = picture.status === "review" ? "To review" : "Rejected";
    parts.push(h("span", { class: "tile-badge" }, icon("alert"), what));
  } else if (picture.status === "processing") {
    parts.push(h("span", { class: "tile-badge" }, h("span", { class: "spinner" }), "Developing"));
  } else if (picture.failed_request) {
    parts.push(h("span", { class: "tile-badge is-bad" }, icon("alert"), "Request failed"));
  }
  frame.replaceChildren(...parts);
}

function image(picture, isEager) {
  const { sources, fallback } = responsive(picture);
  const sizes = "(max-width: 600px) 50vw, 320px";
  const shown = h("img", {
    alt: fileName(picture.key),
    class: "tile-image",
    width: fallback.width,
    height: fallback.height,
    decoding: "async",
    loading: isEager ? "eager" : "lazy",
  });
  const reveal = () => shown.classList.add("is-loaded");
  shown.addEventListener("load", reveal);
  shown.addEventListener("error", () => shown.remove());
  const all = h(
    "picture",
    null,
    sources.map((each) => h("source", { ...each, sizes })),
    shown,
  );
  // Last, so that the browser has all sources to choose from and fetches no other.
  shown.src = publicUrl(fallback);
  if (shown.complete && shown.naturalWidth) reveal();
  return all;
}
