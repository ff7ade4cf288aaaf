// Form controls for the fields of the recipe schema.

import { h, setText } from "../lib/dom.js";
import { INITIAL_VALUES, SLIDER_RANGES } from "./presets.js";

/**
 * @typedef {import("./recipe-schema.js").Field} Field
 * @typedef {{read: () => any, write: (value: any) => void}} Binding undefined is an omitted field
 * @typedef {{element: HTMLElement, refresh: () => void}} Control
 */

const MAX_SLIDER_RANGE = 512;

let lastId = 0;

/**
 * Creates the control of an operation or of one of its fields.
 * @param {Field} field
 * @param {Binding} binding
 * @param {boolean} [isInner]
 * @returns {Control}
 */
export function createControl(field, binding, isInner = false) {
  if (field.kind === "variants") return variants(field, binding);
  if (field.kind === "toggle") return toggle(field, binding);
  const value = valueControl(field, binding);
  // An empty number or text within an operation means that the field is omitted.
  const canBeEmpty = isInner && (field.kind === "text" || field.kind === "number");
  return field.isNullable && !canBeEmpty ? optional(field, binding, value) : labeled(field, value);
}

const title = (name) => {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const hint = (field, id) =>
  field.description ? h("p", { class: "hint", id }, field.description) : null;

function labeled(field, control) {
  const id = `hint-${++lastId}`;
  const unit = field.unit && h("span", { class: "unit" }, ` ${field.unit}`);
  const name = h("span", { class: "control-name" }, title(field.name), unit);
  const isGroup = field.kind === "object";
  const element = isGroup
    ? h("div", { class: "control nested", role: "group", "aria-label": title(field.name) })
    : h("label", { class: "control" });
  element.append(name, control.element);
  const text = hint(field, id);
  // Outside of the label, because the control's name would include it there.
  const frame = h("div", { class: "control-frame" }, element, text);
  control.focus?.setAttribute("aria-label", title(field.name));
  if (text && control.focus) control.focus.setAttribute("aria-describedby", id);
  return { element: frame, refresh: control.refresh };
}

/** A switch that shows and hides the control below it. */
function optional(field, { read, write }, value) {
  const id = `hint-${++lastId}`;
  const input = h("input", {
    type: "checkbox",
    role: "switch",
    onchange: () => {
      write(input.checked ? initialValue(field) : omitted(field));
      refresh();
    },
  });
  const text = hint(field, id);
  if (text) input.setAttribute("aria-describedby", id);
  const body = h(
    "div",
    { class: "control-body", role: "group", "aria-label": title(field.name) },
    field.more && h("p", { class: "hint" }, field.more),
    value.element,
  );
  value.focus?.setAttribute("aria-label", title(field.name));
  const element = h(
    "div",
    { class: "control-frame optional" },
    h("label", { class: "switch" }, input, title(field.name)),
    text,
    body,
  );
  const refresh = () => {
    const now = read() === undefined ? field.initial : read();
    input.checked = now !== undefined && now !== null;
    body.hidden = !input.checked;
    value.refresh();
  };
  refresh();
  return { element, refresh };
}

/** Returns null for a field whose omission would apply a default. */
const omitted = (field) => (field.initial === undefined ? undefined : null);

/** Returns the value of a field that is switched on. */
function initialValue(field) {
  const initial = INITIAL_VALUES[field.name];
  if (initial !== undefined) return structuredClone(initial);
  if (field.initial !== undefined) return field.initial;
  if (field.kind === "object") return {};
  if (field.kind === "choice") return field.choices[0];
  if (field.kind === "number") return SLIDER_RANGES[field.name]?.[0] ?? Math.max(field.min ?? 0, 1);
  return field.kind === "color" ? "#ffffff" : "";
}

function toggle(field, { read, write }) {
  const id = `hint-${++lastId}`;
  const input = h("input", {
    type: "checkbox",
    role: "switch",
    onchange: () => write(input.checked === Boolean(field.initial) ? undefined : input.checked),
  });
  const text = hint(field, id);
  if (text) input.setAttribute("aria-describedby", id);
  const refresh = () => (input.checked = read() ?? field.initial ?? false);
  refresh();
  return {
    element: h(
      "div",
      { class: "control-frame optional" },
      h("label", { class: "switch" }, input, title(field.name)),
      text,
    ),
    refresh,
  };
}

function valueControl(field, binding) {
  if (field.kind === "object") return object(field, binding);
  if (field.kind === "choice") return choice(field, binding);
  if (field.kind === "color") return color(field, binding);
  return field.kind === "number" ? number(field, binding) : text(field, binding);
}

function object(field, { read, write }) {
  const controls = field.fields.map((each) =>
    createControl(
      each,
      {
        read: () => read()?.[each.name],
        write: (value) => {
          const { [each.name]: _, ...rest } = read() ?? {};
          write(value === undefined ? rest : { ...rest, [each.name]: value });
        },
      },
      true,
    ),
  );
  return {
    element: h(
      "div",
      { class: "fields" },
      controls.map((each) => each.element),
    ),
    refresh: () => controls.forEach((each) => each.refresh()),
  };
}

function choice(field, { read, write }) {
  const select = h(
    "select",
    {
      onchange: () => {
        const value = field.choices[select.selectedIndex];
        write(value === field.initial ? undefined : value);
      },
    },
    field.choices.map((each) => h("option", null, each)),
  );
  const refresh = () =>
    (select.selectedIndex = Math.max(0, field.choices.indexOf(read() ?? field.initial)));
  refresh();
  return { element: select, focus: select, refresh };
}

/** A number input, with a slider if the range is narrow enough for one. */
function number(field, { read, write }) {
  const fallback = [field.min, field.max, field.isInteger ? 1 : 0.01];
  const [min, max, step] = SLIDER_RANGES[field.name] ?? fallback;
  const hasSlider = min !== undefined && max !== undefined && max - min <= MAX_SLIDER_RANGE;
  const input = h("input", {
    type: "number",
    min: field.min,
    max: field.max,
    step: field.isInteger ? 1 : "any",
    placeholder: field.isNullable ? "auto" : "",
    oninput: () => {
      write(input.value === "" ? undefined : Number(input.value));
      if (slider) slider.value = input.value;
    },
  });
  const slider =
    hasSlider &&
    h("input", {
      type: "range",
      tabindex: -1,
      "aria-hidden": "true",
      min,
      max,
      step,
      oninput: () => {
        input.value = slider.value;
        write(Number(slider.value));
      },
    });
  const refresh = () => {
    const value = read() ?? field.initial;
    if (document.activeElement !== input) input.value = value ?? "";
    if (slider) slider.value = String(value ?? min);
  };
  refresh();
  return { element: h("span", { class: "number" }, input, slider), focus: input, refresh };
}

function text(field, { read, write }) {
  const input = h("input", {
    type: "text",
    maxLength: field.maxLength ?? 200,
    placeholder: field.pattern?.includes(":") ? "16:9" : "",
    oninput: () => write(input.value === "" ? undefined : input.value),
  });
  const refresh = () => (input.value = read() ?? field.initial ?? "");
  refresh();
  return { element: input, focus: input, refresh };
}

/** A color input with a slider for the opacity, which browsers' color inputs lack. */
function color(field, { read, write }) {
  const input = h("input", { type: "color", oninput: () => save() });
  const opacity =
    field.hasAlpha &&
    h("input", {
      type: "range",
      min: 0,
      max: 255,
      "aria-label": `${title(field.name)}: opacity`,
      oninput: () => save(),
    });
  const code = h("code", null);
  const save = () => {
    const alpha = opacity ? Number(opacity.value) : 255;
    const value = input.value + (alpha < 255 ? alpha.toString(16).padStart(2, "0") : "");
    setText(code, value);
    write(value === field.initial ? undefined : value);
  };
  const refresh = () => {
    const value = read() ?? field.initial ?? "#ffffff";
    input.value = value.slice(0, 7);
    if (opacity) opacity.value = String(parseInt(value.slice(7) || "ff", 16));
    setText(code, value);
  };
  refresh();
  return { element: h("span", { class: "color" }, input, opacity, code), focus: input, refresh };
}

/** A choice among kinds of objects, such as the output formats, with the fields of each. */
function variants(field, { read, write }) {
  const select = h(
    "select",
    {
      "aria-label": title(field.tag),
      onchange: () => {
        write({ [field.tag]: select.value });
        refresh();
      },
    },
    Object.keys(field.variants).map((each) => h("option", null, each)),
  );
  const body = h("div", { class: "fields" });
  let shown = "";
  let inner = { element: body, refresh() {} };
  const refresh = () => {
    const value = read() ?? {};
    select.value = value[field.tag];
    if (shown !== select.value) {
      shown = select.value;
      inner = object({ ...field, fields: field.variants[shown] ?? [] }, { read, write });
      body.replaceChildren(inner.element);
    }
    inner.refresh();
  };
  refresh();
  return {
    element: h(
      "div",
      { class: "control-frame" },
      h(
        "label",
        { class: "control" },
        h("span", { class: "control-name" }, title(field.tag)),
        select,
      ),
      body,
    ),
    refresh,
  };
}
