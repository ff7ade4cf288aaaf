// Variants of an image: the options of their URLs, which the API signs, and the command that does.
//
// The signing key never reaches a browser. Options: docs/reference/variants.md.

import { attribute } from "./format.js";

/** @typedef {import("./api.js").Image} Image */
/** @typedef {Record<string, any>} Draft a rendition of a recipe, without its name */

/** Widths of an `<img srcset>` in pixels. */
const WIDTHS = [320, 640, 960, 1280, 1920, 2560, 3840];
/** The original's own width is one as well, if it is so much larger than the last. */
const STEP = 1.25;

const OPAQUE = /^#[0-9a-f]{6}$/i;
const fraction = (value) => String(Number(Number(value).toFixed(3)));

/**
 * By the field of a rendition: the option of URLs with the text of a value, and that of `darkroom url`.
 * @type {Record<string, {option: string, text?: (value: any) => string, flag: string}>}
 */
const OPTIONS = {
  "resize.width": { option: "w", flag: "--width" },
  "resize.height": { option: "h", flag: "--height" },
  "resize.long_edge": { option: "le", flag: "--long-edge" },
  "resize.aspect_ratio": {
    option: "ar",
    text: (value) => value.replace(":", "x"),
    flag: "--aspect-ratio",
  },
  "resize.fit": { option: "fit", flag: "--fit" },
  "resize.gravity": { option: "g", flag: "--gravity" },
  "resize.focal_point": {
    option: "g",
    text: ({ x, y }) => `${fraction(x)}x${fraction(y)}`,
    flag: "--gravity",
  },
  "resize.enlarge": { option: "el", text: () => "1", flag: "--enlarge" },
  background: { option: "bg", text: (value) => value.slice(1).toLowerCase(), flag: "--background" },
  "output.quality": { option: "q", flag: "--quality" },
  "output.format": { option: "f", flag: "--format" },
};

/**
 * Returns the options of a URL that shows a draft, and the operations that URLs have no option for.
 * @param {Draft} draft
 * @returns {{options: string, without: string[]}}
 */
export function variantOptions(draft) {
  const options = [];
  const without = [];
  for (const [name, value] of fieldsOf(draft)) {
    const { option, text = String } = OPTIONS[name] ?? {};
    // URLs have opaque colors alone.
    if (!option || (name === "background" && !OPAQUE.test(value))) without.push(shown(name));
    else options.push(`${option}_${text(value)}`);
  }
  return { options: options.join(",") || "f_auto", without };
}

/**
 * Returns the options of a draft at the widths of an `<img srcset>`, which are no wider than the
 * original.
 * @param {Image} image
 * @param {Draft} [draft]
 * @returns {{width: number, options: string}[]}
 */
export function srcsetOptions(image, { resize = {}, output = {}, ...others } = {}) {
  const { width, height, long_edge: _, ...shape } = resize;
  if (width && height && !shape.aspect_ratio) shape.aspect_ratio = `${width}:${height}`;
  // The browser chooses among widths, and CloudFront its format.
  const { format: __, ...encoding } = output;
  const full = Math.min(image.width ?? 0, WIDTHS[WIDTHS.length - 1]);
  const widths = WIDTHS.filter((each) => each <= full);
  if (full >= STEP * (widths[widths.length - 1] ?? 1)) widths.push(full);
  return widths.map((each) => ({
    width: each,
    options: variantOptions({ resize: { width: each, ...shape }, ...others, output: encoding })
      .options,
  }));
}

/**
 * Returns an `<img srcset>`; an empty text without candidates.
 * @param {{width: number, url: string}[]} candidates
 * @param {string} [alt] alternative text
 * @param {number} [ratio] of width and height, if it is known: the page then does not shift
 */
export function srcsetImg(candidates, alt = "", ratio = 0) {
  const last = candidates[candidates.length - 1];
  if (!last) return "";
  const srcset = candidates.map(({ width, url }) => `${url} ${width}w`).join(", ");
  const size = ratio ? `width="${last.width}" height="${Math.round(last.width / ratio)}" ` : "";
  return `<img src="${last.url}" srcset="${srcset}" sizes="100vw" ${size}alt="${attribute(alt)}">`;
}

/**
 * Returns the command that prints the signed URL of a draft, without the operations that URLs have no
 * option for.
 * @param {string} key
 * @param {Draft} draft
 */
export function signedCommand(key, draft) {
  const options = [];
  for (const [name, value] of fieldsOf(draft)) {
    const text = flagValue(name, value);
    if (text !== null) options.push(OPTIONS[name].flag, ...(text ? [text] : []));
  }
  // The key comes last: after `--`, it may begin with a hyphen.
  const last = key.startsWith("-") ? ["--", quoted(key)] : [quoted(key)];
  return ["darkroom", "url", ...options, ...last].join(" ");
}

/** Returns the operations of a draft and their values. */
function fieldsOf({ resize = {}, output = {}, ...others }) {
  return [
    ...Object.entries(resize).map(([name, value]) => [`resize.${name}`, value]),
    ...Object.entries(others),
    ...Object.entries(output).map(([name, value]) => [`output.${name}`, value]),
  ].filter(([, value]) => isGiven(value));
}

const shown = (name) => name.replaceAll("_", " ").replace(".", ": ");

/** Returns a flag's value, empty for one without a value; null if there is no such flag. */
function flagValue(name, value) {
  if (!OPTIONS[name]) return null;
  if (name === "resize.enlarge") return "";
  if (name === "resize.focal_point") return `${value.x},${value.y}`;
  // URLs have opaque colors alone.
  if (name === "background") return OPAQUE.test(value) ? value.slice(1) : null;
  return quoted(String(value));
}

const isGiven = (value) => value !== undefined && value !== null && value !== false;

/** Quotes a word for POSIX shells, if needed. */
const quoted = (word) =>
  /^[A-Za-z0-9_./:,@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
