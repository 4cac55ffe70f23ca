// What every page needs: messages, questions before an act, keys inside small forms.
"use strict";

const polosa = {
  csrf: () => document.body.dataset.csrf,

  toast(text) {
    const box = document.createElement("p");
    box.className = "toast";
    box.textContent = text;
    document.getElementById("toasts").append(box);
    setTimeout(() => box.remove(), 8000);
  },

  // POSTs and reads JSON; an answer that is not JSON, or none, is an error with a sentence.
  async post(url, body, signal) {
    let answer;
    try {
      answer = await fetch(url, {
        method: "POST", body, signal, credentials: "same-origin",
        headers: { "X-CSRFToken": polosa.csrf(), Accept: "application/json" },
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      return { ok: false, status: 0, data: { message: document.body.dataset.unreachable } };
    }
    const data = await answer.json().catch(() => ({ message: answer.statusText }));
    return { ok: answer.ok, status: answer.status, data };
  },
};

document.addEventListener("htmx:response:error", async (event) => {
  const ctx = event.detail.ctx;
  if (ctx.response.status === 401) return; // HX-Redirect leads to the login page
  polosa.toast(ctx.text || ctx.response.raw.statusText);
});

let unreachable = false;
document.addEventListener("htmx:error", () => {
  if (!unreachable) polosa.toast(document.body.dataset.unreachable);
  unreachable = true;
});
document.addEventListener("htmx:after:swap", () => { unreachable = false; });

document.addEventListener("click", (event) => {
  const asked = event.target.closest("[data-confirm]");
  if (asked && !window.confirm(asked.dataset.confirm)) {
    event.preventDefault();
    event.stopPropagation();
  }
  const close = event.target.closest("[data-close]");
  if (close) close.closest(".editing").remove();
}, true);

document.addEventListener("keydown", (event) => {
  const inside = event.target.closest(".editing");
  if (!inside) return;
  if (event.key === "Escape") {
    event.preventDefault();
    (inside.querySelector("[data-cancel]") || inside.querySelector("[data-close]"))?.click();
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.dataset.enter) {
    event.preventDefault();
    inside.requestSubmit();
  }
});
