// The notices above the page: no connection, sent later, signed out, too old to be sent by itself.
import { clock, fill, now } from "./tijd.js";
import { OLD } from "./wachtrij.js";

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (when the first is an object) and children. */
export function el(name, ...rest) {
  const made = document.createElement(name);
  const plain = rest[0] && typeof rest[0] === "object" && !(rest[0] instanceof Node);
  if (plain) for (const [key, value] of Object.entries(rest.shift())) made.setAttribute(key, value);
  made.append(...rest);
  return made;
}

/** One of the page's own marks: `s-later`, `i-los`. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", name[0]);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

export class Notices {
  constructor({ words, queue, sender, stand, changed }) {
    Object.assign(this, { words, queue, sender, stand, changed });
    this.box = document.getElementById("berichten");
    this.shown = new Map();
    this.confirmed = "";
  }

  show(waited) {
    const { words } = this;
    const entries = this.queue.all().filter((one) => one.problem === undefined);
    const old = entries.filter((one) => !one.still && now() - one.seen >= OLD);
    const n = entries.length - old.length;
    const { state } = this.stand;
    const waiting = n === 1 ? words.klaar1 : fill(words.klaarN, { n });
    this.put("los", state === "los" && `${n}`, () =>
      this.notice("vast", "i-los", words.geenVerbinding,
        n ? waiting : fill(words.klaar0, { tijd: clock(this.stand.seen) })));
    this.put("uit", state === "uit" && `${n}`, () =>
      this.notice("vast", "s-later", words.uitgelogd, n ? fill(words.uitgelogdKlaar, { n }) : words.uitgelogdLeeg,
        this.link(words.inloggen, `/inloggen?naar=${encodeURIComponent(location.pathname + location.search)}`)));
    this.put("ander", state === "ander" && `${n}`, () =>
      this.notice("vast", "s-let-op", words.ander, n ? fill(words.anderKlaar, { n }) : "",
        this.link(words.verversen, location.pathname)));
    const sent = state === "live" && n === 0 && waited.length > 0;
    const times = [...new Set(waited.map((at) => clock(at)))];
    this.put("verstuurd", sent && times.join(), () =>
      this.notice("info", "i-info", fill(words.verstuurd, { tijd: clock(now()) }),
        fill(waited.length === 1 ? words.verstuurd1 : words.verstuurdN, { tijden: this.list(times) })));
    this.put("klopt", this.confirmed, () => this.notice("vast", "s-let-op", "", this.confirmed));
    this.put("oud", old.map((one) => one.id).join(), () => this.old(old));
  }

  list(times) {
    const each = [...times];
    const last = each.pop();
    return each.length ? `${each.join(", ")} ${this.words.en} ${last}` : last;
  }

  /** Puts a notice there, takes it away, or leaves it when nothing changed, so that it is told once. */
  put(name, key, make) {
    const there = this.shown.get(name);
    if (!key) {
      there?.notice.remove();
      this.shown.delete(name);
    } else if (there?.key !== key) {
      const notice = make();
      if (there) there.notice.replaceWith(notice);
      else this.box.append(notice);
      this.shown.set(name, { key, notice });
    }
  }

  notice(kind, mark, title, text, ...acts) {
    const made = el("div", { class: `melding melding--${kind}`, role: "status" }, icon(mark),
      el("div", el("strong", title), ` ${text}`));
    if (acts.length) made.append(el("div", { class: "knoppen" }, ...acts));
    return made;
  }

  link(text, href) {
    return el("a", { class: "utrecht-button utrecht-button--dicht-tel", href }, text);
  }

  old(entries) {
    const { words } = this;
    const made = this.notice("vast", "s-let-op", words.oud, "");
    const rows = entries.map((one) => {
      const still = el("button", { type: "button", class: "utrecht-button utrecht-button--dicht-tel" }, words.toch);
      const away = el("button", { type: "button", class: "utrecht-button utrecht-button--dicht-tel" }, words.weg);
      still.addEventListener("click", () => {
        this.queue.put({ ...one, still: true });
        this.changed();
        this.sender.retry();
      });
      away.addEventListener("click", () => {
        this.queue.remove(one.id);
        this.changed();
      });
      const said = document.documentElement.lang === "en" ? "en-GB" : "nl-NL";
      const at = new Intl.DateTimeFormat(said, { dateStyle: "medium", timeStyle: "short", timeZone: "Europe/Amsterdam" });
      return el("li", el("span", fill(words.oudVan, { wat: `${one.name}: ${one.what}`, tijd: at.format(one.seen) })),
        el("span", { class: "rij" }, still, away));
    });
    made.append(el("ul", { role: "list", class: "oudlijst" }, ...rows));
    return made;
  }
}
