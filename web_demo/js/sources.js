// Which renditions can stand for a picture, and how a browser chooses among them. Pure but for URLs.

import { publicUrl } from "./api.js";

/** @typedef {import("./api.js").Picture} Picture */
/** @typedef {import("./api.js").Rendition} Rendition */

/** Name of the rendition that the playground makes. */
export const PLAYGROUND = "playground";

/** Names of experiments are kept out of what stands for the picture. */
const isExperiment = ({ name }) => name === PLAYGROUND || name.startsWith(`${PLAYGROUND}@`);

/**
 * The renditions that show the whole picture: those that the API put into `sources`.
 * @param {Picture} picture
 * @returns {Rendition[]}
 */
export function whole(picture) {
  const urls = new Set(
    picture.sources.flatMap(({ srcset }) => srcset.split(/,\s+/).map((each) => each.split(" ")[0])),
  );
  const listed = picture.renditions.filter(
    (each) => urls.has(each.url) || urls.has(each.path) || urls.has(publicUrl(each)),
  );
  const own = listed.filter((each) => !isExperiment(each));
  return own.length ? own : listed;
}

/**
 * For each type the `srcset` that this page uses, in the API's order, and the picture for `src`.
 * @param {Picture} picture
 * @returns {{sources: {type: string, srcset: string}[], fallback: Rendition | undefined}}
 */
export function responsive(picture) {
  const shown = whole(picture);
  const types = [...new Set(picture.sources.map(({ type }) => type))];
  const sources = types.flatMap((type) => {
    const srcset = shown
      .filter((each) => each.type === type)
      .sort((a, b) => a.width - b.width)
      .map((each) => `${publicUrl(each)} ${each.width}w`)
      .join(", ");
    return srcset ? [{ type, srcset }] : [];
  });
  return { sources, fallback: middle(shown) ?? middle(picture.renditions) };
}

/** The rendition whose size is nearest to a tile's. */
function middle(renditions) {
  const distance = ({ width }) => Math.abs(Math.log(width / 600));
  return [...renditions].sort((a, b) => distance(a) - distance(b))[0];
}

/**
 * The largest rendition that shows the picture as it is.
 * @param {Picture} picture
 * @returns {Rendition | undefined}
 */
export function largest(picture) {
  const shown = whole(picture);
  return [...(shown.length ? shown : picture.renditions)].sort((a, b) => b.width - a.width)[0];
}

/**
 * Width by height, known before anything is loaded.
 * @param {Picture} picture
 * @param {number} [guess] where the pipeline has not read it
 * @returns {number}
 */
export function ratio(picture, guess = 4 / 3) {
  const { width, height } = picture.width && picture.height ? picture : (largest(picture) ?? {});
  return width && height ? width / height : guess;
}
