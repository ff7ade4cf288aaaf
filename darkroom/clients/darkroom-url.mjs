// URL builder for Darkroom's variants: signed URLs and srcset.
//
// One file without dependencies, for browsers, Node.js 20 and edge runtimes: copy it into your
// program. darkroom_url.py builds the same URLs.
//
//     const urls = new VariantUrls("https://images.example.com", key);
//     await urls.url("holiday/beach.jpg", { width: 640 });
//     await urls.img("holiday/beach.jpg", { widths: [320, 640], sizes: "100vw" });
//
// The grammar is that of docs/reference/variants.md.

/**
 * What a variant is. At least one option is needed; undefined and null are the same as none.
 * @typedef {object} VariantOptions
 * @property {string} [rendition] Name of a rendition in the image's recipe. With it: dpr,
 *   background, quality, format, version and expires.
 * @property {number} [width] Pixels, 1 to 16384.
 * @property {number} [height] Pixels, 1 to 16384.
 * @property {number} [longEdge] Length of the longer side in pixels, 1 to 16384; without width,
 *   height and aspectRatio.
 * @property {string} [aspectRatio] Such as "16:9"; not with both width and height.
 * @property {"inside" | "outside" | "cover" | "contain" | "fill"} [fit]
 * @property {string} [gravity] The part that a crop keeps: one of GRAVITIES.
 * @property {[number, number]} [focalPoint] In place of gravity: fractions of the width and the
 *   height, from the top left; rounded to three decimals.
 * @property {number} [dpr] Device pixel ratio, 1 to 4; rounded to two decimals.
 * @property {boolean} [enlarge] Whether a smaller original is enlarged.
 * @property {string} [background] Color behind transparent parts: "#rrggbb".
 * @property {number} [quality] 1 to 100.
 * @property {"auto" | "avif" | "webp" | "jpeg" | "png" | "gif"} [format] "auto", the default,
 *   depends on the browser.
 * @property {string} [version] Any other value is another URL: 1 to 64 letters, digits, ".", "-"
 *   and "_".
 * @property {Date | number} [expires] Time from which the URL is refused: a date, or seconds since
 *   1970.
 */

export const FITS = ["inside", "outside", "cover", "contain", "fill"];
export const FORMATS = ["auto", "avif", "webp", "jpeg", "png", "gif"];
export const GRAVITIES = [
  "center", "top", "bottom", "left", "right", "top-left", "top-right", "bottom-left",
  "bottom-right", "entropy", "attention", "face", "subject",
];

/** The default widths of a srcset, in pixels. */
export const WIDTHS = [320, 640, 960, 1280, 1920, 2560];

const LARGEST = 16384;
const SIZES = ["width", "height", "longEdge", "aspectRatio"];
const CROPS = ["fit", "gravity", "focalPoint"];
const COVER_GRAVITIES = ["entropy", "attention", "face", "subject"];
const WITHOUT_RENDITION = [...SIZES, ...CROPS, "enlarge"];
const WITHOUT_LONG_EDGE = ["width", "height", "aspectRatio", ...CROPS];
const IN_PRESETS = ["dpr", "format", "rendition", "version", "width"];

/**
 * URLs of the variants of one deployment.
 *
 * The key is secret: never send it to a browser. Without a key, URLs are unsigned, which a
 * deployment with Variants=presets serves.
 */
export class VariantUrls {
  #key;

