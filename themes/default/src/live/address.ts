/**
 * The window's address as a page writes it: replaced when the reader rests in a drag, a new entry at the end. A key that
 * is held down, or pressed again and again, is a drag as well.
 */
import { fullHash, ownHash } from "../whole.ts";
import type { Address } from "./page.ts";
import type { Steps } from "./steps.ts";

/** A rest, in ms. A replacement takes longer than a brush's step, and browsers refuse more than about 100 in 30 s. */
const REST = 300;

/** What follows a key so soon is its doing; keys that follow each other so soon are one step; in ms. */
const AT_ONCE = 50;
const SAME_STEP = 600;

/** Keys that move a slider, a brush or a place step by step. */
const MOVING = /^(Arrow|Page)|^(Home|End|\+|-)$/;

export interface WindowAddress extends Address {
  /** Writes what waits for a rest. */
  flush: () => void;
}

export function windowAddress(steps: Steps): WindowAddress {
  let settled = ownHash();
  /** Between the first replacement and the entry that ends the drag. */
  let isDragging = false;
  const keys = new Keys();
  const write = (hash: string): void => history.replaceState(steps.mark, "", fullHash(hash) || bare());
  const waiting = new Waiting(write);
  const forget = (): void => waiting.forget();
  const replace = (hash: string): void => {
    isDragging = true;
    waiting.put(hash);
  };
  const settle = (hash: string): void => {
    forget();
    isDragging = false;
    write(hash);
    settled = ownHash();
  };
  const push = (hash: string): void => {
    const isOneStep = keys.isOneStep();
    const wasDragging = isDragging;
    isDragging = false;
    if (hash === settled) {
      forget();
      if (wasDragging && ownHash() !== settled) write(settled);
    } else if (isOneStep) {
      settled = hash;
      waiting.put(hash);
    } else {
      forget();
      // The entry that the drag began in keeps the state it had, so that going back undoes the drag. Each writing
      // waits for the browser's other processes.
      if (ownHash() !== settled) write(settled);
      steps.pushed();
      history.pushState(steps.mark, "", fullHash(hash) || bare());
      settled = ownHash();
    }
  };
  return {
    hash: () => {
      forget();
      isDragging = false;
      return (settled = ownHash());
    },
    replace,
    adjust: (hash) => (isDragging ? replace(hash) : settle(hash)),
    settle,
    push,
    flush: () => waiting.flush(),
  };
}

/** A link that is written when the reader rests. */
class Waiting {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private hash: string | null = null;

  constructor(private readonly write: (hash: string) => void) {}

  put(hash: string): void {
    this.forget();
    this.hash = hash;
    this.timer = setTimeout(() => this.flush(), REST);
  }

  forget(): void {
    clearTimeout(this.timer);
    this.hash = null;
  }

  flush(): void {
    const { hash } = this;
    this.forget();
    if (hash !== null) this.write(hash);
  }
}

/** When a key was pressed that moves something, and whether it made a step. */
class Keys {
  private pressed = -Infinity;
  private stepped = -Infinity;

  constructor() {
    addEventListener("keydown", ({ key, ctrlKey, metaKey }) => this.press(key, ctrlKey || metaKey), {
      capture: true,
    });
    addEventListener("pointerdown", () => (this.stepped = -Infinity), { capture: true });
  }

  private press(key: string, isCommand: boolean): void {
    if (MOVING.test(key) && !isCommand) this.pressed = performance.now();
    else this.stepped = -Infinity;
  }

  /** Whether a step that is made now goes on with the last one. */
  isOneStep(): boolean {
    const now = performance.now();
    const isByKey = now - this.pressed < AT_ONCE;
    const goesOn = isByKey && now - this.stepped < SAME_STEP;
    this.stepped = isByKey ? now : -Infinity;
    return goesOn;
  }
}

function bare(): string {
  return location.pathname + location.search;
}
