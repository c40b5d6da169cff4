// What of the board is shown, and in which order. All of it stands in the address.
import { fill, now } from "./tijd.js";

const DAY = 86_400_000;
const plain = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const AMSTERDAM_DAY = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Amsterdam" });
const dayOf = (at) => Date.parse(AMSTERDAM_DAY.format(at));

/** How rows are compared, by what the address calls it. */
const ORDERS = {
  opname: (row) => [Number(row.dataset.s)],
  naam: (row) => [row.querySelector(".loc").textContent],
  gemeente: (row) => [row.querySelector(".k-gem").textContent, Number(row.dataset.s)],
  vrij: (row) => [-(["nu", "later"].includes(row.dataset.st) ? row.dataset.b || 1 : -1), Number(row.dataset.s)],
  oud: (row) => [row.dataset.o || "9"],
};

export class Filters {
  constructor({ rows, words, favourites }) {
    Object.assign(this, { rows, words, favourites });
    this.read();
    const $ = (id) => document.getElementById(id);
    this.search = $("zoek");
    this.gemeente = $("gem");
    this.admission = $("opn");
    this.search.addEventListener("input", () => this.set("zoek", this.search.value));
    this.gemeente.addEventListener("change", () => this.set("gemeente", this.gemeente.value));
    this.admission.addEventListener("change", () => this.set("opname", this.admission.value));
    document.getElementById("bord").addEventListener("click", (event) => this.click(event));
    $("wis-filters").addEventListener("click", () => this.clear());
    $("ordenen").addEventListener("click", () => this.sort());
    addEventListener("popstate", () => {
      this.read();
      this.show();
    });
    this.show();
  }

  read() {
    this.at = new URLSearchParams(location.search);
  }

  get(name) {
    return this.at.get(name) ?? "";
  }

  set(name, value) {
    if (value) this.at.set(name, value);
    else this.at.delete(name);
    history.replaceState(null, "", this.at.size ? `?${this.at}` : location.pathname);
    this.show();
  }

  clear(...names) {
    for (const name of names.length ? names : ["zorg", "zoek", "gemeente", "opname", "kenmerk", "favorieten"]) {
      this.at.delete(name);
    }
    this.set("", "");
  }

  click({ target }) {
    const tile = target.closest("[data-zorg]");
    const feature = target.closest("[data-kenmerk]");
    const sorter = target.closest("[data-sorteer]");
    if (tile) this.set("zorg", tile.dataset.zorg === this.get("zorg") ? "" : tile.dataset.zorg);
    if (feature) {
      const chosen = new Set(this.get("kenmerk").split(" ").filter(Boolean));
      if (!chosen.delete(feature.dataset.kenmerk)) chosen.add(feature.dataset.kenmerk);
      this.set("kenmerk", [...chosen].join(" "));
    }
    if (target.closest("[data-favorieten]")) this.set("favorieten", this.get("favorieten") ? "" : "1");
    if (target.closest("[data-ruim]")) this.set("ruim", this.get("ruim") ? "" : "1");
    if (sorter) {
      const by = sorter.dataset.sorteer;
      const back = this.get("sorteer") === by ? `-${by}` : by;
      this.set("sorteer", back === "opname" ? "" : back);
      this.sort();
    }
    const without = target.closest("[data-zonder]");
    if (without) this.clear(without.dataset.zonder);
  }

  /** Whether a row is among what was asked for; `but` is a filter that is left out. */
  fits(row, but = "") {
    const { dataset } = row;
    const on = (name) => (name === but ? "" : this.get(name));
    if (on("zorg") && dataset.z !== on("zorg")) return false;
    if (on("gemeente") && dataset.g !== on("gemeente")) return false;
    if (on("favorieten") && !this.favourites.has(dataset.id)) return false;
    const features = on("kenmerk").split(" ").filter(Boolean);
    if (features.length) {
      const has = dataset.k.split(" ");
      if (!features.every((feature) => has.includes(feature))) return false;
    }
    if (on("opname")) {
      if (!["nu", "later"].includes(dataset.st)) return false;
      const latest = dayOf(now()) + Number(on("opname")) * DAY;
      if (dataset.a ? dayOf(Date.parse(dataset.a)) > latest : dataset.st !== "nu") return false;
    }
    const words = plain(on("zoek")).split(/\s+/).filter(Boolean);
    if (!words.length) return true;
    const text = (row.searched ??= plain(
      `${row.querySelector(".k-loc").textContent} ${row.querySelector(".k-gem").textContent} ${dataset.q}`,
    ));
    return words.every((word) => text.includes(word));
  }

  /** Shows what fits and nothing else. */
  show() {
    const known = document.activeElement;
    if (known !== this.search) this.search.value = this.get("zoek");
    this.gemeente.value = this.get("gemeente");
    this.admission.value = this.get("opname");
    this.press();
    const filtered = ["zoek", "gemeente", "opname", "kenmerk", "favorieten"].some((n) => this.get(n));
    let count = 0;
    for (const body of document.querySelectorAll("#bordtabel > tbody")) {
      let shown = 0;
      for (const row of body.querySelectorAll("tr[data-id]")) {
        const fits = this.fits(row);
        if (row.hidden === fits) row.hidden = !fits;
        shown += fits;
      }
      const hide = !shown && (filtered || this.get("zorg") !== "");
      if (body.hidden !== hide) body.hidden = hide;
      count += shown;
    }
    this.none(count);
    this.stars();
    document.dispatchEvent(new CustomEvent("vt:getoond"));
  }

