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
  const known = KNOWN.get(element);
  return known?.width ? known : sizeNow(element);
}

/** The size after what was just written; to be asked where that changes it. */
export function sizeNow(element: HTMLElement): Size {
  const size = read(element);
  if (!KNOWN.has(element)) observer().observe(element);
  KNOWN.set(element, size);
  return size;
}

/** Calls back when the element has another size, for as long as what is drawn in it lives. */
export function onResize(element: Element, callback: () => void, signal?: AbortSignal): void {
  observer();
  const own = new ResizeObserver(callback);
  own.observe(element);
  signal?.addEventListener("abort", () => own.disconnect());
}
