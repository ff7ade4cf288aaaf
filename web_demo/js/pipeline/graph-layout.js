// Layered layout of a workflow graph, with the states of a Parallel or a Map inside of it. After
// K. Sugiyama, S. Tagawa and M. Toda, “Methods for visual understanding of hierarchical system
// structures”, 1981: layer assignment, crossing reduction, coordinate assignment.

/**
 * @typedef {{name: string, within?: string}} Node
 * @typedef {{from: string, to: string}} Edge
 * @typedef {{name: string, x: number, y: number, width: number, height: number,
 *   isGroup: boolean}} Box x and y of its top left corner; a group has other boxes inside
 * @typedef {{from: string, to: string, points: [number, number][]}} Line from the bottom of a box,
 *   between others, to the top of another
 * @typedef {{width: number, height: number, boxes: Box[], lines: Line[]}} Layout
 */

/** Width of a node: of each letter of its name, about, and of the rest. */
const LETTER_WIDTH = 7.2;
const NODE_PADDING = 48;
const MIN_NODE_WIDTH = 108;
const NODE_HEIGHT = 34;
const COLUMN_GAP = 16;
const LAYER_GAP = 26;
const GROUP_PADDING = 14;
/** Height of a group's name. */
const GROUP_HEADER = 30;
/** Width of a lane: the space for a line that passes between nodes. */
const LANE_WIDTH = 10;
/** Iterations of crossing reduction and of coordinate assignment. */
const SWEEPS = 12;

/**
 * @param {Node[]} nodes in the order of the definition
 * @param {Edge[]} edges
 * @param {string} [group] whose nodes are laid out; without it, those outside of groups
 * @returns {Layout}
 */
export function layOut(nodes, edges, group) {
  const groups = new Map();
  const own = nodes.filter(({ within }) => within === group);
  const boxes = new Map(own.map((node) => [node.name, createBox(node, nodes, edges, groups)]));
  const between = edges.filter(
    ({ from, to }) => from !== to && boxes.has(from) && boxes.has(to) && from !== group,
  );
  const layers = assignLayers(boxes, withoutBackEdges(boxes, between));
  reduceCrossings(layers);
  assignColumns(layers);
  return toLayout(layers, groups);
}

function createBox({ name }, nodes, edges, groups) {
  const isGroup = nodes.some(({ within }) => within === name);
  const width = Math.max(MIN_NODE_WIDTH, name.length * LETTER_WIDTH + NODE_PADDING);
  const box = { name, above: [], below: [], width, height: NODE_HEIGHT, isGroup, x: 0, layer: 0 };
  if (isGroup) {
    const inner = layOut(nodes, edges, name);
    groups.set(name, inner);
    box.width = Math.max(width, inner.width + 2 * GROUP_PADDING);
    box.height = inner.height + GROUP_HEADER + GROUP_PADDING;
  }
  return box;
}

/** Removes the edges that close a cycle, by depth-first search. */
function withoutBackEdges(boxes, edges) {
  const visited = new Set();
  const open = new Set();
  const kept = [];
  const visit = (name) => {
    open.add(name);
    for (const edge of edges) {
      if (edge.from !== name || open.has(edge.to)) continue;
      kept.push(edge);
      if (!visited.has(edge.to)) visit(edge.to);
    }
    open.delete(name);
    visited.add(name);
  };
  for (const name of boxes.keys()) if (!visited.has(name)) visit(name);
  return kept;
}

/** Puts each box into a layer below all its predecessors, and a lane into each layer between. */
function assignLayers(boxes, edges) {
  let isStable = false;
  while (!isStable) {
    isStable = true;
    for (const { from, to } of edges) {
      const lowest = boxes.get(from).layer + 1;
      if (boxes.get(to).layer < lowest) {
        boxes.get(to).layer = lowest;
        isStable = false;
      }
    }
  }
  const layers = [];
  for (const box of boxes.values()) (layers[box.layer] ??= []).push(box);
  for (const { from, to } of edges) {
    let last = boxes.get(from);
    for (let layer = last.layer + 1; layer < boxes.get(to).layer; layer++) {
      const lane = { above: [], below: [], width: LANE_WIDTH, height: 0, x: 0, layer, isLane: true };
      layers[layer].push(lane);
      connect(last, lane);
      last = lane;
    }
    connect(last, boxes.get(to));
  }
  return layers;
}

