// Search in the gallery: the API's parameters for a text, and the images that match it.

/** @typedef {import("../lib/api.js").Image} Image */
/** @typedef {{label?: string, tag?: string, q?: string}} Search */

/** Most words of a search, and the characters of a word that are compared, as in the API. */
const MAX_WORDS = 8;
const WORD_LENGTH = 40;
const UPLOAD_FOLDER = /^uploads\/[a-z2-7]{16}\//;
const EXTENSION = /\.[^./]{1,5}$/;

/**
 * Returns the parameters of a text: `label:…` and `tag:…` name a label or a tag, others are words.
 * @param {string} text
 * @returns {Search}
 */
export function parse(text) {
  const [, field, name] = /^(label|tag):(.*)$/is.exec(text.trim()) ?? [];
  if (field) return name.trim() ? { [field.toLowerCase()]: name.trim() } : {};
  return text.trim() ? { q: text.trim() } : {};
}

/**
 * Returns what is wrong with a search; an empty text if nothing is.
 * @param {Search} search
 */
export function problem({ q }) {
  if (q === undefined) return "";
  const count = words(q).length;
  if (!count) return "Use words of letters or digits.";
  return count > MAX_WORDS ? `Use at most ${MAX_WORDS} words; there are ${count}.` : "";
}

/**
 * Returns why no image matches, as a title and an explanation.
 * @param {Search} search
 */
export function noMatch({ label, tag, q }) {
  if (label) {
    return [
      `No images with the label ${label}`,
      "Search for another label that Rekognition returns, or for its category.",
    ];
  }
  if (tag) return [`No images with the tag ${tag}`, "Tags are edited in an image's details."];
  return [
    `No images match “${q}”`,
    "Whole words are searched for in names, titles, tags and labels.",
  ];
}

/**
 * Returns whether the API would find an image.
 * @param {Image} image
 * @param {Search} search
 */
export function matches(image, { label, tag, q }) {
  if (problem({ q })) return false;
  const labels = (image.analysis?.labels ?? []).flatMap(({ name, parents }) => [name, ...parents]);
  const tags = image.tags ?? [];
  if (label !== undefined && !labels.some(isSame(label))) return false;
  if (tag !== undefined && !tags.some(isSame(tag))) return false;
  if (q === undefined) return true;
  const names = [image.key.replace(UPLOAD_FOLDER, ""), image.name ?? ""];
  const texts = [...names.map((each) => each.replace(EXTENSION, "")), image.title ?? ""];
  const found = new Set([...texts, ...tags, ...labels].flatMap(words));
  return words(q).every((each) => found.has(each));
}

/** Returns a text without differences of case. */
const folded = (text) => text.toUpperCase().toLowerCase();

const isSame = (name) => (other) => folded(name) === folded(other);

/**
 * Returns the words of a text: letters and digits without case and accents.
 * @param {string} text
 */
export function words(text) {
  const plain = folded(text).normalize("NFKD").replace(/\p{M}/gu, "");
  const found = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(found.map((each) => [...each].slice(0, WORD_LENGTH).join("")))];
}
