/**
 * Values of the design tokens: every colour of pages and charts, and the sizes of a chart's text.
 *
 * The one source of truth. Styles read them as CSS variables (`tokensCss`), charts name those
 * variables in SVG attributes, and a figure drawn without a page takes the values themselves.
 */
import { RAMP_STEPS } from "./ramp.ts";

/** Colours of everything that is not a chart. Text colours have 4.5:1 on `background` and `surface`. */
export interface PageColours {
  readonly background: string;
  /** Quiet areas: code, chips, table heads. */
  readonly surface: string;
  /** What floats above the page: popovers, tooltips, the header. */
  readonly raised: string;
  readonly text: string;
  readonly muted: string;
  /** Hairlines. */
  readonly line: string;
  /** Borders of controls, 3:1 on `background`. */
  readonly border: string;
  readonly accent: string;
  /** Text on an `accent` fill. */
  readonly accentText: string;
  /** Background of what is chosen or hovered. */
  readonly accentSoft: string;
  readonly danger: string;
  readonly dangerSoft: string;
  readonly warning: string;
  readonly warningSoft: string;
  /** The ground of text that is looked for. */
  readonly found: string;
  readonly success: string;
  readonly successSoft: string;
  /** The shadow of what floats. */
  readonly shadow: string;
}

/** Colours inside charts. Categories have 3:1 on the page's background. */
export interface ChartColours {
  /**
   * Ten colours in the order they are handed out, after Okabe and Ito: any two stay apart under
   * deuteranopia, protanopia and tritanopia. More than eight classes want labels beside them.
   */
  readonly categories: readonly string[];
  /** Sixty-four steps of equal perceptual distance, from few to many. */
  readonly ramp: readonly string[];
  /** The unfiltered whole behind what passes the filter. */
  readonly grey: string;
  readonly axis: string;
  readonly grid: string;
  readonly text: string;
  readonly title: string;
  /** Outline of what is selected. */
  readonly accent: string;
}

/** Colours of highlighted code, 4.5:1 on `surface`. */
export interface CodeColours {
  readonly text: string;
  readonly comment: string;
  readonly keyword: string;
  readonly string: string;
  readonly number: string;
  readonly name: string;
}

/** Text inside charts, in pixels and CSS weights. */
export interface ChartFont {
  readonly family: string;
  readonly label: number;
  readonly title: number;
  readonly heading: number;
  readonly labelWeight: number;
  readonly titleWeight: number;
}

export interface Tokens {
  readonly page: PageColours;
  readonly chart: ChartColours;
  readonly code: CodeColours;
  readonly font: ChartFont;
}

/** A colour in OKLCH: lightness 0–1, chroma 0–0.4, hue in degrees. */
type Oklch = readonly [lightness: number, chroma: number, hue: number];
type Triple = readonly [number, number, number];

const RAMP_SAMPLES = 1024;

/** From pale to deep for a light page: darker is more. */
const LIGHT_STOPS: readonly Oklch[] = [
  [0.955, 0.022, 205],
  [0.83, 0.078, 208],
  [0.66, 0.115, 228],
  [0.48, 0.135, 255],
  [0.33, 0.125, 272],
  [0.22, 0.07, 282],
];

/** From deep to bright for a dark page: brighter is more. */
const DARK_STOPS: readonly Oklch[] = [
  [0.265, 0.045, 268],
  [0.4, 0.11, 264],
  [0.56, 0.125, 245],
  [0.71, 0.112, 215],
  [0.84, 0.105, 180],
  [0.955, 0.085, 120],
];

const FONT: ChartFont = {
  family:
    '"Inter Variable", Inter, "Arial as Inter", "Roboto as Inter", "DejaVu as Inter", system-ui, sans-serif',
  label: 12,
  title: 12,
  heading: 14,
  labelWeight: 400,
  titleWeight: 550,
};

