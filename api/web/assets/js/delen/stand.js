// Keeps the page as the server has it: fetches the parts again and puts in those that changed, without
// touching what somebody is typing, what is open, or where the focus is.
import { heard, now } from "./tijd.js";

const EVERY = 15_000;
const PATIENCE = 10_000;

/** A part without what differs at each rendering. */
const plain = (part) => part.outerHTML.replace(/name="csrf" value="[^"]*"/g, "");
const parts = (root) => [...root.querySelectorAll("[data-deel]")];

export class Stand {
  /** `merged` hears after each look, with the parts that changed; `state` that it became something else. */
  constructor({ who, merged, state }) {
    Object.assign(this, { who, merged, told: state });
    this.root = document.getElementById("stand");
    this.state = "live";
    this.seen = now();
    this.token = document.body.dataset.csrf;
    this.served = new Map(parts(this.root).map((part) => [part.id, plain(part)]));
    document.addEventListener("visibilitychange", () => !document.hidden && this.refresh());
    addEventListener("focus", () => this.refresh());
    addEventListener("online", () => this.refresh());
    addEventListener("pageshow", ({ persisted }) => persisted && this.refresh());
    this.plan();
  }

  plan() {
    clearTimeout(this.timer);
    const ends = [...this.root.querySelectorAll("[data-t]")].map((part) => Date.parse(part.dataset.t));
    const next = Math.min(...ends.map((end) => end - now() + 50).filter((wait) => wait > 0), EVERY);
    this.timer = setTimeout(() => (document.hidden ? this.plan() : this.refresh()), next);
  }

  /** Looks again. Whether the server knows us as who we were. */
  async refresh() {
    // One that is under way may have read what was before.
    while (this.busy) await this.busy;
    this.busy = this.look().finally(() => {
      this.busy = null;
      this.plan();
    });
    return this.busy;
  }

  async look() {
    let response, html;
    try {
      response = await fetch(this.root.dataset.deelAdres, {
        headers: { "hx-request": "true" },
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE),
      });
      html = await response.text();
    } catch {
      return this.become("los");
    }
    if (response.status === 401) return this.become("uit");
    if (response.type === "opaqueredirect" || response.status === 403) return this.become("ander");
    if (!response.ok) return this.become("los");
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("stand");
    if (!fresh) return this.become("los");
    if (fresh.dataset.wie !== this.who) return this.become("ander");
    heard(fresh.dataset.nu);
    this.seen = now();
    this.token = fresh.dataset.csrf;
    this.become("live");
    this.merged(this.merge(fresh));
    return true;
  }

  become(state) {
    const old = this.state;
    this.state = state;
    if (old !== state || state === "los") this.told(state);
    return state === "live";
  }

  merge(fresh) {
    const now_ = parts(this.root).map((part) => part.id);
    const next = parts(fresh);
    if (now_.join() !== next.map((part) => part.id).join()) {
      if (this.typing(this.root)) return [];
      this.served = new Map(next.map((part) => [part.id, plain(part)]));
      const back = whereabouts();
      this.root.replaceChildren(...fresh.childNodes);
      back();
      return [];
    }
    const changed = [];
    for (const part of next) {
      const html = plain(part);
      const old = document.getElementById(part.id);
      if (html === this.served.get(part.id) || this.typing(old)) continue;
      this.served.set(part.id, html);
      this.put(old, part);
      changed.push([old, part]);
    }
    for (const field of this.root.querySelectorAll("input[name=csrf]")) field.value = this.token;
    return changed;
  }

  put(old, part) {
    const back = whereabouts();
    for (const open of old.querySelectorAll("details[open]")) {
      const same = part.querySelector(`#${CSS.escape(open.id)}`);
      if (same) same.open = true;
    }
    old.replaceWith(part);
    back();
  }

  /** Whether somebody is filling something in there that isn't sent yet. */
  typing(part) {
    const { activeElement: field } = document;
    return (
      part.contains(field) &&
      field.matches("input:not([type=radio])") &&
      field.value !== field.defaultValue
    );
  }
}

/** Where the focus is, in a part that may be replaced: the answer puts it back there. */
function whereabouts() {
  const { activeElement: focused } = document;
  const part = focused.closest("[data-deel]");
  if (!part) return () => {};
  const inside = [...part.querySelectorAll(FOCUSABLE)].indexOf(focused);
  const whole = focused.matches("input[inputmode]") && focused.selectionEnd - focused.selectionStart === focused.value.length;
  return () => {
    if (focused.isConnected) return;
    const again = document.getElementById(part.id)?.querySelectorAll(FOCUSABLE)[inside];
    again?.focus({ preventScroll: true });
    // What was about to be typed over still is.
    if (whole) again?.select?.();
  };
}

const FOCUSABLE = "a[href], button:not([hidden]), input:not([type=hidden]), select, summary";
