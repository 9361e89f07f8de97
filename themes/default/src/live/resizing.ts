/** Word of an element's size, for as long as what is drawn in it lives. */

export function onResize(element: Element, callback: () => void, signal: AbortSignal): void {
  const observer = new ResizeObserver(callback);
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect());
}
