// Helps the editor with the writer: takes a title variant, fills in the sentences that are selected.
"use strict";

document.addEventListener("click", (event) => {
  const variant = event.target.closest("[data-take-title]");
  if (variant) {
    const title = document.querySelector("#draft-form [name=title]");
    title.value = variant.dataset.takeTitle;
    title.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  const block = event.target.closest("#preview p, #preview blockquote, #preview li");
  const select = document.querySelector("#redraft-form [name=place]");
  if (block && select && !event.target.closest("a, button")) {
    const words = block.textContent.trim().slice(0, 25);
    const option = [...select.options].find((one) => one.textContent.includes(words));
    if (option) option.selected = true;
  }
});

// A selection in the transcript names its first and last sentence.
document.addEventListener("selectionchange", () => {
  const field = document.querySelector("[data-sentences]");
  const selection = window.getSelection();
  if (!field || selection.isCollapsed) return;
  const lines = [selection.anchorNode, selection.focusNode]
    .map((node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("[data-idx]"))
    .filter(Boolean).map((line) => Number(line.dataset.idx));
  if (lines.length < 2) return;
  const [first, last] = [Math.min(...lines), Math.max(...lines)];
  field.value = first === last ? String(first) : `${first}-${last}`;
  const from = document.querySelector("#redraft-form [value=from]");
  if (from) from.checked = true;
});
