"""Links that lie: whatever stands in the hash, the page is live, says what it left out, and counts right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest
from playwright.sync_api import Browser

from tests.browser.driver import Tab, tab_of

pytestmark = pytest.mark.browser

PAGE = "digits.html"
INJECTION = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\'"&'

DRAWING = "<svg onload=window.hacked=1><a xlink:href='javascript:window.hacked=1'><text>x</text></a></svg>"


def state(**views: Any) -> str:
    """Return a link's state: the filter as text, views as JSON."""
    texts = {name: value if name == "filter" else json.dumps(value) for name, value in views.items()}
    return "~" + "&".join(f"{quote(name)}={quote(text)}" for name, text in texts.items())


UNREADABLE = {
    "a filter that does not parse": state(filter="datum.confidence <"),
    "a filter of another language": state(filter="SELECT 1; DROP TABLE digits"),
    "a filter that calls what is not there": state(filter="alert(1)"),
    "a filter of the prototype": state(filter="datum.__proto__ == 1 || datum.constructor"),
    "a filter with markup": state(filter=INJECTION),
    "a filter with a drawing": state(filter=DRAWING),
    "a filter that is an address": state(filter="javascript:window.hacked=1"),
    "a view named by an address": state(**{"javascript:window.hacked=1": {"ids": [DRAWING]}}),
    "a filter nested too deep": state(filter="(" * 5000 + "1" + ")" * 5000),
    "a broken percent-encoding": "~filter=%E0%A4%A&confidence=%",
    "a part without a value": "~confidence",
    "a part without a name": "~=1",
    "an unknown view": state(nowhere={"interval": {"x": [0, 1]}}),
    "a view named by markup": state(**{INJECTION: {}}),
    "a state that is too long": "~filter=" + "x" * 100_001,
    "a filter that is too long": state(filter="datum.confidence < 0.5" + " || datum.confidence < 0.5" * 300),
    "a column without its row": state(filter="confidence < 0.5"),
    "a text compared with a number": state(filter="datum.label == 3"),
    "a list": state(confidence=[]),
    "a number": state(confidence=7),
    "a text": state(confidence="interval"),
    "null": state(confidence=None),
    "not JSON": "~confidence=%7B%22interval",
    "NaN": "~confidence=" + quote('{"interval": {"x": [NaN, 1]}}'),
    "infinity": "~confidence=" + quote('{"interval": {"x": [0, 1e999]}}'),
    "nested junk": state(confidence={"interval": {"x": {"y": [[[{"z": []}]]]}}}),
    "an interval of texts": state(confidence={"interval": {"x": ["0", "1"]}}),
    "an interval the wrong way round": state(confidence={"interval": {"x": [0.9, 0.1]}}),
    "an interval of three": state(confidence={"interval": {"x": [0, 0.5, 1]}}),
    "an interval of another axis": state(confidence={"interval": {"y": [0, 1]}}),
    "half an interval": state(projection={"interval": {"x": [0, 1]}}),
    "an interval where points are chosen": state(accuracy={"interval": {"y": [0, 1]}}),
    "points where an interval is drawn": state(confidence={"points": [[0.5]]}),
    "a point of too many values": state(accuracy={"points": [["3", "5"]]}),
    "a point of too few": state(confusion={"points": [["3"]]}),
    "a point that is no list": state(accuracy={"points": ["3"]}),
    "a point of objects": state(accuracy={"points": [[{"valueOf": 1}]]}),
    "a point of another type": state(accuracy={"points": [[3], [True]]}),
    "points that are no list": state(accuracy={"points": {"0": ["3"]}}),
    "unknown keys": state(confidence={"zoom": 3}),
    "ids of objects": state(images={"ids": [{}, [], None]}),
    "ids of another type": state(images={"ids": ["none", INJECTION]}),
    "ids that are no list": state(images={"ids": {"length": 1}}),
    "a place before the first": state(images={"at": -1}),
    "a place that is no number": state(images={"at": "<b>1</b>"}),
    "the prototype as a view": '~__proto__={"interval":{"x":[0,1]}}',
    "the constructor as a view": state(constructor={"prototype": {"hacked": 1}}),
    "the prototype in a state": state(confidence={"constructor": {"prototype": {"hacked": 1}}}),
    "a state of the toolbar": state(toolbar={"chips": [{"id": "x", "text": INJECTION}]}),
}

