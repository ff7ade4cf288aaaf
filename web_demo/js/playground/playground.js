// Playground: controls for the recipe's operations, a run through the pipeline, and the result.

import * as api from "../lib/api.js";
import { announce, copyButton, h, setText } from "../lib/dom.js";
import * as format from "../lib/format.js";
import { store } from "../lib/image-store.js";
import { watch } from "../lib/image-watcher.js";
import { loadRecipes } from "../lib/recipes.js";
import { PLAYGROUND } from "../lib/renditions.js";
import { createControl } from "./controls.js";
import { MAX_RENDITIONS, addToRecipe, recipeOf } from "./draft.js";
import { PRESETS } from "./presets.js";
import { operations } from "./recipe-schema.js";
import { createVariantPanel } from "./variant-panel.js";

/** Milliseconds without a change after which a live run starts. */
const DEBOUNCE = 350;
const MAX_WAIT = 60_000;
/** Groups of operations that are open at first. */
const OPEN_GROUPS = ["Geometry", "Output"];

/**
 * @param {() => api.Image | undefined} current
 * @param {HTMLElement} element for the content
 * @param {(isLive: boolean) => void} onResult receives whether each change starts a run
 * @returns {{open: () => void}}
 */
export function createPlayground(current, element, onResult) {
  let draft = structuredClone(PRESETS.Plain);
  let isRunning = false;
  /** Whether the draft changed during a run. */
  let isOutdated = false;
  let timer = 0;
  /** @type {Promise<void> | undefined} */
  let building;
  /** @type {{refresh: () => void}[]} */
  const controls = [];

  const groups = h("div", { class: "groups" });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const result = h("p", { class: "result", "data-testid": "playground-result" }, "No result yet.");
  const json = h("pre", { tabindex: 0, "aria-label": "Recipe as JSON" });
  const live = h("input", { type: "checkbox", role: "switch" });
  const runButton = h(
    "button",
    { type: "button", class: "button primary", onclick: () => run() },
    "Run",
  );
  const variant = createVariantPanel(current, () => draft);
  const presets = h(
    "div",
    { class: "presets", role: "group", "aria-label": "Presets" },
    Object.keys(PRESETS).map((name) =>
      h(
        "button",
        { type: "button", class: "button small", onclick: () => applyPreset(PRESETS[name]) },
        name,
      ),
    ),
  );
  element.append(
    presets,
    groups,
    h(
      "details",
      { class: "code" },
      h("summary", null, "Recipe"),
      json,
      h(
        "div",
        { class: "row" },
        copyButton("Copy recipe", () => json.textContent, "the recipe"),
      ),
    ),
    variant.element,
    h(
      "div",
      { class: "run" },
      problem,
      result,
      h("div", { class: "row" }, runButton, h("label", { class: "switch" }, live, "Run on change")),
    ),
  );

  function open() {
    building ??= build();
    variant.refresh();
  }

  async function build() {
    try {
      const byGroup = operations(await api.getRecipeSchema());
      groups.replaceChildren(
        ...Object.entries(byGroup).flatMap(([name, fields]) =>
          fields.length ? [createGroup(name, fields)] : [],
        ),
      );
      refresh();
    } catch {
      building = undefined;
      showProblem("The operations cannot be loaded. Open the playground again in a moment.");
    }
  }

  function createGroup(name, fields) {
    const own = fields.map((field) =>
      createControl(field, {
        read: () => draft[field.name],
        write: (value) => {
          if (value === undefined) delete draft[field.name];
          else draft[field.name] = value;
          draftChanged();
        },
      }),
    );
    const count = h("span", { class: "count" });
    const renderCount = () => {
      const used = fields.filter((field) => draft[field.name] !== undefined).length;
      setText(count, String(used || ""));
    };
    controls.push(...own, { refresh: renderCount });
    return h(
      "details",
      { class: "group", open: OPEN_GROUPS.includes(name) },
      h("summary", null, name, count),
      own.map((each) => each.element),
    );
  }

  function applyPreset(preset) {
    draft = structuredClone(preset);
    refresh();
    run();
  }

  function refresh() {
    for (const control of controls) control.refresh();
    variant.refresh();
    setText(json, JSON.stringify(recipeOf(draft), null, 2));
    for (const button of presets.children) {
      const isActive = JSON.stringify(PRESETS[button.textContent]) === JSON.stringify(draft);
      button.setAttribute("aria-pressed", String(isActive));
    }
  }

  function draftChanged() {
    refresh();
    clearTimeout(timer);
    if (live.checked) timer = window.setTimeout(run, DEBOUNCE);
  }

  function showProblem(text) {
    problem.hidden = !text;
    setText(problem, text);
  }

  async function run() {
    const image = current();
    if (!image) return;
    if (isRunning) {
      isOutdated = true;
      return;
    }
    isRunning = true;
    isOutdated = false;
    showProblem("");
    runButton.setAttribute("aria-busy", "true");
    setText(result, "Processing…");
    try {
      const { recipe, leftOut } = addToRecipe(await recipeOfImage(image), draft);
      const started = performance.now();
      const { version } = await api.processImage(image.key, recipe);
      watch(image.key, version);
      const processed = await whenProcessed(image.key, version);
      showResult(processed, performance.now() - started, leftOut);
    } catch (error) {
      setText(result, "");
      showProblem(error.message);
    } finally {
      isRunning = false;
      runButton.removeAttribute("aria-busy");
    }
    if (isOutdated) run();
  }

  function showResult(image, elapsed, leftOut) {
    const rendition = image.renditions.find(({ name }) => name === PLAYGROUND);
    const failure = image.failed_request ?? image.error;
    if (failure || !rendition) {
      setText(result, "");
      showProblem(failure?.message ?? "A newer request replaced this one. Run it again.");
      return;
    }
    const { type, width, height, bytes, ms } = rendition;
    const saved = format.saving(bytes, image.bytes);
    const skipped = leftOut.length
      ? ` Omitted, because a recipe is limited to ${MAX_RENDITIONS} renditions: ${leftOut.join(", ")}.`
      : "";
    const text =
      `${format.format(type)} ${format.dimensions(width, height)}, ${format.size(bytes)} (${saved}), ` +
      `rendered in ${ms} ms, published after ${format.duration(elapsed)}.${skipped}`;
    setText(result, text);
    announce(`Result: ${text}`);
    onResult(live.checked);
  }

  return { open };
}

/** Returns the recipe that an image was processed with. @param {api.Image} image */
async function recipeOfImage({ recipe }) {
  if (recipe && typeof recipe === "object") return recipe;
  const recipes = await loadRecipes();
  return (typeof recipe === "string" && recipes[recipe]) || recipes.default;
}

/** Resolves with the image once it has a version and is no longer in process. */
function whenProcessed(key, version) {
  return new Promise((resolve, reject) => {
    const check = () => {
      const image = store.get(key);
      if (!image || image.version < version || image.status === "processing") return;
      end();
      resolve(image);
    };
    const timeout = setTimeout(() => {
      end();
      reject(
        new Error(
          "The request has been queued for a minute. The image updates when it is processed.",
        ),
      );
    }, MAX_WAIT);
    const stop = store.on("change", check);
    const end = () => {
      stop();
      clearTimeout(timeout);
    };
    check();
  });
}
