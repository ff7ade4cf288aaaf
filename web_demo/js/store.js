// The pictures that the page knows, by key. Emits `change` and `remove` with the key.

import { Signal } from "./signal.js";

/** @typedef {import("./api.js").Picture} Picture */

/** @extends {Signal<string>} */
class Store extends Signal {
  /** @type {Map<string, Picture>} */
  #pictures = new Map();
  /** Keys that were deleted here: a list that was under way must not bring them back. */
  #deleted = new Set();

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
      if (this.#deleted.has(picture.key)) continue;
      const known = this.#pictures.get(picture.key);
      if (known && !isNewer(picture, known)) continue;
      this.#pictures.set(picture.key, picture);
      this.emit("change", picture.key);
    }
  }

  /** @param {string} key */
  remove(key) {
    this.#deleted.add(key);
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