PLANTED = "31337"
"""A number that no table of the demo holds."""
INVENTED = {
    "a count of a view": state(confidence={"rows": int(PLANTED), "total": int(PLANTED)}),
    "a text of a view": state(accuracy={"title": PLANTED, "spec": {"title": PLANTED}}),
    "samples that are not there": state(images={"ids": [int(PLANTED)]}),
    "a place behind the last": state(images={"at": int(PLANTED)}),
    "a class that is not there": state(accuracy={"points": [[PLANTED]]}),
    "a bound beyond the data": state(confidence={"interval": {"x": [0.3, int(PLANTED)]}}),
    "a filter that all pass": state(filter=f"datum.confidence < {PLANTED}"),
    "a filter that none passes": state(filter=f"datum.label == '{PLANTED}'"),
    "a sum": state(filter=f"{PLANTED} == {PLANTED}"),
    "a group": f"~group={PLANTED}",
    "data that nobody knows": f"~.data={PLANTED}0",
    "an anchor": f"{PLANTED}~filter=true",
}
ELSEWHERE = """number => {
  const asked = "#toolbar, .page-said, .changed-data, [name=filter]";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const {textContent, parentElement} = walk.currentNode;
    const isSaid = textContent.replaceAll(/[,.\\s]/g, "").includes(number) && !parentElement.closest(asked);
    if (isSaid && parentElement.checkVisibility()) found.push(textContent);
  }
  return found;
}"""
"""Texts with the number but where a page repeats what was asked of it, as a question."""
ADDRESSED = {
    "a view at an address": state(**{"//a.example/x.js": {"ids": ["//a.example/y.png"]}}),
    "a sheet of another site": state(images={"ids": ["https://a.example/z.webp"], "sheet": "//a.example"}),
    "data of another site": "~.data=https://a.example/history.json&.tables=//a.example,../../../etc/passwd",
    "a page of another site": "!https://a.example/index.html!~filter=true",
    "a way up": "../../../secret~group=../../secret&whole=../../secret&.full=../secret",
    "an address as an anchor": "https://a.example/~filter=datum.label%20%3D%3D%20%27//a.example%27",
}


