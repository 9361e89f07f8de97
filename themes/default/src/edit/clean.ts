/**
 * The one door through which HTML made from Markdown comes into a page: DOMPurify lets through what `sitegen/prose.py`
 * lets through at build, and nothing else.
 */
import DOMPurify from "dompurify";
import { isFollowed, isOurs } from "./addresses.ts";

const TAGS = [
  ...[
    "a",
    "blockquote",
    "br",
    "code",
    "div",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "li",
    "ol",
    "p",
    "pre",
  ],
  ...["s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"],
];

/** Attributes of each element, and what may stand in them. */
const ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, (value: string) => boolean>>>> = {
  a: { href: isFollowed, title: () => true },
  img: { src: (value) => value !== "" && isOurs(value), alt: () => true, title: () => true },
  ol: { start: (value) => /^\d+$/.test(value) },
  pre: { tabindex: (value) => value === "0" },
  div: { class: (value) => value === "table-scroll" },
  th: { class: isAlignment, scope: (value) => value === "col" },
  td: { class: isAlignment },
};

function isAlignment(value: string): boolean {
  return /^align-(left|center|right)$/.test(value);
}

/** HTML without anything but what an editable text may show. */
export function clean(html: string): string {
  const purify = DOMPurify(window);
  purify.addHook("uponSanitizeAttribute", (element, attribute) => {
    const allowed = ATTRIBUTES[element.nodeName.toLowerCase()];
    const { attrName, attrValue } = attribute;
    if (!allowed || !Object.hasOwn(allowed, attrName) || !allowed[attrName]!(attrValue))
      attribute.keepAttr = false;
  });
  return purify
    .sanitize(html, {
      ALLOWED_TAGS: TAGS,
      ALLOWED_ATTR: ["href", "title", "src", "alt", "start", "tabindex", "class", "scope"],
      ALLOW_DATA_ATTR: false,
      ALLOW_ARIA_ATTR: false,
      ALLOWED_NAMESPACES: ["http://www.w3.org/1999/xhtml"],
    })
    .trim();
}
