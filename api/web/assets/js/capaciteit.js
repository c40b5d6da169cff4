// Mijn capaciteit: what is tapped waits a moment, goes into the queue and is told where it was tapped.
import { Announcer } from "./delen/omroep.js";
import { Notices, el, icon } from "./delen/meldingen.js";
import { Stand } from "./delen/stand.js";
import { clock, fill, now } from "./delen/tijd.js";
import { Queue, Sender } from "./delen/wachtrij.js";

/** So long after the last tap a number is sent. */
const PAUSE = 1_500;
/** What waited longer than this is told of when it is sent. */
const WAITED = 20_000;

const { wie: who, mag: mayChange, teksten: words } = JSON.parse(
  document.getElementById("cap-data").textContent,
);
const queue = new Queue(who);
const announcer = new Announcer(words);
/** What there is to tell of a subject until it changes again. */
const told = new Map();
const waited = [];
const stand = new Stand({ who, merged, state: () => show() });
const sender = new Sender({
  queue,
  greet: () => stand.refresh(),
  token: () => stand.token,
  done,
  moved: () => show(),
});
const notices = new Notices({ words, queue, sender, stand, changed: () => show() });

const partOf = (subject) => document.getElementById(`s-${subject}`);
const formOf = (subject) => document.querySelector(`form[data-rij="${CSS.escape(subject)}"]`);
const nameOf = (form) => form.closest("[data-naam]").dataset.naam;
const field = (entry, name) => entry.fields.find(([each]) => each === name)?.[1];

// ---- changes

function fieldsOf(form, submitter) {
  const given = new FormData(form, submitter);
  given.delete("csrf");
  given.delete("stap");
  return [...given];
}

/** The change of this subject that hasn't begun to be sent, so that it may still be another. */
function unsent(subject) {
  return queue.of(subject).find((one) => !one.problem && one.after > Date.now());
}

function keep(form, { submitter, pause, what }) {
  const subject = form.dataset.rij;
  for (const one of queue.of(subject)) if (one.problem !== undefined) queue.remove(one.id);
  const entry = {
    ...unsent(subject),
    subject,
    name: nameOf(form),
    what,
    path: form.getAttribute("action"),
    fields: fieldsOf(form, submitter),
    seen: Math.round(now()),
    after: Date.now() + pause,
  };
  told.delete(subject);
  if (!queue.put(entry)) told.set(subject, { text: words.vol, bad: true });
  show();
  sender.plan(pause);
}

function count(form, pause = PAUSE) {
  const input = form.elements.vrij;
  const subject = form.dataset.rij;
  const good = /^\d{1,4}$/.test(input.value.trim());
  input.toggleAttribute("aria-invalid", false);
  const waiting = unsent(subject);
  if (!good) {
    if (waiting) queue.remove(waiting.id);
    if (input.value.trim() && pause !== PAUSE) {
      input.setAttribute("aria-invalid", "true");
      told.set(subject, { text: words.getal, bad: true });
    }
    return show();
  }
  const others = queue.of(subject).filter((one) => one.id !== waiting?.id && one.problem === undefined);
  // Enter tells it twice: as a change, and as the form.
  if (others.some((one) => Number(field(one, "vrij")) === Number(input.value)) && !waiting) return show();
  if (Number(input.value) === Number(form.elements.was.value || NaN) && !others.length) {
    if (waiting) queue.remove(waiting.id);
    return show();
  }
  keep(form, { pause, what: String(Number(input.value)) });
}

function light(form) {
  const chosen = form.querySelector("[name=licht]:checked");
  if (!chosen) return;
  const start = form.elements.start;
  start.options[0].textContent = chosen.value === "rood" ? words.onbekend : words.vandaag;
  keep(form, { pause: PAUSE, what: chosen.closest("label").textContent.trim() });
}

stand.root.addEventListener("click", (event) => {
  const step = event.target.closest("button[name=stap]");
  if (!step) return;
  event.preventDefault();
  const input = step.form.elements.vrij;
  const shown = Number.parseInt(input.value, 10) || 0;
  input.value = Math.min(9999, Math.max(0, shown + Number(step.value)));
  count(step.form);
});

stand.root.addEventListener("input", ({ target }) => {
  if (target.matches("[data-stappen] [name=vrij]")) count(target.form);
});

