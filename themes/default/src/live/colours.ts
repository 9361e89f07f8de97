/** The theme's colours as they are now, for canvases, and word of when they change. */
import { themedElement } from "./surroundings.ts";

export function resolveVariable(name: string): string {
  return getComputedStyle(themedElement()).getPropertyValue(name).trim() || "#888888";
}

/** Calls back when the reader, or the system, switches between light and dark, until the signal ends it. */
export function onThemeChange(callback: () => void, signal: AbortSignal): void {
  const observer = new MutationObserver(callback);
  observer.observe(themedElement(), { attributes: true, attributeFilter: ["data-theme"] });
  signal.addEventListener("abort", () => observer.disconnect());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", callback, { signal });
}
