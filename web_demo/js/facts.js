// What is known of one picture: its renditions, where the time went, its colors, its camera.

import { publicUrl } from "./api.js";
import { copy, copyButton, h, icon } from "./dom.js";
import * as show from "./format.js";
import { whole } from "./sources.js";
import { steps, total } from "./timing.js";

/** @typedef {import("./api.js").Picture} Picture */
/** @typedef {import("./api.js").Rendition} Rendition */

/**
 * The last request, where it failed; what is shown is what was published before it.
 * @param {Picture} picture
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
    h("p", { class: "faint" }, `Failed ${show.ago(failed.time)}.${recipe} Code: ${failed.code}.`),
    h("p", { class: "faint" }, "What was published before it stays."),
  );
}

/**
 * @param {Picture} picture
 * @param {(name: string) => void} choose shows a rendition on the stage
 * @returns {HTMLElement | null}
 */
export function renditions(picture, choose) {
  if (!picture.renditions.length) return null;
  const row = (each) => {
    const extension = each.path.split("?")[0].split(".").pop();
    const file = `${stem(picture.key)}-${each.name}.${extension}`;
    const button = (props, name, tag) =>
      h(tag, { class: "button icon-only small", ...props, title: props["aria-label"] }, icon(name));
    return h(
      "tr",
      { "data-name": each.name },
      h(
        "th",
        { scope: "row" },
        h(
          "button",
          { type: "button", class: "plain", onclick: () => choose(each.name) },
          each.name,
        ),
        h("span", { class: "sub" }, show.format(each.type)),
      ),
      h("td", null, show.dimensions(each.width, each.height)),
      h(
        "td",
        null,
        show.size(each.bytes),
        h(
          "span",
          { class: each.bytes < picture.bytes ? "sub less" : "sub" },
          show.saving(each.bytes, picture.bytes),
        ),
      ),
      h("td", null, each.ms),
      h(
        "td",
        { class: "row-actions" },
        button(
          {
            type: "button",
            "aria-label": `Copy the URL of ${each.name}`,
            onclick: () => copy(publicUrl(each), `the URL of ${each.name}`),
          },
          "copy",
          "button",
        ),
        button(
          {
            href: publicUrl(each),
            download: file,
            "aria-label": `Download ${each.name}`,
          },
          "down",
          "a",
        ),
      ),
    );
  };
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
            h("th", { scope: "col" }, "Name"),
            h("th", { scope: "col" }, "Pixels"),
            h("th", { scope: "col" }, "Bytes"),
            h("th", { scope: "col", title: "Milliseconds that it took to make" }, "ms"),
            h("th", { scope: "col" }, h("span", { class: "aside" }, "Actions")),
          ),
        ),
        h("tbody", null, picture.renditions.map(row)),
      ),
    ),
    markup(picture),
  );
}

const stem = (key) => show.fileName(key).replace(/\.[^.]+$/, "");

/** @param {Picture} picture */
function markup(picture) {
  if (!picture.markup) return null;
  // The API names the distribution; what is copied here names where this page is.
  const text = picture.renditions.reduce(
    (html, each) => html.replaceAll(each.url, publicUrl(each)),
    picture.markup,
  );
  const set = whole(picture)
    .filter((each, _, all) => each.type === all[0].type)
    .sort((a, b) => a.width - b.width);
  const last = set.at(-1);
  const image =
    last &&
    `<img src="${publicUrl(last)}" srcset="${set
      .map((each) => `${publicUrl(each)} ${each.width}w`)
      .join(", ")}" sizes="100vw" width="${last.width}" height="${last.height}" alt="">`;
  return h(
    "details",
    { class: "code" },
    h("summary", null, "HTML to paste"),
    h("pre", { tabindex: 0, "aria-label": "Markup" }, text),
    h(
      "div",
      { class: "row" },
      copyButton("<picture>", () => text, "the <picture> markup"),
      image && copyButton("<img srcset>", () => image, "the <img srcset> markup"),
    ),
  );
}

/**
 * @param {Picture} picture
 * @param {number} [uploadMs]
 */
export function timings(picture, uploadMs) {
  if (!picture.timings) return null;
  const parts = steps(picture.timings, uploadMs).filter((step) => step.ms > 0);
  if (!parts.length) return null;
  const bar = h(
    "div",
    { class: "time-bar", "aria-hidden": "true" },
    parts.map((step) => {
      const part = h("span", { "data-step": step.name });
      part.style.flexGrow = String(step.ms);
      return part;
    }),
  );
  return h(
    "section",
    null,
    h(
      "h3",
      null,
      "Where the time went",
      h("span", { class: "figure" }, show.duration(total(picture.timings, uploadMs))),
    ),
    bar,
    h(
      "dl",
      { class: "legend" },
      parts.map((step) =>
        h(
          "div",
          { title: step.meaning },
          h("dt", null, h("i", { "data-step": step.name, "aria-hidden": "true" }), step.name),
          h("dd", null, show.duration(step.ms)),
        ),
      ),
    ),
  );
}

/** @param {Picture} picture */
export function palette(picture) {
  const colors = picture.analysis?.palette ?? [];
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

/** @param {Picture} picture */
export function metadata(picture) {
  const { analysis = {}, recipe } = picture;
  const photo = analysis.exif ?? {};
  const camera = [photo.make, photo.model].filter(Boolean).join(" ");
  const rows = [
    ["Key", picture.key],
    ["Uploaded", show.moment(picture.uploaded)],
    [
      "Original",
      [
        picture.format && show.format(picture.format),
        picture.width && show.dimensions(picture.width, picture.height ?? 0),
        picture.bytes && show.size(picture.bytes),
      ]
        .filter(Boolean)
        .join(" · "),
    ],
    ["Frames", (picture.frames ?? 1) > 1 && String(picture.frames)],
    ["Recipe", typeof recipe === "object" ? "one of its own" : recipe],
    ["Camera", camera],
    ["Lens", photo.lens],
    ["Exposure", show.exposure(photo)],
    ["Taken", photo.taken && show.moment(photo.taken)],
    ["Place", photo.place && `${photo.place.latitude}, ${photo.place.longitude}`],
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
      { class: "facts" },
      rows.map(([name, value]) =>
        h("div", null, h("dt", null, name), h("dd", { title: value }, value)),
      ),
    ),
  );
}
