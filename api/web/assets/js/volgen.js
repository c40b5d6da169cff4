// Somebody's own referrals: looks again when something changed, and never takes away what is being typed.
import { lookNowAndThen } from "./delen/aanwezig.js";
import { age, clock, fill, heard, now } from "./delen/tijd.js";

const EVERY = 5_000;
const OLD = 60_000;

const $ = (id) => document.getElementById(id);
const part = $("volg");
const trouble = $("volg-storing");

let complete = now();
let told = $("volg-deel").dataset.zegt;
let ended = false;

lookNowAndThen({ every: EVERY, ask: askStand, tick: () => showAge() })();

/** Asks in a word whether anything changed; only then the page itself is asked for. */
async function askStand() {
  if (ended) return;
  try {
    const answer = await fetch("/mijn-aanmeldingen/stand", { headers: { "hx-request": "true" } });
    if (answer.status === 401 || answer.status === 403) {
      ended = true;
      return showAge();
    }
    if (!answer.ok) return;
    const { stand, compleet, nu } = await answer.json();
    heard(nu);
    complete = Date.parse(compleet);
    if (stand !== $("volg-deel")?.dataset.stand) again();
  } catch {
    // Without a connection the page says how old it is.
  }
}

const again = () => part.dispatchEvent(new CustomEvent("vt:opnieuw"));

part.addEventListener("htmx:before:swap", (event) => {
  // What couldn't be had takes nothing away, least of all what is being typed.
  if (event.detail.ctx.response.status >= 400) event.preventDefault();
});
part.addEventListener("htmx:after:swap", () => {
  const shown = $("volg-deel");
  if (!shown || shown.dataset.zegt === told) return;
  told = shown.dataset.zegt;
  $("volg-status").textContent = told;
  $("volg-nu-vak")?.classList.add("gewijzigd");
});

function showAge() {
  trouble.hidden = !ended && now() - complete <= OLD;
  $("volg-inloggen").hidden = !ended;
  const words = { tijd: clock(complete), leeftijd: age(complete, trouble.dataset) };
  const line = trouble.querySelector("[role=alert]");
  const filled = trouble.hidden ? "" : fill(ended ? trouble.dataset.uit : trouble.dataset.oud, words);
  if (line.textContent !== filled) line.textContent = filled;
}
