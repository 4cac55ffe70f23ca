// The Providers page: acts without leaving it; its states are looked at anew now and then.
"use strict";

const LOOK_EVERY_MS = 20_000;
let asking = 0;

document.addEventListener("submit", async (event) => {
  const act = event.target.closest("[data-backend-act]");
  if (!act || event.defaultPrevented) return;
  event.preventDefault();
  const button = event.submitter || act.querySelector("button");
  const words = button.textContent;
  button.disabled = true;
  button.textContent = act.dataset.busy || words;
  asking += 1;
  const answer = await polosa.post(act.action, new FormData(act));
  asking -= 1;
  button.disabled = false;
  button.textContent = words;
  polosa.toast(answer.data.message);
  htmx.trigger(document.body, "polosa:backends");
});

setInterval(() => {
  if (!asking && !document.hidden) htmx.trigger(document.body, "polosa:backends");
}, LOOK_EVERY_MS);
