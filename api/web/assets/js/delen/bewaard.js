// What was typed when a session turned out to be over, until its person has signed in again.

const KEPT = "vt-formulier";
const WAITING = "vt-wacht";

/** What a form holds, without what is secret and without files. */
function values(form) {
  return [...new FormData(form)].filter(
    ([name, value]) =>
      typeof value === "string" && name !== "csrf" && form.elements[name]?.type !== "password",
  );
}

/** Keeps what is about to be sent. */
export function keep(form) {
  const kept = {
    who: document.body.dataset.wie,
    path: location.pathname,
    action: form.getAttribute("action"),
    fields: values(form),
  };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
}

/** It wasn't taken: it waits from now on. */
export const wait = () => sessionStorage.setItem(WAITING, "1");

/** What waits for this page, or null. What was kept and taken is forgotten. */
export function waiting() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  const { wie: who } = document.body.dataset;
  if (kept && who && kept.who !== who) {
    // Somebody else, or for another organisation: not theirs to send, nor to see.
    sessionStorage.removeItem(KEPT);
    sessionStorage.removeItem(WAITING);
    return null;
  }
  if (kept && !sessionStorage.getItem(WAITING)) sessionStorage.removeItem(KEPT);
  else if (kept?.path === location.pathname) return kept;
  return null;
}

/** Puts what waits back into its form, if that is there. */
export function restore() {
  const kept = waiting();
  const form = [...document.forms].find((each) => each.getAttribute("action") === kept?.action);
  if (!form) return;
  for (const [name, value] of kept.fields) {
    const field = form.elements[name];
    if (field instanceof RadioNodeList || ("value" in (field ?? {}) && field.type !== "hidden")) {
      if (field.type === "checkbox") field.checked = true;
      else field.value = value;
    }
  }
  sessionStorage.removeItem(KEPT);
  sessionStorage.removeItem(WAITING);
  form.hidden = false;
  form.scrollIntoView({ block: "center" });
}
