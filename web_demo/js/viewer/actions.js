// Actions on an image: reprocess it with a recipe, or delete it.

import * as api from "../lib/api.js";
import { h, icon, toast } from "../lib/dom.js";
import { fileName } from "../lib/format.js";
import { store } from "../lib/image-store.js";
import { watch } from "../lib/image-watcher.js";
import { loadRecipes } from "../lib/recipes.js";

/**
 * @param {() => api.Image | undefined} current
 * @returns {{element: HTMLElement, reset: () => void}}
 */
export function createActions(current) {
  const button = (act, style, ...content) =>
    h("button", { type: "button", class: `button ${style}`, onclick: act }, content);
  const select = h(
    "select",
    { "aria-label": "Recipe for reprocessing" },
    h("option", { value: "" }, "Same recipe"),
  );
  const reprocessButton = button(reprocess, "", icon("retry"), "Reprocess");
  const deleteButton = button(() => askToConfirm(true), "danger", icon("trash"), "Delete");
  const confirmButton = button(deleteImage, "danger", "Delete permanently");
  const cancelButton = button(() => askToConfirm(false), "", "Cancel");
  const confirmation = h(
    "div",
    { class: "confirm", role: "group", "aria-label": "Confirm deletion", hidden: true },
    h("p", null, "Delete the original and all of its renditions? This cannot be undone."),
    h("div", { class: "row" }, confirmButton, cancelButton),
  );
  const element = h(
    "section",
    { class: "actions" },
    h("h3", null, "Actions"),
    h("div", { class: "row" }, select, reprocessButton, deleteButton),
    confirmation,
  );

  loadRecipes().then(
    (recipes) =>
      select.append(...Object.keys(recipes).map((name) => h("option", { value: name }, name))),
    () => {},
  );

  function askToConfirm(isAsked) {
    const hadFocus = element.contains(document.activeElement);
    confirmation.hidden = !isAsked;
    deleteButton.hidden = isAsked;
    if (hadFocus) (isAsked ? cancelButton : deleteButton).focus();
  }

  async function reprocess() {
    const image = current();
    if (!image) return;
    reprocessButton.disabled = true;
    try {
      const { version } = await api.processImage(image.key, select.value || undefined);
      watch(image.key, version);
      toast("Queued. The new renditions will replace the current ones.");
    } catch (error) {
      toast(error.message, "error");
    } finally {
      reprocessButton.disabled = false;
    }
  }

  async function deleteImage() {
    const image = current();
    if (!image) return;
    confirmButton.disabled = true;
    try {
      await api.deleteImage(image.key);
      store.remove(image.key);
      toast(`Deleted ${fileName(image.key)}`);
    } catch (error) {
      toast(error.message, "error");
    } finally {
      confirmButton.disabled = false;
      askToConfirm(false);
    }
  }

  return {
    element,
    reset: () => {
      select.value = "";
      askToConfirm(false);
    },
  };
}