export const tokens: { readonly light: Tokens; readonly dark: Tokens } = {
  light: {
    page: {
      background: "#fdfdfe",
      surface: "#f4f6f9",
      raised: "#ffffff",
      text: "#1a1f29",
      muted: "#5a6475",
      line: "#e2e6ec",
      border: "#868f9e",
      accent: "#4149c9",
      accentText: "#ffffff",
      accentSoft: "#eceefc",
      danger: "#b3261e",
      dangerSoft: "#fdf0ef",
      warning: "#865500",
      warningSoft: "#fdf5e4",
      found: "#fde58a",
      success: "#0a6b4b",
      successSoft: "#eaf6f1",
      shadow: "#1a1f2924",
    },
    chart: {
      categories: [
        "#0f4a99",
        "#c43606",
        "#027054",
        "#df59c5",
        "#1c95f5",
        "#730805",
        "#a68d12",
        "#2a2040",
        "#7741cf",
        "#807c8e",
      ],
      ramp: ramp(LIGHT_STOPS),
      grey: "#d5dae2",
      axis: "#a4acb9",
      grid: "#eceff3",
      text: "#505a6b",
      title: "#2b3240",
      accent: "#4149c9",
    },
    code: {
      text: "#1a1f29",
      comment: "#636c7c",
      keyword: "#4149c9",
      string: "#0a6b4b",
      number: "#a33a06",
      name: "#1459a8",
    },
    font: FONT,
  },
  dark: {
    page: {
      background: "#12151a",
      surface: "#1a1e25",
      raised: "#21262f",
      text: "#e5e8ee",
      muted: "#a1aab9",
      line: "#2b313b",
      border: "#6b7585",
      accent: "#a3adff",
      accentText: "#12151a",
      accentSoft: "#272b48",
      danger: "#ff9b92",
      dangerSoft: "#341d1e",
      warning: "#f0b860",
      warningSoft: "#30260f",
      found: "#46380a",
      success: "#62d2a6",
      successSoft: "#122c23",
      shadow: "#00000080",
    },
    chart: {
      categories: [
        "#6094ea",
        "#eb8c0a",
        "#30c182",
        "#f1a3fe",
        "#c2feff",
        "#e42e23",
        "#e3ea57",
        "#937676",
        "#9056ec",
        "#bec4bf",
      ],
      ramp: ramp(DARK_STOPS),
      grey: "#3a424e",
      axis: "#6b7585",
      grid: "#232831",
      text: "#b1b9c6",
      title: "#d5dae2",
      accent: "#a3adff",
    },
    code: {
      text: "#e5e8ee",
      comment: "#929cac",
      keyword: "#a3adff",
      string: "#62d2a6",
      number: "#f0b860",
      name: "#86bdf9",
    },
    font: FONT,
  },
};

/** Selectors of the elements that hold the variables. */
export interface Places {
  all: string;
  /** Of them, those that are dark where the system is. */
  asked: string;
  /** And those that are dark in any case. */
  chosen: string;
}

const PAGE: Places = {
  all: ":root",
  asked: ":root:not([data-theme=light])",
  chosen: ":root[data-theme=dark]",
};

const LIT = "[data-jp-theme-light],.vscode-light,.vscode-dark,.vscode-high-contrast";

/** Below a root within a notebook: by the marks of JupyterLab, VS Code and Colab, so that it holds without scripts. */
export function within(root: string): Places {
  const untold = `${root}:not([data-theme])`;
  return {
    all: root,
    asked: `html:not([theme]) body:not(${LIT}) ${untold}`,
    chosen: [
      `${root}[data-theme=dark]`,
      `[data-jp-theme-light=false] ${untold}`,
      `:is(.vscode-dark,.vscode-high-contrast:not(.vscode-high-contrast-light)) ${untold}`,
      `html[theme=dark] ${untold}`,
    ].join(","),
  };
}

