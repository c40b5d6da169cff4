// Tells a screen reader what changed: at most once in five seconds, then how many.
import { fill } from "./tijd.js";

const EVERY = 5_000;

export class Announcer {
  constructor(words) {
    this.words = words;
    this.region = document.getElementById("omroep");
    this.waiting = [];
    this.last = -EVERY;
  }

  say(text) {
    this.waiting.push(text);
    if (this.timer) return;
    const wait = Math.max(0, this.last + EVERY - performance.now());
    this.timer = setTimeout(() => this.speak(), wait);
  }

  speak() {
    const told = this.waiting.splice(0);
    this.timer = null;
    this.last = performance.now();
    this.region.textContent =
      told.length === 1 ? told[0] : fill(this.words.veel, { n: told.length });
  }
}
