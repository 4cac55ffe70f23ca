// Recordings into the newsroom: dropped or chosen, one after another, each with its own bar and its own error.
"use strict";

const zone = document.getElementById("dropzone");
const list = document.getElementById("uploads");
const chosen = document.getElementById("upload-file");
const waiting = [];
let sending = false;

function add(files) {
  const title = document.getElementById("upload-title");
  for (const file of files) {
    waiting.push({
      file, row: row(file.name),
      wish: {
        filename: file.name, title: files.length === 1 ? title.value : "",
        language: document.getElementById("upload-language").value,
        desk: document.getElementById("upload-desk")?.value ?? "",
        formats: [...document.querySelectorAll("#upload-formats input:checked")].map((box) => box.value).join(","),
        min_speakers: document.getElementById("upload-min-speakers").value,
        max_speakers: document.getElementById("upload-max-speakers").value,
        participants: document.getElementById("upload-participants").value,
        prompt: document.getElementById("upload-prompt").value,
      },
    });
  }
  title.value = "";
  next();
}

function row(name) {
  const item = document.createElement("li");
  item.className = "upload";
  item.dataset.testid = "upload";
  const label = document.createElement("span");
  label.className = "upload-name";
  label.textContent = name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", name);
  const state = document.createElement("span");
  state.className = "upload-state";
  item.append(label, bar, state);
  list.append(item);
  return { item, bar, state };
}

async function next() {
  if (sending || !waiting.length) return;
  sending = true;
  const one = waiting.shift();
  try {
    await send(one);
  } finally {
    sending = false;
    next();
  }
}

function send({ file, row: shown, wish }) {
  const told = zone.dataset;
  if (file.size > Number(told.max)) return fail({ file, row: shown, wish }, told.tooLarge, false);
  if (file.size === 0) return fail({ file, row: shown, wish }, told.empty, false);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch can't tell how much of a body has gone
    request.open("POST", `${told.url}?${new URLSearchParams(wish)}`);
    request.setRequestHeader("X-CSRFToken", document.body.dataset.csrf);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => {
      shown.bar.value = event.loaded / file.size;
      shown.state.textContent = event.loaded < file.size ? `${told.sending} ${Math.round((100 * event.loaded) / file.size)} %` : told.checking;
    };
    request.upload.onload = () => { shown.state.textContent = told.checking; };
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* not JSON: a proxy answered */ }
      if (request.status < 300 && answer.url) done(shown, answer);
      else fail({ file, row: shown, wish }, answer.message || request.statusText || told.broken, request.status >= 500);
      resolve();
    };
    request.onerror = request.onabort = () => {
      fail({ file, row: shown, wish }, told.broken, true);
      resolve();
    };
    shown.state.textContent = told.sending;
    request.send(file);
  });
}

function done(shown, answer) {
  shown.bar.value = 1;
  shown.item.classList.add("is-done");
  shown.item.dataset.taskId = answer.task_id;
  shown.state.textContent = `${answer.message} `;
  const link = document.createElement("a");
  link.href = answer.url;
  link.textContent = zone.dataset.open;
  link.dataset.testid = "upload-open";
  shown.state.append(link);
  document.body.dispatchEvent(new CustomEvent("polosa:desk"));
}

function fail(one, message, mayRetry) {
  const { item, state, bar } = one.row;
  bar.value = 0;
  item.classList.add("is-failed");
  item.dataset.failed = "1";
  state.textContent = `${message} `;
  if (!mayRetry) return;
  const again = document.createElement("button");
  again.type = "button";
  again.className = "small";
  again.textContent = zone.dataset.retry;
  again.onclick = () => {
    item.classList.remove("is-failed");
    delete item.dataset.failed;
    waiting.push(one);
    next();
  };
  state.append(again);
}

if (zone) {
  chosen.addEventListener("change", () => {
    add([...chosen.files]);
    chosen.value = "";
  });
  // The whole window takes a file: a miss would otherwise open it in place of the desk.
  window.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    zone.classList.add("is-over");
  });
  window.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) zone.classList.remove("is-over");
  });
  window.addEventListener("drop", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    zone.classList.remove("is-over");
    add([...event.dataTransfer.files]);
  });
  window.addEventListener("beforeunload", (event) => {
    if (sending || waiting.length) event.preventDefault();
  });
}
