/** What a page says when its engine stopped, and what goes on without it. */
import { showNotice } from "../boot/notice.ts";
import type { Engine } from "../data/engine.ts";
import type { Page } from "./page.ts";
import { say } from "../words.ts";

export function followEngine(page: Page, engine: Engine): void {
  engine.watch?.({
    renewed: () => page.coordinator.forget(),
    lost: (reason) => {
      page.isLost = true;
      document.documentElement.dataset["sitegen"] = "error";
      showNotice(LOST, reason, reloading());
    },
  });
}

const LOST = `${say("The page's database stopped and could not be kept running. The charts stay as they are and can no longer be filtered.")} `;

/** The link holds the page's state, so that nothing selected is lost. */
function reloading(): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "page-reload";
  button.textContent = say("Reload the page");
  button.addEventListener("click", () => location.reload());
  return button;
}
