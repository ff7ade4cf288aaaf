// Dropzone: files and folders from the browser's dialogs, from drag and drop anywhere on the page, and
// from paste.

import { byId, toast } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { report } from "./upload-list.js";
import * as queue from "./upload-queue.js";

/** @param {() => string} recipe returns the name of the selected recipe */
export function start(recipe) {
  const input = byId("files");
  const folder = byId("folder");
  const add = (files, name = recipe()) => {
    if (!files.length) return;
    queue.add(files, name);
    byId("upload-panel").scrollIntoView({ block: "nearest" });
  };
  const addFolders = async (read) => {
    // The recipe of the moment: a large folder takes a while to read.
    const name = recipe();
    try {
      const folders = await import("./folders.js");
      const found = await read(folders);
      add(found.files, name);
      toast(folders.summary(found));
      if (!found.skipped.length && found.files.length) return;
      report((dismiss) => folders.createReport(found, dismiss));
    } catch {
      toast("The page cannot be loaded completely. Choose the folder again in a moment.", "error");
    }
  };
  const addTransfer = ({ files, entries }) => {
    add(files);
    if (entries.length) addFolders(({ imagesBelow }) => imagesBelow(entries));
  };

  input.addEventListener("change", () => {
    add([...input.files]);
    // Lets the same file be chosen again.
    input.value = "";
  });
  // Browsers of phones may have no folders.
  byId("folder-label").hidden = folder.hidden = !("webkitdirectory" in folder);
  folder.addEventListener("change", () => {
    const files = [...folder.files];
    folder.value = "";
    if (files.length) addFolders(({ imagesOf }) => imagesOf(files));
  });
  listenForDrops((transfer) => addTransfer(contentOf(transfer)));
  document.addEventListener("paste", (event) => {
    if (!event.clipboardData?.types.includes("Files")) return;
    event.preventDefault();
    const content = contentOf(event.clipboardData);
    addTransfer(content);
    if (content.files.length) toast(`Pasted ${plural(content.files.length, "file")}`);
  });
}

/**
 * Returns the single files and the folders of a drop or a paste, which the browser empties once its
 * event has been handled.
 * @param {DataTransfer} transfer
 */
function contentOf(transfer) {
  const content = { files: [], entries: [] };
  for (const item of transfer.items) {
    const entry = item.kind === "file" && item.webkitGetAsEntry?.();
    const file = item.getAsFile();
    if (entry && entry.isDirectory) content.entries.push(entry);
    else if (file) content.files.push(file);
  }
  return content;
}

/** @param {(transfer: DataTransfer) => void} add */
function listenForDrops(add) {
  const overlay = byId("drop-overlay");
  let depth = 0;
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const show = (isShown) => {
    if (!isShown) depth = 0;
    overlay.toggleAttribute("data-on", isShown);
  };
  document.addEventListener("dragenter", (event) => {
    if (hasFiles(event)) {
      depth += 1;
      show(true);
    }
  });
  document.addEventListener("dragleave", (event) => {
    if (hasFiles(event) && --depth <= 0) show(false);
  });
  document.addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    show(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    add(event.dataTransfer);
  });
}
