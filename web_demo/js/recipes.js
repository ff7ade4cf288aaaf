// The recipes that uploads may name, asked for once and kept.

import * as api from "./api.js";
import { h, setText } from "./dom.js";
import { format } from "./format.js";

/** @typedef {import("./api.js").Recipe} Recipe */

/** @type {Record<string, Recipe>} */
let known = {};
/** @type {Promise<Record<string, Recipe>> | undefined} */
let asking;
/** @type {HTMLSelectElement} */
let select;

/** Name of the recipe chosen for uploads. */
export const chosen = () => select.value;

/**
 * All recipes by name. Rejects with an ApiError.
 * @returns {Promise<Record<string, Recipe>>}
 */
export function all() {
  asking ??= api.listRecipes().then(
    (recipes) => (known = recipes),
    (error) => {
      asking = undefined;
      throw error;
    },
  );
  return asking;
}

/**
 * Fills the choice, as soon as the API can be reached.
 * @param {HTMLSelectElement} element
 * @param {HTMLElement} hint
 */
export function start(element, hint) {
  select = element;
  const describe = () =>
    setText(hint, known[select.value] ? summary(known[select.value]) : "\u00a0");
  const fill = async () => {
    try {
      const names = Object.keys(await all());
      names.sort((a, b) => Number(b === "default") - Number(a === "default") || a.localeCompare(b));
      select.replaceChildren(...names.map((name) => h("option", { value: name }, name)));
      describe();
    } catch {
      // The banner says so; the next answer of the API is the occasion to try again.
      const stop = api.health.on("reachable", () => {
        stop();
        fill();
      });
    }
  };
  select.addEventListener("change", describe);
  fill();
}

/**
 * What a recipe makes, in a line: `3 renditions: thumb 300 × 300 WebP, …`.
 * @param {Recipe} recipe
 * @returns {string}
 */
export function summary(recipe) {
  const shown = recipe.renditions.slice(0, 3).map((each) => {
    const resize = each.resize ?? {};
    const box =
      resize.width && resize.height
        ? `${resize.width}×${resize.height}`
        : resize.width || resize.height || resize.long_edge || "full size";
    return `${each.name} ${box} ${format(each.output?.format)}`;
  });
  const rest = recipe.renditions.length - shown.length;
  return shown.join(" · ") + (rest > 0 ? ` · ${rest} more` : "");
}
