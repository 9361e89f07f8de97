import { expect, test } from "vitest";
import { EMPTY, readLink, toldOnce, writeLink, type PageState } from "./state.ts";

/** A random generator with a seed (Park and Miller): whole numbers below a bound. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => Math.floor(((state = (state * 48_271) % 2_147_483_647) / 2_147_483_647) * below);
}

const SIGNS = Array.from("aZ09-_.~!*'()&=#%+ \"<>/\\:,;?@[]{}|^`\n\téß日😀");

function randomState(pick: (below: number) => number): { anchor: string; state: PageState } {
  const text = (most: number): string =>
    Array.from({ length: pick(most + 1) }, () => SIGNS[pick(SIGNS.length)]).join("");
  const value = (): unknown =>
    [text(8), pick(1000) - 500, pick(1000) / 7, true, null, [text(3), [pick(9)]], { inner: text(4) }][
      pick(7)
    ];
  const object = (): Record<string, unknown> =>
    Object.fromEntries(Array.from({ length: pick(4) }, () => [text(6), value()]));
  const ids = Array.from({ length: pick(4) }, (_, index) => `view-${index}${text(4)}`);
  const views = Object.fromEntries(ids.map((id) => [id, object()]));
  const listed = (): string[] => Array.from({ length: 1 + pick(3) }, (_, index) => `view-${index}`);
  const own = {
    ...(pick(2) ? { group: `g${text(6)}` } : {}),
    ...(pick(2) ? { whole: false as const } : {}),
    ...(pick(2) ? { full: listed() } : {}),
    ...(pick(2) ? { tables: listed() } : {}),
    ...(pick(2) ? { places: { "view-0": { [text(4)]: 1 + pick(9) } } } : {}),
  };
  return { anchor: text(10), state: { filter: text(30), ...own, views } };
}

const digests = (pick: (below: number) => number): string =>
  Array.from({ length: 1 + pick(5) }, () => pick(0xffffff).toString(16).padStart(6, "0")).join(".");

test("any state survives its link", () => {
  const pick = seeded(1);
  for (let round = 0; round < 2000; round++) {
    const { anchor, state } = randomState(pick);
    expect(readLink(writeLink(anchor, state).hash)).toEqual({ anchor, state, problems: [] });
    const data = digests(pick);
    expect(readLink(writeLink(anchor, state, data).hash)).toEqual({ anchor, state, data, problems: [] });
  }
});

test("a link is of signs that an address may hold", () => {
  const pick = seeded(2);
  for (let round = 0; round < 500; round++) {
    const { anchor, state } = randomState(pick);
    expect(writeLink(anchor, state).hash).toMatch(/^(#[\w\-.!*'()%:,&=]*(~[\w\-.!*'()%:,&=]+)?)?$/);
  }
});

test("no state and no anchor are no link, and an anchor alone is a plain one", () => {
  expect(writeLink("", EMPTY).hash).toBe("");
  expect(writeLink("training", EMPTY).hash).toBe("#training");
  expect(readLink("#training")).toEqual({ anchor: "training", state: EMPTY, problems: [] });
});

test("the same state is the same link, whatever the order in which it came about", () => {
  const state = (...ids: string[]): PageState => ({
    filter: "datum.a > 1",
    views: Object.fromEntries(ids.map((id) => [id, { page: 1 }])),
  });
  expect(writeLink("", state("b", "a"))).toEqual(writeLink("", state("a", "b")));
  expect(writeLink("", state("a")).hash).toBe("#~filter=datum.a%20%3E%201&a=%7B%22page%22:1%7D");
});

test.each([
  ["#~a", 'The link\'s part "a" could not be read.'],
  ["#~=1", 'The link\'s part "=1" could not be read.'],
  ["#~a=%E0%A4%A", 'The link\'s part "a=%E0%A4%A" could not be read.'],
  ["#~a={", 'The link\'s state of "a" could not be read.'],
  ["#~a=[1]", 'The link\'s state of "a" could not be read.'],
  ["#~a=null", 'The link\'s state of "a" could not be read.'],
  ["#~a=5", 'The link\'s state of "a" could not be read.'],
  ["#~.data=", 'The link\'s state of ".data" could not be read.'],
  ["#~.data=12345", 'The link\'s state of ".data" could not be read.'],
  ["#~.data=ABCDEF", 'The link\'s state of ".data" could not be read.'],
  ["#~.data=<img src=x>", 'The link\'s state of ".data" could not be read.'],
  [`#~.data=${"123456.".repeat(300)}123456`, 'The link\'s state of ".data" could not be read.'],
  ["#~.full=", 'The link\'s state of ".full" could not be read.'],
  ["#~.later=x", 'The link\'s state of ".later" could not be read.'],
])("the malformed link %s is said, and the rest of it is read", (hash, problem) => {
  expect(readLink(hash)).toEqual({ anchor: "", state: EMPTY, problems: [problem] });
  const whole = readLink(`${hash}&good=%7B%22page%22:2%7D&filter=true`);
  expect(whole.state).toEqual({ filter: "true", views: { good: { page: 2 } } });
  expect(whole.problems).toEqual([problem]);
});

test("of thousands of problems a reader is told the first, each once", () => {
  const alike = readLink(`#~${"a=1&".repeat(5000)}`).problems;
  expect(toldOnce(alike)).toEqual(['The link\'s state of "a" could not be read.']);
  const many = readLink(`#~${Array.from({ length: 5000 }, (_, place) => `a${place}=1`).join("&")}`).problems;
  expect(toldOnce(many)).toHaveLength(6);
  expect(toldOnce(many).at(-1)).toBe("and 4995 more.");
});

test("an anchor that cannot be decoded is left out", () => {
  expect(readLink("#%E0%A4%A~filter=true")).toMatchObject({ anchor: "", state: { filter: "true" } });
});

test("a state that is too long is said, and not read", () => {
  const link = readLink(`#here~filter=${"a".repeat(100_001)}`);
  expect(link).toEqual({ anchor: "here", state: EMPTY, problems: ["The link's state is too long to read."] });
});

test("a state that is too long to be read is not written", () => {
  const state = (length: number): PageState => ({
    filter: "",
    views: { a: { points: ["x".repeat(length)] } },
  });
  expect(writeLink("here", state(100_001))).toEqual({ hash: "#here", isTooLong: true });
  const { hash, isTooLong } = writeLink("here", state(99_000));
  expect(isTooLong).toBe(false);
  expect(readLink(hash)).toEqual({ anchor: "here", state: state(99_000), problems: [] });
});

test("a problem quotes no more of a link than fits a notice", () => {
  const [problem] = readLink(`#~${"x".repeat(5000)}`).problems;
  expect(problem!.length).toBeLessThan(120);
});

test("a link cannot reach into what all objects share", () => {
  const { state } = readLink('#~__proto__={"a":{"page":3}}&constructor={"page":4}');
  expect(Object.keys(state.views)).toEqual(["__proto__", "constructor"]);
  expect(state.views["a"]).toBeUndefined();
  expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
});

test("groups and a hidden whole survive their link, and what is as built is not in it", () => {
  const state: PageState = {
    filter: "datum.a > 1",
    group: "true label",
    whole: false,
    views: { a: { page: 1 } },
  };
  const { hash } = writeLink("", state);
  expect(hash).toBe("#~filter=datum.a%20%3E%201&group=true%20label&whole=off&a=%7B%22page%22:1%7D");
  expect(readLink(hash)).toEqual({ anchor: "", state, problems: [] });
  expect(readLink("#~group=&whole=on").state).toEqual({ filter: "", views: {} });
});
