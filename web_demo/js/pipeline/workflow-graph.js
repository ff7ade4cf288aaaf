// Workflow graph: an SVG of an execution's states, their status, and the transitions taken.

import { h, svg } from "../lib/dom.js";
import { layOut } from "./graph-layout.js";

/** @typedef {import("../lib/api.js").Workflow} Workflow */

const MARGIN = 24;
const ICONS = { succeeded: "check", failed: "alert" };

/**
 * Selects the states and transitions to draw. States that only errors lead to are left out until
 * they are entered.
 * @param {Workflow} workflow
 */
function visible({ states, transitions }) {
  const names = new Set();
  const isFollowed = ({ on, taken }) => on === "success" || taken;
  const add = (name) => {
    if (names.has(name)) return;
    names.add(name);
    for (const each of transitions) if (each.from === name && isFollowed(each)) add(each.to);
  };
  if (states.length) add(states[0].name);
  for (const { name, entered } of states) if (entered) add(name);
  return {
    nodes: states.filter(({ name }) => names.has(name)),
    edges: transitions.filter(
      (each) => names.has(each.from) && names.has(each.to) && isFollowed(each),
    ),
  };
}

/**
 * @param {Workflow} workflow
 * @returns {HTMLElement}
 */
export function createGraph(workflow) {
  const { nodes, edges } = visible(workflow);
  const layout = layOut(nodes, edges);
  const width = layout.width + 2 * MARGIN;
  const height = layout.height + 2 * MARGIN;
  const graph = svg("svg", {
    class: "graph",
    role: "img",
    "aria-label": summary(nodes, workflow.states.length - nodes.length),
    viewBox: `${-MARGIN} ${-MARGIN} ${width} ${height}`,
    width: Math.round(width),
    height: Math.round(height),
  });
  const states = new Map(nodes.map((state) => [state.name, state]));
  const taken = new Set(edges.filter((edge) => edge.taken).map(({ from, to }) => `${from} ${to}`));
  const lines = layout.lines.map((line) => ({ ...line, isTaken: taken.has(`${line.from} ${line.to}`) }));
  const create = (isGroup, draw) =>
    layout.boxes
      .filter((box) => box.isGroup === isGroup)
      .map((box) => draw(box, states.get(box.name)));
  graph.append(
    ...create(true, group),
    // Transitions that were taken are drawn over the others.
    ...lines.sort((a, b) => Number(a.isTaken) - Number(b.isTaken)).map(path),
    ...create(false, step),
  );
  return h("div", { class: "graph-frame", tabindex: 0, role: "group", "aria-label": "Graph" }, graph);
}

function summary(nodes, hidden) {
  const states = nodes.map(({ name, status }) => `${name}: ${status}`).join(", ");
  const rest = hidden ? `. ${hidden} error states are hidden` : "";
  return `States of the execution. ${states}${rest}.`;
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
  return svg("path", { d, class: isTaken ? "edge is-taken" : "edge" });
}

const round = (number) => Math.round(number * 10) / 10;

function frame({ x, y, width, height }, { status, type }, className) {
  const element = svg("g", {
    class: className,
    "data-status": status,
    "data-type": type,
    transform: `translate(${round(x)} ${round(y)})`,
  });
  const radius = type === "Choice" || type === "Succeed" || type === "Fail" ? height / 2 : 8;
  element.append(svg("rect", { width: round(width), height: round(height), rx: radius }));
  return element;
}

function label(text, attributes) {
  const element = svg("text", attributes);
  element.textContent = text;
  return element;
}

function group(box, state) {
  const element = frame(box, state, "graph-group");
  element.append(label(state.name, { x: 14, y: 20 }));
  return element;
}

function step(box, state) {
  const element = frame(box, state, "step");
  element.dataset.name = state.name;
  const middle = box.height / 2;
  if (ICONS[state.status]) {
    const mark = svg("use", { href: `#icon-${ICONS[state.status]}`, width: 13, height: 13 });
    mark.setAttribute("transform", `translate(11 ${middle - 6.5})`);
    element.append(mark);
  } else element.append(svg("circle", { cx: 17, cy: middle, r: 3.5 }));
  element.append(label(state.name, { x: 31, y: middle + 4 }));
  const title = svg("title", {});
  title.textContent = [state.name, state.status, state.error].filter(Boolean).join(" · ");
  element.prepend(title);
  return element;
}
