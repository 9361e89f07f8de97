/** The window's address as a page writes it: replaced while the reader drags, a new entry at the end. */
import type { Address } from "./page.ts";

/** Shortest time between two replacements, in ms: browsers refuse more than about 100 in 30 s. */
const PAUSE = 300;

/** Marks the entries of the browser's history whose link this page wrote. */
export const OURS = { sitegen: true };

export function windowAddress(): Address {
  let settled = location.hash;
  let waiting: string | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const write = (hash: string): void => history.replaceState(OURS, "", hash || bare());
  const forget = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = waiting = null;
  };
  const paced = (): void => {
    timer = null;
    if (waiting === null) return;
    write(waiting);
    waiting = null;
    timer = setTimeout(paced, PAUSE);
  };
  return {
    hash: () => {
      forget();
      return (settled = location.hash);
    },
    replace: (hash) => {
      waiting = hash;
      if (timer === null) paced();
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
