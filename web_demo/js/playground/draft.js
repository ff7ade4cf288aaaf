// Draft of the playground's rendition, as a recipe to copy and as a recipe to run.

import { PLAYGROUND } from "../lib/renditions.js";

/** @typedef {import("../lib/api.js").Recipe} Recipe */
/** @typedef {Record<string, any>} Draft a rendition without its name */

/** Most renditions of an inline recipe. */
export const MAX_RENDITIONS = 12;

/** @param {Draft} draft */
function rendition({ output, ...operations }) {
  return { name: PLAYGROUND, ...operations, output };
}

/**
 * Returns a recipe with the draft alone.
 * @param {Draft} draft
 * @returns {Recipe}
 */
export const recipeOf = (draft) => ({ renditions: [rendition(draft)] });

/**
 * Adds the draft to the image's own recipe, because reprocessing replaces all renditions. Returns
 * the names of those renditions that exceed the limit of an inline recipe and are left out.
 * @param {Recipe} base
 * @param {Draft} draft
 * @returns {{recipe: Recipe, leftOut: string[]}}
 */
export function addToRecipe(base, draft) {
  const own = base.renditions.filter(({ name }) => name !== PLAYGROUND);
  return {
    recipe: { ...base, renditions: [...own.slice(0, MAX_RENDITIONS - 1), rendition(draft)] },
    leftOut: own.slice(MAX_RENDITIONS - 1).map(({ name }) => name),
  };
}
