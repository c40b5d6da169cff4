// Changes that wait to be sent. They stay on the device until the server has answered, are sent one by
// one in the order of typing, and by one tab at a time. Sending one again is harmless: what it says and
// when it was seen never change, and the server counts that once.
import { now } from "./tijd.js";

const MOST = 200;
const PATIENCE = 15_000;
const SLOWEST = 30_000;
/** From this age on a person says whether it still goes. */
export const OLD = 24 * 3_600_000;
/** Beyond this age what was shown then doesn't matter any more: the newest observation stands. */
const LATE = 60_000;
const [ANSWERED, FAILED, GONE] = ["answered", "failed", "gone"];

/** Whose these are is part of each name, so that nobody else's session finds them. */
export class Queue {
  constructor(who) {
    this.prefix = `vt-rij:${who}:`;
  }

  all() {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(this.prefix))
      .sort()
      .map((key) => this.read(key))
      .filter(Boolean);
  }

  of(subject) {
    return this.all().filter((entry) => entry.subject === subject);
  }

  /** False when this device keeps nothing (any more). */
  put(entry) {
    entry.id ??= `${String(Date.now()).padStart(15, "0")}-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    if (!localStorage.getItem(this.prefix + entry.id) && this.all().length >= MOST) return false;
    try {
      localStorage.setItem(this.prefix + entry.id, JSON.stringify(entry));
      return true;
    } catch {
      return false;
    }
  }

  remove(id) {
    localStorage.removeItem(this.prefix + id);
  }

  read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      localStorage.removeItem(key);
      return null;
    }
  }
}

export class Sender {
  /**
   * `greet` asks the server who we are and what time it is, and answers whether we may send; `token`
   * is this session's; `done` hears of each answer; `moved` of anything else that changed.
   */
  constructor({ queue, greet, token, done, moved }) {
    Object.assign(this, { queue, greet, token, done, moved });
    this.tries = 0;
    this.sure = true;
  }

  /** What may be sent now, the oldest first. */
  ready() {
    const shown = now();
    return this.queue
      .all()
      .filter((one) => !one.problem && one.after <= Date.now() && (one.still || shown - one.seen < OLD));
  }

  /** Nothing waits any longer for a next tap. */
  hurry() {
    for (const one of this.queue.all()) {
      if (one.after > Date.now()) this.queue.put({ ...one, after: 0 });
    }
  }

  /** Soon, and again as long as it doesn't work. */
  plan(wait = 0) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), wait);
  }

  /** Sends what there is. One tab at a time where the browser can arrange that. */
  async run() {
    clearTimeout(this.timer);
    if (this.busy) return this.busy;
    const work = () => this.drain();
    const name = this.queue.prefix;
    this.busy = (navigator.locks ? navigator.locks.request(name, work) : work()).finally(() => {
      this.busy = null;
      const next = this.queue.all().filter((one) => !one.problem && one.after > Date.now());
      if (next.length) this.plan(Math.min(...next.map((one) => one.after)) - Date.now());
    });
    return this.busy;
  }

  async drain() {
    // Of a subject whose first fails, the later ones wait; the others go on.
    const failing = new Set();
    const next = () => this.ready().find((one) => !failing.has(one.subject));
    for (let entry; (entry = next()); ) {
      if (!this.sure && !(await this.greet())) return this.later();
      this.sure = true;
      // Another tab may have sent it while this one waited or asked.
      if (!this.queue.all().some((one) => one.id === entry.id)) continue;
      this.sending = entry.id;
      this.moved();
      const answer = await this.send(entry);
      this.sending = null;
      if (answer === GONE) return this.later();
      if (answer === FAILED) failing.add(entry.subject);
      else this.tries = 0;
    }
    if (failing.size) this.later();
  }

  /** ANSWERED whatever the answer was; FAILED when the server had none to this; GONE without a server. */
  async send(entry, again = true) {
    const late = now() - entry.seen > LATE;
    const body = new URLSearchParams(
      entry.fields.filter(([name]) => !(late && (name === "versie" || name === "was"))),
    );
    body.set("om", new Date(entry.seen).toISOString());
    body.set("verzonden", new Date(now()).toISOString());
    let response, told;
    try {
      response = await fetch(entry.path, {
        method: "POST",
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE),
        headers: { accept: "application/json", "hx-request": "true", "x-csrf-token": this.token() },
      });
      told = response.headers.get("content-type")?.startsWith("application/json")
        ? await response.json()
        : null;
    } catch {
      return GONE;
    }
    const { status } = response;
    if (response.ok && told) {
      this.queue.remove(entry.id);
      this.done(entry, told);
      return ANSWERED;
    }
    if (told && status < 500 && status !== 429) {
      this.queue.put({ ...entry, problem: told.tekst, outcome: told.uitkomst });
      this.done(entry, told);
      return ANSWERED;
    }
    // Another session: with a new token when it is the same person's, never otherwise.
    if (again && status === 403 && (await this.greet())) return this.send(entry, false);
    if (status === 403 && !again) {
      this.queue.put({ ...entry, problem: "", outcome: "fout" });
      this.done(entry, { uitkomst: "fout", tekst: "" });
      return ANSWERED;
    }
    return status >= 500 && status !== 503 ? FAILED : GONE;
  }

  later() {
    this.sure = false;
    this.moved();
    if (this.stopped) return;
    this.plan(Math.min(SLOWEST, 1_000 * 2 ** this.tries++) * (0.75 + Math.random() / 2));
  }

  /** Now rather than when it would be its turn. */
  retry() {
    this.tries = 0;
    this.plan();
  }
}
