/** Drags in a chart: one belongs to the chart that it began in, wherever the pointer goes. */

/** A pointer that moves no further, in px, clicks. */
const STILL = 3;

/**
 * Captures the pointer once it drags. At the press would be too early: the click of a captured pointer is the whole
 * drawing's, and no mark's.
 */
export function captureDrags(drawing: Element): void {
  drawing.addEventListener("pointerdown", (pressed) => {
    const { pointerId, clientX, clientY } = pressed as PointerEvent;
    const stop = (): void => {
      removeEventListener("pointermove", moved);
      removeEventListener("pointerup", stop);
      removeEventListener("pointercancel", stop);
    };
    const moved = (event: PointerEvent): void => {
      if (event.pointerId !== pointerId) return;
      if (Math.hypot(event.clientX - clientX, event.clientY - clientY) <= STILL) return;
      stop();
      drawing.setPointerCapture(pointerId);
    };
    addEventListener("pointermove", moved);
    addEventListener("pointerup", stop);
    addEventListener("pointercancel", stop);
  });
}
