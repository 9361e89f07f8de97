/** The window's address as a page writes it: replaced when the reader rests in a drag, a new entry at the end. */
import type { Address } from "./page.ts";

/** A rest, in ms. A replacement takes longer than a brush's step, and browsers refuse more than about 100 in 30 s. */
const REST = 300;

/** Marks the entries of the browser's history whose link this page wrote. */
export const OURS = { sitegen: true };

export function windowAddress(): Address {
  let settled = location.hash;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = (hash: string): void => history.replaceState(OURS, "", hash || bare());
  const forget = (): void => clearTimeout(timer);
  return {
    hash: () => {
      forget();
      return (settled = location.hash);
    },
    replace: (hash) => {
      forget();
      timer = setTimeout(write, REST, hash);
    },
    settle: (hash) => {
      forget();
      write(hash);
      settled = location.hash;
    },
    push: (hash) => {
      forget();
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
