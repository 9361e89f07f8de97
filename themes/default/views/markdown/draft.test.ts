import { expect, test } from "vitest";
import { Draft } from "./draft.ts";

/** What a tab keeps. */
class Kept implements Storage {
  readonly held = new Map<string, string>();
  get length(): number {
    return this.held.size;
  }
  getItem = (key: string): string | null => this.held.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.held.set(key, value);
  removeItem = (key: string): void => void this.held.delete(key);
  clear = (): void => this.held.clear();
  key = (index: number): string | null => [...this.held.keys()][index] ?? null;
}

test("a draft is there until it is dropped, for its own block and its own text alone", () => {
  const kept = new Kept();
  const draft = (id: string, of: string): Draft => new Draft(id, of, () => kept);
  draft("note", "abc").write("some\n<b>text</b>");
  expect(draft("note", "abc").read()).toBe("some\n<b>text</b>");
  expect(draft("other", "abc").read()).toBeNull();
  expect(draft("note", "def").read()).toBeNull();
  draft("note", "abc").drop();
  expect(kept.length).toBe(0);
});

test.each(["", "{", "7", '{"of":"abc","text":7}', '{"of":"abc"}', "[]"])(
  "%s under its key is no draft",
  (value) => {
    const kept = new Kept();
    new Draft("note", "abc", () => kept).write("x");
    kept.setItem(kept.key(0)!, value);
    expect(new Draft("note", "abc", () => kept).read()).toBeNull();
  },
);

test("a browser that keeps nothing, or has no more room, loses no more than the draft", () => {
  const refusing = (): Storage => {
    throw new Error("access is denied");
  };
  const draft = new Draft("note", "abc", refusing);
  draft.write("x");
  draft.drop();
  expect(draft.read()).toBeNull();
});
