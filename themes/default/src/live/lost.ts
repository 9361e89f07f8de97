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

/** What a page says of tables that could not be loaded: what shows them stays as it was built, the rest goes on. */
export function followMissing(page: Page, { missing }: Engine): void {
  if (!missing?.size) return;
  page.missing = missing;
  const said = say(
    "Not all of this page's data could be loaded. What shows them stays as it was built, with all rows, and follows no filter; everything else does.",
  );
  showNotice(`${said} `, [...missing.values()].join("; "), reloading());
}

/** The link holds the page's state, so that nothing selected is lost. */
function reloading(): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "page-reload";
  button.textContent = say("Reload the page");
  button.addEventListener("click", () => location.reload());
  return button;
}
