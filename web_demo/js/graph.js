// An execution as a picture: its states, what became of each, and the ways that it went.

import { h, svg } from "./dom.js";
import { layOut } from "./layers.js";

/** @typedef {import("./api.js").Workflow} Workflow */

const MARGIN = 24;
const ICONS = { succeeded: "check", failed: "alert" };

/**
 * The states that are drawn: what only an error leads to is left out until it has.
 * @param {Workflow} workflow
 */
export function drawn({ states, transitions }) {
  const wanted = new Set();
  const add = (name) => {
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const { from, to, on, taken } of transitions) {
      if (from === name && (on === "success" || taken)) add(to);
    }
  };
  if (states.length) add(states[0].name);
  for (const { name, entered } of states) if (entered) add(name);
  const shown = states.filter(({ name }) => wanted.has(name));
  const ways = transitions.filter(
    ({ from, to, on, taken }) => wanted.has(from) && wanted.has(to) && (on === "success" || taken),
  );
  return { shown, ways };
}

/**
 * @param {Workflow} workflow
 * @returns {HTMLElement}
 */
export function draw(workflow) {
  const { shown, ways } = drawn(workflow);
  const layout = layOut(shown, ways);
  const width = layout.width + 2 * MARGIN;
  const height = layout.height + 2 * MARGIN;
  const image = svg("svg", {
    class: "graph",
    role: "img",
    "aria-label": summary(shown, workflow.states.length - shown.length),
    viewBox: `${-MARGIN} ${-MARGIN} ${width} ${height}`,
    width: Math.round(width),
    height: Math.round(height),
  });
  const states = new Map(shown.map((state) => [state.name, state]));
  const taken = new Set(ways.filter((way) => way.taken).map(({ from, to }) => `${from} ${to}`));
  const wholes = layout.places.filter(({ isWhole }) => isWhole);
  const steps = layout.places.filter(({ isWhole }) => !isWhole);
  const lines = layout.lines.map((line) => ({ ...line, isTaken: taken.has(`${line.from} ${line.to}`) }));
  image.append(
    ...wholes.map((place) => whole(place, states.get(place.name))),
    ...lines.sort((a, b) => Number(a.isTaken) - Number(b.isTaken)).map(path),
    ...steps.map((place) => step(place, states.get(place.name))),
  );
  return h("div", { class: "graph-frame", tabindex: 0, role: "group", "aria-label": "Graph" }, image);
}

function summary(shown, hidden) {
  const told = shown.map(({ name, status }) => `${name}: ${status}`).join(", ");
  const rest = hidden ? `. ${hidden} states that errors lead to are left out` : "";
  return `The execution's states. ${told}${rest}.`;
}

function path({ points, isTaken }) {
  const [[x, y], ...rest] = points;
  let d = `M${round(x)} ${round(y)}`;
  let [px, py] = [x, y];
  for (const [nx, ny] of rest) {
    const middle = (py + ny) / 2;
    d +=
      nx === px
        ? `V${round(ny)}`
        : `C${round(px)} ${round(middle)} ${round(nx)} ${round(middle)} ${round(nx)} ${round(ny)}`;
    [px, py] = [nx, ny];
  }
  return svg("path", { d, class: isTaken ? "way is-taken" : "way" });
}

const round = (number) => Math.round(number * 10) / 10;

function frame({ x, y, width, height }, { status, type }, name) {
  const group = svg("g", {
    class: name,
    "data-status": status,
    "data-type": type,
    transform: `translate(${round(x)} ${round(y)})`,
  });
  const radius = type === "Choice" || type === "Succeed" || type === "Fail" ? height / 2 : 8;
  group.append(svg("rect", { width: round(width), height: round(height), rx: radius }));
  return group;
}

function label(text, attributes) {
  const element = svg("text", attributes);
  element.textContent = text;
  return element;
}

function whole(place, state) {
  const group = frame(place, state, "whole");
  group.append(label(state.name, { x: 14, y: 20 }));
  return group;
}

function step(place, state) {
  const group = frame(place, state, "step");
  group.dataset.name = state.name;
  const middle = place.height / 2;
  if (ICONS[state.status]) {
    const mark = svg("use", { href: `#icon-${ICONS[state.status]}`, width: 13, height: 13 });
    mark.setAttribute("transform", `translate(11 ${middle - 6.5})`);
    group.append(mark);
  } else group.append(svg("circle", { cx: 17, cy: middle, r: 3.5 }));
  group.append(label(state.name, { x: 31, y: middle + 4 }));
  const title = svg("title", {});
  title.textContent = [state.name, state.status, state.error].filter(Boolean).join(" · ");
  group.prepend(title);
  return group;
}
