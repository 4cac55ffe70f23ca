// The Models page: acts without leaving it; while something moves it is looked at every second.
"use strict";

const MOVING_MS = 1_000;
const QUIET_MS = 10_000;
let looked = Date.now();

function lookAtModels() {
  looked = Date.now();
  htmx.trigger(document.body, "polosa:models");
}

document.addEventListener("submit", async (event) => {
  const act = event.target.closest("[data-model-act]");
  if (!act || event.defaultPrevented) return;
  event.preventDefault();
  const button = event.submitter || act.querySelector("button");
  button.disabled = true;
  const answer = await polosa.post(act.action, new FormData(act));
  button.disabled = false;
  polosa.toast(answer.data.message);
  lookAtModels();
});

setInterval(() => {
  if (document.hidden) return;
  const every = document.querySelector("#models[data-moving]") ? MOVING_MS : QUIET_MS;
  if (Date.now() - looked >= every) lookAtModels();
}, MOVING_MS / 2);
