// Images in dropped, pasted and chosen folders, nested ones included, and what is skipped.
// https://wicg.github.io/entries-api/

import { UNREADABLE, imageType } from "./image-type.js";

/** Most files of one drop that are looked at: somebody may drop a whole disk by mistake. */
const MAX_FILES = 10_000;

const NO_IMAGE = "Its content is not JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP.";

/**
 * @typedef {{path: string, reason: string}} Skipped
 * @typedef {{files: File[], folders: string[], images: number, skipped: Skipped[]}} Found
 * files: the images of folders, and single files, whose content the pipeline judges
 */

/**
 * Returns the files of a drop or a paste. The browser empties the transfer once its event has been
 * handled, so the entries are taken before the first await.
 * @param {DataTransfer} transfer
 * @returns {Promise<Found>}
 */
export async function filesOf(transfer) {
  const files = [];
  const folders = [];
  for (const item of transfer.items) {
    const entry = item.kind === "file" && item.webkitGetAsEntry?.();
    const file = item.getAsFile();
    if (entry && entry.isDirectory) folders.push(entry);
    else if (file) files.push(file);
  }
  const names = folders.map(({ name }) => name);
  const found = { files, folders: names, images: 0, skipped: [] };
  await collect(below(folders, found.skipped), found);
  return found;
}

/**
 * Returns the images of a folder that was chosen in the browser's dialog.
 * @param {File[]} files
 * @returns {Promise<Found>}
 */
export async function imagesOf(files) {
  const folders = files.slice(0, 1).map((file) => file.webkitRelativePath.split("/")[0]);
  const found = { files: [], folders, images: 0, skipped: [] };
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
      if (await imageType(file)) {
        found.files.push(file);
        found.images += 1;
      } else skip(file.size ? NO_IMAGE : "The file is empty.");
    } catch {
      skip(UNREADABLE);
    }
  }
}
