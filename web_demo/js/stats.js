// The panel that shows how the pipeline fares.

import * as api from "./api.js";
import { announce, byId, setText, svg } from "./dom.js";
import { duration } from "./format.js";
import { poll } from "./poll.js";
import { activity, isBusy } from "./watch.js";

const IDLE = 2000;
const BUSY = 700;

/** What the API did last: how the pulse shows it, unless it is slow. */
let last = { state: "unknown", text: "Connecting" };

const schedule = poll(ask, () => (isBusy() ? BUSY : IDLE));

/** Asks for figures for as long as the page is visible. */
export function start() {
  activity.on("busy", () => schedule());
  api.health.on("unreachable", () => pulse("down", "API unreachable"));
  api.health.on("denied", () => pulse("down", "Credentials needed"));
  api.health.on("reachable", () => last.state === "down" && pulse("unknown", "Connecting"));
  api.pace.on("slow", () => {
    render();
    announce("The API is slow.");
  });
  api.pace.on("quick", render);
  schedule();
}

/** Asks at once, whatever the last answer was. */
export const retry = () => schedule();

async function ask() {
  try {
    show(await api.getStats());
  } catch (error) {
    byId("pipeline").toggleAttribute("data-stale", true);
    setText(byId("pipeline-when"), "no answer");
    throw error;
  }
}

function pulse(state, text) {
  last = { state, text };
  render();
}

function render() {
  const isSlow = api.isSlow() && last.state !== "down";
  byId("pulse").dataset.state = isSlow ? "slow" : last.state;
  setText(byId("pulse-text"), isSlow ? "API slow" : last.text);
  byId("pulse").title = isSlow ? "Answers take long, so the page asks less often." : "";
}

const count = (value) => value.toLocaleString("en");

/** @param {api.Stats} stats */
function show({ queue, newest, latency, throughput }) {
  const isWorking = queue.waiting + queue.in_flight + newest.processing > 0;
  pulse(isWorking ? "busy" : "idle", isWorking ? "Developing" : "All quiet");
  byId("pipeline").removeAttribute("data-stale");
  setText(
    byId("pipeline-when"),
    newest.is_all ? "all pictures" : `newest ${count(newest.images)} pictures`,
  );
  figure("waiting", count(queue.waiting), queue.waiting > 0);
  figure("flight", count(queue.in_flight), queue.in_flight > 0);
  figure("done", count(newest.done));
  figure("failed", count(newest.failed), newest.failed > 0);
  figure("dead", count(queue.dead), queue.dead > 0);
  figure("median", latency ? duration(latency.median) : "–");
  figure("p95", latency ? duration(latency.p95) : "–");
  draw(throughput);
}

function figure(name, text, isOn = false) {
  const element = byId(`stat-${name}`);
  setText(element, text);
  element.toggleAttribute("data-on", isOn);
}

let drawn = "";

/** @param {api.Stats["throughput"]} throughput */
function draw({ seconds, counts }) {
  const showing = counts.join();
  if (showing === drawn) return;
  drawn = showing;
  const peak = Math.max(0, ...counts);
  const sum = counts.reduce((total, each) => total + each, 0);
  const span = duration(seconds * counts.length * 1000);
  const image = svg("svg", {
    viewBox: `0 0 ${Math.max(counts.length, 1)} 10`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  counts.forEach((each, at) => {
    const height = each ? Math.max(1, (each / peak) * 10) : 0.35;
    image.append(
      svg("rect", {
        x: at + 0.14,
        y: 10 - height,
        width: 0.72,
        height,
        class: each ? "bar" : "bar none",
      }),
    );
  });
  const plot = byId("spark");
  plot.replaceChildren(image);
  plot.setAttribute(
    "aria-label",
    sum
      ? `${count(sum)} pictures in the last ${span}, at most ${peak} in ${duration(seconds * 1000)}`
      : `No pictures in the last ${span}`,
  );
  setText(byId("spark-caption"), `Throughput, last ${span}`);
  setText(byId("spark-peak"), peak ? `peak ${((peak / seconds) * 60).toFixed(0)} / min` : "idle");
}
