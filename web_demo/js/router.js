// What is open stands in the address, so that it can be linked and Back works.

/**
 * @typedef {{view: "gallery" | "image" | "workflow" | "playground", key?: string}} Route
 */

/**
 * Reads `#/image/<key>`, `#/workflow/<key>` and `#/playground/<key>`; anything else is the gallery. Pure.
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

/** How many of our own routes lie behind the open one, so that closing can go back. */
let depth = 0;
let isLeaving = false;

/**
 * Tells of the route now and at each change.
 * @param {(route: Route) => void} show
 */
export function start(show) {
  const go = () => {
    const route = parse(location.hash);
    isLeaving = false;
    depth = route.view === "gallery" ? 0 : depth + 1;
    show(route);
  };
  window.addEventListener("hashchange", go);
  show(parse(location.hash));
}

/**
 * Goes to another view of the same picture, or to another picture, without a step in the history.
 * @param {"image" | "workflow" | "playground"} view
 * @param {string} key
 */
export function replace(view, key) {
  history.replaceState(null, "", hrefOf(view, key));
  depth -= 1;
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

/** Leaves what is open. Safe to call again before the browser has got there. */
export function leave() {
  if (isLeaving || parse(location.hash).view === "gallery") return;
  isLeaving = true;
  if (depth === 1) history.back();
  else location.hash = "#/";
}
