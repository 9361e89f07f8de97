import { expect, test } from "vitest";
import { longestText, stepsOf } from "./effort.ts";

test.each([
  ["cat", 65_536],
  ["^cat|dog$", 65_536],
  ["[a-z(]\\(\\d", 65_536],
  ["colou?r", 65_536],
  ["(cat|dog) food", 65_536],
  ["cat.*dog", 1024],
  ["[ab]+", 1024],
  ["(?:ab)+", 1024],
  ["a{20}", 65_536],
  [".?".repeat(20) + "#", 0],
  ["a{0,9}".repeat(8) + "#", 0],
  ["(a|a)".repeat(20) + "#", 0],
  ["(a?){30}#", 0],
  ["(a+)+#", 0],
  ["(a|b)*#", 0],
  [".*.*.*#", 0],
])("%s is looked for in texts of at most %i characters", (pattern, longest) => {
  expect(longestText(pattern)).toBe(longest);
});

test("no pattern that is allowed takes a text longer than the reader notices", () => {
  const pieces = [
    "a",
    ".*",
    "a+",
    "a?",
    "a{0,3}",
    "(?:a|aa)",
    "(a|a)",
    "[ab]*?",
    "a{2,}",
    "(?:aa)+",
    "(a?b?)",
  ];
  const patterns = pieces.flatMap((one) =>
    pieces.flatMap((two) => pieces.map((three) => `${one}${two}${three}#`)),
  );
  const taken = patterns.map((pattern) => {
    const text = "a".repeat(longestText(pattern));
    const began = performance.now();
    for (const _ of text.matchAll(new RegExp(pattern, "gi")));
    return performance.now() - began;
  });
  taken.sort((a, b) => a - b);
  // A loaded machine may stop one of them for a while; more than a few are the patterns' own.
  expect(taken.at(Math.floor(taken.length * 0.99))).toBeLessThan(100);
  expect(taken.reduce((sum, each) => sum + each, 0) / taken.length).toBeLessThan(10);
});

test("steps are counted as those of the ways together", () => {
  expect(stepsOf("abc", 100)).toBe(4);
  expect(stepsOf("a?".repeat(20), 43)).toBeGreaterThan(2 ** 20);
  expect(stepsOf("(a+)+", 43)).toBeGreaterThan(2 ** 43);
});
