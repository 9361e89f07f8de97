/**
 * Styles for a notebook: the theme's, kept to elements below one root, and stronger there than what a notebook says of
 * tables, lists and headings. What is the page's own becomes the root's; sizes do not follow the notebook's.
 */

/** With an id that is nowhere a selector counts for more than any class of the notebook. */
const STRONG = ":not(#_)";

/** What stands for the whole page in the theme's own styles. */
const PAGE = /^(?:html:root|:root|html|body)(?![\w-])/;
const REM = /(?<![\w.])(\d*\.?\d+)rem\b/g;
const PIXELS = 16;

/** Rules that are of the document, whatever they stand in. */
const GLOBAL = /^@(?:font-face|keyframes|property)/;

/** Undoes what a notebook says of plain elements; drawings keep their attributes. */
const PLAIN = ":where(:not(svg,svg *,canvas)){all:revert}";

/** The theme's style sheet, minified, for what is below elements of a class, `.root`. */
export function scoped(css, root) {
  const strong = root + STRONG;
  const inside = (rule) => scopedRule(rule, strong);
  return `${strong} ${PLAIN}${rules(css).map(inside).join("")}`;
}

function scopedRule({ prelude, body }, root) {
  if (GLOBAL.test(prelude)) return `${prelude}{${body}}`;
  if (prelude.startsWith("@page")) return "";
  if (prelude.startsWith("@")) {
    const inner = rules(body).map((rule) => scopedRule(rule, root));
    return `${prelude}{${inner.join("")}}`;
  }
  const selectors = split(prelude, ",").map((selector) => scopedSelector(selector.trim(), root));
  return `${selectors.join(",")}{${body.replace(REM, (_, size) => `${Number(size) * PIXELS}px`)}}`;
}

function scopedSelector(selector, root) {
  const page = PAGE.exec(selector);
  return page ? root + selector.slice(page[0].length) : `${root} ${selector}`;
}

/** Rules of a style sheet: what stands before each pair of braces, and in it. Statements without braces are left out. */
function rules(css) {
  const found = [];
  let at = 0;
  while (at < css.length) {
    const open = end(css, at, "{;");
    if (open >= css.length) break;
    if (css[open] === "{") {
      const close = end(css, open + 1, "}");
      found.push({ prelude: css.slice(at, open).trim(), body: css.slice(open + 1, close) });
      at = close + 1;
    } else at = open + 1;
  }
  return found;
}

/** The place of the first of these signs that is in no text, brackets or braces. */
function end(css, from, signs) {
  let depth = 0;
  for (let at = from; at < css.length; at++) {
    const sign = css[at];
    if (sign === '"' || sign === "'") at = textEnd(css, at);
    else if (depth === 0 && signs.includes(sign)) return at;
    else if ("({[".includes(sign)) depth++;
    else if (")}]".includes(sign)) depth--;
  }
  return css.length;
}

function textEnd(css, from) {
  for (let at = from + 1; at < css.length; at++) {
    if (css[at] === "\\") at++;
    else if (css[at] === css[from]) return at;
  }
  return css.length;
}

function split(text, sign) {
  const parts = [];
  let at = 0;
  while (at <= text.length) {
    const next = end(text, at, sign);
    parts.push(text.slice(at, next));
    at = next + 1;
  }
  return parts;
}
