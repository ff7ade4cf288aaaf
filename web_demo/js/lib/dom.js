// DOM helpers: elements, icons, toasts, screen reader announcements, the clipboard.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Creates an element with children and properties: `class`, `on…` listeners, attributes such as
 * `aria-…` and `data-…`, or DOM properties. Text is never parsed as HTML.
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
 * @param {string} id of an element in index.html
 * @returns {any}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found;
}

/**
 * Returns a decorative icon from the sprite in index.html.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const element = svg("svg", { class: "icon", "aria-hidden": "true", viewBox: "0 0 16 16" });
  element.append(svg("use", { href: `#icon-${name}` }));
  return /** @type {SVGSVGElement} */ (element);
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
 * Sets an element's text if it differs, which avoids needless layout and announcements.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let clearTimer = 0;

/**
 * Announces text to screen readers, after their current speech.
 * @param {string} text
 */
export function announce(text) {
  const region = byId("announcer");
  region.textContent = text;
  clearTimeout(clearTimer);
  clearTimer = window.setTimeout(() => (region.textContent = ""), 4000);
}

/**
 * Shows and announces a short message at the bottom of the page.
 * @param {string} text
 * @param {"info" | "error"} [kind]
 */
export function toast(text, kind = "info") {
  const message = h("p", { class: `toast toast-${kind}` }, text);
  const open = document.querySelector("dialog[open]");
  // A modal dialog covers the page, so its toasts are inside of it.
  const container = open?.querySelector(".toasts") ?? byId("toasts");
  container.append(message);
  announce(text);
  setTimeout(() => message.remove(), kind === "error" ? 8000 : 3200);
}

/**
 * Copies text to the clipboard and confirms it with a toast.
 * @param {string} text
 * @param {string} what as in “Copied the URL”
 */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`Copied ${what}`);
  } catch {
    toast(`The browser does not allow copying. Copy it from here: ${text}`, "error");
  }
}

/**
 * Returns a button that copies text.
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
