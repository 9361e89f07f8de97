"""Every state of every view has a link: what can be used in it is used, and the link shows the same.

`make test` walks one view of each kind, `make check-site` every view of every page; of charts with one
structure, and of toolbars above views of the same kinds, one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.demo_pages import IS_WHOLE, pages
from tests.browser.driver import ROOT, Tab, tab_of
from tests.browser.shown import read_static
from tests.browser.walking import Shown, Walker, difference

KINDS = sorted(path.parent.name for path in (ROOT / "themes" / "default" / "views").glob("*/view.ts"))
STILL = ("parameters", "provenance")
"""Views in which a reader changes nothing."""
DECISIONS = re.compile(r"\b(deed|text input (who|why|label))\b")
"""What a reviewer of labels decides stays in the browser and goes into patches: no state of a page."""
DRAFTS = re.compile(r"\bedit-open\b|^textarea\b")
"""A form that is opened to edit, and what is written there before it is applied: seen, and no state yet."""
APPLY = "edit-apply"
"""Before it the page showed the draft."""
SAID = ("title", "description", "help", "format", "noun")
"""What a chart says in words."""
MEANT = ("mark", "type", "aggregate", "timeUnit", "stack", "op", "interpolate", "resolve", "select", "domain")
"""Where a word of a chart's spec decides what it does."""
MOST = 40 if IS_WHOLE else 14
"""Controls of one view that are used: of each kind one before another of the same kind."""


def structure(value: object, key: str = "") -> object:
    """Return a spec without what it is drawn of: names, texts and numbers of two that behave alike differ."""
    if isinstance(value, Mapping):
        if key == "data":
            return None
        return {name: structure(each, name) for name, each in sorted(value.items()) if name not in SAID}
    if isinstance(value, list):
        return [structure(each, key) for each in value]
    return value if key in MEANT or isinstance(value, bool) else type(value).__name__


def likeness(view: Mapping[str, Any], views: Iterable[Mapping[str, Any]]) -> object:
    """Return what two views have in common of which one walk says all; None where each is walked."""
    if view["view"] == "vega-lite":
        return structure(view["options"])
    return sorted({each["view"] for each in views}) if view["view"] == "toolbar" else None


def views_of(site: Path) -> Iterator[tuple[str, str, str]]:
    """Yield page, id and kind of every view; of those that are alike the first alone, of a small page."""
    seen = set()
    for page in sorted(pages(site), key=lambda page: (site / page).stat().st_size):
        _, payload = read_static((site / page).read_text("utf-8"))
        views = payload.get("views", [])
        whole = json.dumps([(view["id"], view["view"]) for view in views])
        fresh = [] if whole in seen else views
        seen.add(whole)
        for view in fresh:
            alike = likeness(view, views)
            key = json.dumps([view["view"], alike if alike is not None else [page, view["id"]]])
            if key not in seen:
                seen.add(key)
                yield page, view["id"], view["view"]


def opened(browser: Browser, url: str) -> Tab:
    """Open an address in a context of its own."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    return tab_of(context).open(url)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(1800 if IS_WHOLE else 300)
def test_what_a_reader_changes_is_in_the_link(kind: str, browser: Browser, demo: Path, demo_url: str) -> None:
    found = [(page, id_) for page, id_, of in views_of(demo) if of == kind]
    assert found, "no page of the demo shows it"
    failed: list[str] = []
    changed = 0
    for page, members in groupby(found if IS_WHOLE else found[:1], key=itemgetter(0)):
        tabs = [opened(browser, demo_url + page), opened(browser, "about:blank")]
        walker = Walker(tabs[0].live())
        for _, id_ in members:
            walk = Walk(walker, tabs[1], id_)
            walk.go()
            failed += [f"{page}#{id_}: {each}" for each in walk.failed]
            changed += walk.changed
        for tab in tabs:
            assert (tab.messages, tab.failures) == ([], [])
            tab.page.context.close()
    assert failed == []
    assert (changed > 0) == (kind not in STILL)


def test_charts_are_alike_whatever_they_draw_and_differ_in_what_they_do() -> None:
    def drawn(mark: str, field: str, binned: object) -> object:
        x = {"field": field, "title": field, "type": "quantitative", "bin": binned}
        return structure({"spec": {"data": {"name": field}, "mark": mark, "encoding": {"x": x}}})

    assert drawn("bar", "weight", {"maxbins": 20}) == drawn("bar", "price", {"maxbins": 7})
    different = [
        drawn("bar", "weight", {"maxbins": 20}),
        drawn("bar", "weight", True),
        drawn("bar", "weight", False),
        drawn("line", "weight", True),
    ]
    assert len({json.dumps(each) for each in different}) == len(different)


def kind_of(control: str) -> str:
    """Return what a control is, of its name: ``text input``, ``mark``, ``select``."""
    return control.rpartition(" ")[0] or control


class Walk:
    """One view is used in every way it offers; a second tab, which knows only links, must show the same."""

    def __init__(self, walker: Walker, tab: Tab, id_: str) -> None:
        self.walker, self.tab, self.id = walker, tab, id_
        self.other: Walker | None = None
        """The second tab, once it was sent a link."""
        self.failed: list[str] = []
        self.changed = 0
        """Controls that changed what is seen and the link."""

    def go(self) -> None:
        """Use one control after another; each change stays. In the end the page is as it was."""
        start = self.walker.shown()
        used: list[str] = []
        kinds: Counter[str] = Counter()
        while len(used) < MOST:
            names = [name for name in self.walker.controls(self.id) if name not in used]
            if not names:
                break
            name = min(names, key=lambda name: kinds[kind_of(name)])
            kinds[kind_of(name)] += 1
            used.append(name)
            if not DECISIONS.search(name):
                self._use(name)
        if self.changed:
            self._open(self.walker.shown())
        self.walker.tab.page.evaluate("document.sitegen.reset()")
        self._expect(start, self.walker, "after a reset")

    def _open(self, wanted: Shown) -> None:
        """Open the link as who was sent it does."""
        link = self.walker.tab.address()
        self.other = Walker(self.tab.open("about:blank").open(link).live())
        self._expect(wanted, self.other, f"opened: {link}")

    def _follow(self, wanted: Shown, name: str, *, is_place: bool) -> None:
        """Open the first link, and those of a place that was scrolled to; follow others on that page."""
        if self.other is None or is_place:
            self._open(wanted)
        else:
            self.other.follow(self.walker.link())
            self._expect(wanted, self.other, f"{name}: by the link")

    def _use(self, name: str) -> None:
        walker = self.walker
        found = walker.bring(self.id, name)
        if found is None:
            return
        before, link, step = walker.shown(), walker.link(), walker.step()
        walker.use(found)
        after = walker.shown()
        if walker.link() == link:
            own = difference({self.id: before[self.id]}, {self.id: after[self.id]})
            self.failed += [f"{name}: not in the link: {own}"] if own and not DRAFTS.search(name) else []
            return
        self.changed += 1
        self._follow(after, name, is_place=found["kind"] == "scroll")
        if walker.step() != step:
            walker.press("Control+z")
            if APPLY not in name:
                self._expect(before, walker, f"{name}: undone")
            walker.press("Control+Shift+z")
            self._expect(after, walker, f"{name}: redone")
        if walker.tab.page.locator("dialog[open]").count():
            walker.tab.page.keyboard.press("Escape")

    def _expect(self, wanted: Shown, walker: Walker, when: str) -> None:
        found = difference(wanted, walker.shown())
        self.failed += [f"{when}: {found}"] if found else []
