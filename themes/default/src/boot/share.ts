/** The button that opens what a page can share; what it needs is loaded at the first use. */
import { runScript } from "../data/held.ts";
import { showToast } from "./toast.ts";
import { say } from "../words.ts";

/** What the window is asked to show; from a view's menu, the view and what of it. */
export interface Shared {
  id?: string;
  section?: "link" | "cite";
}

/** An event with which the page asks to share something. */
export const SHARE = "sitegen:share";

export function installSharing(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-action=share]");
  if (!button) return;
  let loading: Promise<unknown> | undefined;
  const open = async (shared: Shared): Promise<void> => {
    loading ??= runScript(button.dataset["share"] ?? "");
    try {
      await loading;
      globalThis.sitegenShare?.(shared);
    } catch {
      loading = undefined; // the next press tries again
      showToast(say("This could not be loaded; try again."));
    }
  };
  button.addEventListener("click", () => void open({}));
  addEventListener(SHARE, (event) => void open((event as CustomEvent<Shared>).detail));
}
