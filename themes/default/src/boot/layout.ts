/**
 * Views below the window are not laid out while the page loads (styles/layout.css). Once it has loaded they are, one at a
 * time and whenever nothing else is to do: before a reader has scrolled to them, and before anybody takes a picture of the
 * whole page.
 */
export function layOutViews(): void {
  if (document.readyState === "complete") goOn();
  else addEventListener("load", goOn, { once: true });
}

/** Longest time that a view waits for others to be done, in ms. */
const PATIENCE = 500;

function goOn(): void {
  const next = document.querySelector(".view:not([data-laid])");
  if (!next) return;
  whenNothingElse(() => {
    next.setAttribute("data-laid", "");
    goOn();
  });
}

/** Safari has no idle callback. */
function whenNothingElse(task: () => void): void {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(task, { timeout: PATIENCE });
  else setTimeout(task, PATIENCE / 10);
}