  /**
   * @param {string} site The deployment's SiteUrl.
   * @param {string} [key] The signing key as `darkroom keys show --reveal` prints it.
   * @throws {RangeError} for a key that is not one.
   */
  constructor(site, key) {
    this.site = site.replace(/\/+$/, "");
    this.#key = isMissing(key) ? null : imported(decoded(key));
    // A failed import is reported by the first URL.
    if (this.#key) this.#key.catch(() => {});
  }

  /**
   * Returns the URL of a variant of the image with this key.
   * @param {string} image
   * @param {VariantOptions} options
   * @returns {Promise<string>}
   */
  async url(image, options) {
    if (!this.#key) return this.presetUrl(image, options);
    const path = `/${optionsText(options)}/${encoded(image)}`;
    const digest = await crypto.subtle.sign("HMAC", await this.#key, utf8(path));
    return `${this.site}/i/${base64url(digest).slice(0, 22)}${path}`;
  }

  /**
   * Returns an unsigned URL, without waiting. Its options are width or rendition, with dpr and
   * version.
   * @param {string} image
   * @param {VariantOptions} options
   */
  presetUrl(image, options) {
    return `${this.site}/i/-/${optionsText(options, true)}/${encoded(image)}`;
  }

  /**
   * Returns the value of srcset: one URL for each width, or for each pixel density.
   *
   * Densities are for an image of one size, which the options have. The default is the widths
   * WIDTHS. With widths, an aspectRatio keeps the shape.
   * @param {string} image
   * @param {VariantOptions & { widths?: number[], densities?: number[] }} [settings]
   * @returns {Promise<string>}
   */
  async srcset(image, { widths, densities, ...options } = {}) {
    let variants;
    if (!isMissing(densities)) {
      if (!isMissing(widths)) throw new RangeError("srcset needs widths or densities, not both");
      refuse(options, "densities", ["dpr"]);
      const all = densities.map((each) => rounded("densities", each, 100, 1, 4));
      variants = all.map((each) => [{ ...options, dpr: Number(each) }, `${each}x`]);
    } else {
      refuse(options, "widths", ["width", "height", "longEdge", "rendition"]);
      const all = isMissing(widths) ? WIDTHS : widths;
      variants = all.map((width) => [{ ...options, width }, `${width}w`]);
    }
    if (!variants.length) throw new RangeError("srcset needs at least one width or density");
    const write = async ([each, descriptor]) => `${await this.url(image, each)} ${descriptor}`;
    return (await Promise.all(variants.map(write))).join(", ");
  }

  /**
   * Returns the attributes src, srcset and sizes of an img element.
   *
   * sizes is the width at which the page shows the image, as in HTML. src has the largest width,
   * for browsers without srcset.
   * @param {string} image
   * @param {VariantOptions & { sizes?: string, widths?: number[] }} [settings]
   * @returns {Promise<{ src: string, srcset: string, sizes: string }>}
   */
  async img(image, { sizes = "100vw", widths, ...options } = {}) {
    const chosen = isMissing(widths) ? WIDTHS : widths;
    const srcset = await this.srcset(image, { widths: chosen, ...options });
    const src = await this.url(image, { ...options, width: Math.max(...chosen) });
    return { src, srcset, sizes };
  }

  /**
   * Signs the URLs of all widths in advance. Returns a function from a width to its URL, as the
   * loaders of frameworks need it, which can't wait. Another width gets the URL of the next larger
   * one.
   * @param {string} image
   * @param {VariantOptions & { widths?: number[] }} [settings]
   * @returns {Promise<(width: number) => string>}
   */
  async loader(image, { widths, ...options } = {}) {
    refuse(options, "widths", ["width", "height", "longEdge", "rendition"]);
    const all = [...(isMissing(widths) ? WIDTHS : widths)].sort((one, other) => one - other);
    if (!all.length) throw new RangeError("loader needs at least one width");
    const made = await Promise.all(all.map((width) => this.url(image, { ...options, width })));
    return (width) => made[all.findIndex((each) => each >= width)] ?? made[made.length - 1];
  }
}

/**
 * Returns options as in a URL, such as "w_640,f_webp". `presets` allows only what URLs without
 * signature can have.
 * @param {VariantOptions} options
 * @param {boolean} [presets]
 */
export function optionsText(options, presets = false) {
  for (const name of Object.keys(options ?? {}))
    if (!Object.hasOwn(WRITERS, name))
      throw new TypeError(
        `unknown option '${name}': the options are ${Object.keys(WRITERS).join(", ")}`,
      );
  const names = Object.keys(WRITERS).filter((name) => !isMissing(options?.[name]));
  const given = Object.fromEntries(names.map((name) => [name, options[name]]));
  if (!names.length)
    throw new RangeError("a variant needs at least one option, such as width or format");
  const written = names.map((name) => WRITERS[name](name, options[name]));
  checkCombination(given);
  checkPixels(given);
  if (presets) checkPresets(given);
  return written.join(",");
}

function checkCombination(given) {
  const has = (...all) => all.every((each) => each in given);
  if (has("rendition")) {
    refuse(given, "rendition", WITHOUT_RENDITION);
    return;
  }
  if (has("longEdge")) refuse(given, "longEdge", WITHOUT_LONG_EDGE);
  if (!SIZES.some((each) => has(each)))
    for (const name of ["dpr", "enlarge", ...CROPS])
      if (has(name))
        throw new RangeError(`${name} needs width, height, longEdge or aspectRatio`);
  if (has("width", "height", "aspectRatio"))
    throw new RangeError("aspectRatio follows from width and height: leave one of the three out");
  if (has("gravity", "focalPoint"))
    throw new RangeError("focalPoint can't be combined with gravity");
  checkFit(given, given.fit);
}

function checkFit(given, fit) {
  if (["inside", "outside"].includes(fit) && !given.width && !given.height && !given.longEdge)
    throw new RangeError(`aspectRatio alone can't be combined with fit '${fit}'`);
  if (!fit || fit === "cover") return;
  if (COVER_GRAVITIES.includes(given.gravity))
    throw new RangeError(`gravity '${given.gravity}' needs fit 'cover'`);
  if (given.focalPoint) throw new RangeError("focalPoint needs fit 'cover'");
  if (given.gravity && fit !== "contain")
    throw new RangeError("gravity needs fit 'cover' or 'contain'");
}

function checkPixels(given) {
  const dpr = Number(rounded("dpr", given.dpr ?? 1, 100, 1, 4));
  for (const name of ["width", "height", "longEdge"]) {
    const pixels = Math.floor((given[name] ?? 1) * dpr + 0.5);
    if (pixels > LARGEST)
      throw new RangeError(`${name} with dpr is ${pixels}: it must be at most ${LARGEST}`);
  }
}

function checkPresets(given) {
  for (const name of Object.keys(given))
    if (!IN_PRESETS.includes(name))
      throw new RangeError(`${name} needs a signed URL: give the signing key`);
  if ("width" in given === "rendition" in given)
    throw new RangeError("a URL without signature needs either width or rendition");
  if ((given.format ?? "auto") !== "auto")
    throw new RangeError("a format other than auto needs a signed URL: give the signing key");
  if (![1, 1.5, 2, 3].includes(given.dpr ?? 1))
    throw new RangeError("dpr in a URL without signature is 1, 1.5, 2 or 3");
}

const isMissing = (value) => value === undefined || value === null;
const shown = (value) => (typeof value === "string" ? `'${value}'` : String(value));

function refuse(options, why, names) {
  for (const name of [...names].sort())
    if (!isMissing(options[name])) throw new RangeError(`${name} can't be combined with ${why}`);
}

function whole(name, value, low, high) {
  if (!Number.isInteger(value))
    throw new TypeError(`${name} is ${shown(value)}: it must be a whole number`);
  if (value < low || value > high)
    throw new RangeError(`${name} is ${shown(value)}: it must be ${low} to ${high}`);
  return value;
}

// Returns a number rounded to a fraction of `parts`, in the shortest form.
function rounded(name, value, parts, low, high) {
  if (typeof value !== "number")
    throw new TypeError(`${name} is ${shown(value)}: it must be a number`);
  if (!(value >= low && value <= high))
    throw new RangeError(`${name} is ${shown(value)}: it must be ${low} to ${high}`);
  const units = Math.floor(value * parts + 0.5);
  const rest = String(units % parts).padStart(String(parts).length - 1, "0").replace(/0+$/, "");
  const integer = Math.floor(units / parts);
  return rest ? `${integer}.${rest}` : String(integer);
}

const size = (prefix) => (name, value) => `${prefix}_${whole(name, value, 1, LARGEST)}`;

const choice = (prefix, allowed) => (name, value) => {
  if (!allowed.includes(value))
    throw new RangeError(`${name} is ${shown(value)}: it must be one of ${allowed.join(", ")}`);
  return `${prefix}_${value}`;
};

const match = (pattern, example, write) => (name, value) => {
  if (typeof value !== "string" || !pattern.test(value))
    throw new RangeError(`${name} is ${shown(value)}: it must be ${example}`);
  return write(value);
};

function focalPoint(name, value) {
  if (!Array.isArray(value) || value.length !== 2)
    throw new TypeError(`${name} is ${shown(value)}: it must be two numbers from 0 to 1`);
  return `g_${value.map((each) => rounded(name, each, 1000, 0, 1)).join("x")}`;
}

function enlarge(name, value) {
  if (typeof value !== "boolean")
    throw new TypeError(`${name} is ${shown(value)}: it must be true or false`);
  return `el_${value ? 1 : 0}`;
}

function expires(name, value) {
  const seconds = value instanceof Date ? Math.floor(value.getTime() / 1000) : value;
  return `exp_${whole(name, seconds, 1, 9999999999)}`;
}

// In the order in which they are in a URL.
const WRITERS = {
  rendition: match(
    /^[a-z0-9][a-z0-9-]{0,63}$/, "lowercase letters, digits and hyphens", (value) => value,
  ),
  width: size("w"),
  height: size("h"),
  longEdge: size("le"),
  aspectRatio: match(
    /^[1-9][0-9]{0,3}:[1-9][0-9]{0,3}$/, "such as 16:9",
    (value) => `ar_${value.replace(":", "x")}`,
  ),
  fit: choice("fit", FITS),
  gravity: choice("g", GRAVITIES),
  focalPoint,
  dpr: (name, value) => `dpr_${rounded(name, value, 100, 1, 4)}`,
  enlarge,
  background: match(
    /^#?[0-9A-Fa-f]{6}$/, "a color such as #ffffff",
    (value) => `bg_${value.replace("#", "").toLowerCase()}`,
  ),
  quality: (name, value) => `q_${whole(name, value, 1, 100)}`,
  format: choice("f", FORMATS),
  version: match(
    /^[A-Za-z0-9._-]{1,64}$/, "1 to 64 letters, digits, '.', '-' and '_'",
    (value) => `v_${value}`,
  ),
  expires,
};

const utf8 = (text) => new TextEncoder().encode(text);

// Returns an image's key as in a URL. encodeURIComponent leaves !'()* as they are.
function encoded(image) {
  if (typeof image !== "string") throw new TypeError("the image's key must be a string");
  let text;
  try {
    text = image.split("/").map(encodeURIComponent).join("/");
  } catch {
    throw new RangeError("the image's key is not valid Unicode");
  }
  const bytes = utf8(image).length;
  if (bytes < 1 || bytes > 1024)
    throw new RangeError(`the image's key has ${bytes} bytes: it must have 1 to 1024`);
  if (image.split("/").some((each) => each === "." || each === ".."))
    throw new RangeError(`the image's key '${image}' has a segment '.' or '..': it has no URL`);
  const hex = (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return text.replace(/[!'()*]/g, hex);
}

function base64url(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decoded(key) {
  if (!/^[A-Za-z0-9_-]{43}$/.test(key))
    throw new RangeError(
      "the signing key must be base64url text of 32 bytes, as printed by " +
        "`darkroom keys show --reveal`",
    );
  const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const imported = (bytes) =>
  crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
