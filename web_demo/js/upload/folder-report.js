// Row of the upload list about folders: how many images they have, and what is skipped and why.

import { h, icon } from "../lib/dom.js";
import { plural } from "../lib/format.js";

/** Most skipped files that are listed. */
const MAX_LISTED = 200;
/** Most skipped files that are listed at once, without a click. */
const MAX_OPEN = 5;

/** @typedef {import("./folders.js").Found} Found */

/** @param {Found} found @returns {string} `Holiday: 12 images, 3 files skipped` */
export function summary({ folders, images, skipped }) {
  const parts = [images ? plural(images, "image") : "no images"];
  if (skipped.length) parts.push(`${plural(skipped.length, "file")} skipped`);
  return `${folders.join(", ")}: ${parts.join(", ")}`;
}

/**
 * @param {Found} found
 * @param {() => void} dismiss
 * @returns {HTMLElement}
 */
export function createReport(found, dismiss) {
  const { skipped } = found;
  const rest = skipped.length - MAX_LISTED;
  return h(
    "li",
    { class: "upload", "data-testid": "folder-report" },
    h("span", { class: "upload-preview", "aria-hidden": "true" }, icon("folder")),
    h(
      "div",
      { class: "upload-body" },
      h(
        "div",
        { class: "upload-top" },
        h("span", { class: "upload-name" }, summary(found)),
        h(
          "button",
          {
            type: "button",
            class: "button icon-only small",
            title: "Dismiss",
            "aria-label": `Dismiss: ${summary(found)}`,
            onclick: dismiss,
          },
          icon("close"),
        ),
      ),
      skipped.length > 0 &&
        h(
          "details",
          { class: "upload-skipped", open: skipped.length <= MAX_OPEN },
          h("summary", null, "Skipped files"),
          h(
            "ul",
            null,
            skipped
              .slice(0, MAX_LISTED)
              .map(({ path, reason }) => h("li", null, h("bdi", null, path), ` ${reason}`)),
            rest > 0 && h("li", null, `${plural(rest, "more file")}.`),
          ),
        ),
    ),
  );
}
