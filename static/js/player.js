// The recording: click a word, a time or a quote and hear it; the word that sounds is marked.
"use strict";

const player = document.getElementById("player");
const PAD_S = 3; // what stands around a quote is heard too
let until = null; // where a quote ends
let marked = null;
let words = []; // [time, element], in order
let wordsOf = null; // the pane they were read from

function play(from, to = null) {
  until = to;
  player.currentTime = Math.max(0, from);
  player.play().catch(() => {});
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-play], .w[data-t], a.pointer");
  if (!target || !player) return;
  if (target.matches("a.pointer")) {
    event.preventDefault();
    play(Number(target.dataset.start), Number(target.dataset.end));
    follow(document.getElementById(target.hash.slice(1).split(/[-+]/)[0]));
  } else if (target.matches(".w")) {
    if (String(window.getSelection())) return; // a selection is not a click
    play(Number(target.dataset.t));
  } else {
    const pad = "pad" in target.dataset ? PAD_S : 0;
    play(Number(target.dataset.play) - pad, target.dataset.until ? Number(target.dataset.until) + pad : null);
    if (target.dataset.sources) follow(document.getElementById(`s${target.dataset.sources.split(" ")[0]}`));
  }
});

// Marks the sentence a quote comes from, inside its own scroll box.
function follow(line) {
  if (!line) return;
  document.querySelectorAll(".line.is-source").forEach((other) => other.classList.remove("is-source"));
  line.classList.add("is-source");
  scrollInto(line);
}

function scrollInto(line) {
  const box = document.getElementById("transcript-body");
  const top = line.getBoundingClientRect().top - box.getBoundingClientRect().top;
  if (top < 0 || top > box.clientHeight - 60) box.scrollTo({ top: box.scrollTop + top - box.clientHeight / 3 });
}

function readWords() {
  wordsOf = document.getElementById("transcript");
  words = [...wordsOf.querySelectorAll(".w[data-t]")].map((word) => [Number(word.dataset.t), word]);
}

function wordAt(time) {
  let low = 0;
  let high = words.length - 1;
  let found = null;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (words[middle][0] <= time + 0.02) { found = words[middle][1]; low = middle + 1; } else high = middle - 1;
  }
  return found;
}

function tick() {
  const time = player.currentTime;
  if (until !== null && time >= until) {
    player.pause();
    until = null;
  }
  const word = wordAt(time);
  if (word !== marked) {
    marked?.classList.remove("is-now");
    word?.classList.add("is-now");
    const line = word?.closest(".line");
    if (line && line !== marked?.closest(".line")) {
      document.querySelectorAll(".line.is-now").forEach((other) => other.classList.remove("is-now"));
      line.classList.add("is-now");
      if (!player.paused && !document.querySelector("#transcript .editing")) scrollInto(line);
    }
    marked = word;
  }
}

function run() {
  tick();
  if (!player.paused) requestAnimationFrame(run);
}

if (player) {
  readWords();
  player.addEventListener("play", () => requestAnimationFrame(run));
  player.addEventListener("seeked", tick);
  player.addEventListener("timeupdate", tick); // also where the window is not drawn
  document.getElementById("back5").addEventListener("click", () => { until = null; player.currentTime -= 5; });
  document.getElementById("forward5").addEventListener("click", () => { until = null; player.currentTime += 5; });
  const speed = document.getElementById("speed");
  const kept = localStorage.getItem("polosa.speed");
  if (kept && [...speed.options].some((option) => option.value === kept)) speed.value = kept;
  const hurry = () => { player.playbackRate = Number(speed.value); localStorage.setItem("polosa.speed", speed.value); };
  speed.addEventListener("change", hurry);
  player.addEventListener("loadedmetadata", hurry);
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target === document || document.getElementById("transcript").contains(event.target)) { marked = null; readWords(); }
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const act = { KeyJ: () => { player.currentTime -= 5; }, KeyL: () => { player.currentTime += 5; }, KeyK: () => { until = null; if (player.paused) player.play(); else player.pause(); } }[event.code];
    if (act) { event.preventDefault(); act(); }
  });
  document.addEventListener("dblclick", (event) => {
    const line = event.target.closest(".line:not(.editing)");
    if (!line || event.target.closest("button")) return;
    window.getSelection().removeAllRanges();
    player.pause();
    line.querySelector("[data-testid='edit-line']")?.click();
  });
}
