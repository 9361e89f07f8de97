/** A finger that stays where it is: what a double click is to a mouse. */

/** How long it stays, in ms, and how far it may stray, in px: as on Android. */
const HOLD_MS = 500;
const STRAY = 10;

/** Calls `held` with what a finger stays on; where that is true, no click and no menu follow. */
export function onHold(body: HTMLElement, held: (target: Element) => boolean): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from = { x: 0, y: 0 };
  let isHeld = false;
  const stop = (): void => clearTimeout(timer);
  body.addEventListener("pointerdown", (event) => {
    stop();
    isHeld = false;
    if (event.pointerType !== "touch" || !event.isPrimary) return;
    from = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => (isHeld = held(event.target as Element)), HOLD_MS);
  });
  body.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (Math.hypot(clientX - from.x, clientY - from.y) > STRAY) stop();
  });
  for (const end of ["pointerup", "pointercancel"]) body.addEventListener(end, stop);
  const swallow = (event: Event): void => {
    if (!isHeld) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  body.addEventListener("click", swallow, true);
  body.addEventListener("contextmenu", swallow, true);
}
