// Images that the page has loaded, by key. Emits `change` and `remove` with the key.

import { EventEmitter } from "./event-emitter.js";

/** @typedef {import("./api.js").Image} Image */

/** Milliseconds for which a deleted image is ignored: the API may list it a moment longer. */
const DELETION_GRACE = 10_000;

/** @extends {EventEmitter<string>} */
class ImageStore extends EventEmitter {
  /** @type {Map<string, Image>} */
  #images = new Map();
  /** Times of deletion by performance.now(), by key. */
  #deleted = new Map();

  /** @param {string} key */
  get(key) {
    return this.#images.get(key);
  }

  /** Every image, in no order. */
  all() {
    return this.#images.values();
  }

  /**
   * Stores images from a response, except those that it has in the same or a newer state.
   * @param {Image[]} images
   */
  put(images) {
    for (const image of images) {
      const deleted = this.#deleted.get(image.key) ?? -Infinity;
      if (performance.now() - deleted < DELETION_GRACE) continue;
      const known = this.#images.get(image.key);
      if (known && !isNewer(image, known)) continue;
      this.#images.set(image.key, image);
      this.emit("change", image.key);
    }
  }

  /** @param {string} key */
  remove(key) {
    this.#deleted.set(key, performance.now());
    this.#images.delete(key);
    this.emit("remove", key);
  }
}

function isNewer(image, known) {
  if (image.version !== known.version) return image.version > known.version;
  if (image.updated !== known.updated) return image.updated > known.updated;
  return image.status !== known.status;
}

export const store = new ImageStore();