/**
 * The tokens as CSS: light values, dark ones where the system asks for them or the reader chose
 * them. Dark applies to screens only, so that paper is always light.
 */
export function tokensCss(places = PAGE): string {
  const light = `color-scheme:light;${declarations(tokens.light)}`;
  const dark = `color-scheme:dark;${declarations(tokens.dark)}`;
  return [
    `${places.all}{${fontDeclarations(FONT)}${light}}`,
    `@media screen and (prefers-color-scheme:dark){${places.asked}{${dark}}}`,
    `@media screen{${places.chosen}{${dark}}}`,
    "",
  ].join("\n");
}

function declarations(values: Tokens): string {
  const charts = Object.entries(chartVariables(values));
  return [
    ...Object.entries(values.page).map(([name, value]) => variable("page", name, value)),
    ...Object.entries(values.code).map(([name, value]) => variable("code", name, value)),
    ...charts.map(([name, value]) => `--${name}:${value};`),
  ].join("");
}

/** The colours that charts name, by variable without its dashes: `chart-1`, `ramp-0`, `chart-grey`, … */
export function chartVariables(values: Tokens): Record<string, string> {
  const { categories, ramp: steps, ...chart } = values.chart;
  return Object.fromEntries([
    ...Object.entries(chart).map(([name, value]) => [`chart-${name}`, value]),
    ...categories.map((value, index) => [`chart-${index + 1}`, value]),
    ...steps.map((value, index) => [`ramp-${index}`, value]),
  ]) as Record<string, string>;
}

function fontDeclarations(font: ChartFont): string {
  return `--font-family:${font.family};--chart-font-size:${font.label}px;`;
}

function variable(group: string, name: string, value: string): string {
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${group}-${kebab}:${value};`;
}

/**
 * Walks the stops and returns `RAMP_STEPS` hex colours at equal distances along the path in OKLab,
 * so that equal steps in the data look like equal steps on the page.
 */
function ramp(stops: readonly Oklch[]): readonly string[] {
  const path = Array.from({ length: RAMP_SAMPLES + 1 }, (_, index) =>
    oklab(between(stops, index / RAMP_SAMPLES)),
  );
  const travelled = [0];
  for (let index = 1; index < path.length; index++) {
    travelled.push(travelled[index - 1]! + distance(path[index - 1]!, path[index]!));
  }
  const whole = travelled[travelled.length - 1]!;
  return Array.from({ length: RAMP_STEPS }, (_, step) => {
    const wanted = (whole * step) / (RAMP_STEPS - 1);
    const index = travelled.findIndex((length) => length >= wanted - 1e-9);
    return hex(path[index]!);
  });
}

/** The colour at `position` (0–1) between equally spaced stops. */
function between(stops: readonly Oklch[], position: number): Oklch {
  const scaled = position * (stops.length - 1);
  const index = Math.min(Math.floor(scaled), stops.length - 2);
  const fraction = scaled - index;
  const [from, to] = [stops[index]!, stops[index + 1]!];
  const mix = (start: number, end: number): number => start + (end - start) * fraction;
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}

function oklab([lightness, chroma, hue]: Oklch): Triple {
  const angle = (hue * Math.PI) / 180;
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

function distance(first: Triple, second: Triple): number {
  return Math.hypot(first[0] - second[0], first[1] - second[1], first[2] - second[2]);
}

/** OKLab to sRGB as `#rrggbb` (Ottosson 2020); channels outside the gamut are clamped. */
function hex([lightness, a, b]: Triple): string {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear: Triple = [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ];
  return `#${linear.map(channel).join("")}`;
}

function channel(linear: number): string {
  const clamped = Math.min(Math.max(linear, 0), 1);
  const encoded = clamped <= 0.0031308 ? 12.92 * clamped : 1.055 * clamped ** (1 / 2.4) - 0.055;
  return Math.round(encoded * 255)
    .toString(16)
    .padStart(2, "0");
}
