// Recipe picker for uploads, with a summary of the selected recipe.

import * as api from "../lib/api.js";
import { h, setText } from "../lib/dom.js";
import { format } from "../lib/format.js";
import { loadRecipes } from "../lib/recipes.js";

/** @type {HTMLSelectElement} */
let select;

/** Returns the name of the selected recipe. */
export const selected = () => select.value;

/**
 * Fills the picker, and retries when the API becomes reachable.
 * @param {HTMLSelectElement} element
 * @param {HTMLElement} hint shows the summary
 */
export async function start(element, hint) {
  select = element;
  try {
    fill(await loadRecipes(), hint);
  } catch {
    // The banner shows the error.
    const stop = api.health.on("reachable", () => {
      stop();
      start(element, hint);
    });
  }
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
 * @param {api.Recipe} recipe
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
