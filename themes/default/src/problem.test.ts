import { expect, test } from "vitest";
import { distance, messageOf, nearest, ProblemError, suchAs, told } from "./problem.ts";
import { speak } from "./words.ts";
import { processorTime } from "../tests/clock.ts";

test.each([
  ["", "", 0],
  ["label", "label", 0],
  ["labl", "label", 1],
  ["lebal", "label", 2],
  ["", "abc", 3],
  ["kitten", "sitting", 3],
])("the distance of %s and %s is %d both ways", (left, right, far) => {
  expect(distance(left, right)).toBe(far);
  expect(distance(right, left)).toBe(far);
});

test("a name near a known one is offered it, whatever the case", () => {
  expect(nearest("Labl", ["split", "label"])).toBe('did you mean "label"?');
});

test("of two names as near, the first by alphabet is offered", () => {
  expect(nearest("ac", ["ab", "aa"])).toBe('did you mean "aa"?');
});

test("a name far from all is told what there is, at most twelve of them", () => {
  const known = Array.from({ length: 30 }, (_, index) => `column${String(index).padStart(2, "0")}`);
  expect(nearest("zzz", known)).toMatch(/^there are: column00, .*column11, …$/);
});

test("where nothing is known, nothing is offered", () => {
  expect(nearest("label", [])).toBe("");
});

test("a name of 10,000 characters is answered at once", () => {
  const time = processorTime(() => nearest("x".repeat(10_000), ["label", "y".repeat(10_000)]));
  expect(time).toBeLessThan(200);
});

test("a problem's message is what is wrong and what to do", () => {
  expect(new ProblemError("it is wrong", "mend it", "a.b").message).toBe("it is wrong: mend it");
  expect(new ProblemError("it is wrong").message).toBe("it is wrong");
});

test("an author reads a problem in English, a reader in the site's language", () => {
  const texts = {
    'column "{name}" holds {type}': "Spalte „{name}“ enthält {type}",
    list: "Liste",
    "such as {example}": "etwa {example}",
  };
  speak({ language: "de", texts });
  const what = told('column "{name}" holds {type}', { name: "a", type: told("list") });
  const error = new ProblemError(what, suchAs("datum.b"));
  speak(null);
  expect(error.message).toBe('column "a" holds list: such as datum.b');
  expect(error.problem.hint).toBe("such as datum.b");
  expect(messageOf(error)).toBe("Spalte „a“ enthält Liste: etwa datum.b");
  expect(messageOf(new Error("gone"))).toBe("gone");
});
