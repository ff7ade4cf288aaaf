// Dropzone: files and folders from the browser's dialogs, from drag and drop anywhere on the page, and
// from paste.

import { byId, toast } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { summary } from "./folder-report.js";
import { filesOf, imagesOf } from "./folders.js";
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
  const addFound = async (reading) => {
    // The recipe of the moment: a large folder takes a while to read.
    const name = recipe();
    const found = await reading;
    add(found.files, name);
    if (found.folders.length) {
      report(found);
      toast(summary(found));
    }
    return found;
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
    addFound(imagesOf(files));
  });
  listenForDrops((transfer) => addFound(filesOf(transfer)));
  document.addEventListener("paste", async (event) => {
    if (!event.clipboardData?.types.includes("Files")) return;
    event.preventDefault();
    const { files, folders } = await addFound(filesOf(event.clipboardData));
    if (!folders.length) toast(`Pasted ${plural(files.length, "file")}`);
  });
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