@pytest.fixture(scope="module")
def tab(browser: Browser, demo_url: str) -> Iterator[Tab]:
    """One live page, to which many links are given."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield tab_of(context).open(demo_url + PAGE).live()
    context.close()


def follow(tab: Tab, link: str) -> None:
    """Follow a link within the page."""
    tab.page.evaluate("link => { location.hash = link }", link)
    tab.settle()


def notice(tab: Tab) -> str:
    """Return what the toolbar says aloud; empty when it is hidden."""
    shown = tab.page.locator("#toolbar [role=alert]:visible")
    return shown.inner_text() if shown.count() else ""


def assert_sound(tab: Tab, total: int) -> None:
    """The page is live in all its parts, shows everything, and nothing of the link became markup or code."""
    assert tab.state() == "live"
    states = tab.page.evaluate("[...document.querySelectorAll('.view')].map(view => view.dataset.state)")
    assert set(states) == {"live"}
    assert all(rows == whole for rows, whole in tab.counts().values())
    assert tab.rows("toolbar") == total
    assert (
        tab.page.evaluate("[window.hacked, ({}).hacked, document.querySelector('img[src=x]')]") == [None] * 3
    )
    assert (tab.messages, tab.failures) == ([], [])


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_a_link_says_in_vain_is_told_and_changes_nothing(
    name: str, tab: Tab, samples: pd.DataFrame
) -> None:
    follow(tab, UNREADABLE[name])
    said = notice(tab)
    assert said
    assert len(said) < 700, "a notice is read by people"
    assert_sound(tab, len(samples))
    follow(tab, "")
    assert notice(tab) == ""


def test_an_unknown_column_is_told_with_the_nearest_name(tab: Tab, samples: pd.DataFrame) -> None:
    follow(tab, state(filter="datum.confidense > 0.5"))
    assert "confidense" in notice(tab)
    assert "confidence" in notice(tab)
    assert_sound(tab, len(samples))


def test_what_fits_is_applied_beside_what_does_not(tab: Tab, samples: pd.DataFrame) -> None:
    follow(tab, state(filter="datum.split == 'test'", nowhere={}, accuracy={"points": [["3"], [{}], ["5"]]}))
    assert "nowhere" in notice(tab)
    assert "accuracy" in notice(tab)
    assert tab.rows("toolbar") == ((samples.split == "test") & samples.label.isin(["3", "5"])).sum()
    tab.filter("datum.split == 'train'")
    assert tab.hash_state() == {"filter": "datum.split == 'train'", "accuracy": {"points": [["3"], ["5"]]}}
    assert notice(tab) == ""


def test_values_that_are_not_there_pass_no_row(tab: Tab) -> None:
    follow(tab, state(accuracy={"points": [[INJECTION], [None]]}))
    assert tab.rows("toolbar") == 0
    assert INJECTION[:4] in tab.page.inner_text(".chips")
    follow(tab, state(confidence={"interval": {"x": [-1e300, -1e299]}}))
    assert tab.rows("toolbar") == 0
    follow(tab, state(images={"at": 9_007_199_254_740_991}))
    assert tab.page.locator("#images button.sample").count() > 0
    follow(tab, "")
    assert tab.messages == []


@pytest.mark.parametrize("name", INVENTED)
def test_no_link_makes_the_page_show_a_number_that_its_data_does_not_give(
    name: str, tab: Tab, samples: pd.DataFrame
) -> None:
    follow(tab, INVENTED[name])
    confidence = samples["confidence"]
    passing = {
        "samples that are not there": 0,
        "a class that is not there": 0,
        "a filter that none passes": 0,
        "a bound beyond the data": int((confidence >= 0.3).sum()),
    }.get(name, len(samples))
    assert tab.rows("toolbar") == passing
    assert [tab.counts()[view][1] for view in ("toolbar", "images")] == [len(samples)] * 2
    assert tab.page.evaluate(ELSEWHERE, PLANTED) == []
    follow(tab, "")


def test_no_link_makes_the_page_ask_for_anything_but_files_of_its_site(
    browser: Browser, demo: Path, demo_url: str
) -> None:
    context = browser.new_context()
    tab = tab_of(context).open(demo_url + PAGE).live()
    for link in (*ADDRESSED.values(), *UNREADABLE.values(), *INVENTED.values()):
        follow(tab, link)
    opened = tab_of(context).open(f"{demo_url}{PAGE}#{ADDRESSED['a way up']}").live()
    asked = {*tab.requests, *opened.requests}
    assert len(asked) > 10
    assert [url for url in asked if not (demo / url.partition("#")[0].removeprefix(demo_url)).is_file()] == []
    assert [url for url in asked if not url.startswith(demo_url)] == []
    assert len(context.pages) == 2, "nothing was opened"
    assert (tab.messages, tab.failures, opened.failures) == ([], [], [])
    assert tab.page.url.startswith(demo_url + PAGE)
    context.close()


def test_a_link_that_says_nothing_useful_opens_a_live_page(browser: Browser, demo_url: str) -> None:
    context = browser.new_context()
    link = state(filter=INJECTION, **{"__proto__": [], "confidence": {"interval": 1}})
    tab = tab_of(context).open(f"{demo_url}{PAGE}#%E0%A4{link}").live()
    assert "confidence" in notice(tab)
    assert "__proto__" in notice(tab)
    assert_sound(tab, tab.counts()["toolbar"][1])
    context.close()
