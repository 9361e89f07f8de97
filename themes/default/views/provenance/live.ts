/** The provenance's live half: copies digests. */
import type { LiveFactory } from "../../src/live/host.ts";

/** How long "Copied" is shown, in ms. */
const SAID = 1500;

export const live: LiveFactory = ({ body }) => {
  body.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    if (button) void copy(button);
  });
  return { draw: () => undefined, restore: () => undefined };
};

async function copy(button: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(button.dataset["copy"]!);
    button.textContent = "Copied";
  } catch {
    // Clipboards need a secure page and permission; the title holds the same digits.
    button.textContent = "Not allowed here";
  }
  setTimeout(() => (button.textContent = "Copy"), SAID);
}
