// The panes of the submission page: fetched anew when they change, saved while one writes, never overwritten.
"use strict";

const live = () => document.getElementById("live");
const PAUSE_MS = 800; // after the last key
let edited = false; // the form holds something that is not saved
let saving = null; // the request on its way; there is never a second one
let timer = 0;
let conflict = null; // the version that stands on the server

// --- panes ---

// While the recording is still being heard, new sentences come in around the one that is being corrected:
// its place is left out of every morph (morphSkip). When it has been heard whole, they are cut anew, and wait.
function growsAround(pane) {
  return pane.id === "transcript" && pane.dataset.hearing && live().dataset.hearing;
}

function isHeld(pane) {
  if (growsAround(pane)) return false;
  if (pane.querySelector(".editing")) return true;
  return pane.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")
    || (pane.id === "article" && (edited || saving || conflict));
}

function refreshPanes() {
  for (const name of ["transcript", "article", "checks"]) {
    const pane = document.getElementById(name);
    if (pane.dataset.stamp !== live().dataset[name] && !isHeld(pane)) {
      htmx.ajax("GET", pane.dataset.url, { source: pane, target: pane, swap: "outerMorph" });
    }
  }
}

function lookAgain() {
  htmx.trigger(document.body, "polosa:live");
}

new MutationObserver(refreshPanes).observe(document.getElementById("panes").parentElement, {
  subtree: true, attributeFilter: ["data-transcript", "data-article", "data-checks", "data-status"],
});
document.addEventListener("focusout", () => setTimeout(refreshPanes, 300));
document.addEventListener("htmx:finally:request", (event) => {
  if (event.detail.ctx.request.method !== "GET") lookAgain();
});
document.addEventListener("htmx:after:swap", () => { showMode(mode()); });
// The server knows nothing of what a reader has opened beside a quote.
htmx.registerExtension("what-is-open-stays-open", {
  htmx_before_morph_attr: (element, { attrName }) => !(attrName === "open" && element.closest("#quotes [data-quote]")),
});

// --- tabs of a narrow screen ---

const tabs = [...document.querySelectorAll("[role=tab]")];

function show(tab) {
  for (const other of tabs) {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
  }
  document.getElementById("panes").dataset.show = tab.getAttribute("aria-controls");
}
tabs.forEach((tab, place) => {
  tab.addEventListener("click", () => show(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const other = tabs[(place + step + tabs.length) % tabs.length];
    show(other);
    other.focus();
  });
});

// --- reading and writing ---

function mode() {
  return sessionStorage.getItem("polosa.mode") || "read";
}

function showMode(name) {
  const pane = document.getElementById("article");
  const can = pane.querySelector("#draft-form");
  pane.dataset.mode = can ? name : "read";
  pane.querySelectorAll("[data-mode-button]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.modeButton === name));
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mode-button]");
  if (button) {
    sessionStorage.setItem("polosa.mode", button.dataset.modeButton);
    showMode(button.dataset.modeButton);
  }
  const choice = event.target.closest("[data-conflict-act]");
  if (choice) settle(choice.dataset.conflictAct);
});
showMode(mode());

// --- saving ---

const form = () => document.getElementById("draft-form");

function say(name, filling = {}) {
  const line = document.getElementById("save-state");
  if (!line) return;
  line.dataset.state = name;
  line.textContent = Object.entries(filling).reduce((text, [key, value]) => text.replace(`{${key}}`, value), line.dataset[name]);
}

document.addEventListener("input", (event) => {
  if (!event.target.closest("#draft-form")) return;
  edited = true;
  say("unsaved");
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE_MS);
});
document.addEventListener("submit", (event) => {
  if (event.target === form()) { event.preventDefault(); save(); }
});

async function save() {
  clearTimeout(timer);
  if (saving) { await saving; return edited && !conflict ? save() : undefined; }
  if (!edited || conflict || !form()) return undefined;
  edited = false;
  say("saving");
  const sent = form().elements.body.value;
  saving = polosa.post(form().action, new FormData(form()));
  const answer = await saving;
  saving = null;
  if (answer.ok) saved(answer.data, sent);
  else if (answer.status === 409 && answer.data.theirs) disagree(answer.data);
  else { edited = true; say("failed", { reason: answer.data.message }); if (!answer.status) timer = setTimeout(save, 5000); }
  return undefined;
}

