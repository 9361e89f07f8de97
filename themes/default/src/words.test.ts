import { afterEach, expect, test } from "vitest";
import german from "../languages/de.json";
import { formatBytes, formatCount, formatFixed, formatNumber, html, percent, sayMarkup } from "./markup.ts";
import { formatShare, rangeOf } from "./values.ts";
import { say, sayCount, sayList, sayNumber, speak } from "./words.ts";

afterEach(() => speak(null));

const inGerman = (): void => speak({ language: "de", texts: german });

test("a text is said with its values, by the catalogue, and a missing value is nothing", () => {
  expect(say("{n} of {total}", { n: 3, total: 10 })).toBe("3 of 10");
  inGerman();
  expect(say("{n} of {total}", { n: 3, total: 10 })).toBe("3 von 10");
  expect(say("{n} more", { n: null })).toBe(" weitere");
  expect(say("nobody translated {this}", {})).toBe("nobody translated {this}");
});

test("what tells two meanings of one text apart is not shown", () => {
  expect([say("Share|part"), say("Share")]).toEqual(["Share", "Share"]);
  inGerman();
  expect([say("Share|part"), say("Share")]).toEqual(["Anteil", "Teilen"]);
});

test("amounts take the form that the language has for them", () => {
  const rows = (n: number): string => sayCount(n, "{n} row", "{n} rows", { n });
  expect([0, 1, 2].map(rows)).toEqual(["0 rows", "1 row", "2 rows"]);
  inGerman();
  expect([0, 1, 2].map(rows)).toEqual(["0 Zeilen", "1 Zeile", "2 Zeilen"]);
  speak({
    language: "pl",
    texts: { "{n} row": "{n} wiersz", "{n} rows": "{n} wierszy", "{n} rows|few": "{n} wiersze" },
  });
  expect([1, 3, 5].map(rows)).toEqual(["1 wiersz", "3 wiersze", "5 wierszy"]);
});

test("numbers, shares and bytes have the separators of the language", () => {
  const all = (): string[] => [
    formatCount(1234567),
    formatNumber(-0.5),
    formatNumber(1e-9),
    formatFixed(1.25, 1),
    formatBytes(9_400_000),
    formatShare(0.125),
    formatShare(0.0001),
    percent("3–5"),
    sayNumber("1,234.5"),
  ];
  expect(all()).toEqual(["1,234,567", "−0.5", "1e−9", "1.3", "9.4 MB", "12.5%", "< 0.1%", "3–5%", "1,234.5"]);
  inGerman();
  expect(all()).toEqual([
    "1.234.567",
    "−0,5",
    "1e−9",
    "1,3",
    "9,4 MB",
    "12,5\u00a0%",
    "< 0,1\u00a0%",
    "3–5\u00a0%",
    "1.234,5",
  ]);
  expect(rangeOf(null, 0, 1)).toEqual(["0,00", "1,00"]);
});

test("markup in a text stands where the language has it, and the text stays text", () => {
  inGerman();
  const said = sayMarkup("Which units of {layer} would be kept?", { layer: html`<b>${"<i>"}</b>` });
  expect(said.text).toBe("Welche Einheiten von <b>&lt;i&gt;</b> blieben?");
});

test("several are listed with a word before the last", () => {
  expect([[], ["a"], ["a", "b", "c"]].map((names) => sayList(names))).toEqual(["", "a", "a, b and c"]);
});
