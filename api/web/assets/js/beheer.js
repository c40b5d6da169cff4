// The registers' pages: copying what is shown once, and not showing it a second time.

const shown = document.querySelector("#getoond");

/** The answer to a form would be asked for again by a reload; the page after it isn't. */
function standElsewhere() {
  history.replaceState(null, "", shown.dataset.verder);
}

/** A browser may keep the page in memory for its back button. */
function forget() {
  document.querySelector("#geheim").textContent = shown.dataset.nuWeg;
  document.querySelector("#kopieer").remove();
}

async function copy({ currentTarget: button }) {
  const secret = document.querySelector("#geheim");
  const told = document.querySelector("#kopieer-gezegd");
  try {
    await navigator.clipboard.writeText(secret.textContent);
    told.textContent = button.querySelector("span").textContent = button.dataset.gekopieerd;
  } catch {
    getSelection().selectAllChildren(secret);
    told.textContent = button.querySelector("span").textContent = button.dataset.mislukt;
  }
}

if (shown) {
  standElsewhere();
  const button = document.querySelector("#kopieer");
  button.hidden = false;
  button.addEventListener("click", copy);
  addEventListener("pagehide", forget, { once: true });
}
