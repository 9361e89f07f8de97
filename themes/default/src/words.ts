/**
 * The words of the interface in the site's language. A text is asked for by its English words; what stands in
 * braces is put in: `say("{n} of {total}", {n: 3, total: 10})`. Words are known before any view's module runs, at
 * build and in a page, so that a constant may hold a text. Where one English text has two meanings, the second says
 * which it has behind a bar, which no reader sees: `say("Share|part")`.
 */

interface Words {
  readonly language: string;
  readonly texts: Readonly<Record<string, string>>;
}

type Values = Readonly<Record<string, string | number | null | undefined>>;

const ENGLISH: Words = { language: "en", texts: {} };
let words: Words | null = null;

/** Takes the words of a language, or those of the page or the build again; for tests. */
export function speak(spoken: Words | null): void {
  words = spoken;
}

/** A text in the site's language; of a value that is missing, nothing. */
export function say(text: string, values: Values = {}): string {
  return filled(spoken().texts[text] ?? text.replace(/\|[a-z]+$/, ""), values);
}

/** A text with values in the place of their names in braces. */
export function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (mark, name: string) =>
    name in values ? String(values[name] ?? "") : mark,
  );
}

/**
 * A text of an amount, by the plural rules of the site's language: `sayCount(n, "{n} row", "{n} rows", { n })`. For a
 * language with more forms than two, a catalogue has the second text with the form's name: `{n} rows|few`.
 */
export function sayCount(amount: number, one: string, other: string, values: Values = {}): string {
  const form = new Intl.PluralRules(language()).select(amount);
  if (form === "one") return say(one, values);
  const own = `${other}|${form}`;
  return say(own in spoken().texts ? own : other, values);
}

/** Several in one text: `a, b and c`. */
export function sayList(names: readonly string[], last = say("and")): string {
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} ${last} ${names.at(-1)!}` : (names[0] ?? "");
}

/** A number that is written as in English, with the separators of the site's language. */
export function sayNumber(written: string): string {
  const { group, decimal } = separators();
  return group === "," ? written : written.replace(/[,.]/g, (sign) => (sign === "," ? group : decimal));
}

export interface Separators {
  readonly group: string;
  readonly decimal: string;
}

/** What stands between thousands and before decimals, as the catalogue's own example of a number shows it. */
export function separators(): Separators {
  const [, group = ",", decimal = "."] = /^1(\D)234(\D)5$/.exec(say("1,234.5")) ?? [];
  return { group, decimal };
}

/** The language of the interface, as in HTML's `lang`. */
export function language(): string {
  return spoken().language;
}

function spoken(): Words {
  return (words ??= written());
}

/** What the build was given, or what the page carries; nothing in English. */
function written(): Words {
  const given = (globalThis as { sitegenWords?: Words }).sitegenWords;
  if (given) return given;
  const text = typeof document === "undefined" ? null : document.getElementById("sitegen-words")?.textContent;
  return text ? (JSON.parse(text) as Words) : ENGLISH;
}
