// Details of an image: failed request, renditions, HTML, processing time, palette, metadata.

import { publicUrl, signVariants } from "../lib/api.js";
import { copy, copyButton, h, icon } from "../lib/dom.js";
import * as format from "../lib/format.js";
import { aspectRatio, srcset, uncropped } from "../lib/renditions.js";
import { segments, total } from "../lib/timings.js";
import { srcsetImg, srcsetOptions } from "../lib/variants.js";

/** @typedef {import("../lib/api.js").Image} Image */
/** @typedef {import("../lib/api.js").Rendition} Rendition */

/** What became of an original that is not stored any more. */
const ORIGINALS = {
  deleted: "deleted after processing; nothing new can be rendered",
  expired: "expired; nothing new can be rendered",
};

/**
 * Returns why the last request failed; the image keeps what was published before it.
 * @param {Image} image
 * @returns {HTMLElement | null}
 */
export function failedRequest({ failed_request: failed }) {
  if (!failed) return null;
  const recipe = typeof failed.recipe === "string" ? ` Recipe: ${failed.recipe}.` : "";
  return h(
    "section",
    { "data-testid": "failed-request" },
    h("h3", null, "The last request failed"),
    h("p", null, icon("alert"), ` ${failed.message}`),
    h("p", { class: "faint" }, `Failed ${format.ago(failed.time)}.${recipe} Code: ${failed.code}.`),
    h("p", { class: "faint" }, "The published renditions are unchanged."),
  );
}

/**
 * @param {Image} image
 * @param {(name: string) => void} select shows a rendition in the viewer
 * @returns {HTMLElement | null}
 */
export function renditions(image, select) {
  if (!image.renditions.length) return null;
  const column = (name, title) => h("th", { scope: "col", title }, name);
  return h(
    "section",
    null,
    h("h3", null, "Renditions"),
    h(
      "div",
      { class: "table-frame" },
      h(
        "table",
        { "aria-label": "Renditions" },
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            column("Name"),
            column("Pixels"),
            column("Bytes"),
            column("ms", "Milliseconds to render"),
            h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, "Actions")),
          ),
        ),
        h(
          "tbody",
          null,
          image.renditions.map((each) => renditionRow(image, each, select)),
        ),
      ),
    ),
    html(image),
  );
}

function renditionRow(image, rendition, select) {
  const { name, bytes } = rendition;
  const extension = rendition.path.split("?")[0].split(".").pop();
  const stem = format.fileName(image.key).replace(/\.[^.]+$/, "");
  const action = (tag, iconName, label, props) =>
    h(
      tag,
      { class: "button icon-only small", "aria-label": label, title: label, ...props },
      icon(iconName),
    );
  return h(
    "tr",
    { "data-name": name },
    h(
      "th",
      { scope: "row" },
      h("button", { type: "button", class: "plain", onclick: () => select(name) }, name),
      h("span", { class: "sub" }, format.format(rendition.type)),
    ),
    h("td", null, format.dimensions(rendition.width, rendition.height)),
    h(
      "td",
      null,
      format.size(bytes),
      h(
        "span",
        { class: bytes < image.bytes ? "sub smaller" : "sub" },
        format.saving(bytes, image.bytes),
      ),
    ),
    h("td", null, rendition.ms),
    h(
      "td",
      { class: "row-actions" },
      action("button", "copy", `Copy the URL of ${name}`, {
        type: "button",
        onclick: () => copy(publicUrl(rendition), `the URL of ${name}`),
      }),
      action("a", "down", `Download ${name}`, {
        href: publicUrl(rendition),
        download: `${stem}-${name}.${extension}`,
      }),
    ),
  );
}

/** @param {Image} image */
function html(image) {
  if (!image.markup) return null;
  // The API's markup has the distribution's URLs; the copied one has those of this page's origin.
  const markup = image.renditions.reduce(
    (text, each) => text.replaceAll(each.url, publicUrl(each)),
    image.markup,
  );
  const img = imgElement(uncropped(image), image.alt);
  let variants = "";
  const ofVariants = copyButton("<img> of variants", () => variants, "the <img> of variants", {
    hidden: true,
  });
  async function sign() {
    const candidates = image.signable ? srcsetOptions(image) : [];
    if (variants || !candidates.length) return;
    const urls = await signVariants(image.key, candidates.map(({ options }) => options));
    variants = srcsetImg(
      candidates.map(({ width }, at) => ({ width, url: urls[at] })),
      image.alt,
      aspectRatio(image),
    );
    ofVariants.hidden = false;
  }
  return h(
    "details",
    // Without a signature the button stays away; the API's state says why.
    { class: "code", ontoggle: () => sign().catch(() => {}) },
    h("summary", null, "HTML"),
    h("pre", { tabindex: 0, "aria-label": "HTML" }, markup),
    h(
      "div",
      { class: "row" },
      copyButton("<picture>", () => markup, "the <picture> element"),
      img && copyButton("<img srcset>", () => img, "the <img srcset> element"),
      ofVariants,
    ),
  );
}

