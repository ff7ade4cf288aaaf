// Recipe picker for uploads, with a summary of the selected recipe.

import { h, setText } from "../lib/dom.js";
import { format } from "../lib/format.js";
import { Retry } from "../lib/polling.js";
import { loadRecipes } from "../lib/recipes.js";

/** @typedef {import("../lib/api.js").Recipe} Recipe */

/** @type {HTMLSelectElement} */
let select;

/** Returns the name of the selected recipe. */
export const selected = () => select.value;

/**
 * Fills the picker.
 * @param {HTMLSelectElement} element
 * @param {HTMLElement} hint shows the summary
 */
export function start(element, hint) {
  select = element;
  const load = async () => {
    try {
      fill(await loadRecipes(), hint);
      retry.succeeded();
    } catch (error) {
      // The banner shows an outage.
      if (!retry.failed()) setText(hint, `The recipes cannot be loaded: ${error.message}`);
    }
  };
  const retry = new Retry(load);
  load();
}

function fill(recipes, hint) {
  const names = Object.keys(recipes);
  names.sort((a, b) => Number(b === "default") - Number(a === "default") || a.localeCompare(b));
  select.replaceChildren(...names.map((name) => h("option", { value: name }, name)));
  const describe = () => setText(hint, summary(recipes[select.value]));
  select.addEventListener("change", describe);
  describe();
}

/**
 * Lists the first renditions of a recipe: `thumb 300×300 WebP · … · 2 more`.
 * @param {Recipe} recipe
 * @returns {string}
 */
export function summary(recipe) {
  const shown = recipe.renditions.slice(0, 3).map((each) => {
    const resize = each.resize ?? {};
    const size =
      resize.width && resize.height
        ? `${resize.width}×${resize.height}`
        : resize.width || resize.height || resize.long_edge || "full size";
    return `${each.name} ${size} ${format(each.output?.format)}`;
  });
  const rest = recipe.renditions.length - shown.length;
  return shown.join(" · ") + (rest > 0 ? ` · ${rest} more` : "");
}