stand.root.addEventListener("change", ({ target }) => {
  if (target.matches("[data-stappen] [name=vrij]")) count(target.form, 0);
  if (target.matches("[data-licht] [name=licht], [data-licht] [name=start]")) light(target.form);
});

stand.root.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!form.matches("[data-rij], [data-klopt]")) return;
  event.preventDefault();
  // Elsewhere forms are kept and their buttons switched off; these have a queue.
  event.stopPropagation();
  if (form.matches("[data-klopt]")) return confirm(form, submitter);
  if (form.matches("[data-stappen]")) return count(form, 0);
  if (form.matches("[data-licht]")) return light(form);
  const date = form.elements.ontslag;
  if (submitter.value === "occupied:datum" && !date.value) return date.focus();
  keep(form, { submitter, pause: 0, what: submitter.textContent.trim() });
  const box = form.closest("details");
  box.open = false;
  box.querySelector("summary").focus();
});

// ---- what became of them

function done(entry, answer) {
  const { subject } = entry;
  if (answer.uitkomst === "opgeslagen" || answer.uitkomst === "ouder") {
    told.set(subject, { text: answer.tekst, good: answer.uitkomst === "opgeslagen", doubt: answer.twijfel, at: Date.now() });
    if (now() - entry.seen > WAITED) waited.push(entry.seen);
    if (answer.uitkomst === "opgeslagen") stands(subject, answer);
    announcer.say(`${entry.name}: ${answer.tekst}`);
  } else announcer.say(`${entry.name}: ${answer.tekst || words.nietBewaard}`);
  show();
  stand.refresh();
}

/** What the server has now is what the person said: what they say next is about that. */
function stands(subject, { versie, was }) {
  for (const one of queue.of(subject)) {
    const put = (name, value) => one.fields.forEach((each) => each[0] === name && (each[1] = value));
    put("versie", String(versie));
    put("was", was);
    queue.put(one);
  }
  const form = formOf(subject);
  if (form) {
    form.elements.versie.value = versie;
    form.elements.was.value = was;
  }
  const shown = document.querySelector(`input[form=alles][value^="${CSS.escape(subject)}:"]`);
  if (shown) shown.value = `${subject}:${versie}`;
}

function merged(changed) {
  for (const [old, part] of changed) {
    const before = old.querySelector(".stap-getal")?.defaultValue;
    const after = part.querySelector(".stap-getal")?.defaultValue;
    const subject = part.querySelector("form[data-rij]")?.dataset.rij;
    const ours = subject && (queue.of(subject).length || Date.now() - (told.get(subject)?.at ?? 0) < 10_000);
    if (before === after || ours) continue;
    part.classList.add("gewijzigd");
    told.set(subject, { text: words.zojuist });
    announcer.say(fill(words.gewijzigd, { naam: part.dataset.naam }));
  }
  show();
}

// ---- klopt nog

async function confirm(form, submitter) {
  if (form.busy) return;
  form.busy = true;
  const line = form.querySelector("[data-status]");
  const say = (text, kind = "") => {
    if (!line) return;
    line.className = `klein status ${kind}`;
    line.textContent = text;
  };
  say(words.kloptBezig);
  // What was just typed goes first: confirmed after it, not the other way round.
  sender.hurry();
  await sender.run();
  try {
    if (sender.ready().length) throw new Error("not sent");
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams([...new FormData(form, submitter)].filter(([name]) => name !== "csrf")),
      redirect: "manual",
      headers: { accept: "application/json", "hx-request": "true", "x-csrf-token": stand.token },
    });
    if (!response.ok) throw new Error(response.status);
    const answer = await response.json();
    const others = Object.entries(answer.anders);
    for (const [subject, text] of others) told.set(subject, { text, bad: true });
    for (const subject of answer.bevestigd) told.set(subject, { text: answer.tekst, good: true, at: Date.now() });
    const text = others.length === 1 ? words.anders1 : fill(words.anders, { n: others.length });
    announcer.say(others.length ? text : answer.tekst);
    await stand.refresh();
    notices.confirmed = others.length ? text : "";
  } catch {
    say(words.kloptNiet, "status--fout");
    announcer.say(words.kloptNiet);
    stand.refresh();
  } finally {
    form.busy = false;
    show();
  }
}

// ---- what is shown of all that

