/** What floats over a page as an open disclosure: how it closes. */

const POPOVERS =
  "details.view-help[open], details.view-menu[open], details.site-nav-menu[open], .page-report .toc details[open]";

/** Help and menus close when the reader turns to something else, or presses Escape. */
export function installPopovers(): void {
  const close = (isKept: (popover: Element) => boolean): void => {
    for (const popover of document.querySelectorAll(POPOVERS)) {
      if (!isKept(popover)) popover.removeAttribute("open");
    }
  };
  document.addEventListener("pointerdown", (event) => {
    close((popover) => popover.contains(event.target as Node));
  });
  document.addEventListener("focusin", (event) => {
    close((popover) => popover.contains(event.target as Node));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const focused = document.activeElement?.closest(POPOVERS);
    close(() => false);
    focused?.querySelector("summary")?.focus();
  });
}
