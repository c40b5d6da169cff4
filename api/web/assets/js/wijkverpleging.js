// Looking for home nursing: asks again while somebody is there, and says so when an answer grows old.
import { age, clock, fill, heard, now } from "./delen/tijd.js";

const EVERY = 15_000;
const OLD = 60_000;
/** A page that nobody looks at any more lets the session end, as it should. */
const PRESENT = 10 * 60_000;
/** Nothing moves under a hand that is about to tap. */
const STILL = 1_500;

const $ = (id) => document.getElementById(id);
const form = $("wv-vraag");
const postcode = $("pc");
const answer = $("antwoord");
const trouble = $("wv-storing");
const words = trouble.dataset;

let seen = performance.now();
let moved = -STILL;
let missed = false;
let told = $("wv-kop").textContent;
let asked = performance.now();
let speaking = null;
let unfolded = false;
let answered = wanted();

// ---- what is typed

/** Letters of a postcode never reach an address, however they came into the field. */
postcode.addEventListener(
  "input",
  () => {
    const digits = postcode.value.replace(/\D/g, "").slice(0, 4);
    if (digits !== postcode.value) postcode.value = digits;
  },
  { capture: true },
);
postcode.addEventListener("paste", (event) => {
  event.preventDefault();
  const text = event.clipboardData.getData("text");
  const [digits] = text.match(/(?<!\d)[1-9]\d{3}(?!\d)/) ?? [text.replace(/\D/g, "").slice(0, 4)];
  postcode.value = digits;
  postcode.dispatchEvent(new Event("input", { bubbles: true }));
});

// ---- asking again

/** The question as the form has it now. */
function wanted() {
  return new URLSearchParams(new FormData(form)).toString();
}

const again = () => form.dispatchEvent(new CustomEvent("vt:opnieuw"));
const present = () => !document.hidden && performance.now() - seen < PRESENT;

for (const kind of ["pointerdown", "pointermove", "keydown", "touchstart", "wheel"]) {
  addEventListener(kind, () => {
    const away = performance.now() - seen > PRESENT;
    seen = performance.now();
    if (away) again();
  }, { passive: true });
}
for (const kind of ["pointerdown", "pointermove"]) {
  answer.addEventListener(kind, () => (moved = performance.now()), { passive: true });
}
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && performance.now() - asked > EVERY) again();
});
addEventListener("online", again);
addEventListener("pageshow", ({ persisted }) => persisted && again());
$("wv-opnieuw").addEventListener("click", again);

setInterval(() => {
  showAge();
  const due = performance.now() - asked >= (missed ? EVERY / 3 : EVERY);
  if (due && present() && performance.now() - moved >= STILL) again();
}, 1_000);

form.addEventListener("htmx:before:request", () => (asked = performance.now()));

// ---- what comes back

form.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  // An answer that couldn't be had takes none away; the form's question may be another by now.
  if (ctx.response.status < 500) return (unfolded = $("wv-niet")?.open);
  event.preventDefault();
  fail();
});
form.addEventListener("htmx:error", fail);

form.addEventListener("htmx:after:swap", () => {
  const shown = $("wv-antwoord");
  if (!shown) return; // signed out, or not allowed: the notice says it
  missed = false;
  answered = wanted();
  heard(shown.dataset.nu);
  if (shown.dataset.vandaag !== form.dataset.vandaag) return location.reload();
  showAge();
  if (unfolded && $("wv-niet")) $("wv-niet").open = true;
  light();
  say($("wv-kop").textContent);
});

function fail() {
  missed = true;
  showAge();
}

/** Says how old the answer is once that matters, or that the newest question has none. */
function showAge() {
  const shown = $("wv-antwoord");
  if (!shown) return (trouble.hidden = true);
  const stand = Date.parse(shown.dataset.stand);
  const old = now() - stand > OLD;
  const other = missed && answered !== wanted();
  trouble.hidden = !old && !other;
  answer.classList.toggle("wv-oud", !trouble.hidden);
  const line = trouble.querySelector("[role=alert]");
  const filled = trouble.hidden ? "" : fill(other ? words.gemist : words.oud, { tijd: clock(stand), leeftijd: age(stand, words) });
  if (line.textContent !== filled) line.textContent = filled;
}

/** The heading, politely, once typing has paused and only when it says something else. */
function say(text) {
  if (text === told) return;
  told = text;
  clearTimeout(speaking);
  speaking = setTimeout(() => ($("wv-status").textContent = text), 700);
}

// ---- a team that fits otherwise than it did lights up

let kinds = kindsNow();
let question = location.search;

function kindsNow() {
  return new Map(
    [...answer.querySelectorAll("[data-team]")].map(({ dataset }) => [dataset.team, dataset.soort]),
  );
}

function light() {
  const before = kinds;
  kinds = kindsNow();
  const same = question === location.search;
  question = location.search;
  if (!same) return;
  for (const [team, kind] of kinds) {
    if (before.get(team) !== kind) $(`team-${team}`).classList.add("gewijzigd");
  }
}

showAge();
