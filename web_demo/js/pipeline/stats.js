// Pipeline panel: queue length, latency, failures and throughput, polled while images change.

import * as api from "../lib/api.js";
import { announce, byId, setText, svg } from "../lib/dom.js";
import { duration } from "../lib/format.js";
import { feed } from "../lib/feed.js";
import { activity, isBusy } from "../lib/image-watcher.js";
import { poll } from "../lib/polling.js";

const BUSY_INTERVAL = 700;
const ACTIVE_INTERVAL = 2000;
/** While nothing changes; the throughput moves on. */
const IDLE_INTERVAL = 120_000;
/** Milliseconds after a change, or after the page has opened, until it is idle. */
const ACTIVE_TIME = 10_000;

/** Status of the API, shown in the page's header; slowness takes its place. */
let apiStatus = { state: "unknown", text: "Connecting" };

let activeUntil = performance.now() + ACTIVE_TIME;

const schedule = poll(refresh, () => {
  if (isBusy()) return BUSY_INTERVAL;
  return performance.now() < activeUntil ? ACTIVE_INTERVAL : IDLE_INTERVAL;
});

function setActive() {
  const isIdle = performance.now() >= activeUntil;
  activeUntil = performance.now() + ACTIVE_TIME;
  if (isIdle) schedule();
}

/** Polls while the page is visible. */
export function start() {
  activity.on("busy", () => schedule());
  activity.on("idle", setActive);
  feed.on("change", setActive);
  api.health.on("unreachable", () => setApiStatus("down", "API unreachable"));
  api.health.on("denied", () => setApiStatus("down", "Credentials required"));
  api.health.on("reachable", () => apiStatus.state === "down" && setApiStatus("unknown", "Connecting"));
  api.pace.on("slow", () => {
    renderApiStatus();
    announce("The API is slow.");
  });
  api.pace.on("fast", renderApiStatus);
  schedule();
}

/** Sends a request now, without the pause after a failure. */
export const retry = () => schedule();

async function refresh() {
  try {
    render(await api.getStats());
  } catch (error) {
    byId("pipeline").toggleAttribute("data-stale", true);
    setText(byId("stats-scope"), "no response");
    throw error;
  }
}

function setApiStatus(state, text) {
  apiStatus = { state, text };
  renderApiStatus();
}

function renderApiStatus() {
  const isSlow = api.isSlow() && apiStatus.state !== "down";
  const element = byId("api-status");
  element.dataset.state = isSlow ? "slow" : apiStatus.state;
  element.title = isSlow ? "Responses are slow, so the page polls less often." : "";
  setText(byId("api-status-text"), isSlow ? "API slow" : apiStatus.text);
}

const count = (value) => value.toLocaleString("en");

/** @param {api.Stats} stats */
function render({ queue, newest, latency, throughput }) {
  const isWorking = queue.waiting + queue.in_flight + newest.processing > 0;
  setApiStatus(isWorking ? "busy" : "idle", isWorking ? "Processing" : "Idle");
  byId("pipeline").removeAttribute("data-stale");
  setText(
    byId("stats-scope"),
    newest.is_all ? "all images" : `newest ${count(newest.images)} images`,
  );
  setStat("waiting", count(queue.waiting), queue.waiting > 0);
  setStat("in-flight", count(queue.in_flight), queue.in_flight > 0);
  setStat("done", count(newest.done));
  setStat("failed", count(newest.failed), newest.failed > 0);
  setStat("dead", count(queue.dead), queue.dead > 0);
  setStat("median", latency ? duration(latency.median) : "–");
  setStat("p95", latency ? duration(latency.p95) : "–");
  renderThroughput(throughput);
}

function setStat(name, text, isHighlighted = false) {
  const element = byId(`stat-${name}`);
  setText(element, text);
  element.toggleAttribute("data-on", isHighlighted);
}

let renderedCounts = "";

/** @param {api.Stats["throughput"]} throughput */
function renderThroughput({ seconds, counts }) {
  if (counts.join() === renderedCounts) return;
  renderedCounts = counts.join();
  const peak = Math.max(0, ...counts);
  const sum = counts.reduce((total, each) => total + each, 0);
  const span = duration(seconds * counts.length * 1000);
  const chart = byId("sparkline");
  chart.replaceChildren(barChart(counts, peak));
  chart.setAttribute(
    "aria-label",
    sum
      ? `${count(sum)} images in the last ${span}, at most ${peak} in ${duration(seconds * 1000)}`
      : `No images in the last ${span}`,
  );
  setText(byId("sparkline-caption"), `Throughput, last ${span}`);
  setText(byId("sparkline-peak"), peak ? `peak ${((peak / seconds) * 60).toFixed(0)} / min` : "idle");
}

function barChart(counts, peak) {
  const chart = svg("svg", {
    viewBox: `0 0 ${Math.max(counts.length, 1)} 10`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  counts.forEach((each, index) => {
    const height = each ? Math.max(1, (each / peak) * 10) : 0.35;
    const box = { x: index + 0.14, y: 10 - height, width: 0.72, height };
    chart.append(svg("rect", { ...box, class: each ? "bar" : "bar empty" }));
  });
  return chart;
}
