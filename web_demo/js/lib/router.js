// Hash routing: the address names the open image and its view, for links and the Back button.

/**
 * @typedef {{view: "gallery" | "image" | "workflow" | "playground", key?: string}} Route
 */

/**
 * Parses `#/image/<key>`, `#/workflow/<key>` and `#/playground/<key>`; anything else is the gallery.
 * @param {string} hash
 * @returns {Route}
 */
export function parse(hash) {
  const match = /^#\/(image|workflow|playground)\/([^/]+)$/.exec(hash);
  if (!match) return { view: "gallery" };
  try {
    return { view: /** @type {"image"} */ (match[1]), key: decodeURIComponent(match[2]) };
  } catch {
    return { view: "gallery" };
  }
}

/**
 * @param {"image" | "workflow" | "playground"} view
 * @param {string} key
 * @returns {string}
 */
export const hrefOf = (view, key) => `#/${view}/${encodeURIComponent(key)}`;

/** Number of this page's history entries since the gallery. */
let depth = 0;
let isClosing = false;

/**
 * Calls `show` with the route now and after each change.
 * @param {(route: Route) => void} show
 */
export function start(show) {
  const navigate = () => {
    const route = parse(location.hash);
    isClosing = false;
    depth = route.view === "gallery" ? 0 : depth + 1;
    show(route);
  };
  window.addEventListener("hashchange", navigate);
  show(parse(location.hash));
}

/**
 * Replaces the route without a new history entry.
 * @param {"image" | "workflow" | "playground"} view
 * @param {string} key
 */
export function replace(view, key) {
  history.replaceState(null, "", hrefOf(view, key));
  depth -= 1;
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

/** Returns to the gallery. Repeated calls have no effect while the browser navigates. */
export function close() {
  if (isClosing || parse(location.hash).view === "gallery") return;
  isClosing = true;
  if (depth === 1) history.back();
  else location.hash = "#/";
}
