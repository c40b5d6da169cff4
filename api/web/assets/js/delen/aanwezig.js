// Looking again now and then, as long as somebody is there to see it.

/** A page that nobody looks at any more lets the session end, as it should. */
const PRESENT = 10 * 60_000;

/**
 * Asks every so many milliseconds, and when the page comes back into view or onto the network.
 * Answers with what asks at once; `tick` is called each second.
 */
export function lookNowAndThen({ every, ask, tick }) {
  let seen = performance.now();
  let asked = performance.now();
  const look = () => {
    if (document.hidden || performance.now() - seen > PRESENT) return;
    asked = performance.now();
    ask();
  };
  for (const kind of ["pointerdown", "pointermove", "keydown", "touchstart", "wheel"]) {
    addEventListener(kind, () => (seen = performance.now()), { passive: true });
  }
  document.addEventListener("visibilitychange", look);
  addEventListener("online", look);
  addEventListener("pageshow", ({ persisted }) => persisted && look());
  setInterval(() => {
    if (performance.now() - asked >= every) look();
    tick();
  }, 1_000);
  return look;
}
