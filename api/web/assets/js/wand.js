// The wall screen: the same feed as the board tells that something changed; the content is taken anew.
import { Connection } from "./delen/verbinding.js";
import { age, clock, clockSeconds, fill, now } from "./delen/tijd.js";

const $ = (id) => document.getElementById(id);
const words = JSON.parse($("wand-teksten").textContent);
const EVERY = 1000;
let seen = { feed: "", seq: -1, region: $("wand").dataset.regio };
let complete = now();
let lostAt = null;
const LIT = 60_000;
/** Until when each row is new. */
const lit = new Map();
let waiting = null;
let last = 0;

async function refresh() {
  waiting = null;
  last = performance.now();
  try {
    const response = await fetch(`/bord/wand/inhoud?regio=${seen.region}`, { headers: { "hx-request": "true" } });
    if (response.ok) show(await response.text());
  } catch {
    // The connection's own state tells.
  }
}

function show(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const row of template.content.querySelectorAll("tbody tr[id]")) {
    const old = document.getElementById(row.id);
    if (old && old.textContent !== row.textContent) lit.set(row.id, now() + LIT);
    row.classList.toggle("gewijzigd", lit.get(row.id) > now());
  }
  $("wand").replaceChildren(template.content);
}

new Connection({
  address: "/bord/live",
  state: () => seen,
  on(message) {
    complete = Date.parse(message.complete_at);
    const news = message.seq !== seen.seq || message.feed !== seen.feed;
    seen = { ...seen, feed: message.feed, seq: message.seq };
    if (news) waiting ??= setTimeout(refresh, Math.max(0, last + EVERY - performance.now()));
  },
  connected() {
    lostAt = null;
  },
  lost() {
    lostAt ??= now();
  },
  ended: () => location.reload(),
});

setInterval(() => {
  $("klok").textContent = clockSeconds(now());
  const gone = (lostAt !== null && now() - lostAt > 2000) || now() - complete > 15_000;
  document.body.classList.toggle("los", gone);
  $("verbinding").dataset.staat = gone ? "los" : "live";
  $("verbinding-tekst").textContent = gone ? words.los : words.live;
  $("losgekoppeld").hidden = !gone;
  if (!gone) return;
  $("los-tekst").textContent = fill(words.losOud, { leeftijd: age(complete, words), tijd: clock(complete) });
}, 1000);

// Once a minute anyway: a day ends and figures grow old without any event.
setInterval(refresh, 60_000);
