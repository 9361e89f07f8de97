/**
 * Markdown of an editable text, as the generator reads it (`sitegen/prose.py`): the same parser with the same rules, so
 * that what a reader sees while writing is what the next build shows. Makes HTML that is not sanitised yet.
 */
import markdownIt, { type MarkdownIt, type StateCore, type StateInline, type Token } from "markdown-it";
import { escape } from "../markup.ts";
import type { BlockSource } from "../page.ts";
import { fillAddress, isFollowed, isOurs, rewrite } from "./addresses.ts";
import { say } from "../words.ts";

export type Place = Pick<BlockSource, "page" | "base" | "values" | "numbers">;

/** Levels that headings are moved down by: the view has a title of the third. */
const DEEPER = 2;

const VALUE = /\{\{[ \t]*([A-Za-z_][\w.-]*)[ \t]*\}\}/y;
const QUERY = /\{sql(?:[ \t\n]+((?:[^`{}]|\{\{[^{}`]*\}\})*))?\}(`+)(.+?)(?<!`)\2(?!`)/sy;

const PENDING = say("a number that is computed when the site is built");

/** What the generator takes away at both ends of a paragraph, a heading and a cell: every kind of space. */
const ENDS =
  /^[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

export function toHtml(text: string, place: Place): string {
  return parserOf(place).render(`${text}\n`);
}

function parserOf(place: Place): MarkdownIt {
  const parser = markdownIt("commonmark", { html: false }).enable(["table", "strikethrough"]);
  parser.inline.ruler.before("backticks", "query", (state, silent) => readQuery(state, silent, place));
  parser.inline.ruler.before("backticks", "value", (state, silent) => readValue(state, silent, place));
  parser.validateLink = (address) => isFollowed(fillAddress(address, place.values ?? {}));
  parser.core.ruler.before("inline", "trim", trim);
  parser.core.ruler.push("finish", (state) => finish(state, place));
  const { rules } = parser.renderer;
  rules["table_open"] = () => '<div class="table-scroll"><table>\n';
  rules["table_close"] = () => "</table></div>\n";
  rules["fence"] = rules["code_block"] = code;
  return parser;
}

function code(tokens: Token[], index: number): string {
  return `<pre tabindex="0"><code>${escape(tokens[index]!.content)}</code></pre>\n`;
}

function match(pattern: RegExp, state: StateInline): RegExpExecArray | null {
  pattern.lastIndex = state.pos;
  return pattern.exec(state.src);
}

/** A value that the page does not have stays as it is written. */
function readValue(state: StateInline, silent: boolean, { values = {} }: Place): boolean {
  const found = state.src.startsWith("{{", state.pos) ? match(VALUE, state) : null;
  if (!found) return false;
  if (!silent) state.push("text", "", 0).content = ownOf(values, found[1]!) ?? found[0];
  state.pos += found[0].length;
  return true;
}

function readQuery(state: StateInline, silent: boolean, { numbers = {} }: Place): boolean {
  const found = state.src.startsWith("{sql", state.pos) ? match(QUERY, state) : null;
  if (!found) return false;
  if (!silent) pushNumber(state, ownOf(numbers, `${(found[1] ?? "").trim()}\`${found[3]!.trim()}`));
  state.pos += found[0].length;
  return true;
}

/** A number that the build did not compute is named as such: a page runs no SQL of a link. */
function pushNumber(state: StateInline, said: string | null): void {
  if (said === null) state.push("em_open", "em", 1);
  state.push("text", "", 0).content = said ?? PENDING;
  if (said === null) state.push("em_close", "em", -1);
}

function ownOf(values: Readonly<Record<string, string>>, name: string): string | null {
  return Object.hasOwn(values, name) ? values[name]! : null;
}

function trim({ tokens }: StateCore): void {
  for (const token of tokens) if (token.type === "inline") token.content = token.content.replace(ENDS, "");
}

function finish(state: StateCore, place: Place): void {
  for (const [index, token] of state.tokens.entries()) {
    if (/^heading_/.test(token.type)) token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + DEEPER)}`;
    if (token.type === "th_open") markHead(token, state.tokens[index + 1]!, state.tokens[index + 2]!);
    alignByClass(token);
    for (const child of token.children ?? []) address(child, place);
  }
}

/** A head's cell is of its column; an empty one, as over names of rows, is no head. */
function markHead(open: Token, inside: Token, close: Token): void {
  if (inside.content.trim() !== "") open.attrSet("scope", "col");
  else open.tag = close.tag = "td";
}

/** Inline styles are dropped by the page's security policy. */
function alignByClass(token: Token): void {
  const style = token.attrGet("style");
  if (style === null) return;
  token.attrs = (token.attrs ?? []).filter(([name]) => name !== "style");
  token.attrSet("class", String(style).replace("text-align:", "align-"));
}

/** Where tokens have their addresses. */
const ADDRESSES: Readonly<Record<string, string>> = { image: "src", link_open: "href" };

/** Addresses are as the page says them; a picture on another site is not asked for, and its words stay. */
function address(token: Token, { page = "", base = "", values = {} }: Place): void {
  const name = ADDRESSES[token.type];
  const written = name === undefined ? null : token.attrGet(name);
  if (name === undefined || written === null) return;
  const filled = fillAddress(String(written), values);
  token.attrSet(name, rewrite(filled.startsWith("#") ? page : base, filled, page));
  if (name === "src" && !isOurs(filled)) token.attrSet("src", "");
}
