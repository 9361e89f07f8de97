/** What a reader wrote and did not apply: the tab keeps it, so that a reload, or a page that is left, loses nothing. */

import { shownPage } from "../../src/whole.ts";

/** Tells a draft of this text from one of an earlier version. */
interface Kept {
  of: string;
  text: string;
}

export class Draft {
  private readonly key: string;
  private readonly of: string;
  private readonly storage: () => Storage;

  /** `of` is a digest of the text that it is a draft of. */
  constructor(id: string, of: string, storage: () => Storage = () => sessionStorage) {
    const path = typeof location === "undefined" ? "" : location.pathname;
    this.key = `sitegen-draft ${path}${shownPage()}#${id}`;
    this.of = of;
    this.storage = storage;
  }

  /** The draft; null where there is none of this text. */
  read(): string | null {
    try {
      const kept = JSON.parse(this.storage().getItem(this.key) ?? "null") as Partial<Kept> | null;
      return kept?.of === this.of && typeof kept.text === "string" ? kept.text : null;
    } catch {
      return null; // a browser that lets pages keep nothing, or something else under this key
    }
  }

  write(text: string): void {
    try {
      this.storage().setItem(this.key, JSON.stringify({ of: this.of, text } satisfies Kept));
    } catch {
      // It is as safe as the open page then, which asks before it is left.
    }
  }

  drop(): void {
    try {
      this.storage().removeItem(this.key);
    } catch {
      // Nothing was kept.
    }
  }
}
