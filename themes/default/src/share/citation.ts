/** A page's view as a citation: as text, as BibTeX and as CSL-JSON, from what its report says of itself. */
import { MONTHS } from "../calendar.ts";
import { say } from "../words.ts";

/** What the page carries of its report; texts are empty where the report does not say. */
export interface Cited {
  title: string;
  /** Title of the report. */
  report: string;
  /** People as "Family, Given", others by their names; several with semicolons between. */
  author: string;
  /** Day, as 2026-11-26. */
  date: string;
  version: string;
  language: string;
  /** Where the page is on the web. */
  url: string;
  /** Name and digest of each table that the page shows. */
  data: readonly { name: string; digest: string }[];
}

/** A view of the page: its address, and the day it was looked at. */
export interface Visit {
  url: string;
  accessed: string;
}

export interface Format {
  name: string;
  write: (cited: Cited, visit: Visit) => string;
}

export const FORMATS: readonly Format[] = [
  { name: "APA", write: apa },
  { name: "BibTeX", write: bibtex },
  { name: "CSL-JSON", write: csl },
];

interface Person {
  family: string;
  /** Empty for an organisation, and for who is called by one name. */
  given: string;
}

function peopleOf({ author, report }: Cited): Person[] {
  const names = author.split(";").map((name) => name.trim());
  const people = names.filter(Boolean).map((name) => {
    const at = name.indexOf(",");
    return at < 0
      ? { family: name, given: "" }
      : { family: name.slice(0, at).trim(), given: name.slice(at + 1).trim() };
  });
  return people.length ? people : [{ family: report, given: "" }];
}

/** The report that the page is part of; empty where that is said already. */
function reportOf(cited: Cited): string {
  const { title, report } = cited;
  return report === title || peopleOf(cited)[0]!.family === report ? "" : report;
}

/** Tables by which a citation says its data; more are counted. */
const MOST_TABLES = 4;

function dataOf({ data }: Cited): string {
  const named = data.slice(0, MOST_TABLES).map(({ name, digest }) => `${name} ${digest}`);
  const more = data.length > MOST_TABLES ? [say("{n} more", { n: data.length - MOST_TABLES })] : [];
  return named.length ? say("Data (SHA-256): {tables}", { tables: [...named, ...more].join(", ") }) : "";
}

function partsOf(date: string): [year: number, month: number, day: number] | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : null;
}

function named([year, month, day]: [number, number, number]): Record<string, string | number> {
  return { year, month: MONTHS[month - 1]!, day };
}

function apa(cited: Cited, { url, accessed }: Visit): string {
  const { title, version } = cited;
  const parts = partsOf(cited.date);
  const date = parts ? say("{year}, {month} {day}", named(parts)) : say("n.d.");
  const people = peopleOf(cited).map(({ family, given }) =>
    given ? `${family}, ${initials(given)}` : family,
  );
  const authors = people.length > 1 ? `${people.slice(0, -1).join(", ")}, & ${people.at(-1)!}` : people[0]!;
  const report = reportOf(cited);
  const within = report ? ` ${stopped(report)}` : "";
  const seen = partsOf(accessed);
  const retrieved = seen ? `${say("Retrieved {month} {day}, {year}, from", named(seen))} ` : "";
  const released = version ? ` (${say("Version")} ${version})` : "";
  const data = dataOf(cited);
  return (
    `${stopped(authors)} (${date}). ${title}${released} [${say("Interactive report")}].` +
    `${within}${data ? ` ${data}.` : ""} ${retrieved}${url}`
  );
}

function initials(given: string): string {
  return given
    .split(/\s+/)
    .map((name) =>
      name
        .split("-")
        .map((part) => `${Array.from(part)[0] ?? ""}.`)
        .join("-"),
    )
    .join(" ");
}

function stopped(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

function bibtex(cited: Cited, { url, accessed }: Visit): string {
  const { title, date, version } = cited;
  const report = reportOf(cited);
  const authors = peopleOf(cited).map(({ family, given }) =>
    given ? `${tex(family)}, ${tex(given)}` : `{${tex(family)}}`,
  );
  const parts = partsOf(date);
  const data = dataOf(cited);
  const fields: [string, string][] = [
    ["author", authors.join(" and ")],
    ["title", `{${tex(title)}}`],
    ...(report ? [["organization", tex(report)] as [string, string]] : []),
    ...(parts ? [["year", String(parts[0])] as [string, string], ["date", date] as [string, string]] : []),
    ...(version ? [["version", tex(version)] as [string, string]] : []),
    ["url", url.replace(/[{}\\]/g, encodeURIComponent)],
    ["urldate", accessed],
    ...(data ? [["note", tex(data)] as [string, string]] : []),
  ];
  const lines = fields.map(([name, value]) => `  ${name} = {${value}}`);
  return `@online{${keyOf(cited)},\n${lines.join(",\n")}\n}`;
}

const TEX: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
};

function tex(text: string): string {
  return text.replace(/[\\{}%&$#_~^]/g, (sign) => TEX[sign] ?? `\\${sign}`).replace(/\s+/g, " ");
}

/** `family2026word`, in plain letters. */
function keyOf(cited: Cited): string {
  const plain = (text: string): string =>
    text
      .normalize("NFKD")
      .replace(/[^A-Za-z0-9 ]/g, "")
      .toLowerCase()
      .trim();
  const [first] = peopleOf(cited);
  const words = plain(cited.title).split(/\s+/);
  const word = words.find((each) => each.length > 3) ?? words[0] ?? "";
  const family = plain(first!.family).split(/\s+/)[0] ?? "";
  return `${family}${partsOf(cited.date)?.[0] ?? ""}${word}` || "report";
}

function csl(cited: Cited, { url, accessed }: Visit): string {
  const { title, date, version, language } = cited;
  const report = reportOf(cited);
  const [issued, seen, data] = [partsOf(date), partsOf(accessed), dataOf(cited)];
  const item = {
    id: keyOf(cited),
    type: "webpage",
    title,
    author: peopleOf(cited).map(({ family, given }) => (given ? { family, given } : { literal: family })),
    ...(report ? { "container-title": report } : {}),
    ...(issued ? { issued: { "date-parts": [issued] } } : {}),
    ...(seen ? { accessed: { "date-parts": [seen] } } : {}),
    ...(version ? { version } : {}),
    ...(data ? { note: data } : {}),
    language,
    URL: url,
  };
  return JSON.stringify([item], null, 2);
}
