/**
 * Pointer, wheel and fingers on a plot, as what they mean. A mouse drags at once. One finger scrolls the page until the
 * reader has chosen what dragging does; two fingers always move and zoom. The wheel scrolls the page until the plot is
 * in use.
 */
export interface Place {
  x: number;
  y: number;
}

export interface Gestures {
  /** Whether one finger draws or moves, rather than scrolling the page. */
  isHeld: () => boolean;
  start: (place: Place, isAdding: boolean) => void;
  drag: (place: Place) => void;
  end: () => void;
  cancel: () => void;
  click: (place: Place, isAdding: boolean) => void;
  hover: (place: Place) => void;
  leave: () => void;
  /** Moves by px and zooms by a factor around a place. */
  zoom: (factor: number, around: Place, by: Place) => void;
  home: () => void;
  /** The wheel turned above a plot that is not in use. */
  pass: () => void;
}

/** A pointer that moved less is a click, in px. */
const STILL = 4;
/** The factor of a wheel's usual step of 100 px is about 1.25. */
const WHEEL = 0.0022;
const LINE = 16;

interface Drag {
  pointer: number;
  from: Place;
  isAdding: boolean;
  hasMoved: boolean;
}

/** Returns what lets go of the drag under way. */
export function listen(element: HTMLElement, gestures: Gestures): () => void {
  const fingers = new Map<number, Place>();
  let drag: Drag | null = null;
  const placeOf = (event: MouseEvent): Place => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (event.pointerType === "touch") fingers.set(event.pointerId, placeOf(event));
    if (fingers.size === 2 && drag?.hasMoved) gestures.cancel();
    if (fingers.size > 1) drag = null;
    else
      drag = { pointer: event.pointerId, from: placeOf(event), isAdding: isAdding(event), hasMoved: false };
    if (event.pointerType !== "touch" || gestures.isHeld() || fingers.size > 1)
      element.setPointerCapture(event.pointerId);
  });

  element.addEventListener("pointermove", (event) => {
    const place = placeOf(event);
    if (fingers.size === 2 && fingers.has(event.pointerId)) pinch(event.pointerId, place);
    else if (drag?.pointer === event.pointerId) follow(drag, place, event.pointerType);
    else if (event.buttons === 0) gestures.hover(place);
  });

  const follow = (current: Drag, place: Place, kind: string): void => {
    if (kind === "touch" && !gestures.isHeld()) return;
    if (!current.hasMoved) {
      if (Math.hypot(place.x - current.from.x, place.y - current.from.y) < STILL) return;
      current.hasMoved = true;
      gestures.start(current.from, current.isAdding);
    }
    gestures.drag(place);
  };

  const pinch = (pointer: number, place: Place): void => {
    const before = [...fingers.values()] as [Place, Place];
    fingers.set(pointer, place);
    const after = [...fingers.values()] as [Place, Place];
    const [was, is] = [middle(before), middle(after)];
    const factor = apart(after) / Math.max(1, apart(before));
    gestures.zoom(factor, is, { x: is.x - was.x, y: is.y - was.y });
  };

  const release = (event: PointerEvent, isDone: boolean): void => {
    fingers.delete(event.pointerId);
    if (drag?.pointer !== event.pointerId) return;
    const { hasMoved, from, isAdding: adding } = drag;
    drag = null;
    if (hasMoved) (isDone ? gestures.end : gestures.cancel)();
    else if (isDone) gestures.click(from, adding);
  };
  element.addEventListener("pointerup", (event) => release(event, true));
  element.addEventListener("pointercancel", (event) => release(event, false));
  element.addEventListener("pointerleave", () => !drag && gestures.leave());
  element.addEventListener("dblclick", () => gestures.home());
  listenToWheel(element, gestures, placeOf);
  return () => (drag = null);
}

/** The browser's own zoom keeps off, by fingers and, above a plot in use, by the wheel. */
function listenToWheel(
  element: HTMLElement,
  gestures: Pick<Gestures, "pass" | "zoom">,
  placeOf: (event: MouseEvent) => Place,
): void {
  for (const name of ["touchstart", "touchmove"] as const)
    element.addEventListener(name, (event) => event.touches.length > 1 && event.preventDefault(), {
      passive: false,
    });
  element.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey && !element.matches(":focus")) return gestures.pass();
      event.preventDefault();
      const turned = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1);
      const limited = Math.max(-300, Math.min(300, turned)) * (event.ctrlKey ? 2 : 1);
      gestures.zoom(Math.exp(-limited * WHEEL), placeOf(event), { x: 0, y: 0 });
    },
    { passive: false },
  );
}

function isAdding(event: PointerEvent): boolean {
  return event.shiftKey || event.metaKey || event.ctrlKey;
}

function middle([a, b]: [Place, Place]): Place {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function apart([a, b]: [Place, Place]): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
