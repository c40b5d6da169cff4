// The rows of the board: takes in what changed, shows what is new, and lets figures grow old.
import { age, fill, now } from "./tijd.js";

/** A changed row lights up, fades in two steps, and keeps its bar and what it was for a minute. No
 *  animation: with many changes at once the browser would paint and do nothing else. */
const BRIGHT = 3_000;
const FADED = 8_000;
const LIT = 60_000;
const LIGHTS = ["gewijzigd", "licht-op", "licht-na"];
const MINUTE = 60_000;

const table = () => document.getElementById("bordtabel");

/** An element of the table's HTML. */
function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

export class Rows {
  /** `words` are the page's texts; `changed` hears of each row that was replaced, `gone` that some went. */
  constructor({ words, changed, gone }) {
    Object.assign(this, { words, changed, gone });
    this.lit = new Map();
    this.tick();
    setInterval(() => this.tick(), 1000);
  }

  all() {
    return table().querySelectorAll("tbody > tr[data-id]");
  }

  /** Where we are in the feed. */
  state() {
    const { feed, na, regio } = table().dataset;
    return { feed, seq: na, region: regio };
  }

  /** Takes a patch in; false when the list has to be taken anew. */
  take(message) {
    for (const [, group] of message.rows) {
      if (!document.getElementById(`b-${group}`)) return false;
    }
    for (const [id, html] of message.sums) {
      const old = document.getElementById(id);
      if (!old) return false;
      const fresh = made(html);
      keepPressed(old, fresh);
      old.replaceWith(fresh);
    }
    const seen = new Set();
    for (const [id, group, html] of message.rows) {
      const old = document.getElementById(id);
      const fresh = made(html);
      if (old) this.replace(old, fresh);
      else document.getElementById(`b-${group}`).append(fresh);
      this.aged(fresh);
      const news = isNews(old, fresh);
      if (news && fresh.dataset.st !== "onbevestigd") this.light(fresh, old);
      else this.keepLight(fresh, old);
      // A place that serves several kinds of care is told once.
      this.changed(fresh, old, news && !seen.has(fresh.dataset.id));
      seen.add(fresh.dataset.id);
    }
    for (const id of message.gone) document.getElementById(id)?.remove();
    this.at(message);
    if (message.gone.length) this.gone();
    return true;
  }

  /**
   * Takes a whole new list in: rows that are the same stay as they are. Answers how many places and
   * teams are not, those that went among them.
   */
  takeAll(html) {
    const fresh = made(html);
    if (fresh?.id !== "bordtabel") throw new Error("no list");
    const focused = document.activeElement?.closest("#bordtabel [id]")?.id;
    const changed = new Set();
    const kept = new Set([...fresh.querySelectorAll("tr[data-id]")].map((row) => row.id));
    for (const row of this.all()) if (!kept.has(row.id)) changed.add(row.dataset.id);
    for (const row of fresh.querySelectorAll("tr[data-id]")) {
      const old = document.getElementById(row.id);
      if (old && old.dataset.v === row.dataset.v) row.replaceWith(old);
      else {
        changed.add(row.dataset.id);
        if (old) {
          keepChosen(old, row);
          if (isNews(old, row) && row.dataset.st !== "onbevestigd") this.light(row, old);
        }
      }
    }
    table().replaceWith(fresh);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    this.tick();
    return changed.size;
  }

  at({ feed, seq }) {
    Object.assign(table().dataset, { feed, na: seq });
  }

  replace(old, fresh) {
    keepChosen(old, fresh);
    const focused = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (focused) fresh.focus({ preventScroll: true });
  }

  light(row, old) {
    row.classList.add("gewijzigd", "licht-op");
    const was = old?.dataset.b;
    const cell = row.querySelector(".k-oud");
    const tag = document.createElement("span");
    tag.className = "tag-nieuw";
    const { words } = this;
    tag.textContent =
      was && was !== row.dataset.b ? fill(words.was, { n: was }) : words.zojuist;
    cell.prepend(tag, " ");
    this.lit.set(row.id, now());
  }

