/** Arrow keys between small buttons that stand in rows: each list is left with Tab, for all stay in its order. */

/** Moves the focus from one chip to another by a key; false for keys that move nothing. */
export function walkChips(from: HTMLElement, event: KeyboardEvent): boolean {
  if (!from.matches(".units-chip") || event.altKey || event.ctrlKey || event.metaKey) return false;
  const chips = [...from.closest("ul")!.querySelectorAll<HTMLElement>(".units-chip")];
  const at = chips.indexOf(from);
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: chips.length - 1,
  };
  const to = Object.hasOwn(steps, event.key) ? chips[steps[event.key]!] : undefined;
  to?.focus();
  return to !== undefined;
}
