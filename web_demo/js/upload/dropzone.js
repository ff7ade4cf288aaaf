// Dropzone: files from the file chooser, from drag and drop anywhere on the page, and from paste.

import { byId, toast } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import * as queue from "./upload-queue.js";

/** @param {() => string} recipe returns the name of the selected recipe */
export function start(recipe) {
  const input = byId("files");
  const add = (files) => {
    if (!files.length) return;
    queue.add(files, recipe());
    byId("upload-panel").scrollIntoView({ block: "nearest" });
  };

  input.addEventListener("change", () => {
    add([...input.files]);
    // Lets the same file be chosen again.
    input.value = "";
  });
  listenForDrops(add);
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    add(files);
    toast(`Pasted ${plural(files.length, "file")}`);
  });
}

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
    add([...event.dataTransfer.files]);
  });
}