function saved(data, sent) {
  const fields = form().elements;
  fields.base_rev.value = data.rev;
  if (fields.body.defaultValue !== sent) fields.body.defaultValue = sent; // what the preview was made of
  document.getElementById("article").dataset.stamp = live().dataset.article = data.stamp;
  document.getElementById("preview").innerHTML = data.preview; // sanitised by the server
  document.dispatchEvent(new Event("polosa:preview"));
  showQuotes(data.quotes);
  const facts = document.getElementById("facts");
  if (facts) facts.outerHTML = data.facts;
  document.querySelectorAll("[data-heard-count]").forEach((count) => { count.innerHTML = data.count; });
  if (edited) { say("unsaved"); timer = setTimeout(save, PAUSE_MS); } else say("saved", { time: data.saved_at });
}

// The list is made anew; what was open beside a quote that still stands stays open.
function showQuotes(html) {
  const list = document.getElementById("quotes");
  if (!list) return;
  const boxes = () => [...document.querySelectorAll("#quotes [data-quote] details")]
    .map((box) => [box, `${box.closest("[data-quote]").dataset.quote} ${box.querySelector("summary").dataset.testid}`]);
  const opened = new Set(boxes().filter(([box]) => box.open).map(([, name]) => name));
  list.outerHTML = html;
  for (const [box, name] of boxes()) if (opened.has(name)) box.open = true;
}

function disagree({ theirs, message }) {
  edited = true;
  conflict = theirs;
  say("conflict");
  const box = document.getElementById("conflict");
  box.hidden = false;
  box.querySelector("[data-conflict-message]").textContent = message;
  box.querySelector("[data-conflict-by]").textContent = [theirs.by, theirs.at].filter(Boolean).join(", ");
  box.querySelector("[data-conflict-body]").value = `# ${theirs.title}\n\n${theirs.dek}\n\n${theirs.body}`;
  box.scrollIntoView({ block: "nearest" });
}

function settle(act) {
  const fields = form().elements;
  fields.base_rev.value = conflict.rev;
  if (act === "theirs") for (const name of ["title", "dek", "body", "tags", "description"]) fields[name].value = conflict[name];
  conflict = null;
  document.getElementById("conflict").hidden = true;
  edited = act === "mine";
  if (edited) save();
  else { say("saved", { time: "" }); document.getElementById("article").dataset.stamp = ""; refreshPanes(); }
}

// A decision is about what is on the screen: that is saved first. A refusal is shown beside the buttons.
document.addEventListener("submit", async (event) => {
  const decision = event.target.closest("[data-decision]");
  if (!decision || event.defaultPrevented) return;
  event.preventDefault();
  const button = event.submitter;
  const url = button?.getAttribute("formaction") || decision.action;
  const wish = new FormData(decision);
  await save();
  if (edited || conflict) return;
  button.disabled = true;
  const answer = await polosa.post(url, wish);
  if (answer.ok) { window.location.assign(answer.data.url); return; }
  button.disabled = false;
  const refused = document.getElementById("refused");
  refused.textContent = answer.data.message;
  refused.hidden = false;
});
window.addEventListener("beforeunload", (event) => { if (edited || saving) event.preventDefault(); });
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyS" && form()) { event.preventDefault(); save(); }
});

// --- cutting a cover by hand: a click on the whole picture, or the sliders under it ---

function showFocus(form) {
  const dot = form.querySelector(".focal");
  dot.style.left = `${form.elements.x.value}%`;
  dot.style.top = `${form.elements.y.value}%`;
}
document.addEventListener("click", (event) => {
  const whole = event.target.closest("[data-crop]");
  if (!whole) return;
  const box = whole.getBoundingClientRect();
  const form = whole.closest("form");
  form.elements.x.value = Math.round((100 * (event.clientX - box.left)) / box.width);
  form.elements.y.value = Math.round((100 * (event.clientY - box.top)) / box.height);
  showFocus(form);
});
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-testid=crop-form]");
  if (form) showFocus(form);
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.(".crop-box") && event.target.open) showFocus(event.target.querySelector("form"));
}, true);

// --- an own cover ---

document.addEventListener("change", async (event) => {
  const input = event.target.closest("[data-cover-upload]");
  if (!input || !input.files.length) return;
  const answer = await polosa.post(input.dataset.coverUpload, input.files[0]);
  if (!answer.ok) polosa.toast(answer.data.message);
  input.value = "";
  input.blur();
  lookAgain();
});
