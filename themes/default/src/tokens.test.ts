import { describe, expect, test } from "vitest";
import { tokens, type Tokens } from "./tokens.ts";

type Triple = readonly [number, number, number];

/** Linear light of a `#rrggbb`, each channel 0 to 1 (IEC 61966-2-1). */
function linear(colour: string): Triple {
  const channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  return channels.map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  ) as unknown as Triple;
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2, 1.4.3). */
function contrast(first: string, second: string): number {
  const [light, dark] = [first, second].map(luminance).sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = linear(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** What dichromats see of linear light: Machado, Oliveira and Fernandes (2009), severity 1. */
const SIGHTS: Record<string, readonly Triple[]> = {
  "full colour": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function seen(colour: string, sight: readonly Triple[]): Triple {
  const light = linear(colour);
  return sight.map((row) =>
    Math.min(1, Math.max(0, row[0] * light[0] + row[1] * light[1] + row[2] * light[2])),
  ) as unknown as Triple;
}

/** OKLab of linear light (Ottosson 2020). */
function oklab([red, green, blue]: Triple): Triple {
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ];
}

function apart(first: Triple, second: Triple): number {
  return Math.hypot(first[0] - second[0], first[1] - second[1], first[2] - second[2]);
}

const SCHEMES: readonly [string, Tokens][] = Object.entries(tokens);

describe.each(SCHEMES)("%s", (_, { page, chart, code }) => {
  test("text is read on every ground that it stands on", () => {
    const pairs = [
      ...[page.text, page.muted, page.accent, page.danger, page.warning, page.success].flatMap((text) =>
        [page.background, page.surface, page.raised].map((ground) => [text, ground] as const),
      ),
      [page.accentText, page.accent] as const,
      [page.accent, page.accentSoft] as const,
      [page.text, page.accentSoft] as const,
      [page.danger, page.dangerSoft] as const,
      [page.warning, page.warningSoft] as const,
      [page.success, page.successSoft] as const,
      ...[page.text, page.muted].map((text) => [text, page.found] as const),
      ...[chart.text, chart.title].map((text) => [text, page.background] as const),
      ...Object.values(code).map((text) => [text, page.surface] as const),
    ];
    expect(pairs.filter(([text, ground]) => contrast(text, ground) < 4.5)).toEqual([]);
  });

  test("marks and borders of controls are seen on the page", () => {
    const marks = [...chart.categories, chart.accent, page.border];
    expect(marks.filter((mark) => contrast(mark, page.background) < 3)).toEqual([]);
  });

  test.each(Object.entries(SIGHTS))("categories stay apart with %s", (_sight, sight) => {
    const colours = chart.categories.map((colour) => oklab(seen(colour, sight)));
    const nearest = colours.flatMap((first, index) =>
      colours.slice(index + 1).map((second) => apart(first, second)),
    );
    // Twice what is just noticed side by side (0.02) is the least that a legend can rest on.
    expect(Math.min(...nearest)).toBeGreaterThan(0.04);
  });

  test("the ramp goes one way in lightness, in steps that look alike", () => {
    const steps = chart.ramp.map((colour) => oklab(linear(colour)));
    const lightness = steps.map(([value]) => value);
    const isDarker = lightness[0]! > lightness.at(-1)!;
    const inOrder = [...lightness].sort((a, b) => (isDarker ? b - a : a - b));
    expect(lightness).toEqual(inOrder);
    const lengths = steps.slice(1).map((step, index) => apart(steps[index]!, step));
    expect(Math.max(...lengths) / Math.min(...lengths)).toBeLessThan(1.6);
  });

  test("the least of the ramp is seen beside the page, and its ends are far apart", () => {
    const [first, last] = [chart.ramp[0]!, chart.ramp.at(-1)!];
    expect(apart(oklab(linear(first)), oklab(linear(page.background)))).toBeGreaterThan(0.02);
    expect(contrast(last, page.background)).toBeGreaterThan(7);
  });
});
