/** The module for editing in place; it is fetched when it is first needed, and then kept. */
import { loadModule } from "../data/held.ts";
import type * as Editor from "../edit/main.ts";
import type { BlockSource } from "../page.ts";
import type { Page } from "./page.ts";

export type { Editor };

let loading: Promise<typeof Editor> | null = null;

export function loadEditor({ payload }: Page): Promise<typeof Editor> {
  const address = payload.assets.editor;
  if (address === undefined) return Promise.reject(new Error("this page has no editor"));
  loading ??= loadModule(address) as Promise<typeof Editor>;
  // What failed, for want of a network, is tried again.
  loading.catch(() => (loading = null));
  return loading;
}

/** Where the block of a view stands; null where readers cannot edit it. */
export function sourceOf({ payload }: Page, id: string): BlockSource | null {
  return payload.sources?.[id] ?? null;
}
