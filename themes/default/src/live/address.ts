/** The window's address as a page writes it: replaced when the reader rests in a drag, a new entry at the end. */
import type { Address } from "./page.ts";

/** A rest, in ms. A replacement takes longer than a brush's step, and browsers refuse more than about 100 in 30 s. */
const REST = 300;

/** Marks the entries of the browser's history whose link this page wrote. */
export const OURS = { sitegen: true };

export function windowAddress(): Address {
  let settled = location.hash;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Between the first replacement and the entry that ends the drag. */
  let isDragging = false;
  const write = (hash: string): void => history.replaceState(OURS, "", hash || bare());
  const forget = (): void => clearTimeout(timer);
  const replace = (hash: string): void => {
    forget();
    isDragging = true;
    timer = setTimeout(write, REST, hash);
  };
  const settle = (hash: string): void => {
    forget();
    isDragging = false;
    write(hash);
    settled = location.hash;
  };
  return {
    hash: () => {
      forget();
      isDragging = false;
      return (settled = location.hash);
    },
    replace,
    adjust: (hash) => (isDragging ? replace(hash) : settle(hash)),
    settle,
    push: (hash) => {
      forget();
      isDragging = false;
      if (hash === settled) return;
      // The entry that the drag began in keeps the state it had, so that going back undoes the drag.
      write(settled);
      history.pushState(OURS, "", hash || bare());
      settled = location.hash;
    },
  };
}

function bare(): string {
  return location.pathname + location.search;
}