/** Returns an `<img srcset>` of the first type. */
function imgElement(candidates, alt) {
  const set = candidates.filter(({ type }) => type === candidates[0].type);
  if (!set.length) return null;
  const last = set.reduce((a, b) => (b.width > a.width ? b : a));
  return (
    `<img src="${publicUrl(last)}" srcset="${srcset(set)}" sizes="100vw" ` +
    `width="${last.width}" height="${last.height}" alt="${format.attribute(alt ?? "")}">`
  );
}

/**
 * @param {Image} image
 * @param {number} [uploadMs]
 */
export function timings(image, uploadMs) {
  const parts = image.timings ? segments(image.timings, uploadMs) : [];
  if (!parts.length) return null;
  const bar = h(
    "div",
    { class: "time-bar", "aria-hidden": "true" },
    parts.map(({ name, ms }) => {
      const part = h("span", { "data-stage": name });
      part.style.flexGrow = String(ms);
      return part;
    }),
  );
  return h(
    "section",
    null,
    h(
      "h3",
      null,
      "Processing time",
      h("span", { class: "figure" }, format.duration(total(image.timings, uploadMs))),
    ),
    bar,
    h(
      "dl",
      { class: "legend" },
      parts.map(({ name, ms, meaning }) =>
        h(
          "div",
          { title: meaning },
          h("dt", null, h("i", { "data-stage": name, "aria-hidden": "true" }), name),
          h("dd", null, format.duration(ms)),
        ),
      ),
    ),
  );
}

/** @param {Image} image */
export function palette(image) {
  const colors = image.analysis?.palette ?? [];
  if (!colors.length) return null;
  return h(
    "section",
    null,
    h("h3", null, "Palette"),
    h(
      "div",
      { class: "swatches" },
      colors.map((color) => {
        const swatch = h(
          "button",
          {
            type: "button",
            class: "swatch",
            "aria-label": `Copy ${color}`,
            title: color,
            onclick: () => copy(color, color),
          },
          h("span", null, color),
        );
        swatch.style.setProperty("--color", color);
        return swatch;
      }),
    ),
  );
}

/** @param {Image} image */
export function metadata(image) {
  const { analysis = {}, recipe } = image;
  const photo = analysis.exif ?? {};
  const rows = [
    ["Key", image.key],
    ["File name", image.name],
    ["Uploaded", format.dateTime(image.uploaded)],
    [
      "Original",
      [
        image.format && format.format(image.format),
        image.width && format.dimensions(image.width, image.height ?? 0),
        image.bytes && format.size(image.bytes),
      ]
        .filter(Boolean)
        .join(" · "),
    ],
    ["Original file", image.original && ORIGINALS[image.original]],
    ["Frames", (image.frames ?? 1) > 1 && String(image.frames)],
    ["Recipe", typeof recipe === "object" ? "inline" : recipe],
    ["Camera", [photo.make, photo.model].filter(Boolean).join(" ")],
    ["Lens", photo.lens],
    ["Exposure", format.exposure(photo)],
    ["Taken", photo.taken && format.dateTime(photo.taken)],
    ["Location", photo.place && `${photo.place.latitude}, ${photo.place.longitude}`],
    ["Transparency", analysis.has_alpha && "yes"],
    ["Sharpness", analysis.sharpness !== undefined && String(Math.round(analysis.sharpness))],
    ["SHA-256", analysis.sha256],
  ].filter(([, value]) => value);
  return h(
    "section",
    null,
    h("h3", null, "Original"),
    h(
      "dl",
      { class: "metadata" },
      rows.map(([name, value]) =>
        h("div", null, h("dt", null, name), h("dd", { title: value }, value)),
      ),
    ),
  );
}
