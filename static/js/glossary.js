// What the glossary heard opens beside its mark: the lines are contained, so that CSS can't find the anchor.
"use strict";

document.addEventListener("toggle", (event) => {
  const box = event.target;
  if (event.newState !== "open" || !box.classList.contains("gloss-pop")) return;
  const mark = document.querySelector(`[popovertarget="${box.id}"]`).getBoundingClientRect();
  const left = Math.min(mark.left, window.innerWidth - box.offsetWidth - 8);
  const below = mark.bottom + 4;
  const top = below + box.offsetHeight > window.innerHeight ? mark.top - box.offsetHeight - 4 : below;
  Object.assign(box.style, { inset: "auto", margin: "0", left: `${Math.max(8, left)}px`, top: `${Math.max(8, top)}px` });
}, true);
