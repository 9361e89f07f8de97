/** How a figure looks: every preference with its meaning, its ends and its start, and the presets made of them. */
import { nearest, type Problem } from "../problem.ts";
import { say } from "../words.ts";

export const SCALES = ["linear", "sqrt", "log"] as const;
export const SIZES = ["features", "parameters", "flops", "bytes", "none"] as const;
export const COLOURS = ["type", "category", "parameters", "flops", "bytes", "none"] as const;
export const PALETTES = ["okabe-ito", "theme", "bright", "interpolation", "grey"] as const;
export const STYLES = ["flat", "3d"] as const;
export const JOINS = ["prongs", "block"] as const;
export const NAMES = ["none", "groups", "types", "all"] as const;

type Choice<T extends readonly string[]> = T[number];

export interface Preferences {
  minHeight: number;
  maxHeight: number;
  minWidth: number;
  maxWidth: number;
  spacing: number;
  gap: number;
  stroke: number;
  fontSize: number;
  heightScale: Choice<typeof SCALES>;
  widthScale: Choice<typeof SCALES>;
  width: Choice<typeof SIZES>;
  colour: Choice<typeof COLOURS>;
  palette: Choice<typeof PALETTES>;
  textures: boolean;
  style: Choice<typeof STYLES>;
  joins: Choice<typeof JOINS>;
  names: Choice<typeof NAMES>;
  features: boolean;
  dimensions: boolean;
  samples: boolean;
  splits: boolean;
  arrows: boolean;
  legend: boolean;
  scales: boolean;
  legendSpacing: number;
  legendWidth: number;
  legendHeight: number;
  legendReversed: boolean;
}

type Kind =
  | { kind: "number"; ends: readonly [number, number] }
  | { kind: "choice"; choices: readonly string[] }
  | { kind: "flag" };

export type Setting = Kind & {
  name: keyof Preferences;
  title: string;
  part: "Sizes" | "Looks" | "Labels" | "Legend";
};

const number = (
  part: Setting["part"],
  name: keyof Preferences,
  title: string,
  low: number,
  high: number,
): Setting => ({ kind: "number", ends: [low, high], name, title, part });
const choice = (
  part: Setting["part"],
  name: keyof Preferences,
  title: string,
  choices: readonly string[],
): Setting => ({ kind: "choice", choices, name, title, part });
const flag = (part: Setting["part"], name: keyof Preferences, title: string): Setting => ({
  kind: "flag",
  name,
  title,
  part,
});

/** In the order in which a reader finds them. */
export const SETTINGS: readonly Setting[] = [
  choice("Sizes", "width", say("Width shows"), SIZES),
  choice("Sizes", "widthScale", say("Scale of widths"), SCALES),
  choice("Sizes", "heightScale", say("Scale of heights"), SCALES),
  number("Sizes", "minHeight", say("Least height"), 4, 200),
  number("Sizes", "maxHeight", say("Greatest height"), 10, 400),
  number("Sizes", "minWidth", say("Least width"), 4, 100),
  number("Sizes", "maxWidth", say("Greatest width"), 4, 300),
  number("Sizes", "spacing", say("Space between columns"), 4, 120),
  number("Sizes", "gap", say("Space between rows"), 4, 200),
  choice("Looks", "colour", say("Colour shows"), COLOURS),
  choice("Looks", "palette", say("Palette"), PALETTES),
  flag("Looks", "textures", say("Textures instead of colours")),
  choice("Looks", "style", say("Style"), STYLES),
  choice("Looks", "joins", say("Where branches meet"), JOINS),
  flag("Looks", "splits", say("A layer where data is split")),
  flag("Looks", "arrows", say("Arrow heads")),
  number("Looks", "stroke", say("Width of lines"), 0.25, 6),
  choice("Labels", "names", say("Names"), NAMES),
  flag("Labels", "features", say("Features")),
  flag("Labels", "dimensions", say("Dimensions")),
  flag("Labels", "samples", say("Places of samples")),
  number("Labels", "fontSize", say("Size of text"), 4, 32),
  flag("Legend", "legend", say("Legend")),
  flag("Legend", "scales", say("Scales")),
  number("Legend", "legendSpacing", say("Space between entries"), 4, 120),
  number("Legend", "legendWidth", say("Width of layers"), 4, 40),
  number("Legend", "legendHeight", say("Height of layers"), 6, 60),
  flag("Legend", "legendReversed", say("Reverse order")),
];