  /** One row came or changed: shows it or not, and looks at the others only if that is another answer. */
  consider(row, old) {
    const shown = old && !old.hidden;
    row.hidden = !this.fits(row);
    if (shown === row.hidden || !old) this.later();
    row.classList.toggle("favoriet", this.favourites.has(row.dataset.id));
    this.outOfOrder ??= new Set();
    if (!inPlace(row, this.order())) this.outOfOrder.add(row.id);
    // Once for all that came together.
    this.ordering ??= requestAnimationFrame(() => {
      this.ordering = null;
      this.offerOrder();
    });
  }

  /** Headings and "nothing fits" follow once all that came together is in. */
  later() {
    this.coming ??= requestAnimationFrame(() => {
      this.coming = null;
      this.show();
    });
  }

  press() {
    const pressed = (element, on) => element.setAttribute("aria-pressed", on ? "true" : "false");
    for (const tile of document.querySelectorAll("[data-zorg]")) {
      pressed(tile, tile.dataset.zorg === this.get("zorg"));
    }
    const features = this.get("kenmerk").split(" ");
    for (const button of document.querySelectorAll("[data-kenmerk]")) {
      pressed(button, features.includes(button.dataset.kenmerk));
    }
    pressed(document.querySelector("[data-favorieten]"), this.get("favorieten"));
    pressed(document.querySelector("[data-ruim]"), this.get("ruim"));
    document.getElementById("bord").classList.toggle("bord--ruim", this.get("ruim") !== "");
  }

  stars() {
    for (const row of this.rows.all()) {
      row.classList.toggle("favoriet", this.favourites.has(row.dataset.id));
    }
  }

  none(count) {
    const { words } = this;
    document.getElementById("lijst").hidden = count === 0;
    const box = document.getElementById("geen");
    box.hidden = count > 0;
    if (count) return;
    const names = ["zorg", "gemeente", "opname", "kenmerk", "favorieten", "zoek"].filter((n) => this.get(n));
    const called = { kenmerk: "kenmerk", zoek: "zoeken" };
    document.getElementById("geen-filters").textContent = fill(words.filters, {
      filters: names.map((name) => words[called[name] ?? name]).join(", "),
    });
    const list = document.getElementById("geen-zonder");
    list.replaceChildren();
    for (const name of names) {
      const found = [...this.rows.all()].filter((row) => this.fits(row, name)).length;
      if (!found) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "utrecht-button utrecht-button--dicht";
      button.dataset.zonder = name;
      button.textContent = fill(found === 1 ? words.zonder1 : words.zonder, { filter: words[called[name] ?? name], n: found });
      const item = document.createElement("li");
      item.append(button);
      list.append(item);
    }
  }

  order() {
    const by = this.get("sorteer") || "opname";
    const back = by.startsWith("-");
    return { key: ORDERS[back ? by.slice(1) : by] ?? ORDERS.opname, back, by: back ? by.slice(1) : by };
  }

  /** Puts all rows in order. */
  sort() {
    const order = this.order();
    for (const body of document.querySelectorAll("#bordtabel > tbody")) {
      const rows = [...body.querySelectorAll("tr[data-id]")];
      const keyed = rows.map((row) => [order.key(row), row]);
      keyed.sort(([a], [b]) => (order.back ? -1 : 1) * compare(a, b));
      const focused = document.activeElement;
      let at = rows[0];
      for (const [, row] of keyed) {
        if (row === at) at = at.nextElementSibling;
        else body.insertBefore(row, at);
      }
      if (body.contains(focused)) focused.focus({ preventScroll: true });
    }
    for (const button of document.querySelectorAll("[data-sorteer]")) {
      const header = button.closest("th");
      const here = button.dataset.sorteer === order.by;
      if (here) header.setAttribute("aria-sort", order.back ? "descending" : "ascending");
      else header.removeAttribute("aria-sort");
      button.querySelector(".pijl").textContent = here ? (order.back ? "▼" : "▲") : "";
    }
    this.outOfOrder?.clear();
    this.offerOrder();
  }

  /** Moves the rows that are out of order and no others: each one that moves is laid out anew. */
  settle() {
    const { key, back } = this.order();
    const moving = new Set([...this.outOfOrder].map((id) => document.getElementById(id)).filter(Boolean));
    for (const row of moving) {
      moving.delete(row);
      const mine = key(row);
      const behind = (other) => (back ? -1 : 1) * compare(key(other), mine) > 0;
      const others = row.parentElement.querySelectorAll("tr[data-id]");
      const next = [...others].find((other) => other !== row && !moving.has(other) && behind(other));
      if (row.nextElementSibling !== (next ?? null)) row.parentElement.insertBefore(row, next ?? null);
    }
    this.outOfOrder.clear();
    document.getElementById("ordenen").hidden = true;
  }

  /** Rows never jump under a pointer or focus: then a button waits. */
  offerOrder() {
    const button = document.getElementById("ordenen");
    const n = this.outOfOrder?.size ?? 0;
    const list = document.getElementById("bord-lijst");
    if (n && !list.matches(":hover") && !list.contains(document.activeElement)) {
      this.settle();
      return;
    }
    button.hidden = n === 0;
    if (n) button.textContent = fill(this.words.ordenen, { n });
  }
}

function compare(a, b) {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (left === right) continue;
    return typeof left === "number" ? left - right : String(left).localeCompare(right, "nl");
  }
  return 0;
}

function inPlace(row, { key, back }) {
  const side = (other, way) => {
    if (!other?.dataset.id) return true;
    return (back ? -1 : 1) * way * compare(key(other), key(row)) <= 0;
  };
  return side(row.previousElementSibling, 1) && side(row.nextElementSibling, -1);
}
