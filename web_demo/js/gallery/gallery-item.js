// Gallery item: an image's thumbnail with its name, status and size. Its aspect ratio is known
// before the thumbnail loads, which avoids layout shifts.

import { publicUrl } from "../lib/api.js";
import { h, icon, setText } from "../lib/dom.js";
import { ago, dimensions, fileName, plural, size } from "../lib/format.js";
import { aspectRatio, responsive } from "../lib/renditions.js";
import { hrefOf } from "../lib/router.js";
import { uploadOf } from "../upload/upload-queue.js";
import { paint } from "./thumbhash.js";

/** @typedef {import("../lib/api.js").Image} Image */

const MIN_RATIO = 0.62;
const MAX_RATIO = 2.2;

/**
 * @param {Image} image
 * @param {boolean} isEager whether its thumbnail loads at once
 * @returns {{element: HTMLElement, update: (image: Image) => void}}
 */
export function createItem(image, isEager) {
  const frame = h("div", { class: "item-frame" });
  const name = h("span", { class: "item-name" });
  const details = h("span", { class: "item-details" });
  const link = h(
    "a",
    { class: "item-link", href: hrefOf("image", image.key), title: image.key },
    frame,
    h("span", { class: "item-caption" }, name, details),
  );
  const element = h(
    "div",
    { class: "item", role: "listitem", "data-key": image.key, "data-testid": "gallery-item" },
    link,
  );
  let rendered = "";
  const update = (current) => {
    const ratio = aspectRatio(current, uploadOf(current.key)?.aspectRatio);
    const clamped = Math.min(MAX_RATIO, Math.max(MIN_RATIO, ratio));
    element.style.setProperty("--ratio", clamped.toFixed(4));
    element.dataset.status = current.status;
    setText(name, fileName(current.key));
    setText(details, describe(current));
    const failed = current.failed_request?.time ?? "";
    const state = `${current.version} ${current.status} ${current.renditions.length} ${failed}`;
    if (state !== rendered) {
      rendered = state;
      renderFrame(frame, current, isEager);
    }
  };
  update(image);
  return { element, update };
}

function describe(image) {
  if (image.status === "failed") return image.error?.message ?? "Failed";
  if (image.status === "review" || image.status === "rejected") {
    return image.review?.reasons.map(({ name }) => name).join(", ") || "Not readable by Rekognition";
  }
  if (image.status === "processing") {
    return image.retry ? "Retrying" : `Uploaded ${ago(image.uploaded)}`;
  }
  const pixels = image.width ? `${dimensions(image.width, image.height ?? 0)} · ` : "";
  return `${pixels}${size(image.bytes)} · ${plural(image.renditions.length, "rendition")}`;
}

function renderFrame(frame, image, isEager) {
  const isHeld = image.status === "review" || image.status === "rejected";
  if (image.placeholder) frame.style.setProperty("--color", image.placeholder.color);
  frame.replaceChildren(
    ...[
      image.placeholder && placeholder(image.placeholder.thumbhash),
      image.renditions.length && thumbnail(image, isEager),
      isHeld && h("span", { class: "item-cover", "aria-hidden": "true" }),
      badge(image),
    ].filter(Boolean),
  );
}

function placeholder(hash) {
  const canvas = h("canvas", { class: "item-hash", width: 1, height: 1, "aria-hidden": "true" });
  paint(canvas, hash);
  return canvas;
}

function badge(image) {
  const alert = (text, isBad = false) =>
    h("span", { class: isBad ? "item-badge is-bad" : "item-badge" }, icon("alert"), text);
  if (image.status === "failed") return alert(image.error?.code ?? "failed", true);
  if (image.status === "review") return alert("To review");
  if (image.status === "rejected") return alert("Rejected");
  if (image.status === "processing") {
    return h("span", { class: "item-badge" }, h("span", { class: "spinner" }), "Processing");
  }
  return image.failed_request ? alert("Request failed", true) : null;
}

function thumbnail(image, isEager) {
  const { sources, fallback } = responsive(image);
  const sizes = "(max-width: 600px) 50vw, 320px";
  const img = h("img", {
    alt: image.alt || fileName(image.key),
    class: "item-image",
    width: fallback.width,
    height: fallback.height,
    decoding: "async",
    loading: isEager ? "eager" : "lazy",
  });
  const reveal = () => img.classList.add("is-loaded");
  img.addEventListener("load", reveal);
  img.addEventListener("error", () => img.remove());
  const picture = h(
    "picture",
    null,
    sources.map((each) => h("source", { ...each, sizes })),
    img,
  );
  // Set last: with all sources known, the browser fetches one of them only.
  img.src = publicUrl(fallback);
  if (img.complete && img.naturalWidth) reveal();
  return picture;
}
