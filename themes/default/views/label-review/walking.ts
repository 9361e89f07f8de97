/** Which card of a list a key leads to. */

/** The place that a key leads to from another; null for a key that leads nowhere. */
export function steppedTo(body: HTMLElement, at: number, count: number, key: string): number | null {
  const across = cardsAcross(body);
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at + across,
    ArrowUp: at - across,
    Home: 0,
    End: count - 1,
  };
  const to = Object.hasOwn(steps, key) ? steps[key]! : null;
  return to === null ? null : Math.max(0, Math.min(count - 1, to));
}

/** Cards that stand beside each other in the list. */
function cardsAcross(body: HTMLElement): number {
  const cards = [...body.querySelectorAll<HTMLElement>(".review-list .sample")];
  const top = cards[0]?.getBoundingClientRect().top ?? 0;
  const next = cards.findIndex((card) => card.getBoundingClientRect().top > top + 4);
  return next < 1 ? Math.max(1, cards.length) : next;
}
