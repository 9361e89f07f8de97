import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { windowAddress } from "./address.ts";
import { Steps } from "./steps.ts";

/** The window's history as far as an address uses it. */
class Entries {
  readonly hashes: string[] = [""];
  replaced = 0;

  replaceState = (_state: unknown, _title: string, url: string): void => {
    this.replaced++;
    this.hashes.splice(-1, 1, url.includes("#") ? url : "");
  };

  pushState = (_state: unknown, _title: string, url: string): void => {
    this.hashes.push(url);
  };
}

let entries: Entries;
let press: (event: unknown) => void;

/** An address, and the steps that it makes. */
function opened(): ReturnType<typeof windowAddress> & { steps: Steps } {
  const steps = new Steps(null, { read: () => null, write: () => true });
  return { ...windowAddress(steps), steps };
}

beforeEach(() => {
  entries = new Entries();
  const location = {
    get hash() {
      return entries.hashes.at(-1)!;
    },
    pathname: "/",
    search: "",
  };
  vi.stubGlobal("history", entries);
  vi.stubGlobal("location", location);
  vi.stubGlobal("addEventListener", (name: string, listener: (event: unknown) => void) => {
    if (name === "keydown") press = listener;
  });
  vi.useFakeTimers();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("going back undoes a whole drag", () => {
  const address = opened();
  address.push("#~a");
  address.replace("#~ab");
  vi.runAllTimers();
  address.push("#~abc");
  expect(entries.hashes).toEqual(["", "#~a", "#~abc"]);
});

test("an entry that says what it should is not written again when the next one is pushed", () => {
  const address = opened();
  address.push("#~a");
  address.push("#~ab");
  expect(entries.hashes).toEqual(["", "#~a", "#~ab"]);
  expect(entries.replaced).toBe(0);
});

test("what is no step of the reader's amends the entry there is, and stays when the next one is pushed", () => {
  const address = opened();
  address.push("#~page");
  address.adjust("#~");
  address.push("#~bar");
  expect(entries.hashes).toEqual(["", "#~", "#~bar"]);
});

test("within a drag it is part of the drag's own entry", () => {
  const address = opened();
  address.push("#~page");
  address.replace("#~page&brush");
  address.adjust("#~brush");
  address.push("#~brush");
  expect(entries.hashes).toEqual(["", "#~page", "#~brush"]);
});

const key = (name: string, ctrlKey = false): void => press({ key: name, ctrlKey, metaKey: false });

test("a key that is held down makes one step, and what follows it another", () => {
  const address = opened();
  for (let step = 1; step <= 40; step++) {
    key("ArrowRight");
    address.push(`#~slider=${step}`);
    vi.advanceTimersByTime(33);
  }
  expect(entries.hashes).toEqual(["", "#~slider=1"]);
  vi.advanceTimersByTime(1000);
  expect(entries.hashes).toEqual(["", "#~slider=40"]);
  key("ArrowRight");
  address.push("#~slider=41");
  key("Enter");
  address.push("#~chosen");
  expect(entries.hashes).toEqual(["", "#~slider=40", "#~slider=41", "#~chosen"]);
  expect(address.steps.back).toBe(-1);
});

test("what waits for a rest is written at once where somebody asks for it", () => {
  const address = opened();
  address.replace("#~drag");
  address.flush();
  expect(entries.hashes).toEqual(["#~drag"]);
});

test("a drag that ends where it began leaves no trace", () => {
  const address = opened();
  address.push("#~a");
  address.replace("#~b");
  vi.runAllTimers();
  address.push("#~a");
  expect(entries.hashes).toEqual(["", "#~a"]);
  expect(address.steps.back).toBe(-1);
});
