// Words selected in the transcript are put off the record by the button in the pane's head.
"use strict";

const offButton = () => document.querySelector("[data-off-url]");

// The first and the last selected word as sentence.word, or nothing.
function selectedWords() {
  const selection = window.getSelection();
  const body = document.getElementById("transcript-body");
  if (!selection.rangeCount || selection.isCollapsed || !body?.contains(selection.anchorNode)) return null;
  const range = selection.getRangeAt(0);
  const inside = [...body.querySelectorAll(".w")].filter((word) => range.intersectsNode(word) && !touchesOnly(range, word));
  if (!inside.length) return null;
  return { from: placeOf(inside[0]), to: placeOf(inside.at(-1)) };
}

// A range may reach into a word without holding a letter of it.
function touchesOnly(range, word) {
  const shared = document.createRange();
  shared.selectNodeContents(word);
  if (range.compareBoundaryPoints(Range.START_TO_START, shared) > 0) shared.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, shared) < 0) shared.setEnd(range.endContainer, range.endOffset);
  return !shared.toString().trim();
}

function placeOf(word) {
  const line = word.closest(".line");
  return `${line.dataset.idx}.${[...line.querySelectorAll(".w")].indexOf(word)}`;
}

document.addEventListener("selectionchange", () => {
  const button = offButton();
  if (button) button.hidden = !selectedWords();
});

document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-off-url]")) event.preventDefault(); // the selection stays
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-off-url]");
  const words = button && selectedWords();
  if (!words) return;
  const pane = document.getElementById("transcript");
  htmx.ajax("POST", button.dataset.offUrl, { source: pane, target: pane, swap: "outerMorph", values: words });
  window.getSelection().removeAllRanges();
});

// The form has done its work: its line is not kept out of the swap as one that is being edited.
document.addEventListener("htmx:before:swap", (event) => {
  const source = event.detail.ctx?.sourceElement;
  if (source?.matches?.(".off-form")) source.classList.remove("editing");
});
