// Building and finding elements; what is said to people who listen instead of look.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element with properties (`class`, `on…` listeners, `aria-…`, `data-…`, or any of its own) and
 * children. Text is never read as HTML.
 * @param {string} tag
 * @param {Record<string, any> | null} [props]
 * @param {...(Child | Child[])} children
 * @returns {any}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && !name.includes("-") && name !== "list") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/**
 * @param {Element} element
 * @param {any[]} children
 */
export function append(element, children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) {
      element.append(child instanceof Node ? child : String(child));
    }
  }
}

/**
 * @param {string} id of an element that index.html has
 * @returns {any}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found;
}

/**
 * One of the icons in index.html, for show alone.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const image = svg("svg", { class: "icon", "aria-hidden": "true", viewBox: "0 0 16 16" });
  image.append(svg("use", { href: `#icon-${name}` }));
  return /** @type {SVGSVGElement} */ (image);
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @returns {SVGElement}
 */
export function svg(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/**
 * Sets text only where it differs, so that nothing is announced or laid out for nothing.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let clearing = 0;

/**
 * Tells screen readers something, once they have finished what they are saying.
 * @param {string} text
 */
export function announce(text) {
  const region = byId("announcer");
  region.textContent = text;
  clearTimeout(clearing);
  clearing = window.setTimeout(() => (region.textContent = ""), 4000);
}

/**
 * A short note at the foot of the page, said aloud as well.
 * @param {string} text
 * @param {"info" | "error"} [kind]
 */
export function toast(text, kind = "info") {
  const note = h("p", { class: `toast toast-${kind}` }, text);
  const open = document.querySelector("dialog[open]");
  // A modal dialog is above all else, so the note has to be inside.
  const shelf = open?.querySelector(".toasts") ?? byId("toasts");
  shelf.append(note);
  announce(text);
  setTimeout(() => note.remove(), kind === "error" ? 8000 : 3200);
}

/**
 * Copies text and says so.
 * @param {string} text
 * @param {string} what as in “Copied the URL”
 */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`Copied ${what}`);
  } catch {
    toast(`The browser does not allow copying. It is: ${text}`, "error");
  }
}

/**
 * A button that copies.
 * @param {string} label
 * @param {() => string} text
 * @param {string} what
 * @param {Record<string, any>} [props]
 * @returns {HTMLButtonElement}
 */
export function copyButton(label, text, what, props = {}) {
  return h(
    "button",
    { type: "button", class: "button small", onclick: () => copy(text(), what), ...props },
    icon("copy"),
    label,
  );
}
