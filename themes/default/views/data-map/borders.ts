/**
 * The countries of the world: their outlines, and what they are called. Both come with the theme, so that a map needs
 * no network. Outlines are Natural Earth's at 1:110 million, drawn with equal areas, for large countries without rows
 * must not look as if they were many.
 */
import { geoEqualEarth, geoPath, type GeoPermissibleObjects } from "d3-geo";
import codes from "i18n-iso-countries/codes.json";
import english from "i18n-iso-countries/langs/en.json";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import atlas from "world-atlas/countries-110m.json";

export interface Country {
  /** Three digits of ISO 3166, or the name of a territory that has none. */
  key: string;
  name: string;
  /** Outline as an SVG path on a sheet of `WIDTH` by `HEIGHT`; null for a country too small for this map. */
  outline: string | null;
}

export const WIDTH = 960;
export const HEIGHT = 440;

interface World {
  countries: ReadonlyMap<string, Country>;
  /** Keys by every spelling. */
  spellings: ReadonlyMap<string, string>;
}

let world: World | null = null;

export function countries(): ReadonlyMap<string, Country> {
  return (world ??= read()).countries;
}

/** The key of the country that a text or a number names, by name or ISO code; null for none. */
export function keyOf(written: unknown): string | null {
  const { spellings } = (world ??= read());
  const text = String(written).trim();
  if (/^\d{1,3}$/.test(text)) return spellings.get(text.padStart(3, "0")) ?? null;
  // What is short as a code must be one to the letter: N/A is not Namibia, and -8 not Albania.
  const isName = plain(text).length > 3;
  return spellings.get(isName ? plain(text) : text.toLowerCase()) ?? null;
}

/** Letters and digits alone: case, accents and signs make no other country. */
function plain(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toLowerCase();
}

function read(): World {
  const outlines = readOutlines();
  const countries = new Map<string, Country>();
  const spellings = new Map<string, string>();
  for (const [two, three, key] of codes as unknown as readonly [string, string, string][]) {
    const names = namesOf(two);
    const outline = outlines.get(key);
    countries.set(key, { key, name: names[0]!, outline: outline?.path ?? null });
    for (const each of [...names, two, three, key, ...(outline ? [outline.name] : [])])
      for (const spelling of [plain(each), each.toLowerCase()]) spellings.set(spelling, key);
  }
  for (const [key, { name, path }] of outlines)
    if (!countries.has(key)) {
      countries.set(key, { key, name, outline: path });
      spellings.set(plain(name), spellings.get(plain(name)) ?? key);
    }
  return { countries, spellings };
}

/** Names of a country in English, the usual one first; its code of two letters where it has none. */
function namesOf(code: string): readonly string[] {
  const named = (english.countries as Record<string, string | string[]>)[code] ?? code;
  return Array.isArray(named) ? named : [named];
}

function readOutlines(): Map<string, { name: string; path: string }> {
  const topology = atlas as unknown as Topology<{ countries: GeometryCollection<{ name: string }> }>;
  const { features } = feature(topology, topology.objects.countries);
  const shown = features.filter(({ properties }) => properties.name !== "Antarctica");
  const all: GeoPermissibleObjects = { type: "FeatureCollection", features: shown };
  const project = geoEqualEarth().fitSize([WIDTH, HEIGHT], all);
  const draw = geoPath(project).digits(1);
  return new Map(
    shown.map((each) => {
      const { name } = each.properties;
      return [String(each.id ?? name), { name, path: draw(each) ?? "" }];
    }),
  );
}
