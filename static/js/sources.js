// Article and recording side by side: what a sentence of the article stands on is lit in the transcript and in the
// waveform, when the pointer or the focus is on it, when it is tapped, or when the caret is in it.
"use strict";

const REST_MS = 200; // a pointer that passes by moves nothing
const SVG = "http://www.w3.org/2000/svg";
const wave = document.getElementById("wave");
let lit = "";
let rest = 0;
let reading = ""; // the sentence that has the focus

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
  const held = sentences().find((sentence) => sentence.dataset.sentence === reading);
  stopAt(held ?? document.querySelector(`${SENTENCE}[tabindex="0"]`) ?? sentences()[0]);
  if (document.activeElement === document.body) held?.focus({ preventScroll: true }); // the one that had it is gone
  lightAgain();
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

// --- hover, focus, tap, arrow keys ---

const LIT = "#article [data-sources], #article a.pointer, #checks [data-sources], #quotes [data-quote]";
const SENTENCE = "#preview .sentence:not([data-sources=''])";

function light(sources, mayScroll, sentence = "") {
  const wanted = `${sources.join(" ")}/${sentence}`;
  if (wanted !== lit) {
    lit = wanted;
    document.querySelectorAll(".is-lit").forEach((other) => other.classList.remove("is-lit"));
    const lines = sources.map(lineOf).filter(Boolean);
    const pieces = sentence && sources.length ? document.querySelectorAll(`#preview [data-sentence="${sentence}"]`) : [];
    [...lines, ...pieces].forEach((element) => element.classList.add("is-lit"));
    drawSpans("wave-lit", lines.map((line) => [Number(line.dataset.start), Number(line.dataset.end), "lit"]));
  }
  clearTimeout(rest);
  if (mayScroll && sources.length && (!player || player.paused)) {
    rest = setTimeout(() => { const line = lineOf(sources[0]); if (line) scrollInto(line); }, REST_MS);
  }
}

// What was lit by a tap is read in another pane; the caret says itself what it lights.
function stays({ target, pointerType }) {
  if (pointerType === "touch") return !target.closest?.("#article");
  return Boolean(target.closest?.("textarea[name=body], [role=tab]"));
}

function lightUnder(event) {
  const element = event.target.closest?.(LIT);
  const own = element?.matches("[data-quote]") ? element.querySelector("[data-sources]") : element;
  if (own) light(sourcesOf(own), true, own.dataset.sentence);
  else if (!stays(event)) light([], false);
}
document.addEventListener("pointerover", lightUnder);
document.addEventListener("focusin", lightUnder);
document.addEventListener("focusin", (event) => { reading = event.target.dataset?.sentence ?? ""; });
document.addEventListener("pointerdown", (event) => { if (!event.target.closest?.(".sentence")) reading = ""; });

// A sentence may stand in several pieces, where bold type or a link begins in it: the first takes the focus.
function sentences() {
  const first = new Map();
  for (const piece of document.querySelectorAll(SENTENCE)) {
    if (!first.has(piece.dataset.sentence)) first.set(piece.dataset.sentence, piece);
  }
  return [...first.values()];
}

// One stop for the Tab key; the arrows go on from there.
function stopAt(stop) {
  for (const sentence of sentences()) sentence.tabIndex = sentence === stop ? 0 : -1;
}

document.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step || !event.target.matches?.(".sentence") || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const all = sentences();
  const next = all[all.indexOf(event.target) + step];
  if (!next) return;
  const times = sourcesOf(next).map((idx) => lineOf(idx)?.querySelector(".clock")?.textContent.trim());
  next.setAttribute("aria-description", times.filter(Boolean).join(", "));
  stopAt(next);
  next.focus();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("#tab-transcript")) { // a narrow screen shows it only now
    document.querySelector(".line.is-lit")?.scrollIntoView({ block: "center" });
  }
});

// --- the caret ---

// What stands under a place of the Markdown, where the text is still the one the server read; else null.
function typedAt(field, at) {
  const story = document.querySelector("#preview [data-typed]");
  if (!story) return null;
  const map = JSON.parse(story.dataset.typed);
  const [seen, now] = [field.defaultValue, field.value];
  if (seen.length !== map.length) return null;
  const longer = now.length - seen.length;
  const most = Math.min(seen.length, now.length);
  let same = 0;
  while (same < most && seen[same] === now[same]) same += 1;
  let after = 0;
  while (after < most - same && seen[seen.length - 1 - after] === now[now.length - 1 - after]) after += 1;
  for (const [begin, end, places] of map.blocks) {
    if (end > same && begin < seen.length - after) continue; // somebody writes in it
    const place = end > same ? at - longer : at;
    if (place >= begin && place <= end) return (places.findLast(([from]) => from <= place) ?? places[0])[1];
  }
  return null;
}

// What is on the page is new, and so is what is lit on it.
function lightAgain() {
  lit = "";
  const own = [...document.querySelectorAll(`:is(${LIT}):is(:hover, :focus)`)].at(-1);
  if (own?.matches("[data-quote]") === false) light(sourcesOf(own), false, own.dataset.sentence);
  else lightCaret(false);
}

function lightCaret(mayScroll) {
  const field = document.activeElement;
  if (!field?.matches("textarea[name=body]")) return;
  const at = field.selectionStart;
  const known = typedAt(field, at);
  if (known !== null) { light(known ? known.split(" ").map(Number) : [], mayScroll); return; }
  const begins = field.value.lastIndexOf("\n\n", at - 1) + 1;
  const next = field.value.indexOf("\n\n", at);
  const block = field.value.slice(begins, next < 0 ? undefined : next);
  light([...block.matchAll(/\(#s([\d+-]+)\)/g)].flatMap((found) => indicesOf(found[1])), mayScroll);
}
document.addEventListener("selectionchange", () => lightCaret(true));

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
