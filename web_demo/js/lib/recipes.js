// Recipes by name, requested once.

import * as api from "./api.js";

/** @typedef {import("./api.js").Recipe} Recipe */

/** @type {Promise<Record<string, Recipe>> | undefined} */
let recipes;

/**
 * Returns all recipes by name. Rejects with an ApiError; the next call requests them again.
 * @returns {Promise<Record<string, Recipe>>}
 */
export function loadRecipes() {
  recipes ??= api.listRecipes().catch((error) => {
    recipes = undefined;
    throw error;
  });
  return recipes;
}
