// Similar images of an image: found on request, as links to them; and the one that it duplicates.

import * as api from "../lib/api.js";
import { h } from "../lib/dom.js";
import { fileName } from "../lib/format.js";
import { store } from "../lib/image-store.js";
import * as router from "../lib/router.js";

/** @typedef {import("../lib/api.js").Image} Image */

/**
 * Links to the similar images that were found, by key and version.
 * @type {Map<string, HTMLElement>}
 */
const found = new Map();

/**
 * @param {Image} image
 * @returns {HTMLElement | null}
 */
export function similar(image) {
  const duplicate = image.duplicate_of && duplicateOf(image.duplicate_of);
  const hasHash = image.status === "done" && image.analysis?.phash;
  if (!duplicate && !hasHash) return null;
  const id = `${image.key} ${image.version}`;
  const result = found.get(id) ?? h("div", { class: "similar", "aria-live": "polite" });
  const button = h("button", { type: "button", class: "button small", onclick: find }, "Find");

  async function find() {
    button.disabled = true;
    try {
      const { similar: images } = await api.getSimilar(image.key);
      store.put(images.map((each) => each.image));
      result.replaceChildren(...(images.length ? images.map(link) : [hint("No other image looks like this one.")]));
      found.set(id, result);
    } catch (error) {
      result.replaceChildren(hint(error.message));
    }
    button.disabled = false;
  }

  return h(
    "section",
    { "data-testid": "similar" },
    h("h3", null, "Similar images", hasHash ? button : null),
    duplicate || null,
    result,
  );
}

const hint = (text) => h("p", { class: "faint" }, text);

const duplicateOf = (key) =>
  h("p", null, "The same file was uploaded before: ", h("a", linkTo(key), fileName(key)), ".");

/** @param {{distance: number, image: Image}} each */
function link({ distance, image }) {
  const thumb = image.renditions.reduce(
    (least, each) => (!least || each.width < least.width ? each : least),
    /** @type {api.Rendition | undefined} */ (undefined),
  );
  const bits = distance === 1 ? "1 different bit" : `${distance} different bits`;
  return h(
    "a",
    { ...linkTo(image.key), title: `${image.key}: ${bits} of 64` },
    thumb ? h("img", { src: api.publicUrl(thumb), alt: "", loading: "lazy" }) : null,
    h("span", null, fileName(image.key)),
  );
}

const linkTo = (key) => ({
  href: router.hrefOf("image", key),
  onclick: (event) => {
    event.preventDefault();
    router.replace("image", key);
  },
});
