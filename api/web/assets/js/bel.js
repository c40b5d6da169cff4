// The bell on every page: looks now and then whether there is news, says so once, and takes away what was read.
import { lookNowAndThen } from "./delen/aanwezig.js";
import { age, fill, now } from "./delen/tijd.js";

const EVERY = 20_000;

const $ = (id) => document.getElementById(id);
const bell = $("bel");
const said = $("bel-zegt");

let ended = false;

const look = lookNowAndThen({ every: EVERY, ask: askBell, tick: () => showLeft() });
// Couldn't be had when the page was made.
if (!bell.dataset.stand) look();

/** Asks for the bell, which is mostly answered by: as it was. */
async function askBell() {
  if (ended) return;
  const headers = { "hx-request": "true", "if-none-match": `"${bell.dataset.stand}"` };
  try {
    await take(await fetch("/meldingen/bel", { headers, cache: "no-store" }));
  } catch {
    // Without a connection the number stays as it was.
  }
}

async function take(answer, pressed = false) {
  if (answer.status === 401 || answer.status === 403) ended = true;
  if (answer.status !== 200) return;
  const found = document.createElement("template");
  found.innerHTML = await answer.text();
  const newer = found.content.querySelector("#bel");
  const more = count(newer) > count(bell);
  bell.dataset.stand = newer.dataset.stand;
  bell.replaceChildren(...newer.childNodes);
  if (more) {
    said.textContent = bell.querySelector(".vh").textContent;
    $("meldingen-nieuw")?.removeAttribute("hidden");
  }
  alarm(found.content.querySelector("#alarm > *"), pressed);
}

const count = (link) => parseInt(link.querySelector(".vt-bel-n")?.textContent ?? "0", 10);

/** One banner, told anew only when it is about something else. */
function alarm(urgent, pressed) {
  const place = $("alarm");
  const stood = place?.firstElementChild;
  if (!place || same(stood, urgent)) return;
  const had = pressed || place.contains(document.activeElement);
  place.replaceChildren(...(urgent ? [urgent] : []));
  if (had) (place.querySelector("button") ?? $("inhoud")).focus();
}

const same = (a, b) => a?.dataset.id === b?.dataset.id && a?.dataset.aantal === b?.dataset.aantal;

/** Read, without leaving what one was doing; the list itself has a row to show it in. */
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-gelezen]") || document.querySelector(".m-lijst")) return;
  event.preventDefault();
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "hx-request": "true" } });
    if (!answer.ok) throw new Error(answer.statusText);
    await take(answer, true);
  } catch {
    form.submit();
  }
});

/** How long until an answer is due; not read out each time. */
function showLeft() {
  for (const part of document.querySelectorAll("[data-tot]")) {
    const ahead = Date.parse(part.dataset.tot) - now();
    const words = fill(ahead > 0 ? part.dataset.nog : part.dataset.over, { n: age(now() - Math.abs(ahead), part.dataset) });
    if (part.textContent !== words) part.textContent = words;
  }
}
