/** The provenance's live half: copies digests. */
import { copyText } from "../../src/live/clipboard.ts";
import type { LiveFactory } from "../../src/live/host.ts";
import { say } from "../../src/words.ts";

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
  // The title holds the same digits.
  button.textContent = (await copyText(button.dataset["copy"]!)) ? say("Copied") : say("Not allowed here");
  setTimeout(() => (button.textContent = say("Copy")), SAID);
}
