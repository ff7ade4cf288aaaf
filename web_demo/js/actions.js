// What can be done with a picture: make it again with a recipe, or delete it.

import * as api from "./api.js";
import { h, icon, toast } from "./dom.js";
import { fileName } from "./format.js";
import * as recipes from "./recipes.js";
import { store } from "./store.js";
import { watch } from "./watch.js";

/**
 * @param {() => api.Picture | undefined} current
 * @returns {{element: HTMLElement, reset: () => void}}
 */
export function makeActions(current) {
  const select = h(
    "select",
    { "aria-label": "Recipe to make it again with" },
    h("option", { value: "" }, "its own recipe"),
  );
  const again = h(
    "button",
    { type: "button", class: "button", onclick: reprocess },
    icon("retry"),
    "Make again",
  );
  const remove = h(
    "button",
    { type: "button", class: "button danger", onclick: () => confirm(true) },
    icon("trash"),
    "Delete",
  );
  const really = h(
    "button",
    { type: "button", class: "button danger", onclick: drop },
    "Delete it",
  );
  const keep = h(
    "button",
    { type: "button", class: "button", onclick: () => confirm(false) },
    "Keep it",
  );
  const question = h(
    "div",
    { class: "confirm", role: "group", "aria-label": "Confirm", hidden: true },
    h("p", null, "Delete the original and all of its renditions? There is no way back."),
    h("div", { class: "row" }, really, keep),
  );
  const element = h(
    "section",
    { class: "actions" },
    h("h3", null, "Actions"),
    h("div", { class: "row" }, select, again, remove),
    question,
  );

  recipes.all().then(
    (all) => select.append(...Object.keys(all).map((name) => h("option", { value: name }, name))),
    () => {},
  );

  function confirm(isAsked) {
    const hadFocus = element.contains(document.activeElement);
    question.hidden = !isAsked;
    remove.hidden = isAsked;
    if (hadFocus) (isAsked ? keep : remove).focus();
  }

  async function reprocess() {
    const picture = current();
    if (!picture) return;
    again.disabled = true;
    try {
      const { version } = await api.processImage(picture.key, select.value || undefined);
      watch(picture.key, version);
      toast("Queued: the new renditions replace the old ones.");
    } catch (error) {
      toast(error.message, "error");
    } finally {
      again.disabled = false;
    }
  }

  async function drop() {
    const picture = current();
    if (!picture) return;
    really.disabled = true;
    try {
      await api.deleteImage(picture.key);
      store.remove(picture.key);
      toast(`Deleted ${fileName(picture.key)}`);
    } catch (error) {
      toast(error.message, "error");
    } finally {
      really.disabled = false;
      confirm(false);
    }
  }

  return {
    element,
    reset: () => {
      select.value = "";
      confirm(false);
    },
  };
}
