// On every page: htmx, keeping what was typed when a session turns out to be over, and closing menus.
import "htmx.org";
import { keep, restore, wait } from "./delen/bewaard.js";

document.addEventListener("submit", ({ target: form }) => {
  if (form.method !== "post" || form.action.endsWith("/inloggen")) return;
  keep(form);
  // A second click finds nothing to press while the first is on its way.
  for (const button of form.querySelectorAll("button:not([type=button])")) {
    setTimeout(() => (button.disabled = true));
    setTimeout(() => (button.disabled = false), 5000);
  }
});

if (document.querySelector("[data-uitgelogd]")) wait();
else if (!document.body.classList.contains("p-inlog")) restore();

// From the browser's own memory of pages: buttons that were pressed then can be pressed again.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
});

document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details.vt-menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
  if (target.closest("[data-afdrukken]")) print();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.vt-menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
