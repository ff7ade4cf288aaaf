// Tries operations on one picture: controls from the schema, a run through the pipeline, the result.

import * as api from "./api.js";
import { makeControl } from "./controls.js";
import { announce, copyButton, h, icon, setText } from "./dom.js";
import { PRESETS, recipeAlone, recipeWith } from "./experiment.js";
import * as show from "./format.js";
import * as recipes from "./recipes.js";
import { operations } from "./schema.js";
import { PLAYGROUND } from "./sources.js";
import { store } from "./store.js";
import { watch } from "./watch.js";

const SETTLED = 350;
const LONGEST_WAIT = 60_000;

/**
 * @param {() => api.Picture | undefined} current
 * @param {(isLive: boolean) => void} onResult whether it follows each change
 * @returns {{element: HTMLElement, open: () => void}}
 */
export function makePlayground(current, onResult) {
  let draft = structuredClone(PRESETS.Plain);
  let isRunning = false;
  let isStale = false;
  let timer = 0;
  let building;

  const groups = h("div", { class: "groups" });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const result = h(
    "p",
    { class: "result", "data-testid": "playground-result" },
    "Nothing run yet.",
  );
  const json = h("pre", { tabindex: 0, "aria-label": "Recipe as JSON" });
  const live = h("input", { type: "checkbox", role: "switch" });
  const run = h(
    "button",
    { type: "button", class: "button primary", onclick: () => start() },
    "Develop",
  );
  const presets = h(
    "div",
    { class: "presets", role: "group", "aria-label": "Presets" },
    Object.keys(PRESETS).map((name) =>
      h(
        "button",
        { type: "button", class: "button small", onclick: () => use(PRESETS[name]) },
        name,
      ),
    ),
  );
  const element = h(
    "div",
    { class: "playground" },
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
    h(
      "div",
      { class: "run" },
      problem,
      result,
      h("div", { class: "row" }, run, h("label", { class: "switch" }, live, "Run at each change")),
    ),
  );

  async function open() {
    building ??= build();
    await building;
  }

  async function build() {
    try {
      const byGroup = operations(await api.getRecipeSchema());
      groups.replaceChildren(
        ...Object.entries(byGroup).flatMap(([name, fields]) =>
          fields.length ? [group(name, fields)] : [],
        ),
      );
      refresh();
    } catch {
      building = undefined;
      complain("The operations cannot be read. Open the playground again in a moment.");
    }
  }

  let controls = [];
  function group(name, fields) {
    const made = fields.map((field) =>
      makeControl(field, {
        read: () => draft[field.name],
        write: (value) => {
          if (value === undefined) delete draft[field.name];
          else draft[field.name] = value;
          changed();
        },
      }),
    );
    controls.push(...made);
    const count = h("span", { class: "count" });
    const names = fields.map((field) => field.name);
    controls.push({
      element: count,
      refresh: () =>
        setText(count, String(names.filter((each) => draft[each] !== undefined).length || "")),
    });
    return h(
      "details",
      { class: "group", open: name === "Geometry" || name === "Output" },
      h("summary", null, name, count),
      made.map((each) => each.element),
    );
  }

  function use(preset) {
    draft = structuredClone(preset);
    refresh();
    start();
  }

  function refresh() {
    for (const control of controls) control.refresh();
    setText(json, JSON.stringify(recipeAlone(draft), null, 2));
    for (const button of presets.children) {
      const isSame = JSON.stringify(PRESETS[button.textContent]) === JSON.stringify(draft);
      button.setAttribute("aria-pressed", String(isSame));
    }
  }

  function changed() {
    refresh();
    clearTimeout(timer);
    if (live.checked) timer = window.setTimeout(start, SETTLED);
  }

  function complain(text) {
    problem.hidden = !text;
    setText(problem, text);
  }

  async function start() {
    const picture = current();
    if (!picture) return;
    if (isRunning) {
      isStale = true;
      return;
    }
    isRunning = true;
    isStale = false;
    complain("");
    run.setAttribute("aria-busy", "true");
    setText(result, "Developing…");
    try {
      const { recipe, leftOut } = recipeWith(await base(picture), draft);
      const since = performance.now();
      const { version } = await api.processImage(picture.key, recipe);
      watch(picture.key, version);
      tell(await arrival(picture.key, version), performance.now() - since, leftOut);
    } catch (error) {
      setText(result, "");
      complain(error.message);
    } finally {
      isRunning = false;
      run.removeAttribute("aria-busy");
    }
    if (isStale) start();
  }

  function tell(picture, took, leftOut) {
    const made = picture.renditions.find(({ name }) => name === PLAYGROUND);
    const failure = picture.failed_request ?? picture.error;
    if (failure || !made) {
      setText(result, "");
      complain(failure?.message ?? "Another recipe came in between. Develop it again.");
      return;
    }
    const left = leftOut.length ? ` Left out, for want of room: ${leftOut.join(", ")}.` : "";
    const text = `${show.format(made.type)} ${show.dimensions(made.width, made.height)}, ${show.size(
      made.bytes,
    )} (${show.saving(made.bytes, picture.bytes)}), made in ${made.ms} ms, here after ${show.duration(
      took,
    )}.${left}`;
    setText(result, text);
    announce(`Developed: ${text}`);
    onResult(live.checked);
  }

  return { element, open };
}

/** The recipe whose renditions stay. */
async function base(picture) {
  if (picture.recipe && typeof picture.recipe === "object") return picture.recipe;
  const all = await recipes.all();
  return all[picture.recipe ?? "default"] ?? all.default;
}

/** Resolves once a picture has a version, and is not at work any more. */
function arrival(key, version) {
  return new Promise((resolve, reject) => {
    const end = (act, value) => {
      stop();
      clearTimeout(timeout);
      act(value);
    };
    const look = () => {
      const picture = store.get(key);
      if (picture && picture.version >= version && picture.status !== "processing") {
        end(resolve, picture);
      }
    };
    const timeout = setTimeout(
      () =>
        end(reject, new Error("It has been in the queue for a minute. It comes when it comes.")),
      LONGEST_WAIT,
    );
    const stop = store.on("change", look);
    look();
  });
}
