// The board: live rows, filters, keys, the map and the panel beside it.
import { Announcer } from "./delen/omroep.js";
import { Connection } from "./delen/verbinding.js";
import { Filters } from "./delen/filters.js";
import { Panel } from "./delen/paneel.js";
import { Rows } from "./delen/rijen.js";
import { waiting } from "./delen/bewaard.js";
import { age, clock, clockSeconds, fill, now } from "./delen/tijd.js";

const $ = (id) => document.getElementById(id);
const { teksten: words, favorieten } = JSON.parse($("bord-data").textContent);
const favourites = new Set(favorieten);
/** Without word from the database for so long the server itself shows old figures. */
const INCOMPLETE = 15_000;
/** The number with which a socket is closed that this person may not have. */
const NOT_ALLOWED = 4403;

const announcer = new Announcer(words);
const rows = new Rows({ words, changed, gone: () => filters.later() });
const filters = new Filters({ rows, words, favourites });
const panel = new Panel({ words, favourites, starred: () => filters.show() });
/** The map comes after the list: it is the bigger and the less needed. */
let board = null;
let complete = now();
let lostAt = null;
let mapTimer = null;

if (filters.get("sorteer")) filters.sort();

/** A row was replaced, came, or grew too old. */
function changed(row, old, news) {
  filters.consider(row, old);
  if (row.dataset.id === chosenId()) panel.again();
  if (!news || row.hidden) return;
  const location = row.querySelector(".loc").textContent;
  if (row.dataset.st === "onbevestigd") announcer.say(fill(words.onbevestigd, { locatie: location }));
  else if (old && old.dataset.b !== row.dataset.b && row.dataset.b !== "") {
    announcer.say(fill(words.vrij, { locatie: location, was: old.dataset.b || "?", nu: row.dataset.b }));
  } else announcer.say(fill(words.gewijzigd, { locatie: location }));
  mapTimer ??= setTimeout(() => {
    mapTimer = null;
    board?.show();
  }, 250);
}

document.addEventListener("vt:getoond", () => {
  tabStop();
  board?.show();
});
import("./delen/kaart.js").then(({ BoardMap }) => {
  board = new BoardMap({ rows, choose, words });
  board.chosen(chosen()?.dataset.p);
});

// ---- the connection

const connection = new Connection({
  address: "/bord/live",
  state: () => rows.state(),
  on: take,
  connected: back,
  lost,
  ended,
});

async function take(message) {
  complete = Date.parse(message.complete_at);
  if (message.type === "reload") return reload();
  reloads = 0;
  if (message.type === "patch" && !rows.take(message)) return reload();
  rows.at(message);
}

let reloading = null;
/** How often in a row the list was of no use: taken of one server while another has the socket. */
let reloads = 0;

/** Takes the list anew: never older than what is shown already. */
function reload() {
  reloading ??= (async () => {
    try {
      const { region } = rows.state();
      // What comes meanwhile is asked for again, from the list on.
      connection.drop();
      const response = await fetch(`/bord/lijst?regio=${region}`, { headers: { "hx-request": "true" } });
      if (response.status === 401) return ended();
      if (!response.ok) throw new Error(response.status);
      const count = rows.takeAll(await response.text());
      filters.show();
      if (filters.get("sorteer")) filters.sort();
      if (lostAt !== null) caughtUp(count);
      // What changed since the list was made is told to who asks from there on.
      setTimeout(() => connection.renew(), reloads && Math.min(5000, 250 * 2 ** reloads));
      reloads += 1;
    } catch {
      lost();
      // Asking again with what is old makes the server say once more that it is.
      setTimeout(() => connection.renew(), 2000);
    } finally {
      reloading = null;
    }
  })();
}

function back(message) {
  const told = document.body.classList.contains("los");
  $("verbinding").dataset.staat = "live";
  $("verbinding-tekst").textContent = words.live;
  $("losgekoppeld").hidden = true;
  document.body.classList.remove("los");
  if (lostAt === null || message.type === "reload") return;
  lostAt = null;
  const ids = [...(message.rows ?? []).map(([id]) => id), ...(message.gone ?? [])];
  // Nobody was told of a moment without.
  if (told) caughtUp(new Set(ids.filter((id) => /^[pw]-/.test(id)).map((id) => id.slice(2, 38))).size);
}

function caughtUp(count) {
  lostAt = null;
  const text = count > 1 ? fill(words.ingehaald, { n: count }) : words[`ingehaald${count}`];
  $("ingehaald-tekst").textContent = text;
  $("ingehaald").hidden = false;
  setTimeout(() => ($("ingehaald").hidden = true), 20_000);
}

function lost() {
  // A moment without is no news.
  lostAt ??= now();
  $("verbinding").dataset.staat = "bezig";
}

