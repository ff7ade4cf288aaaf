// Places the states of a state machine: in layers from its beginning to its ends, what is within a
// Parallel or a Map inside of it. Pure. After K. Sugiyama, S. Tagawa and M. Toda, “Methods for visual
// understanding of hierarchical system structures”, 1981: layers, crossings, places.

/**
 * @typedef {{name: string, within?: string}} Node
 * @typedef {{from: string, to: string}} Way
 * @typedef {{name: string, x: number, y: number, width: number, height: number,
 *   isWhole: boolean}} Place with its top left corner; a whole has others within
 * @typedef {{from: string, to: string, points: [number, number][]}} Line from the foot of one
 *   through the gaps between others to the head of the other
 * @typedef {{width: number, height: number, places: Place[], lines: Line[]}} Layout
 */

/** Width of a node: of a letter (about), and of what is beside its name. */
const LETTER = 7.2;
const BESIDE = 48;
const NARROWEST = 108;
const HEIGHT = 34;
const BETWEEN = 16;
const BELOW = 26;
/** Room around what is within a whole; its name is above. */
const PADDING = 14;
const HEAD = 30;
/** Width of a line that passes between nodes. */
const LANE = 10;
const SWEEPS = 12;

/**
 * @param {Node[]} nodes in the order of the definition
 * @param {Way[]} ways between them
 * @param {string} [whole] of which the parts are placed; else those that are in none
 * @returns {Layout}
 */
export function layOut(nodes, ways, whole) {
  const inner = new Map();
  const own = nodes.filter(({ within }) => within === whole);
  const boxes = new Map(own.map((node) => [node.name, boxOf(node, nodes, ways, inner)]));
  const between = ways.filter(
    ({ from, to }) => from !== to && boxes.has(from) && boxes.has(to) && from !== whole,
  );
  const layers = layered(boxes, forward(boxes, between));
  order(layers);
  spread(layers);
  return measured(layers, inner);
}

function boxOf({ name }, nodes, ways, inner) {
  const isWhole = nodes.some(({ within }) => within === name);
  const width = Math.max(NARROWEST, name.length * LETTER + BESIDE);
  const box = { name, above: [], below: [], width, height: HEIGHT, isWhole, x: 0, layer: 0 };
  if (isWhole) {
    const within = layOut(nodes, ways, name);
    inner.set(name, within);
    box.width = Math.max(width, within.width + 2 * PADDING);
    box.height = within.height + HEAD + PADDING;
  }
  return box;
}

/** The ways without those that lead back, so that layers have an end. */
function forward(boxes, ways) {
  const left = new Set();
  const open = new Set();
  const kept = [];
  const visit = (name) => {
    open.add(name);
    for (const way of ways) {
      if (way.from !== name || open.has(way.to)) continue;
      kept.push(way);
      if (!left.has(way.to)) visit(way.to);
    }
    open.delete(name);
    left.add(name);
  };
  for (const name of boxes.keys()) if (!left.has(name)) visit(name);
  return kept;
}

/** Boxes in layers, each below all that lead to it; a long way has a lane in each between. */
function layered(boxes, ways) {
  let isSettled = false;
  while (!isSettled) {
    isSettled = true;
    for (const { from, to } of ways) {
      const least = boxes.get(from).layer + 1;
      if (boxes.get(to).layer < least) {
        boxes.get(to).layer = least;
        isSettled = false;
      }
    }
  }
  const layers = [];
  for (const box of boxes.values()) (layers[box.layer] ??= []).push(box);
  for (const { from, to } of ways) {
    let last = boxes.get(from);
    for (let layer = last.layer + 1; layer < boxes.get(to).layer; layer++) {
      const lane = { above: [], below: [], width: LANE, height: 0, x: 0, layer, way: { from, to } };
      layers[layer].push(lane);
      join(last, lane);
      last = lane;
    }
    join(last, boxes.get(to));
  }
  return layers;
}

function join(upper, lower) {
  upper.below.push(lower);
  lower.above.push(upper);
}

const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/** Orders each layer by where its neighbors are, down and up, so that few lines cross. */
function order(layers) {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : layers.toReversed()) {
      const at = new Map();
      layer.forEach((box, index) => {
        const others = isDown ? box.above : box.below;
        const ranks = others.map((each) => layers[each.layer].indexOf(each));
        at.set(box, ranks.length ? mean(ranks) : index);
      });
      layer.sort((a, b) => at.get(a) - at.get(b));
    }
  }
}

/** Gives each box the x of its middle: as near to its neighbors' as its layer allows. */
function spread(layers) {
  for (const layer of layers) place(layer, (_, at) => at);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : layers.toReversed()) {
      place(layer, (box) => {
        const others = isDown ? box.above : box.below;
        return others.length ? mean(others.map(({ x }) => x)) : box.x;
      });
    }
  }
}

/**
 * The places nearest to those wanted (least squares) that leave room between: pools of adjacent
 * violators, as in isotonic regression.
 */
function place(layer, wanted) {
  let offset = 0;
  const pools = [];
  layer.forEach((box, at) => {
    if (at) offset += (layer[at - 1].width + box.width) / 2 + BETWEEN;
    box.offset = offset;
    pools.push({ boxes: [box], at: wanted(box, at) - offset });
    while (pools.length > 1 && pools.at(-2).at > pools.at(-1).at) {
      const last = pools.pop();
      const before = pools.at(-1);
      const [many, few] = [before.boxes.length, last.boxes.length];
      before.at = (before.at * many + last.at * few) / (many + few);
      before.boxes.push(...last.boxes);
    }
  });
  for (const { boxes, at } of pools) for (const box of boxes) box.x = at + box.offset;
}

/** Coordinates from the top left corner, with what is within wholes in its place. */
function measured(layers, inner) {
  const all = layers.flat();
  const left = Math.min(...all.map(({ x, width }) => x - width / 2));
  const right = Math.max(...all.map(({ x, width }) => x + width / 2));
  let y = 0;
  for (const layer of layers) {
    const height = Math.max(...layer.map((box) => box.height));
    for (const box of layer) Object.assign(box, { x: box.x - left, y, room: height });
    y += height + BELOW;
  }
  /** @type {Layout} */
  const layout = { width: right - left, height: y - BELOW, places: [], lines: [] };
  for (const box of all) {
    if (box.way) continue;
    const { name, width, height, isWhole } = box;
    const corner = { x: box.x - width / 2, y: box.y };
    layout.places.push({ name, ...corner, width, height, isWhole });
    const within = inner.get(name);
    if (within) shift(layout, within, corner.x + (width - within.width) / 2, box.y + HEAD);
    for (const below of box.below) layout.lines.push(lineOf(box, below));
  }
  return layout;
}

function shift(layout, { places, lines }, x, y) {
  for (const each of places) layout.places.push({ ...each, x: each.x + x, y: each.y + y });
  for (const each of lines) {
    layout.lines.push({ ...each, points: each.points.map(([px, py]) => [px + x, py + y]) });
  }
}

/** @returns {Line} */
function lineOf(from, next) {
  const points = [[from.x, from.y + from.height]];
  let each = next;
  while (each.way) {
    points.push([each.x, each.y], [each.x, each.y + each.room]);
    [each] = each.below;
  }
  points.push([each.x, each.y]);
  return { from: from.name, to: each.name, points };
}
