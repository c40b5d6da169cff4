// What is known of the chosen row, beside the board, with its form.
import { restore, wait } from "./bewaard.js";

export class Panel {
  constructor({ words, favourites, starred }) {
    Object.assign(this, { words, favourites, starred });
    this.box = document.getElementById("detail");
    this.address = null;
    this.box.addEventListener("submit", (event) => this.submit(event));
    this.box.addEventListener("click", ({ target }) => {
      const open = target.closest("[data-open]");
      const close = target.closest("[data-sluit]");
      const star = target.closest("[data-favoriet]");
      if (open) this.openForm();
      if (close) this.closeForm();
      if (star) this.star(star);
    });
  }

  get form() {
    return this.box.querySelector("#telefoon");
  }

  /** Whether somebody is typing: then what is known may wait. */
  get busy() {
    return this.form !== null && !this.form.hidden;
  }

  /** `kept`: what became of a figure stays, since it is the same place. */
  show(address, kept = false) {
    this.address = address;
    this.missed = false;
    return (this.coming = this.fetch(address, kept));
  }

  async fetch(address, kept) {
    const asked = (this.asked = Symbol());
    try {
      const response = await fetch(address, { headers: headers() });
      if (response.status >= 500) throw new Error(response.status);
      const html = await response.text();
      // Who began to type meanwhile keeps the form.
      if (asked !== this.asked || (kept && this.busy)) return;
      const told = kept ? [...this.box.querySelectorAll("[data-uitkomst]")] : [];
      this.put(html);
      this.box.querySelector(".detail > p")?.after(...told);
    } catch {
      if (asked === this.asked) this.failed();
    }
  }

  again() {
    if (this.busy || this.sending) this.missed = true;
    else if (this.address) this.show(this.address, true);
  }

  put(html) {
    this.box.innerHTML = html;
    for (const star of this.box.querySelectorAll("[data-favoriet]")) {
      star.setAttribute("aria-pressed", String(this.favourites.has(star.dataset.favoriet)));
    }
    restore();
  }

  /** Above what stands there already: nothing that was typed is lost. */
  tell(html) {
    const told = document.createElement("div");
    told.innerHTML = html;
    told.dataset.geweigerd = "";
    this.box.querySelector("[data-geweigerd]")?.remove();
    this.box.prepend(told);
    if (told.querySelector("[data-uitgelogd]")) wait();
    told.querySelector("a")?.focus();
  }

  failed() {
    const told = document.createElement("div");
    told.className = "melding melding--stop";
    told.setAttribute("role", "alert");
    told.textContent = this.words.fout;
    this.box.querySelector(".melding--stop[role=alert]")?.remove();
    this.box.prepend(told);
  }

  openForm() {
    if (!this.form) return;
    this.form.hidden = false;
    this.form.querySelector("input:not([type=hidden]), select")?.focus();
  }

  closeForm() {
    if (!this.form) return;
    this.form.hidden = true;
    this.box.querySelector("[data-open]")?.focus();
    if (this.missed) this.again();
  }

  async submit(event) {
    const form = event.target;
    if (!form.matches("[data-paneel]")) return;
    event.preventDefault();
    if (this.sending) return;
    this.sending = true;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: headers(),
      });
      // What was refused with the form is shown in it; what else is refused, above it.
      if (response.status >= 500) return this.failed();
      if (!response.ok && response.status !== 400) return this.tell(await response.text());
      this.put(await response.text());
      (this.box.querySelector("[aria-invalid]") ?? this.box.querySelector("[data-uitkomst]"))?.focus();
    } catch {
      this.failed();
    } finally {
      this.sending = false;
    }
  }

  async star(button) {
    const { favoriet: id, soort: kind } = button.dataset;
    const on = !this.favourites.has(id);
    const body = new URLSearchParams({ id, soort: kind, aan: on ? "1" : "0" });
    try {
      const response = await fetch("/bord/favoriet", {
        method: "POST",
        body,
        headers: headers(),
      });
      if (response.status === 401) return this.tell(await response.text());
      if (!response.ok) return this.failed();
    } catch {
      return this.failed();
    }
    if (on) this.favourites.add(id);
    else this.favourites.delete(id);
    button.setAttribute("aria-pressed", String(on));
    this.starred();
  }
}

/** Says that a part is wanted, which page it is for, and that it is one of ours. */
const headers = () => ({
  "x-deel": "1",
  "hx-request": "true",
  "hx-current-url": location.href,
  "x-csrf-token": document.body.dataset.csrf,
});
