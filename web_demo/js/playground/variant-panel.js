// URL of the playground's draft as a variant, with its size; or the command that prints the URL.

import { signVariants } from "../lib/api.js";
import { copyButton, h, setText } from "../lib/dom.js";
import * as format from "../lib/format.js";
import { signedCommand, srcsetImg, srcsetOptions, variantOptions } from "../lib/variants.js";

/** @typedef {import("../lib/api.js").Image} Image */

/** Milliseconds without a change after which the URL is signed, and its size requested. */
const DEBOUNCE = 350;
/** Requests of a variant, and the milliseconds between them. */
const ATTEMPTS = 10;
const RETRY = 1500;
/** Formats of browsers, in place of the `Accept` header that scripts send. */
const ACCEPT = "image/avif,image/webp,image/*";

/**
 * @param {() => Image | undefined} current
 * @param {() => import("./draft.js").Draft} draft
 * @returns {{element: HTMLElement, refresh: () => void}}
 */
export function createVariantPanel(current, draft) {
  let timer = 0;
  let shown = "";
  let markup = "";

  const url = h("pre", { tabindex: 0, "aria-label": "URL of the variant" });
  const size = h("p", { class: "result", role: "status", "data-testid": "variant-size" });
  const srcset = copyButton("<img srcset>", () => markup, "the <img srcset> element");
  const copyUrl = copyButton("Copy URL", () => url.textContent, "the URL");
  const signed = h("div", null, url, size, h("div", { class: "row" }, copyUrl, srcset));
  const command = h("pre", { tabindex: 0, "aria-label": "Command" });
  const unsigned = h(
    "div",
    null,
    h("p", { class: "hint" }, "This command prints the signed URL:"),
    command,
    h("div", { class: "row" }, copyButton("Copy command", () => command.textContent, "the command")),
  );
  const without = h("p", { class: "hint" });
  const element = h(
    "details",
    { class: "code", hidden: true, ontoggle: () => refresh() },
    h("summary", null, "URL"),
    signed,
    unsigned,
    without,
  );

  function refresh() {
    const image = current();
    element.hidden = !image?.variant_url;
    if (!image || !element.open) return;
    signed.hidden = !image.signable;
    unsigned.hidden = !signed.hidden;
    const { options, without: operations } = variantOptions(draft());
    const names = operations.join(", ");
    setText(
      without,
      names &&
        `URLs have no option for: ${names}. A rendition of a recipe has them, and its name is an option.`,
    );
    if (image.signable) show(image, options);
    else setText(command, signedCommand(image.key, draft()));
  }

  /** Shows the URL, once the draft has not changed for a moment. */
  function show(image, options) {
    const state = [image.key, image.version, image.status, options].join(" ");
    if (state === shown) return;
    shown = state;
    const candidates = srcsetOptions(image, draft());
    setText(size, "Rendering…");
    clearTimeout(timer);
    timer = window.setTimeout(async () => {
      const result = await requested(image, options, candidates);
      if (state !== shown) return;
      setText(url, result.url);
      setText(size, result.size);
      markup = result.markup;
      copyUrl.disabled = !result.url;
      srcset.hidden = !markup;
      // Another try asks again.
      if (!result.url) shown = "";
    }, DEBOUNCE);
  }

  return { element, refresh };
}

/** Has URLs signed and requests the variant; returns both, or why there are none. */
async function requested(image, options, candidates) {
  try {
    const all = [options, ...candidates.map((each) => each.options)];
    const [url, ...others] = await signVariants(image.key, all);
    const signed = candidates.map(({ width }, at) => ({ width, url: others[at] }));
    const markup = srcsetImg(signed, image.alt);
    return { url, markup, size: await sizeOf(url, image) };
  } catch (error) {
    return { url: "", markup: "", size: error.message };
  }
}

/** Requests a variant; returns its format and size, or why there is none. */
async function sizeOf(address, image) {
  try {
    let response;
    // An image that is being processed has no variants for a moment.
    for (let left = ATTEMPTS; left; left--) {
      response = await fetch(address, { headers: { Accept: ACCEPT } });
      if (response.status !== 503) break;
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
    if (!response.ok) return (await response.json()).detail;
    const { size: bytes, type } = await response.blob();
    const saved = format.saving(bytes, image.bytes);
    return `${format.format(type)}, ${format.size(bytes)} (${saved})`;
  } catch {
    return "The variant cannot be loaded. Open this section again in a moment.";
  }
}
