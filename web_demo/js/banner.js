// Banner for an unreachable API or missing credentials.

import * as api from "./lib/api.js";
import { announce, h, icon } from "./lib/dom.js";
import { retry } from "./pipeline/stats.js";

/** The event of `api.health` that the banner shows. */
let shown = "";

/** @param {HTMLElement} banner */
export function start(banner) {
  api.health.on("reachable", () => {
    if (banner.hidden) return;
    if (shown === "unreachable") announce("The API responds again.");
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
      " The page retries automatically, and uploads continue once the API responds. If it runs on " +
        "this machine, start it with ",
      h("code", null, "make up"),
      ".",
    ),
    h("button", { type: "button", class: "button small", onclick: retry }, "Retry now"),
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
      h("p", null, h("strong", null, "The API requires credentials. "), error.message),
      h(
        "p",
        { class: "soft" },
        "If it is deployed with ApiAuth=api-key, enter the key; the page forgets it when this tab " +
          "is closed. With ApiAuth=iam, requests need a signature with AWS credentials, which do " +
          "not belong in a page: use the command line instead (darkroom upload, darkroom ls).",
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
  announce("The API requires credentials.");
}
