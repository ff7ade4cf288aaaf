// What to do when the API cannot be reached or asks for credentials. Tries again by itself.

import * as api from "./api.js";
import { announce, h, icon } from "./dom.js";

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 15_000;

let pause = FIRST_PAUSE;
let timer = 0;
let shown = "";

/** @param {HTMLElement} banner */
export function start(banner) {
  api.health.on("reachable", () => {
    clearTimeout(timer);
    timer = 0;
    pause = FIRST_PAUSE;
    if (banner.hidden) return;
    if (shown === "unreachable") announce("The API answers again.");
    shown = "";
    banner.hidden = true;
    banner.replaceChildren();
  });
  api.health.on("unreachable", (error) => {
    if (shown !== "unreachable") showOutage(banner, error);
    // Other parts of the page ask as well; one timer is enough.
    if (!timer) timer = window.setTimeout(tryAgain, pause);
  });
  api.health.on("denied", (error) => {
    if (shown !== "denied") showDenial(banner, error);
  });
}

async function tryAgain() {
  pause = Math.min(LONGEST_PAUSE, pause * 1.7);
  timer = 0;
  try {
    await api.getStats();
  } catch {
    // The answer has been told to `health` already.
  }
}

function showOutage(banner, error) {
  shown = "unreachable";
  banner.dataset.kind = "outage";
  banner.replaceChildren(
    icon("alert"),
    h(
      "p",
      null,
      h("strong", null, error.message),
      " Nothing is lost: files that you have chosen wait here. Locally, see whether ",
      h("code", null, "make up"),
      " runs. This page keeps trying.",
    ),
    h("button", { type: "button", class: "button small", onclick: tryAgain }, "Try now"),
  );
  banner.hidden = false;
  announce(error.message);
}

function showDenial(banner, error) {
  shown = "denied";
  banner.dataset.kind = "denial";
  const input = h("input", {
    type: "password",
    id: "api-key",
    autocomplete: "off",
    spellcheck: false,
    required: true,
  });
  const submit = (event) => {
    event.preventDefault();
    api.setApiKey(input.value.trim());
    shown = "";
    tryAgain();
  };
  banner.replaceChildren(
    icon("alert"),
    h(
      "div",
      null,
      h("p", null, h("strong", null, "The API asks for credentials. "), error.message),
      h(
        "p",
        { class: "soft" },
        "Deployed with ApiAuth=api-key, it takes a key: it is kept until this tab closes. " +
          "With ApiAuth=iam, requests have to be signed with AWS credentials, which a page should " +
          "not hold: use the command line (darkroom upload, darkroom ls) instead.",
      ),
    ),
    h(
      "form",
      { class: "key-form", onsubmit: submit },
      h("label", { for: "api-key" }, "API key"),
      input,
      h("button", { type: "submit", class: "button small" }, "Use key"),
    ),
  );
  banner.hidden = false;
  announce("The API asks for credentials.");
}
