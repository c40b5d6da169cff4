// The server's time, and ages in words. A page never believes its own clock.

let ahead = 0;

/** Takes over the server's clock as of a message that has just arrived. */
export function heard(serverTime) {
  ahead = Date.parse(serverTime) - Date.now();
}

/** The server's time now, in milliseconds. */
export const now = () => Date.now() + ahead;

const CLOCK = new Intl.DateTimeFormat("nl-NL", {
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "Europe/Amsterdam",
});
const CLOCK_SECONDS = new Intl.DateTimeFormat("nl-NL", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZone: "Europe/Amsterdam",
});

/** The wall time in Amsterdam. */
export const clock = (at) => CLOCK.format(at);
export const clockSeconds = (at) => CLOCK_SECONDS.format(at);

/** How old something is: minutes, hours, then days; never rounded up. */
export function age(since, words) {
  const minutes = Math.max(0, Math.floor((now() - since) / 60_000));
  if (minutes < 60) return `${minutes} ${words.min}`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} ${words.u}`;
  return `${Math.floor(minutes / 1440)} ${words.d}`;
}

/** Fills {names} in a text. */
export const fill = (text, named) => text.replace(/\{(\w+)\}/g, (_, name) => named[name]);

heard(document.body.dataset.nu);
