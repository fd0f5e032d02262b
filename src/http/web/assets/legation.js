// What makes pages quicker. Every page works without it.
"use strict";

// The secret of a one-time link stands after the `#`: it goes into the form, and out of the address.
for (const input of document.querySelectorAll("[data-from-hash]")) {
  const value = new URLSearchParams(location.hash.slice(1)).get(input.dataset.fromHash);
  if (value) {
    input.value = value;
    history.replaceState(null, "", location.pathname);
  }
}

// What is wrong is read out and in view.
document.getElementById("errors")?.focus();

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Keys: `/` searches; a link goes by the keys that it names (`data-keys`), such as `g i`. `/help` lists them.
let before = "";
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const keys = before ? `${before} ${event.key}` : event.key;
  before = "";
  const goal = document.querySelector(`[data-keys="${CSS.escape(keys)}"]`);
  if (event.key === "/") {
    const search = document.getElementById("search");
    if (search) { event.preventDefault(); search.focus(); }
  } else if (goal) {
    goal.click();
  } else if (event.key === "g") {
    before = "g";
    setTimeout(() => { before = ""; }, 1000);
  }
});
