/** Columns of papers and slides by name: how wide they are in points, and what sizes can be read there. */
import { DEFAULTS, PRESETS, readPreferences, type Preferences } from "./preferences.ts";
import type { Problem } from "../problem.ts";
import { nearest } from "../problem.ts";
import { say } from "../words.ts";

export interface Paper {
  /** Points of 1/72 inch. */
  width: number;
  fontSize: number;
  /** Size of glyphs and spaces, as a share of what they are on a page of the web. */
  share: number;
  what: string;
}

const column = (width: number, what: string): Paper => ({ width, fontSize: 7, share: 0.55, what });
const page = (width: number, what: string): Paper => ({ width, fontSize: 8, share: 0.75, what });

export const PAPERS: Readonly<Record<string, Paper>> = {
  "ieee-column": column(252, say("one column of IEEE journals and conferences, 3.5 in")),
  "ieee-page": page(516, say("both columns of IEEE, 7.16 in")),
  "cvpr-column": column(237.13, say("one column of CVPR and ICCV, 3.29 in")),
  "cvpr-page": page(496.86, say("both columns of CVPR and ICCV, 6.9 in")),
  "acm-column": column(241.15, say("one column of ACM's sigconf, 3.35 in")),
  "acm-page": page(506.3, say("both columns of ACM's sigconf, 7.03 in")),
  "nature-column": column(252.28, say("one column of Nature, 89 mm")),
  "nature-page": page(518.74, say("both columns of Nature, 183 mm")),
  "neurips-page": page(397.48, say("the text of NeurIPS and ICLR, 5.5 in")),
  "lncs-page": page(345.83, say("the text of Springer's LNCS, 122 mm")),
  slide: { width: 960, fontSize: 14, share: 1.3, what: say("a slide of 16:9, 13.33 in") },
  "slide-half": { width: 470, fontSize: 13, share: 1, what: say("half of a slide") },
};

const SIZED = ["minHeight", "maxHeight", "minWidth", "maxWidth", "spacing", "gap", "stroke"] as const;
const LEGEND = ["legendSpacing", "legendWidth", "legendHeight"] as const;

export interface Look {
  paper: Paper | null;
  preferences: Preferences;
  problems: Problem[];
}

/** What presets and single preferences, written on top of them, come to. */
export function lookOf(presets: readonly string[], written: Readonly<Record<string, unknown>>): Look {
  const unknown = presets.filter((name) => !Object.hasOwn(PAPERS, name) && !Object.hasOwn(PRESETS, name));
  const problems = unknown.map((name) => ({
    ...{ what: `there is no preset "${name.slice(0, 40)}"`, path: "preset" },
    hint: nearest(name, [...Object.keys(PRESETS), ...Object.keys(PAPERS)]),
  }));
  const looks = presets.filter((name) => Object.hasOwn(PRESETS, name)).map((name) => PRESETS[name]!);
  const paper =
    presets
      .filter((name) => Object.hasOwn(PAPERS, name))
      .map((name) => PAPERS[name]!)
      .at(-1) ?? null;
  const base = sized(Object.assign({}, DEFAULTS, ...looks) as Preferences, paper);
  const read = readPreferences(written, base);
  return { paper, preferences: read.preferences, problems: [...problems, ...read.problems] };
}

/** Sizes of the web as those of a paper. */
export function sized(preferences: Preferences, paper: Paper | null): Preferences {
  if (!paper) return preferences;
  const found = { ...preferences, fontSize: paper.fontSize };
  for (const name of [...SIZED, ...LEGEND]) found[name] = preferences[name] * paper.share;
  return found;
}

/** Wider columns of the same paper, and a slide, with preferences of its column as they would be in each. */
export function widerThan(width: number | null, preferences: Preferences): [string, Preferences, number][] {
  const [name, own] = Object.entries(PAPERS).find(([, paper]) => paper.width === width) ?? ["", null];
  if (!own) return [];
  const [family] = name.split("-");
  const wider = Object.entries(PAPERS).filter(
    ([other, paper]) => paper.width > own.width && (other.split("-")[0] === family || other === "slide"),
  );
  return wider
    .sort(([, one], [, other]) => one.width - other.width)
    .map(([other, paper]) => {
      const share = paper.share / own.share;
      const scaled = sized(preferences, { ...paper, share });
      return [other, scaled, paper.width];
    });
}