function ended(code) {
  lostAt ??= now();
  // Another organisation was chosen elsewhere: its own page, or the one that says why there is none.
  if (code === NOT_ALLOWED && connection.served) return location.reload();
  const here = encodeURIComponent(location.pathname + location.search);
  $("sessie-voorbij").querySelector("a").href = `/inloggen?naar=${here}`;
  $("sessie-voorbij").hidden = code === NOT_ALLOWED;
  $("losgekoppeld").hidden = true;
  disconnected();
}

function disconnected() {
  $("verbinding").dataset.staat = "los";
  $("verbinding-tekst").textContent = words.los;
  document.body.classList.add("los");
  $("ingehaald").hidden = true;
}

setInterval(() => {
  $("klok").textContent = clockSeconds(now());
  const stale = now() - complete > INCOMPLETE;
  const gone = lostAt !== null && now() - lostAt > 2000;
  if (!gone && !stale) {
    if (document.body.classList.contains("los") && lostAt === null) back({ type: "beat" });
    return;
  }
  disconnected();
  if (!$("sessie-voorbij").hidden) return;
  const since = stale ? complete : Math.min(lostAt, complete + INCOMPLETE);
  $("los-sinds").textContent = fill(words.losSinds, { tijd: clock(since) });
  $("los-oud").textContent = fill(words.losOud, { leeftijd: age(complete, words) });
  $("losgekoppeld").hidden = false;
}, 1000);

$("nu-verbinden").addEventListener("click", () => connection.retry());

// ---- choosing a row

const list = $("bord-lijst");
const chosen = () => list.querySelector("tr.gekozen");
const chosenId = () => chosen()?.dataset.id;
const visible = () => [...rows.all()].filter((row) => !row.hidden && !row.closest("tbody").hidden);

/** One tab stop for the whole list: the chosen row as long as it can be seen. */
function tabStop() {
  const row = chosen();
  list.tabIndex = row && !row.hidden && !row.closest("tbody").hidden ? -1 : 0;
}

function choose(row, { open = true, focus = true } = {}) {
  if (!row) return;
  for (const old of list.querySelectorAll("tr.gekozen")) {
    old.classList.remove("gekozen");
    old.removeAttribute("aria-current");
    old.tabIndex = -1;
  }
  row.classList.add("gekozen");
  row.setAttribute("aria-current", "true");
  row.tabIndex = 0;
  tabStop();
  if (focus) row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  board?.chosen(row.dataset.p);
  clearTimeout(step.timer);
  if (open) panel.show(row.querySelector(".loc").href);
}

list.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-id]");
  if (!row || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  choose(row);
  if (matchMedia("(max-width: 64rem)").matches) $("detail").scrollIntoView();
});

// ---- keys

const FORMS = "input, select, textarea, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  const typing = event.target.closest(FORMS);
  if (event.key === "Escape") return escape(typing);
  if (typing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") return step(event);
  if (event.key === "Enter" && event.target.closest("tr[data-id]")) {
    event.preventDefault();
    clearTimeout(step.timer);
    return panel.show(event.target.closest("tr").querySelector(".loc").href);
  }
  if (document.body.dataset.toetsen !== "aan") return;
  const act = KEYS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

const KEYS = {
  "/": () => $("zoek").focus(),
  "?": () => $("toetsen").showModal(),
  b: () => $("detail").querySelector("[data-bellen]")?.click(),
  f: () => $("detail").querySelector("[data-favoriet]")?.click(),
  o: () => filters.sort(),
  t: () => openForm(),
};

/** The form of the row that is chosen, also when its panel is still to come. */
async function openForm() {
  clearTimeout(step.timer);
  const address = chosen()?.querySelector(".loc").href;
  if (address && address !== panel.address) await panel.show(address);
  else await panel.coming;
  panel.openForm();
}

function step(event) {
  if (!list.contains(event.target) && event.target !== document.body) return;
  event.preventDefault();
  const all = visible();
  const at = all.indexOf(chosen());
  const next = event.key === "ArrowDown" ? at + 1 : at < 0 ? 0 : at - 1;
  choose(all[Math.max(0, Math.min(all.length - 1, next))], { open: false });
  // Who runs through the list needn't fetch every row on the way.
  step.timer = setTimeout(() => chosen() && panel.show(chosen().querySelector(".loc").href), 200);
}

function escape(typing) {
  if (panel.busy) panel.closeForm();
  if (typing === $("zoek")) {
    $("zoek").value = "";
    filters.set("zoek", "");
  }
  (chosen() ?? list).focus();
}

// ---- a figure that was being told when the session turned out to be over

const unfinished = /^\/bord\/\w+\/([0-9a-f-]{36})\/\w+(?:\?zorg=([\w-]+))?$/.exec(waiting()?.action ?? "");
if (unfinished) {
  const [, id, care] = unfinished;
  choose(list.querySelector(`tr[data-id="${id}"]${care ? `[data-z="${care}"]` : ""}`), { focus: false });
}