export const DEFAULTS: Preferences = {
  ...{
    minHeight: 14,
    maxHeight: 96,
    minWidth: 10,
    maxWidth: 56,
    spacing: 14,
    gap: 18,
    stroke: 1,
    fontSize: 11,
  },
  ...{ heightScale: "log", widthScale: "log", width: "features", colour: "type", palette: "okabe-ito" },
  ...{ textures: false, style: "flat", joins: "prongs", names: "groups", features: true, dimensions: true },
  ...{ samples: true, splits: false, arrows: true, legend: true, scales: true },
  ...{ legendSpacing: 24, legendWidth: 10, legendHeight: 18, legendReversed: false },
} as Preferences;

/** What a person changed, on top of the preferences: of single types, named as the figure names them. */
export interface Styles {
  aliases: Readonly<Record<string, string>>;
  colours: Readonly<Record<string, string>>;
  hidden: readonly string[];
}

export const NO_STYLES: Styles = { aliases: {}, colours: {}, hidden: [] };

/** Looks by name: the original's four figures, and the two that papers print most. */
export const PRESETS: Readonly<Record<string, Partial<Preferences>>> = {
  default: {},
  unet: {
    heightScale: "sqrt",
    minHeight: 12,
    maxHeight: 110,
    gap: 30,
    palette: "interpolation",
    names: "none",
    arrows: false,
  },
  resnet: { palette: "bright", spacing: 12, names: "groups", joins: "block" },
  monochrome: { textures: true, palette: "grey", names: "groups" },
  "3d": {
    style: "3d",
    names: "groups",
    widthScale: "sqrt",
    heightScale: "sqrt",
    maxHeight: 110,
    minHeight: 16,
  },
};

/** What of a record are preferences, and what is wrong with the rest. */
export function readPreferences(
  written: Readonly<Record<string, unknown>>,
  base: Preferences = DEFAULTS,
): { preferences: Preferences; problems: Problem[] } {
  const found: Record<string, unknown> = { ...base };
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(written)) {
    const setting = SETTINGS.find((each) => each.name === name);
    const wrong = setting ? wrongWith(setting, value) : unknown(name);
    if (wrong) problems.push(wrong);
    else found[name] = value;
  }
  return { preferences: orderly(found as unknown as Preferences), problems };
}

function unknown(name: string): Problem {
  const hint =
    nearest(
      name,
      SETTINGS.map((each) => each.name),
    ) || "leave it out";
  return { what: `there is no preference "${name.slice(0, 40)}"`, hint, path: "preferences" };
}

function wrongWith(setting: Setting, value: unknown): Problem | null {
  const { name } = setting;
  const problem = (what: string, hint: string): Problem => ({
    what: `"${name}" ${what}`,
    hint,
    path: "preferences",
  });
  if (setting.kind === "flag")
    return typeof value === "boolean" ? null : problem("is neither true nor false", `write ${name}: true`);
  if (setting.kind === "choice")
    return setting.choices.includes(value as string)
      ? null
      : problem("is none of its choices", `choose one of ${setting.choices.join(", ")}`);
  const [low, high] = setting.ends;
  const isIn = typeof value === "number" && value >= low && value <= high;
  return isIn
    ? null
    : problem(`is not a number from ${low} to ${high}`, `write ${name}: ${String(DEFAULTS[name])}`);
}

/** A least that is greater than the greatest gives way. */
function orderly(given: Preferences): Preferences {
  return {
    ...given,
    minHeight: Math.min(given.minHeight, given.maxHeight),
    minWidth: Math.min(given.minWidth, given.maxWidth),
  };
}
