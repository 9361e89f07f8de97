/** The button that opens the search, and the key: what it needs is loaded at the first use. */
import { runScript } from "../data/held.ts";

const EDITED = "input, textarea, select, [contenteditable]";

export function installSearch(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-action=search]");
  if (!button) return;
  let loading: Promise<unknown> | undefined;
  const open = async (): Promise<void> => {
    const { search = "", index = "", base = "" } = button.dataset;
    // The index is a script and no data: a page that was opened from the disk may load no data.
    loading ??= Promise.all([runScript(search), runScript(index)]);
    try {
      await loading;
      globalThis.sitegenSearch?.(base);
    } catch {
      loading = undefined; // the next press tries again
    }
  };
  button.addEventListener("click", () => void open());
  document.addEventListener("keydown", (event) => {
    const isTyped = event.target instanceof Element && event.target.closest(EDITED);
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key !== "/" || isTyped || !isPlain || event.defaultPrevented) return;
    event.preventDefault();
    void open();
  });
}
