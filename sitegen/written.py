"""Writes the HTML of a page's text as Markdown that stands alone, for whoever reads it elsewhere.

It knows what pages are made of: text, lists, tables, code, quotes, notes, figures. Links within the site
become whole addresses, or plain words where the site's address is not known.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

_BLOCKS = {"p", "div", "section", "figure", "figcaption", "aside", "details", "summary", "dl", "dt", "dd"}
_MARKS = {"em": "*", "i": "*", "strong": "**", "b": "**", "del": "~~", "s": "~~"}
_SILENT = {"script", "style", "button", "noscript", "template", "svg", "annotation"}
_HEADING = re.compile(r"h([1-6])")
_ANCHOR = re.compile(r'\s*<a [^>]*\bclass="(?:anchor|footnote-backref)"[^>]*>.*?</a>', re.DOTALL)
"""A heading's link to itself, and a note's back to where it is told."""
_MATH = re.compile(r'<math display="(\w+)" alttext="([^"]*)".*?</math>', re.DOTALL)


def as_markdown(html: str, address: str) -> str:
    """Return a page's HTML as Markdown; ``address`` is the page's own on the web, or empty."""
    writer = _Writer(address)
    writer.feed(_MATH.sub(_formula, _ANCHOR.sub("", html)))
    writer.close()
    return writer.text()


def _formula(found: re.Match[str]) -> str:
    """Return a formula as one tag with its LaTeX, which no reader of Markdown takes for marks."""
    display, source = found.groups()
    mark = "$$" if display == "block" else "$"
    return f'<tex mark="{mark}" source="{source}"></tex>'


_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|"})


def escape(text: str) -> str:
    """Return a text whose signs are no Markdown."""
    return text.translate(_SIGNS)


class _Writer(HTMLParser):
    """Writes while it reads: finished paragraphs, and the line that is being written."""

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self._address = address
        self._done: list[str] = []
        self._line = ""
        self._silent = 0
        self._code = 0
        self._pre = False
        self._lists: list[int] = []
        """Of each open list the number of its next item; 0 where it has none."""
        self._marker = ""
        self._quotes = 0
        self._links: list[str] = []
        self._rows: list[list[str]] | None = None
        self._is_title = False

    def text(self) -> str:
        """Return everything that was written."""
        self._end_line()
        joined = "\n\n".join(self._done)
        return re.sub(r"\n\n(?=\s*(?:[-*]|\d+\.) )", _tight, joined).strip()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attributes}
        if tag in _SILENT or self._silent:
            self._silent += tag in _SILENT
        elif tag == "pre":
            self._end_line()
            self._pre = True
        elif tag in ("ul", "ol"):
            self._end_line()
            self._lists.append(int(tag == "ol"))
        elif tag == "li":
            self._begin_item()
        elif tag == "blockquote":
            self._end_line()
            self._quotes += 1
        elif tag in ("table", "tr", "td", "th"):
            self._begin_table(tag)
        else:
            self._begin_other(tag, given)

    def _begin_other(self, tag: str, given: dict[str, str]) -> None:
        if given.get("class") == "admonition-title":
            self._end_line()
            self._line, self._is_title = "**", True
        elif heading := _HEADING.fullmatch(tag):
            self._end_line()
            self._line = "#" * int(heading.group(1)) + " "
        elif tag in _MARKS:
            self._line += _MARKS[tag]
        elif tag == "code" and not self._pre:
            self._code += 1
            self._line += "`"
        elif tag == "a":
            href = self._href(given.get("href", ""))
            self._links.append(href)
            self._line += "[" if href else ""
        elif tag == "img":
            self._line += escape(given.get("alt", ""))
        elif tag == "tex":
            self._line += f"{given['mark']}{given['source']}{given['mark']}"
        elif tag == "br":
            self._line += " "
        elif tag in _BLOCKS and self._rows is None:
            self._end_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT or self._silent:
            self._silent -= tag in _SILENT
        elif tag in ("caption", "table", "tr", "td", "th"):
            self._end_table(tag)
        elif tag in (*_MARKS, "code", "a") and not (tag == "code" and self._pre):
            self._end_inline(tag)
        else:
            self._end_block(tag)

    def _end_inline(self, tag: str) -> None:
        if tag == "a":
            href = self._links.pop() if self._links else ""
            self._line += f"]({href})" if href else ""
        elif tag == "code":
            self._code -= 1
            self._line += "`"
        else:
            self._line += _MARKS[tag]

    def _end_block(self, tag: str) -> None:
        if tag == "pre":
            code = self._line.strip("\n")
            # A fence is longer than any in the code.
            fences = re.findall(r"^\s*(`{3,})", code, re.MULTILINE)
            fence = "`" * max([3, *(len(each) + 1 for each in fences)])
            self._done.append(f"{fence}\n{code}\n{fence}")
            self._line, self._pre = "", False
        elif tag in ("ul", "ol"):
            self._end_line()
            self._lists.pop()
        elif tag == "blockquote":
            self._end_line()
            self._quotes -= 1
        elif tag == "li" or _HEADING.fullmatch(tag) or (tag in _BLOCKS and self._rows is None):
            self._end_line()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._pre:
            self._line += data
        else:
            said = re.sub(r"\s+", " ", data)
            self._line += said if self._code else escape(said)

    def _href(self, href: str) -> str:
        """Return a link's whole address; empty for one within a site whose address is not known."""
        if urlsplit(href).scheme:
            return href
        return urljoin(self._address, href) if self._address else ""

    def _begin_item(self) -> None:
        self._end_line()
        number = self._lists[-1] if self._lists else 0
        self._marker = f"{number}. " if number else "- "
        if number:
            self._lists[-1] += 1

    def _begin_table(self, tag: str) -> None:
        if tag == "table":
            self._end_line()
            self._rows = []
        elif self._rows is not None:
            self._line = ""
            if tag == "tr":
                self._rows.append([])

    def _end_table(self, tag: str) -> None:
        if self._rows is None:
            return
        if tag == "caption":
            self._done.append(f"**{self._line.strip()}**")
            self._line = ""
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].append(re.sub(r"\s+", " ", self._line).strip())
            self._line = ""
        elif tag == "table":
            rows, self._rows = [row for row in self._rows if row], None
            width = max(map(len, rows), default=0)
            filled = [row + [""] * (width - len(row)) for row in rows]
            lines = [f"| {' | '.join(row)} |" for row in filled]
            if lines:
                self._done.append("\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]]))

    def _end_line(self) -> None:
        line = re.sub(r" +", " ", self._line).strip() + "**" * self._is_title
        self._line, self._is_title = "", False
        if not line.strip("# "):
            return
        depth = max(0, len(self._lists) - 1)
        if self._lists:
            line = f"{'  ' * depth}{self._marker or '  '}{line}"
            self._marker = ""
        self._done.append("> " * self._quotes + line)


def _tight(found: re.Match[str]) -> str:
    """Return the end of a line before an item of a list."""
    before = found.string[: found.start()].rsplit("\n", 1)[-1]
    is_item = re.match(r"\s*(?:[-*]|\d+\.) ", before) is not None
    return "\n" if is_item else "\n\n"
