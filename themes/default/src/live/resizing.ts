/** Sizes of elements, without stopping for the browser to lay the page out, and word of when they change. */

/** In px, as the browser rounds them. */
export interface Size {
  /** With padding, without border and scrollbar. */
  width: number;
  height: number;
  /** Without padding. */
  innerHeight: number;
  /** With border. */
  outerHeight: number;
}

const KNOWN = new WeakMap<Element, Size>();

/** Who draws by a size, and is told where no frame comes in which it would change. */
const DRAWING = new Set<() => void>();

/** Whether sizes change without a frame, so that none is known. */
let isAtOnce = false;

/** One for all, made before any other: who hears of a change finds the new size known. */
let observing: ResizeObserver | null = null;

function observer(): ResizeObserver {
  return (observing ??= new ResizeObserver((changed) => {
    for (const { target } of changed) KNOWN.set(target, read(target as HTMLElement));
  }));
}

function read(element: HTMLElement): Size {
  const { paddingTop, paddingBottom } = getComputedStyle(element);
  const { clientWidth: width, clientHeight: height, offsetHeight: outerHeight } = element;
  return {
    width,
    height,
    innerHeight: height - parseFloat(paddingTop) - parseFloat(paddingBottom),
    outerHeight,
  };
}

/**
 * The size that the element had in the last frame. Reading it from the element itself would lay out all that was written
 * since, once for each view that draws. What has no size, for it is hidden or not in the page yet, is looked at anew.
 */
export function sizeOf(element: HTMLElement): Size {
  const known = isAtOnce ? undefined : KNOWN.get(element);
  return known?.width ? known : sizeNow(element);
}

/** The size after what was just written; to be asked where that changes it. */
export function sizeNow(element: HTMLElement): Size {
  const size = read(element);
  if (!KNOWN.has(element)) observer().observe(element);
  KNOWN.set(element, size);
  return size;
}

/** Whether what was told of a size has to draw at once. */
export function areSizesOfNow(): boolean {
  return isAtOnce;
}

/** Has all that draws look at its size anew, now. */
export function tellSizes(): void {
  isAtOnce = true;
  try {
    for (const draw of [...DRAWING]) draw();
  } finally {
    isAtOnce = false;
  }
}

/**
 * Calls back when the element has another size, for as long as what is drawn in it lives. With a signal that ends it,
 * it is called where the page is laid out for paper as well.
 */
export function onResize(element: Element, callback: () => void, signal?: AbortSignal): void {
  observer();
  const own = new ResizeObserver(callback);
  own.observe(element);
  if (!signal) return;
  DRAWING.add(callback);
  signal.addEventListener("abort", () => {
    own.disconnect();
    DRAWING.delete(callback);
  });
}
