"""What a page shows in numbers: read from its HTML without a browser, and from a live page with one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from tests.browser.driver import Tab

Cells = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Shown:
    """One view's counts and data table, as texts."""

    rows: int
    total: int
    header: tuple[str, ...] = ()
    cells: Cells = ()


class _Reader(HTMLParser):
    """Collects the data tables of figures, and the page's payload."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, dict[str, Any]] = {}
        self.payload = ""
        self._figure: dict[str, Any] | None = None
        self._in_table = False
        self._cell: list[str] | None = None
        self._in_payload = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "figure" and "data-view" in attributes:
            counts = {"rows": int(attributes["data-rows"] or 0), "total": int(attributes["data-total"] or 0)}
            self._figure = {**counts, "header": [], "cells": []}
            self.found[str(attributes["id"])] = self._figure
        elif tag == "details" and attributes.get("class") == "view-data":
            self._in_table = True
        elif tag == "tr" and self._in_table and self._figure:
            self._figure["cells"].append([])
        elif tag in ("th", "td") and self._in_table:
            self._cell = []
        self._in_payload = tag == "script" and attributes.get("id") == "sitegen-page"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td") and self._cell is not None and self._figure:
            self._figure["cells"][-1].append("".join(self._cell).strip())
            self._cell = None
        elif tag == "thead" and self._in_table and self._figure:
            # Of several tables the first names its columns; the rows of all are compared.
            header = self._figure["cells"].pop()
            self._figure["header"] = self._figure["header"] or header
        elif tag == "details":
            self._in_table = False
        elif tag == "figure":
            self._figure = None
        self._in_payload = False

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
        if self._in_payload:
            self.payload += data


def read_static(html: str) -> tuple[dict[str, Shown], dict[str, Any]]:
    """Return every view of a page as its HTML shows it, and the page's payload ({} where there is none)."""
    reader = _Reader()
    reader.feed(html)
    views = {
        name: Shown(each["rows"], each["total"], tuple(each["header"]), tuple(map(tuple, each["cells"])))
        for name, each in reader.found.items()
    }
    return views, json.loads(reader.payload) if reader.payload else {}


_OPEN = """() => document.querySelectorAll(".view-data").forEach(details => { details.open = true; })"""

_READ = """() => Object.fromEntries([...document.querySelectorAll("figure[data-view]")].map(figure => {
  const details = figure.querySelector(":scope > .view-data");
  const read = row => [...row.cells].map(cell => cell.textContent.trim());
  return [figure.id, {
    rows: Number(figure.dataset.rows), total: Number(figure.dataset.total),
    header: details ? read(details.querySelector("thead tr")) : [],
    cells: details ? [...details.querySelectorAll("tbody tr")].map(read) : [],
  }];
}))"""


def read_live(tab: Tab) -> dict[str, Shown]:
    """Return every view as the live page shows it; a folded data table is written when it is opened."""
    tab.page.evaluate(_OPEN)
    tab.settle()
    found: dict[str, Any] = tab.page.evaluate(_READ)
    return {
        name: Shown(each["rows"], each["total"], tuple(each["header"]), tuple(map(tuple, each["cells"])))
        for name, each in found.items()
    }


COUNTED = """addEventListener("DOMContentLoaded", () => {
  window.counted = [];
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const count = (target.nodeType === 1 ? target : target.parentElement)?.closest(".view-count");
      if (!count) continue;
      window.counted.push([count.closest(".view").id, count.textContent.replace(/\\s+/g, " ").trim()]);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
})"""
"""Keeps every count that a view shows, from the page as it was built on."""

COUNTS = """() => Object.fromEntries([...document.querySelectorAll(".view-count")].map(
  count => [count.closest(".view").id, count.textContent.replace(/\\s+/g, " ").trim()]))"""


def counts_told(tab: Tab) -> tuple[set[str], set[tuple[str, str]]]:
    """Return the views that counted anew since the page was loaded, and counts that are not those shown now.

    `COUNTED` runs in the page before its own scripts.
    """
    shown = tab.page.evaluate(COUNTS)
    told = set(map(tuple, tab.page.evaluate("window.counted")))
    return {id_ for id_, _ in told}, {(id_, text) for id_, text in told if text != shown[id_]}
