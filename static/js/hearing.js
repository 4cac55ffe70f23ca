// Quotes that were heard: ticked by hand, or because the player ran through one from its first word to its last.
"use strict";

const HEARD_SLACK_S = 0.25; // a player begins and stops a little beside the mark
let listenedFrom = null; // since where the recording has sounded without a jump
let listenedTo = 0;
const onItsWay = new Set(); // keys whose tick is being sent

const chipsOf = (key) => document.querySelectorAll(`[data-quote="${CSS.escape(key)}"]`);

async function tickQuote(key, heard, playedS = null) {
  const wish = new FormData();
  wish.set("key", key);
  wish.set("format", document.getElementById("article").dataset.format);
  wish.set("heard", heard ? "1" : "0");
  if (playedS !== null) wish.set("played_s", playedS.toFixed(2));
  onItsWay.add(key);
  const answer = await polosa.post(document.getElementById("panes").dataset.hear, wish);
  onItsWay.delete(key);
  if (!answer.ok) {
    if (playedS === null || answer.status !== 409) polosa.toast(answer.data.message);
    showTick(key, { heard: !heard, note: "" });
    return;
  }
  showTick(key, answer.data);
  document.querySelectorAll("[data-heard-count]").forEach((count) => { count.innerHTML = answer.data.count; });
  document.getElementById("article").dataset.stamp = answer.data.article;
  document.getElementById("checks").dataset.stamp = answer.data.checks;
}

function showTick(key, { heard, waits, note }) {
  for (const chip of chipsOf(key)) {
    chip.classList.toggle("is-heard", heard);
    chip.classList.toggle("is-wanted", Boolean(waits));
    const box = chip.querySelector("[data-heard-tick]");
    if (box) { box.checked = heard; box.parentElement.title = note; }
    const line = chip.querySelector("[data-heard-note]");
    if (line) { line.textContent = note; line.hidden = !note; }
  }
}

document.addEventListener("change", (event) => {
  const box = event.target.closest("[data-heard-tick]");
  if (box) tickQuote(box.closest("[data-quote]").dataset.quote, box.checked);
});

function listen() {
  if (player.seeking || player.paused && listenedFrom === null) return;
  const now = player.currentTime;
  const jumped = listenedFrom === null || now < listenedTo - HEARD_SLACK_S || now > listenedTo + 3 * player.playbackRate;
  if (jumped || player.muted || player.volume === 0) listenedFrom = now;
  listenedTo = now;
  for (const button of document.querySelectorAll("[data-quote] [data-pad]")) {
    const begins = Number(button.dataset.play);
    const ends = Number(button.dataset.until);
    if (listenedFrom > begins + HEARD_SLACK_S || now < ends) continue;
    const chip = button.closest("[data-quote]");
    const box = chip.querySelector("[data-heard-tick]");
    if (box && !box.checked && !box.disabled && !onItsWay.has(chip.dataset.quote)) tickQuote(chip.dataset.quote, true, ends - begins);
  }
}

if (player) {
  player.addEventListener("timeupdate", listen);
  player.addEventListener("ended", listen);
  player.addEventListener("seeking", () => { listenedFrom = null; });
  player.addEventListener("emptied", () => { listenedFrom = null; });
}
