// What to do when the API cannot be reached or asks for credentials.

import * as api from "./api.js";
import { announce, h, icon } from "./dom.js";
import { retry } from "./stats.js";

let shown = "";

/** @param {HTMLElement} banner */
export function start(banner) {
  api.health.on("reachable", () => {
    if (banner.hidden) return;
    if (shown === "unreachable") announce("The API answers again.");
    shown = "";
    banner.hidden = true;
    banner.replaceChildren();
  });
  api.health.on("unreachable", (error) => {
    if (shown !== "unreachable") showOutage(banner, error);
  });
  api.health.on("denied", (error) => {
    if (shown !== "denied") showDenial(banner, error);
  });
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
    h("button", { type: "button", class: "button small", onclick: retry }, "Try now"),
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
    retry();
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
