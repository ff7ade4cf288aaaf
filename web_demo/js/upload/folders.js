// Images in dropped, pasted and chosen folders, nested ones included, and a report of what is skipped.
// It is loaded when somebody has a folder. https://wicg.github.io/entries-api/

import { h, icon } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { UNREADABLE, imageType } from "./image-type.js";

/** Most files of one drop that are looked at: somebody may drop a whole disk by mistake. */
const MAX_FILES = 10_000;

/** Most skipped files that are listed. */
const MAX_LISTED = 200;
/** Most skipped files that are listed at once, without a click. */
const MAX_OPEN = 5;

const NO_IMAGE = "Its content is not JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP.";

/**
 * @typedef {{path: string, reason: string}} Skipped
 * @typedef {{files: File[], folders: string[], skipped: Skipped[]}} Found the images, and the rest
 */

/**
 * Returns the images below dropped folders.
 * @param {any[]} entries of folders
 * @returns {Promise<Found>}
 */
export async function imagesBelow(entries) {
  const folders = entries.map(({ name }) => name);
  const found = { files: [], folders, skipped: [] };
  await collect(below(entries, found.skipped), found);
  return found;
}

/**
 * Returns the images of a folder that was chosen in the browser's dialog.
 * @param {File[]} files
 * @returns {Promise<Found>}
 */
export async function imagesOf(files) {
  const folders = files.slice(0, 1).map((file) => file.webkitRelativePath.split("/")[0]);
  const found = { files: [], folders, skipped: [] };
  const entries = files.map((file) => ({ path: file.webkitRelativePath, open: () => file }));
  await collect(entries, found);
  return found;
}

/** Yields the files below folders. */
async function* below(folders, skipped) {
  for (const folder of folders) {
    const reader = folder.createReader();
    let entries = [];
    // A call returns some entries, 100 in Chromium, and none at the end.
    do {
      try {
        entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      } catch {
        skipped.push({ path: pathOf(folder), reason: "The browser cannot read the folder." });
        break;
      }
      for (const entry of entries) {
        if (entry.isDirectory) yield* below([entry], skipped);
        else yield { path: pathOf(entry), open: () => new Promise((...done) => entry.file(...done)) };
      }
    } while (entries.length);
  }
}

const pathOf = (entry) => entry.fullPath.slice(1);

/** Sorts the files of folders into images and what is skipped. */
async function collect(entries, found) {
  let count = 0;
  for await (const { path, open } of entries) {
    const skip = (reason) => found.skipped.push({ path, reason });
    if (++count > MAX_FILES) {
      skip(`More than ${MAX_FILES.toLocaleString("en")} files: the rest is not read. Upload it apart.`);
      return;
    }
    try {
      const file = await open();
      if (await imageType(file)) found.files.push(file);
      else skip(file.size ? NO_IMAGE : "The file is empty.");
    } catch {
      skip(UNREADABLE);
    }
  }
}

/** @param {Found} found @returns {string} `Holiday: 12 images, 3 files skipped` */
export function summary({ folders, files, skipped }) {
  const parts = [files.length ? plural(files.length, "image") : "no images"];
  if (skipped.length) parts.push(`${plural(skipped.length, "file")} skipped`);
  return `${folders.join(", ")}: ${parts.join(", ")}`;
}

/**
 * Returns the row of the upload list about folders.
 * @param {Found} found
 * @param {() => void} dismiss
 * @returns {HTMLElement}
 */
export function createReport(found, dismiss) {
  const { skipped } = found;
  const rest = skipped.length - MAX_LISTED;
  return h(
    "li",
    { class: "upload upload-report", "data-testid": "folder-report" },
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