function connect(upper, lower) {
  upper.below.push(lower);
  lower.above.push(upper);
}

const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/** Sorts each layer by the mean position of its neighbors, alternating between down and up. */
function reduceCrossings(layers) {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : layers.toReversed()) {
      const ranks = new Map();
      layer.forEach((box, index) => {
        const neighbors = isDown ? box.above : box.below;
        const indexes = neighbors.map((each) => layers[each.layer].indexOf(each));
        ranks.set(box, indexes.length ? mean(indexes) : index);
      });
      layer.sort((a, b) => ranks.get(a) - ranks.get(b));
    }
  }
}

/** Sets the x of each box's center, as close to its neighbors' as its layer allows. */
function assignColumns(layers) {
  for (const layer of layers) place(layer, (_, index) => index);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : layers.toReversed()) {
      place(layer, (box) => {
        const neighbors = isDown ? box.above : box.below;
        return neighbors.length ? mean(neighbors.map(({ x }) => x)) : box.x;
      });
    }
  }
}

/**
 * Places boxes nearest to the wanted positions (least squares) without overlap, with the pool
 * adjacent violators algorithm of isotonic regression.
 */
function place(layer, wanted) {
  let offset = 0;
  const pools = [];
  layer.forEach((box, index) => {
    if (index) offset += (layer[index - 1].width + box.width) / 2 + COLUMN_GAP;
    box.offset = offset;
    pools.push({ boxes: [box], x: wanted(box, index) - offset });
    while (pools.length > 1 && pools.at(-2).x > pools.at(-1).x) {
      const last = pools.pop();
      const previous = pools.at(-1);
      const [a, b] = [previous.boxes.length, last.boxes.length];
      previous.x = (previous.x * a + last.x * b) / (a + b);
      previous.boxes.push(...last.boxes);
    }
  });
  for (const { boxes, x } of pools) for (const box of boxes) box.x = x + box.offset;
}

/** Converts layers to coordinates from the top left corner, with the content of groups. */
function toLayout(layers, groups) {
  const all = layers.flat();
  const left = Math.min(...all.map(({ x, width }) => x - width / 2));
  const right = Math.max(...all.map(({ x, width }) => x + width / 2));
  let y = 0;
  for (const layer of layers) {
    const layerHeight = Math.max(...layer.map((box) => box.height));
    for (const box of layer) Object.assign(box, { x: box.x - left, y, layerHeight });
    y += layerHeight + LAYER_GAP;
  }
  /** @type {Layout} */
  const layout = { width: right - left, height: y - LAYER_GAP, boxes: [], lines: [] };
  for (const box of all) {
    if (box.isLane) continue;
    const { name, width, height, isGroup } = box;
    const corner = { x: box.x - width / 2, y: box.y };
    layout.boxes.push({ name, ...corner, width, height, isGroup });
    const inner = groups.get(name);
    if (inner) addShifted(layout, inner, corner.x + (width - inner.width) / 2, box.y + GROUP_HEADER);
    for (const below of box.below) layout.lines.push(createLine(box, below));
  }
  return layout;
}

function addShifted(layout, { boxes, lines }, x, y) {
  for (const each of boxes) layout.boxes.push({ ...each, x: each.x + x, y: each.y + y });
  for (const each of lines) {
    layout.lines.push({ ...each, points: each.points.map(([px, py]) => [px + x, py + y]) });
  }
}

/** Follows an edge through its lanes. @returns {Line} */
function createLine(from, next) {
  /** @type {[number, number][]} */
  const points = [[from.x, from.y + from.height]];
  let each = next;
  while (each.isLane) {
    points.push([each.x, each.y], [each.x, each.y + each.layerHeight]);
    [each] = each.below;
  }
  points.push([each.x, each.y]);
  return { from: from.name, to: each.name, points };
}
