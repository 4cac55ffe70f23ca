// A flagged quote put right by a click. What is being written is saved first; the answer is that of a saved edit.
"use strict";

const mendsAlike = (key, act) => [...document.querySelectorAll("#quotes form[data-mend]")]
  .filter((form) => form.elements.key.value === key && form.elements.act.value === act);

document.addEventListener("submit", async (event) => {
  let wish = event.target.closest("form[data-mend]");
  if (!wish) return;
  event.preventDefault();
  const { key, act } = Object.fromEntries(new FormData(wish));
  const which = mendsAlike(key, act).indexOf(wish); // the same words may stand twice
  await save();
  if (edited || saving || conflict) return;
  if (!wish.isConnected) wish = mendsAlike(key, act)[which]; // a save has made the list anew
  if (!wish || wish.dataset.sent) return;
  wish.dataset.sent = "1";
  const number = Number(wish.elements.number.value);
  const base = wish.elements.base_rev.value;
  const answer = await polosa.post(wish.action, new FormData(wish));
  delete wish.dataset.sent;
  if (!answer.ok) {
    polosa.toast(answer.data.message);
    lookAgain();
    return;
  }
  showMended(base, answer.data);
  const row = document.querySelectorAll("#quotes [data-testid=quote]")[number];
  if (row) { row.tabIndex = -1; row.focus({ preventScroll: true }); }
});

// The open text takes the change in where nothing was typed meanwhile; else the next save says so and shows both.
function showMended(base, data) {
  const fields = form()?.elements;
  if (!fields || edited || saving || fields.base_rev.value !== base) {
    document.getElementById("article").dataset.stamp = "";
    lookAgain();
    refreshPanes();
    return;
  }
  const { selectionStart, selectionEnd, scrollTop } = fields.body;
  fields.body.value = data.body;
  fields.body.setSelectionRange(selectionStart, selectionEnd);
  fields.body.scrollTop = scrollTop;
  saved(data, data.body);
  lookAgain();
}
