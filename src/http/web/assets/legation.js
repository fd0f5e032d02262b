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

// On a narrow screen the menu is longer than the screen: where one is is in view.
document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

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

// First answers while somebody types: a list under the box, read out, chosen with the arrows, closed with Escape.
for (const box of document.querySelectorAll("[data-answers]")) {
  const list = document.createElement("div");
  list.className = "hits";
  list.id = `${box.id}-answers`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.dataset.label ?? box.labels?.[0]?.textContent ?? "");
  box.after(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) box.setAttribute(name, value);
  let timer, asked, at = -1;
  const options = () => [...list.querySelectorAll("a[role=option]")];
  const close = () => { list.hidden = true; at = -1; box.setAttribute("aria-expanded", "false"); box.removeAttribute("aria-activedescendant"); };
  const choose = (next) => {
    const all = options();
    at = (next + all.length) % all.length;
    all.forEach((option, no) => { option.id = `${list.id}-${no}`; option.setAttribute("aria-selected", no === at); });
    box.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  };
  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    if (box.value.trim().length < 2) { close(); return; }
    try {
      const answer = await fetch(`${box.dataset.answers}?q=${encodeURIComponent(box.value)}`, { signal: asked.signal, redirect: "error" });
      if (!answer.ok) { close(); return; }
      list.innerHTML = await answer.text();
      list.hidden = false;
      at = -1;
      box.removeAttribute("aria-activedescendant");
      box.setAttribute("aria-expanded", "true");
    } catch { /* somebody typed on, or the network is gone: the form works still */ }
  };
  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 150); });
  box.addEventListener("blur", () => setTimeout(close, 200));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); return; }
    if (list.hidden || options().length === 0) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? at + 1 : Math.max(at, 0) - 1);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      location.assign(options()[at].href);
    }
  });
}
