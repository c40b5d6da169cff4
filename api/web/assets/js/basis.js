// On every page: htmx, keeping what was typed when a session turns out to be over, and closing menus.
import "htmx.org";

const KEPT = "vt-formulier";
const WAITING = "vt-wacht";

/** What a form holds, without what is secret and without files. */
function values(form) {
  return [...new FormData(form)].filter(
    ([name, value]) =>
      typeof value === "string" && name !== "csrf" && form.elements[name]?.type !== "password",
  );
}

/** Puts values back into a form of this page. */
function restore({ action, fields }) {
  const form = [...document.forms].find((each) => each.getAttribute("action") === action);
  if (!form) return;
  for (const [name, value] of fields) {
    const field = form.elements[name];
    if (field instanceof RadioNodeList || ("value" in (field ?? {}) && field.type !== "hidden")) {
      if (field.type === "checkbox") field.checked = true;
      else field.value = value;
    }
  }
  form.hidden = false;
  form.scrollIntoView({ block: "center" });
}

document.addEventListener("submit", ({ target: form }) => {
  if (form.method !== "post" || form.action.endsWith("/inloggen")) return;
  const kept = {
    path: location.pathname,
    action: form.getAttribute("action"),
    fields: values(form),
  };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
  // A second click finds nothing to press while the first is on its way.
  for (const button of form.querySelectorAll("button:not([type=button])")) {
    setTimeout(() => (button.disabled = true));
    setTimeout(() => (button.disabled = false), 5000);
  }
});

if (document.querySelector("[data-uitgelogd]")) {
  sessionStorage.setItem(WAITING, "1");
} else if (!document.body.classList.contains("p-inlog") && sessionStorage.getItem(KEPT)) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT));
  if (!sessionStorage.getItem(WAITING)) sessionStorage.removeItem(KEPT);
  else if (kept.path === location.pathname) {
    sessionStorage.removeItem(KEPT);
    sessionStorage.removeItem(WAITING);
    restore(kept);
  }
}

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
