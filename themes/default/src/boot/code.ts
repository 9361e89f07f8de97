/** A button on each block of code that copies it. */
import { copyText } from "../live/clipboard.ts";
import { say } from "../words.ts";

const SHOWN_MS = 1500;

/** Gives every block of code its button; without scripts there is none, and the text can be selected. */
export function installCopying(): void {
  for (const code of document.querySelectorAll<HTMLElement>(".page-body pre.highlight > code")) {
    const block = code.parentElement;
    if (!block || block.closest(".view")) continue;
    const frame = document.createElement("div");
    frame.className = "code";
    block.replaceWith(frame);
    frame.append(block, button(code));
  }
}

function button(code: HTMLElement): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "code-copy";
  // What came of it is said, for the button keeps the focus.
  made.ariaLive = "polite";
  made.textContent = say("Copy");
  made.addEventListener("click", () => void copy(code.textContent, made));
  return made;
}

async function copy(text: string, made: HTMLButtonElement): Promise<void> {
  made.textContent = (await copyText(text)) ? say("Copied") : say("Select the text to copy it");
  setTimeout(() => (made.textContent = say("Copy")), SHOWN_MS);
}
