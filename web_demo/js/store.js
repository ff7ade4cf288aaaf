// The pictures that the page knows, by key. Emits `change` and `remove` with the key.

import { Signal } from "./signal.js";

/** @typedef {import("./api.js").Picture} Picture */

/** Milliseconds for which a deleted picture stays out, whatever a list says. */
const SETTLING = 10_000;

/** @extends {Signal<string>} */
class Store extends Signal {
  /** @type {Map<string, Picture>} */
  #pictures = new Map();
  /** Keys that were deleted, and when: the pipeline takes a moment to see it. */
  #deleted = new Map();

  /** @param {string} key */
  get(key) {
    return this.#pictures.get(key);
  }

  /** Every picture, in no order. */
  all() {
    return this.#pictures.values();
  }

  /**
   * Takes in what the API said. What is older than what is known is left out.
   * @param {Picture[]} pictures
   */
  put(pictures) {
    for (const picture of pictures) {
      if (Date.now() - (this.#deleted.get(picture.key) ?? 0) < SETTLING) continue;
      const known = this.#pictures.get(picture.key);
      if (known && !isNewer(picture, known)) continue;
      this.#pictures.set(picture.key, picture);
      this.emit("change", picture.key);
    }
  }

  /** @param {string} key */
  remove(key) {
    this.#deleted.set(key, Date.now());
    this.#pictures.delete(key);
    this.emit("remove", key);
  }
}

function isNewer(picture, known) {
  if (picture.version !== known.version) return picture.version > known.version;
  if (picture.updated !== known.updated) return picture.updated > known.updated;
  return picture.status !== known.status;
}

export const store = new Store();
