/** What a reader changes in a network's figure, read from links that may say anything. */
import type { NamedGroup, Wanted } from "../../src/architecture/figure.ts";
import { isColour } from "../../src/architecture/palettes.ts";
import { PAPERS } from "../../src/architecture/papers.ts";
import { DEFAULTS, readPreferences, SETTINGS, type Preferences } from "../../src/architecture/preferences.ts";
import { inOrderOf, type ViewState } from "../../src/view.ts";
import { textsIn } from "../../src/written.ts";
import { groupIn, type Options } from "./options.ts";

export interface ArchitectureState {
  /** Levels that are open; null for what suits the network. */
  detail: number | null;
  opened: readonly string[];
  closed: readonly string[];
  preferences: Preferences;
  aliases: Readonly<Record<string, string>>;
  colours: Readonly<Record<string, string>>;
  hidden: readonly string[];
  groups: readonly NamedGroup[];
  /** Ids of layers that are selected. */
  ids: readonly string[];
  zoom: number;
  /** The column for which PDF and TikZ are laid out; null for the figure as it stands here. */
  paper: string | null;
  /** Where the window stands in a figure that is larger: shares of what it can be moved by, across and down. */
  pan: Pan;
}

export type Pan = readonly [across: number, down: number];

/** Zooms that buttons step through. */
export const ZOOMS: readonly number[] = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];
const LONGEST = 200;
const TOP_LEFT: Pan = [0, 0];

export function readState(options: Options, written: ViewState): ArchitectureState {
  const { detail, groups, hidden, zoom } = written;
  const named = Array.isArray(groups) ? groups.map(groupIn) : [null];
  return {
    detail:
      Number.isInteger(detail) && Number(detail) >= 0 && Number(detail) <= 1000
        ? Number(detail)
        : options.detail,
    opened: textsIn(written["opened"]),
    closed: textsIn(written["closed"]),
    preferences: preferencesIn(options, written["set"]),
    aliases: { ...options.aliases, ...textsOf(written["aliases"], (value) => value.length <= LONGEST) },
    colours: textsOf(written["colours"], isColour),
    hidden: Array.isArray(hidden) ? textsIn(hidden) : options.hidden,
    groups: named.every((group) => group !== null) ? named : options.groups,
    ids: textsIn(written["ids"]),
    zoom: ZOOMS.find((each) => each === zoom) ?? 1,
    paper: Object.keys(PAPERS).find((each) => each === written["paper"]) ?? null,
    pan: isPan(written["pan"]) ? written["pan"] : TOP_LEFT,
  };
}

function isPan(value: unknown): value is Pan {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((share) => typeof share === "number" && share >= 0 && share <= 1)
  );
}

function preferencesIn(options: Options, value: unknown): Preferences {
  const set = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const known = Object.entries(set).filter(([name]) => Object.hasOwn(DEFAULTS, name));
  const fitting = known.filter(
    ([name, each]) => readPreferences({ [name]: each }, options.preferences).problems.length === 0,
  );
  return readPreferences(Object.fromEntries(fitting), options.preferences).preferences;
}

function textsOf(value: unknown, isFit: (text: string) => boolean): Record<string, string> {
  const found =
    typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    found.filter((entry): entry is [string, string] => typeof entry[1] === "string" && isFit(entry[1])),
  );
}

/** The state as a link holds it: only what is not as at first. */
export function writeState(options: Options, state: ArchitectureState): ViewState {
  const set = SETTINGS.filter(({ name }) => state.preferences[name] !== options.preferences[name]).map(
    ({ name }) => [name, state.preferences[name]],
  );
  const aliases = Object.entries(state.aliases).filter(([name, value]) => options.aliases[name] !== value);
  const { detail, opened, closed, colours, hidden, groups, ids, zoom, paper, pan } = state;
  const whole: ViewState = {
    ...{ detail, opened, closed, set: Object.fromEntries(set), aliases: Object.fromEntries(aliases) },
    ...{ colours, hidden, groups, ids, zoom, paper, pan },
  };
  const first: ViewState = {
    ...{ detail: options.detail, opened: [], closed: [], set: {}, aliases: {} },
    ...{ colours: {}, hidden: options.hidden, groups: options.groups, ids: [], zoom: 1 },
    ...{ paper: null, pan: TOP_LEFT },
  };
  const isAsAtFirst = (name: string): boolean => JSON.stringify(whole[name]) === JSON.stringify(first[name]);
  return Object.fromEntries(Object.entries(whole).filter(([name]) => !isAsAtFirst(name)));
}

export function accept(options: Options, written: ViewState): ViewState {
  return inOrderOf(written, writeState(options, readState(options, written)));
}

/** What the figure is to be like in this state. */
export function wantedOf(
  state: ArchitectureState,
): Pick<Wanted, "preferences" | "styles" | "detail" | "groups"> {
  const { aliases, colours, hidden, groups, preferences } = state;
  return {
    ...{ preferences, groups, styles: { aliases, colours, hidden } },
    detail: { level: state.detail, opened: new Set(state.opened), closed: new Set(state.closed) },
  };
}
