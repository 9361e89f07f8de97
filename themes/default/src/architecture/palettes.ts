/** The colours of types, handed out in the order in which a network uses them, and textures where colours will not do. */
import { tokens } from "../tokens.ts";
import type { Preferences } from "./preferences.ts";

const OKABE_ITO = ["#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#0072B2", "#D55E00", "#8C8C8C"];
const BRIGHT = [
  "#4477AA",
  "#EE6677",
  "#228833",
  "#CCBB44",
  "#66CCEE",
  "#AA3377",
  "#BBBBBB",
  "#EE8866",
  "#77AADD",
  "#44BB99",
];
const GREY = ["#f2f2f2", "#d9d9d9", "#bfbfbf", "#a6a6a6", "#8c8c8c", "#737373"];

export interface Paint {
  fill: string;
  /** Number of the texture over it; -1 for none. */
  texture: number;
}

/** Textures that are told apart. */
export const TEXTURES = 12;

/** The colour that has a place in the order; after the last they come lighter, then darker, then with textures. */
export function paintAt(index: number, preferences: Preferences): Paint {
  const { palette, textures } = preferences;
  if (textures) return { fill: "#ffffff", texture: index % TEXTURES };
  if (palette === "interpolation") return { fill: interpolated(index), texture: -1 };
  const colours = coloursOf(preferences);
  const round = Math.floor(index / colours.length);
  const fill = colours[index % colours.length]!;
  const tints = [fill, lighter(fill, 0.55), darker(fill, 0.4)];
  return {
    fill: tints[round] ?? fill,
    texture: round < tints.length ? -1 : (round - tints.length) % TEXTURES,
  };
}

/** The colour of a group: those behind the types' come first, and textures only where all are used by groups. */
export function groupPaint(index: number, types: number, preferences: Preferences): Paint {
  if (preferences.textures || preferences.palette === "interpolation")
    return paintAt(types + index, preferences);
  const { length } = coloursOf(preferences);
  return paintAt(((types + index) % length) + Math.floor(index / length) * length, preferences);
}

function coloursOf({ palette }: Preferences): readonly string[] {
  if (palette === "theme") return tokens.light.chart.categories;
  if (palette === "bright") return BRIGHT;
  return palette === "grey" ? GREY : OKABE_ITO;
}

/** Hues that lie in the middle of the largest gap between those before. */
function interpolated(index: number): string {
  const hues = [210];
  while (hues.length <= index) {
    const sorted = [...hues].sort((a, b) => a - b);
    const gaps = sorted.map(
      (hue, at) => [((sorted[at + 1] ?? sorted[0]! + 360) - hue) as number, hue] as const,
    );
    const [gap, from] = gaps.reduce((best, each) => (each[0] > best[0] ? each : best));
    hues.push((from + gap / 2) % 360);
  }
  return fromHsv(hues[index]!, 0.55, 0.85);
}

function fromHsv(hue: number, saturation: number, value: number): string {
  const channel = (shift: number): string => {
    const at = (shift + hue / 60) % 6;
    const level = value * (1 - saturation * Math.max(0, Math.min(at, 4 - at, 1)));
    return Math.round(level * 255)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${channel(5)}${channel(3)}${channel(1)}`;
}

const HEX = /^#[0-9a-f]{6}$/i;

export const isColour = (value: unknown): value is string => typeof value === "string" && HEX.test(value);

/** Nearer to black by a share. */
export function darker(colour: string, share: number): string {
  if (!HEX.test(colour)) return colour;
  const channels = [1, 3, 5].map((at) => Math.round(parseInt(colour.slice(at, at + 2), 16) * (1 - share)));
  return `#${channels.map((each) => each.toString(16).padStart(2, "0")).join("")}`;
}

/** Nearer to white by a share. */
export function lighter(colour: string, share: number): string {
  if (!HEX.test(colour)) return colour;
  const channels = [1, 3, 5].map((at) => {
    const own = parseInt(colour.slice(at, at + 2), 16);
    return Math.round(own + (255 - own) * share);
  });
  return `#${channels.map((each) => each.toString(16).padStart(2, "0")).join("")}`;
}

/** A step of the theme's ramp for a share from 0 to 1. */
export function rampAt(share: number): string {
  const { ramp } = tokens.light.chart;
  return ramp[Math.round(Math.min(1, Math.max(0, share)) * (ramp.length - 1) * 0.85)]!;
}
