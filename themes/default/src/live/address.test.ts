import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { windowAddress } from "./address.ts";

/** The window's history as far as an address uses it. */
class Entries {
  readonly hashes: string[] = [""];

  replaceState = (_state: unknown, _title: string, url: string): void => {
    this.hashes.splice(-1, 1, url.includes("#") ? url : "");
  };

  pushState = (_state: unknown, _title: string, url: string): void => {
    this.hashes.push(url);
  };
}

let entries: Entries;

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
  vi.useFakeTimers();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("going back undoes a whole drag", () => {
  const address = windowAddress();
  address.push("#~a");
  address.replace("#~ab");
  vi.runAllTimers();
  address.push("#~abc");
  expect(entries.hashes).toEqual(["", "#~a", "#~abc"]);
});

test("what is no step of the reader's amends the entry there is, and stays when the next one is pushed", () => {
  const address = windowAddress();
  address.push("#~page");
  address.adjust("#~");
  address.push("#~bar");
  expect(entries.hashes).toEqual(["", "#~", "#~bar"]);
});

test("within a drag it is part of the drag's own entry", () => {
  const address = windowAddress();
  address.push("#~page");
  address.replace("#~page&brush");
  address.adjust("#~brush");
  address.push("#~brush");
  expect(entries.hashes).toEqual(["", "#~page", "#~brush"]);
});
