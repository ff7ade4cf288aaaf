// Choice of renditions: those that represent an image, as srcset, largest, and aspect ratio.

import { publicUrl } from "./api.js";

/** @typedef {import("./api.js").Image} Image */
/** @typedef {import("./api.js").Rendition} Rendition */

/** Name of the playground's rendition. */
export const PLAYGROUND = "playground";

/** Width in pixels of a gallery item on a screen with a high density. */
const GALLERY_WIDTH = 600;

const isFromPlayground = ({ name }) => name === PLAYGROUND || name.startsWith(`${PLAYGROUND}@`);

/**
 * Returns the uncropped renditions: those that the API lists in `sources`. The playground's is left
 * out if there are others.
 * @param {Image} image
 * @returns {Rendition[]}
 */
export function uncropped(image) {
  const urls = new Set(
    image.sources.flatMap(({ srcset }) => srcset.split(/,\s+/).map((each) => each.split(" ")[0])),
  );
  const listed = image.renditions.filter(
    (each) => urls.has(each.url) || urls.has(each.path) || urls.has(publicUrl(each)),
  );
  const own = listed.filter((each) => !isFromPlayground(each));
  return own.length ? own : listed;
}

/**
 * Returns a `srcset` for each type, in the API's order, and the rendition for `src`.
 * @param {Image} image
 * @returns {{sources: {type: string, srcset: string}[], fallback: Rendition | undefined}}
 */
export function responsive(image) {
  const shown = uncropped(image);
  const types = [...new Set(image.sources.map(({ type }) => type))];
  const sources = types.flatMap((type) => {
    const set = srcset(shown.filter((each) => each.type === type));
    return set ? [{ type, srcset: set }] : [];
  });
  return { sources, fallback: nearestToGallery(shown) ?? nearestToGallery(image.renditions) };
}

/**
 * Returns a `srcset` of renditions by width.
 * @param {Rendition[]} renditions
 */
export const srcset = (renditions) =>
  [...renditions]
    .sort((a, b) => a.width - b.width)
    .map((each) => `${publicUrl(each)} ${each.width}w`)
    .join(", ");

/** Returns the rendition whose width is nearest to a gallery item's. */
function nearestToGallery(renditions) {
  const distance = ({ width }) => Math.abs(Math.log(width / GALLERY_WIDTH));
  return [...renditions].sort((a, b) => distance(a) - distance(b))[0];
}

/**
 * Returns the largest uncropped rendition, or the largest of all without one.
 * @param {Image} image
 * @returns {Rendition | undefined}
 */
export function largest(image) {
  const shown = uncropped(image);
  return [...(shown.length ? shown : image.renditions)].sort((a, b) => b.width - a.width)[0];
}

/**
 * Returns width divided by height.
 * @param {Image} image
 * @param {number} [fallback] for images whose size is unknown
 * @returns {number}
 */
export function aspectRatio(image, fallback = 4 / 3) {
  const { width, height } = image.width && image.height ? image : (largest(image) ?? {});
  return width && height ? width / height : fallback;
}
