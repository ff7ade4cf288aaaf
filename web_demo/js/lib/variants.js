// Variants of an image: unsigned URLs, and the command that prints signed ones.
//
// The signing key never reaches a browser. Options: docs/reference/variants.md.

import { attribute } from "./format.js";

/** @typedef {import("./api.js").Image} Image */
/** @typedef {Record<string, any>} Draft a rendition of a recipe, without its name */

/** Widths of unsigned URLs in pixels; CloudFront raises others to the next of these. */
export const WIDTHS = [160, 320, 480, 640, 800, 1080, 1280, 1600, 1920, 2560, 3840];

/** Options of `darkroom url` by the field of a rendition that they stand for. */
const FLAGS = {
  "resize.width": "--width",
  "resize.height": "--height",
  "resize.long_edge": "--long-edge",
  "resize.aspect_ratio": "--aspect-ratio",
  "resize.fit": "--fit",
  "resize.gravity": "--gravity",
  "resize.focal_point": "--gravity",
  "resize.enlarge": "--enlarge",
  background: "--background",
  "output.quality": "--quality",
  "output.format": "--format",
};

const TEMPLATE = "/i/-/{options}/";

/**
 * Returns the path of an unsigned variant, relative to the page; null if they are not served.
 * @param {Image} image
 * @param {string} options
 */
export function presetPath({ preset_url: url }, options) {
  if (!url) return null;
  // A key has no braces in a URL: the template is there once.
  return `i/-/${options}/${url.slice(url.indexOf(TEMPLATE) + TEMPLATE.length)}`;
}

/**
 * Returns the options of an unsigned URL that shows a draft in the browser's format; null if it
 * needs other options than a width.
 * @param {Draft} draft
 */
export function presetOptions({ output, resize, ...others }) {
  const { format: _, ...encoding } = output ?? {};
  const { width, ...shape } = resize ?? {};
  if (!Number.isInteger(width) || width < 1) return null;
  if (isUsed({ ...shape, ...encoding, ...others })) return null;
  return `w_${WIDTHS.find((each) => each >= width) ?? WIDTHS[WIDTHS.length - 1]}`;
}

/**
 * Returns an `<img srcset>` of an image's unsigned variants, which are no wider than the original;
 * null if there are none.
 * @param {Image} image
 * @param {(rendition: {path: string}) => string} urlOf
 */
export function presetImg(image, urlOf) {
  const widths = WIDTHS.filter((each) => each <= (image.width ?? 0));
  if (!image.preset_url || !widths.length) return null;
  const urls = widths.map((each) => urlOf({ path: presetPath(image, `w_${each}`) ?? "" }));
  const srcset = urls.map((url, index) => `${url} ${widths[index]}w`).join(", ");
  return `<img src="${urls[urls.length - 1]}" srcset="${srcset}" sizes="100vw" alt="${attribute(image.alt ?? "")}">`;
}

/**
 * Returns the command that prints the signed URL of a draft, and the operations that URLs have no
 * option for.
 * @param {string} key
 * @param {Draft} draft
 * @returns {{command: string, without: string[]}}
 */
export function signedCommand(key, draft) {
  const { resize = {}, output = {}, ...others } = draft;
  const fields = [
    ...Object.entries(resize).map(([name, value]) => [`resize.${name}`, value]),
    ...Object.entries(others),
    ...Object.entries(output).map(([name, value]) => [`output.${name}`, value]),
  ].filter(([, value]) => isGiven(value));
  const options = [];
  const without = [];
  for (const [name, value] of fields) {
    const text = optionValue(name, value);
    if (text === null) without.push(name.replaceAll("_", " ").replace(".", ": "));
    else options.push(FLAGS[name], ...(text ? [text] : []));
  }
  // The key comes last: after `--`, it may begin with a hyphen.
  const last = key.startsWith("-") ? ["--", quoted(key)] : [quoted(key)];
  return { command: ["darkroom", "url", ...options, ...last].join(" "), without };
}

/** Returns an option's value, empty for one without a value; null if there is no such option. */
function optionValue(name, value) {
  if (!FLAGS[name]) return null;
  if (name === "resize.enlarge") return "";
  if (name === "resize.focal_point") return `${value.x},${value.y}`;
  // URLs have opaque colors alone.
  if (name === "background") return /^#[0-9a-f]{6}$/i.test(value) ? value.slice(1) : null;
  return quoted(String(value));
}

const isGiven = (value) => value !== undefined && value !== null && value !== false;
const isUsed = (fields) => Object.values(fields).some(isGiven);

/** Quotes a word for POSIX shells, if needed. */
const quoted = (word) =>
  /^[A-Za-z0-9_./:,@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