function show() {
  if (!mayChange) return notices.show(waited);
  const entries = queue.all();
  for (const line of stand.root.querySelectorAll("[id^=s-] [data-status], li[data-bed] [data-status]")) {
    line.className = "klein status";
    line.replaceChildren();
  }
  for (const box of stand.root.querySelectorAll(".twijfel")) box.remove();
  for (const waiting of stand.root.querySelectorAll(".is-wachtend")) waiting.classList.remove("is-wachtend");
  for (const form of stand.root.querySelectorAll("form[data-stappen]")) {
    if (form.elements.vrij !== document.activeElement && !entries.some((e) => e.subject === form.dataset.rij))
      form.elements.vrij.value = form.elements.vrij.defaultValue;
  }
  for (const [subject, what] of told) tell(subject, what);
  for (const entry of entries) pending(entry);
  notices.show(waited);
}

function lineOf(subject) {
  const part = partOf(subject);
  return part?.querySelector("[data-status]") ?? part?.closest("li")?.querySelector("[data-status]");
}

function tell(subject, { text, good, bad, doubt }) {
  const line = lineOf(subject);
  if (!line) return;
  line.classList.add(good ? "status--goed" : bad ? "status--fout" : "zacht");
  line.append(icon(good ? "s-past" : "s-let-op"), el("span", text));
  if (!doubt) return;
  const box = el("div", { class: "melding melding--vast twijfel", role: "alert" });
  const restore = button(fill(words.herstel, { was: doubt.was }), () => again(subject, doubt.was));
  const yes = button(words.ja, () => {
    told.delete(subject);
    show();
  });
  box.append(
    icon("s-let-op"),
    el("div", el("strong", words.klopt), ` ${fill(words.wijzigde, { was: doubt.was, nu: doubt.nu })}`),
    el("div", { class: "knoppen" }, restore, yes),
  );
  partOf(subject).append(box);
}

function again(subject, value) {
  const form = formOf(subject);
  form.elements.vrij.value = value;
  count(form, 0);
}

function pending(entry) {
  const line = lineOf(entry.subject);
  const form = formOf(entry.subject);
  if (!line || !form) return;
  line.className = "klein status";
  if (entry.problem !== undefined) return failed(entry, line);
  (form.closest(".stepper, .teamvak, li") ?? form).classList.add("is-wachtend");
  if (form.matches("[data-stappen]") && form.elements.vrij !== document.activeElement)
    form.elements.vrij.value = field(entry, "vrij");
  if (form.matches("[data-licht]")) {
    for (const one of form.querySelectorAll("[name=licht]")) one.checked = one.value === field(entry, "licht");
    form.elements.start.value = field(entry, "start");
  }
  const was = form.matches("[data-stappen]") ? form.elements.vrij.defaultValue : "";
  const time = clock(entry.seen);
  let text = fill(was ? words.wachtWas : words.wacht, { was, tijd: time });
  if (entry.after > Date.now()) text = words.straks;
  else if (sender.sending === entry.id) text = words.bezig;
  const what = form.matches("[data-stappen], [data-licht]") ? "" : `${entry.what}: `;
  line.replaceChildren(el("span", { class: "tag-wacht" }, icon("s-later"), `${what}${text}`));
}

function failed(entry, line) {
  line.classList.add("status--fout");
  const buttons = [button(entry.outcome === "anders" ? words.laat : words.weg, () => drop(entry))];
  if (entry.outcome === "anders") {
    const fields = entry.fields.filter(([name]) => name !== "versie" && name !== "was");
    buttons.unshift(
      button(fill(words.tochZo, { wat: entry.what }), () => {
        const { problem: _, ...rest } = entry;
        queue.put({ ...rest, fields, seen: Math.round(now()), after: 0 });
        show();
        sender.retry();
      }),
    );
  }
  const text = `${entry.what}: ${entry.problem || words.nietBewaard}`;
  line.replaceChildren(icon("s-let-op"), el("span", text), ...buttons);
}

function drop(entry) {
  queue.remove(entry.id);
  show();
}

function button(text, act) {
  const made = el("button", { type: "button", class: "utrecht-button utrecht-button--dicht-tel" }, text);
  made.addEventListener("click", act);
  return made;
}

// ---- what else brings something about

addEventListener("storage", ({ key, newValue }) => {
  if (!key?.startsWith(queue.prefix)) return;
  show();
  // Another tab had an answer to it.
  if (newValue === null) stand.refresh();
});
addEventListener("online", () => sender.retry());
addEventListener("pageshow", () => sender.plan());
document.addEventListener("visibilitychange", () => document.hidden && sender.run());
show();
sender.plan();
