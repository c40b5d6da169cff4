// What is known of the chosen row, beside the board, with its form.

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
    this.box.addEventListener("change", ({ target }) => {
      if (target.matches("[data-bedkeuze]")) target.form.action = `/bord/bed/${target.value}/cijfer`;
    });
  }

  get form() {
    return this.box.querySelector("#telefoon");
  }

  /** Whether somebody is typing: then what is known may wait. */
  get busy() {
    return this.form !== null && !this.form.hidden;
  }

  async show(address) {
    this.address = address;
    const asked = (this.asked = Symbol());
    try {
      const response = await fetch(address, { headers: { "x-deel": "1", "hx-request": "true" } });
      const html = await response.text();
      if (asked === this.asked) this.put(html);
    } catch {
      if (asked === this.asked) this.failed();
    }
  }

  again() {
    if (this.address && !this.busy) this.show(this.address);
  }

  put(html) {
    this.box.innerHTML = html;
    for (const star of this.box.querySelectorAll("[data-favoriet]")) {
      star.setAttribute("aria-pressed", String(this.favourites.has(star.dataset.favoriet)));
    }
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
        headers: { "x-deel": "1", "hx-request": "true", "x-csrf-token": document.body.dataset.csrf },
      });
      if (response.status >= 500) this.failed();
      else this.put(await response.text());
      this.box.querySelector("[aria-invalid], [role=alert], [role=status]")?.focus?.();
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
        headers: { "x-csrf-token": document.body.dataset.csrf, "hx-request": "true" },
      });
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
