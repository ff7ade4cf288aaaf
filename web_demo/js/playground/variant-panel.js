// URL of the playground's draft as a variant: unsigned with its size, or the command that signs it.

import { publicUrl } from "../lib/api.js";
import { copyButton, h, setText } from "../lib/dom.js";
import * as format from "../lib/format.js";
import { presetImg, presetOptions, presetPath, signedCommand } from "../lib/variants.js";

/** @typedef {import("../lib/api.js").Image} Image */

/** Milliseconds without a change after which the size is requested, which renders the variant. */
const DEBOUNCE = 350;
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

  const url = h("pre", { tabindex: 0, "aria-label": "URL of the variant" });
  const size = h("p", { class: "result", role: "status", "data-testid": "variant-size" });
  const srcset = copyButton(
    "<img srcset>",
    () => presetImg(/** @type {Image} */ (current()), publicUrl) ?? "",
    "the <img srcset> element",
  );
  const unsigned = h(
    "div",
    null,
    h("p", { class: "hint" }, "This URL needs no signature. The browser chooses the format."),
    url,
    size,
    h("div", { class: "row" }, copyButton("Copy URL", () => url.textContent, "the URL"), srcset),
  );
  const command = h("pre", { tabindex: 0, "aria-label": "Command" });
  const without = h("p", { class: "hint" });
  const signed = h(
    "div",
    null,
    h("p", { class: "hint" }, "This command prints a signed URL:"),
    command,
    without,
    h("div", { class: "row" }, copyButton("Copy command", () => command.textContent, "the command")),
  );
  const element = h(
    "details",
    { class: "code", hidden: true, ontoggle: () => refresh() },
    h("summary", null, "URL"),
    unsigned,
    signed,
  );

  function refresh() {
    const image = current();
    element.hidden = !image?.variant_url;
    if (!image || !element.open) return;
    const printed = signedCommand(image.key, draft());
    setText(command, printed.command);
    const names = printed.without.join(", ");
    setText(
      without,
      names &&
        `URLs have no option for: ${names}. A rendition of a recipe has them, and its name is an option.`,
    );
    const options = presetOptions(draft());
    const path = options && presetPath(image, options);
    unsigned.hidden = !path;
    srcset.hidden = !presetImg(image, publicUrl);
    if (path) showUrl(image, publicUrl({ path }));
  }

  function showUrl(image, address) {
    const state = `${address} ${image.version}`;
    if (state === shown) return;
    shown = state;
    setText(url, address);
    setText(size, "Rendering…");
    clearTimeout(timer);
    timer = window.setTimeout(async () => {
      const text = await sizeOf(address, image);
      if (state === shown) setText(size, text);
    }, DEBOUNCE);
  }

  return { element, refresh };
}

/** Requests a variant; returns its format and size, or why there is none. */
async function sizeOf(address, image) {
  try {
    const response = await fetch(address, { headers: { Accept: ACCEPT } });
    if (!response.ok) return (await response.json()).detail;
    const { size: bytes, type } = await response.blob();
    const saved = format.saving(bytes, image.bytes);
    return `${format.format(type)}, ${format.size(bytes)} (${saved})`;
  } catch {
    return "The variant cannot be loaded. Open this section again in a moment.";
  }
}
