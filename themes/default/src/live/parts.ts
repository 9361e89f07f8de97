/**
 * Drawing a view's markup anew without losing the reader: only parts that changed are written, and what had the focus
 * has it again. A part is an element with `data-part`; what can have the focus has a `data-key` or is a card.
 */
import type { Markup } from "../markup.ts";

export class Parts {
  private readonly written = new Map<string, string>();

  constructor(private readonly body: HTMLElement) {}

  show(parts: Readonly<Record<string, Markup | null>>): void {
    for (const [name, markup] of Object.entries(parts)) this.write(name, markup?.text ?? "");
  }

  /** To be called when the elements themselves are new. */
  forget(): void {
    this.written.clear();
  }

  private write(name: string, text: string): void {
    const part = this.body.querySelector<HTMLElement>(`[data-part="${name}"]`);
    if (!part || this.written.get(name) === text) return;
    this.written.set(name, text);
    const selector = part.contains(document.activeElement) ? selectorOf(document.activeElement!) : null;
    part.innerHTML = text;
    if (selector) part.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
  }
}

function selectorOf(element: Element): string | null {
  const { key, id } = (element as HTMLElement).dataset;
  if (key !== undefined) return `[data-key="${CSS.escape(key)}"]`;
  if (id === undefined) return null;
  const list = element.closest<HTMLElement>("[data-member]")?.dataset["member"];
  const within = list === undefined ? "" : `[data-member="${CSS.escape(list)}"] `;
  return `${within}[data-id="${CSS.escape(id)}"]`;
}

/** Moves the focus between the cards of a list by a key; false for keys that move nothing. */
export function walkCards(list: Element, from: Element, key: string): boolean {
  const cards = [...list.querySelectorAll<HTMLElement>(".sample")];
  const at = cards.indexOf(from as HTMLElement);
  const to = at < 0 ? null : stepOf(cards, at, key);
  if (to === null) return false;
  cards[at]!.tabIndex = -1;
  cards[to]!.tabIndex = 0;
  cards[to]!.focus();
  return true;
}

function stepOf(cards: readonly HTMLElement[], at: number, key: string): number | null {
  const last = cards.length - 1;
  const steps: Readonly<Record<string, () => number>> = {
    ArrowRight: () => at + 1,
    ArrowLeft: () => at - 1,
    ArrowDown: () => at + rowOf(cards),
    ArrowUp: () => at - rowOf(cards),
    Home: () => 0,
    End: () => last,
  };
  const step = Object.hasOwn(steps, key) ? steps[key] : undefined;
  return step ? Math.max(0, Math.min(last, step())) : null;
}

/** Cards that stand beside each other. */
function rowOf(cards: readonly HTMLElement[]): number {
  const [first] = cards;
  const next = cards.findIndex(
    (card) => card.getBoundingClientRect().top > first!.getBoundingClientRect().top + 4,
  );
  return next < 0 ? cards.length : next;
}
