// Article and recording side by side: what a sentence stands on is lit in the transcript and in the waveform.
"use strict";

const REST_MS = 200; // a pointer that passes by moves nothing
const SVG = "http://www.w3.org/2000/svg";
const wave = document.getElementById("wave");
let lit = "";
let rest = 0;

function indicesOf(pointer) {
  return pointer.split("+").flatMap((run) => {
    const [first, last = first] = run.split("-").map(Number);
    return Array.from({ length: Math.min(last - first, 200) + 1 }, (_, n) => first + n);
  });
}

function sourcesOf(element) {
  if (element.dataset.sources) return element.dataset.sources.split(" ").map(Number);
  return element.hash?.startsWith("#s") ? indicesOf(element.hash.slice(2)) : [];
}

const lineOf = (idx) => document.getElementById(`s${idx}`);

// --- what the article uses ---

function markUsed() {
  const used = new Set([...document.querySelectorAll("#preview [data-sources], #preview a.pointer")].flatMap(sourcesOf));
  const said = document.getElementById("transcript").dataset.usedWords;
  for (const line of document.querySelectorAll("#transcript .line")) {
    const is = used.has(Number(line.dataset.idx));
    line.classList.toggle("is-used", is);
    if (is) line.setAttribute("aria-description", said); else line.removeAttribute("aria-description");
  }
  showUnused(sessionStorage.getItem("polosa.unused") === "1");
  drawQuotes();
  lit = "";
}

function showUnused(only) {
  const button = document.getElementById("only-unused");
  if (!button) return;
  button.setAttribute("aria-pressed", String(only));
  document.getElementById("transcript").classList.toggle("only-unused", only);
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("#only-unused")) return;
  const only = sessionStorage.getItem("polosa.unused") !== "1";
  sessionStorage.setItem("polosa.unused", only ? "1" : "0");
  showUnused(only);
});

// --- hover, focus, caret ---

function light(sources, mayScroll) {
  const wanted = sources.join(" ");
  if (wanted !== lit) {
    lit = wanted;
    document.querySelectorAll(".line.is-lit").forEach((line) => line.classList.remove("is-lit"));
    const lines = sources.map(lineOf).filter(Boolean);
    lines.forEach((line) => line.classList.add("is-lit"));
    drawSpans("wave-lit", lines.map((line) => [Number(line.dataset.start), Number(line.dataset.end), "lit"]));
  }
  clearTimeout(rest);
  if (mayScroll && sources.length && (!player || player.paused)) {
    rest = setTimeout(() => { const line = lineOf(sources[0]); if (line) scrollInto(line); }, REST_MS);
  }
}

function lightUnder(event) {
  const element = event.target.closest?.("#article [data-sources], #article a.pointer, #checks [data-sources], #quotes [data-quote]");
  const own = element?.matches("[data-quote]") ? element.querySelector("[data-sources]") : element;
  if (own) light(sourcesOf(own), true);
  else if (!event.target.closest?.("textarea[name=body]")) light([], false);
}
document.addEventListener("pointerover", lightUnder);
document.addEventListener("focusin", lightUnder);
document.addEventListener("selectionchange", () => {
  const body = document.activeElement;
  if (!body?.matches("textarea[name=body]")) return;
  const at = body.selectionStart;
  const begins = body.value.lastIndexOf("\n\n", at - 1) + 1;
  const next = body.value.indexOf("\n\n", at);
  const block = body.value.slice(begins, next < 0 ? undefined : next);
  light([...block.matchAll(/\(#s([\d+-]+)\)/g)].flatMap((found) => indicesOf(found[1])), true);
});

// --- the waveform ---

function drawSpans(group, spans) {
  if (!wave) return;
  const long = Number(wave.dataset.seconds);
  document.getElementById(group).replaceChildren(...spans.map(([from, to, kind]) => {
    const span = document.createElementNS(SVG, "rect");
    span.setAttribute("x", String((from / long) * 400));
    span.setAttribute("width", String(Math.max(((to - from) / long) * 400, 1)));
    span.setAttribute("height", "40");
    span.setAttribute("class", kind);
    return span;
  }));
}

function drawQuotes() {
  drawSpans("wave-quotes", [...document.querySelectorAll("#preview .quote-chip [data-pad]")].map((button) => [
    Number(button.dataset.play), Number(button.dataset.until), `quote-${button.closest(".quote-chip").dataset.grade}`,
  ]));
}

function moveHead() {
  const at = player.currentTime;
  document.getElementById("wave-head").setAttribute("x", String((at / Number(wave.dataset.seconds)) * 400));
  wave.setAttribute("aria-valuenow", String(Math.round(at)));
  wave.setAttribute("aria-valuetext", `${Math.floor(at / 60)}:${String(Math.floor(at % 60)).padStart(2, "0")}`);
}

if (wave && player) {
  wave.addEventListener("click", (event) => {
    const box = wave.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * Number(wave.dataset.seconds);
    if (player.paused) { until = null; player.currentTime = at; } else play(at);
  });
  wave.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 5, ArrowUp: 5, ArrowLeft: -5, ArrowDown: -5, PageUp: 30, PageDown: -30 }[event.key];
    const to = { Home: 0, End: Number(wave.dataset.seconds) }[event.key] ?? (step && player.currentTime + step);
    if (to === undefined || event.altKey) return;
    event.preventDefault();
    until = null;
    player.currentTime = Math.min(Math.max(0, to), Number(wave.dataset.seconds));
  });
  player.addEventListener("timeupdate", moveHead);
  player.addEventListener("seeked", moveHead);
}
document.addEventListener("polosa:preview", markUsed);
document.addEventListener("htmx:after:swap", markUsed);
markUsed();