  /** What was only said again goes on being new as long as it was. */
  keepLight(row, old) {
    const tag = old?.querySelector(".tag-nieuw");
    if (!tag || row.dataset.st === "onbevestigd") return;
    row.classList.add(...LIGHTS.filter((name) => old.classList.contains(name)));
    row.querySelector(".k-oud").prepend(tag, " ");
  }

  /** Once a second: ages, figures that may no longer be believed, and lights that go out. */
  tick() {
    const at = now();
    for (const row of this.all()) this.aged(row, at);
    for (const [id, since] of this.lit) {
      const row = document.getElementById(id);
      const shone = at - since;
      row?.classList.toggle("licht-op", shone < BRIGHT);
      row?.classList.toggle("licht-na", shone >= BRIGHT && shone < FADED);
      if (shone < LIT && row) continue;
      this.lit.delete(id);
      row?.classList.remove("gewijzigd");
      row?.querySelector(".tag-nieuw")?.remove();
    }
  }

  /** Every row, every second: so each remembers when there is something to do. */
  aged(row, at = now()) {
    row.figure ??= figureOf(row);
    const { figure } = row;
    // The clock may have been set back meanwhile.
    if (at >= figure.older || at < figure.looked) {
      figure.looked = at;
      figure.older = at + MINUTE - ((at - figure.observed) % MINUTE);
      const text = age(figure.observed, this.words);
      if (figure.place.textContent !== text) figure.place.textContent = text;
    }
    if (figure.until <= at) this.expire(row);
  }

  /** The server says so too, unless it can't be reached: then the page mustn't go on believing. */
  expire(row) {
    row.classList.remove(`r-${row.dataset.st}`);
    row.classList.add("r-onbevestigd");
    row.dataset.st = "onbevestigd";
    row.dataset.v = "";
    row.figure.until = Infinity;
    row.classList.remove(...LIGHTS);
    row.querySelector(".tag-nieuw")?.remove();
    const pill = document.getElementById("s-onb-pil").content.cloneNode(true);
    pill.querySelector("b").textContent = row.dataset.b || "?";
    row.querySelector(".k-vrij").replaceChildren(pill);
    const ring = document.getElementById("s-bellen").content.cloneNode(true);
    row.querySelector(".k-opn").replaceChildren(ring);
    row.querySelector(".k-uit").textContent = "–";
    this.changed(row, row, true);
  }
}

/** When a row's figure is of, until when it may be believed, and where its age stands. */
function figureOf(row) {
  const { o: observed, t: until, st: state } = row.dataset;
  const place = row.querySelector(".oud");
  const believed = until && !["onbevestigd", "opnamestop", "onbekend"].includes(state);
  return {
    place,
    observed: place ? Date.parse(observed) : NaN,
    looked: -Infinity,
    older: place ? -Infinity : Infinity,
    until: believed ? Date.parse(until) : Infinity,
  };
}

/** A figure that was only said again is younger and nothing else; one that grew too old here already, is told. */
function isNews(old, fresh) {
  if (!old) return true;
  if (old.dataset.v === "" && fresh.dataset.st === "onbevestigd") return false;
  return substance(old) !== substance(fresh);
}

/** What a row says, but for how old it is. */
function substance(row) {
  const { st, b, s, k, g } = row.dataset;
  const cells = [...row.children].slice(0, -1).map((cell) => cell.textContent);
  return [st, b, s, k, g, ...cells].join("|");
}

function keepChosen(old, fresh) {
  if (!old.classList.contains("gekozen")) return;
  fresh.classList.add("gekozen");
  fresh.setAttribute("aria-current", "true");
  fresh.tabIndex = old.tabIndex;
}

function keepPressed(old, fresh) {
  const was = old.querySelector("[aria-pressed]");
  const is = fresh.querySelector("[aria-pressed]");
  if (!was || !is) return;
  is.setAttribute("aria-pressed", was.getAttribute("aria-pressed"));
  // Whoever stands on it goes on standing on it.
  if (was === document.activeElement) queueMicrotask(() => is.focus({ preventScroll: true }));
}
