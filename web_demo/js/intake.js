// Files come in by choosing, dropping anywhere on the page, or pasting.

import { byId, toast } from "./dom.js";
import { plural } from "./format.js";
import * as queue from "./uploads.js";

/**
 * @param {() => string} recipe name of the recipe that is chosen
 */
export function start(recipe) {
  const input = byId("files");
  const take = (files) => {
    if (!files.length) return;
    queue.add(files, recipe());
    byId("tray").scrollIntoView({ block: "nearest" });
  };

  input.addEventListener("change", () => {
    take([...input.files]);
    // The same file can be chosen again.
    input.value = "";
  });
  startDropping(take);
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    take(files);
    toast(`Pasted ${plural(files.length, "picture")}`);
  });
}

function startDropping(take) {
  const veil = byId("veil");
  let depth = 0;
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const show = (on) => {
    if (!on) depth = 0;
    veil.toggleAttribute("data-on", on);
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
    take([...event.dataTransfer.files]);
  });
}
