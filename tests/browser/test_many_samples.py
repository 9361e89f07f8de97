"""A million samples scroll as one list: the right ids in the right order, wherever one scrolls to."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from tests.browser.driver import OpenTab, Tab, build_site, serving
from tests.browser.test_samples import read, write_table
from tests.browser.test_table import LISTEN

ROWS = 1_000_000
PHONE = {"width": 360, "height": 740}
LARGEST_ANSWER = 200_000
"""Bytes that one answer of the engine may have: a window of cards, never the table."""
LONGEST_SECONDS = 20
"""A bound that a slow machine keeps too; what it takes is measured by the benchmark `samples`."""
PAGE = """---
table: many/samples
---
# Many

```view toolbar id=toolbar
```

```view samples id=cards title="Cards"
columns: [score]
```

```view samples id=ordered title="In an order"
order: -score
columns: [score]
rows: 12
```
"""


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    generator = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "id": np.arange(ROWS, dtype="int32"),
            "label": generator.choice(["cat", "dog", "owl"], ROWS),
            "score": generator.integers(0, 1000, ROWS).astype("int16"),
        }
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, data: pd.DataFrame) -> Iterator[str]:
    report = tmp_path_factory.mktemp("many")
    write_table(report, "many", data)
    (report / "sitegen.toml").write_text('[site]\ntitle = "Many"\n')
    (report / "content").mkdir()
    (report / "content" / "index.md").write_text(PAGE)
    build_site(report, report / "site")
    with serving(report / "site") as url:
        yield url


def ids(tab: Tab, view: str = "cards") -> list[int]:
    """Return the ids of the cards of a view that are in sight."""
    tab.page.wait_for_selector(f"#{view} .sample-waiting", state="detached", timeout=60_000)
    read(tab)
    script = """id => { const frame = document.querySelector(`#${id} .samples-frame`).getBoundingClientRect();
        return [...document.querySelectorAll(`#${id} li[data-index]`)]
            .filter(each => { const { top, bottom } = each.getBoundingClientRect();
                const middle = (top + bottom) / 2; return middle > frame.top && middle < frame.bottom; })
            .map(each => JSON.parse(each.querySelector('.sample').dataset.id)) }"""
    return [int(each) for each in tab.page.evaluate(script, view)]


def press(tab: Tab, key: str, view: str = "cards") -> None:
    tab.page.focus(f"#{view} .sample[tabindex='0']")
    tab.page.keyboard.press(key)


def scroll(tab: Tab, share: float) -> None:
    script = """share => { const frame = document.querySelector('#cards .samples-frame');
        frame.scrollTop = share * (frame.scrollHeight - frame.clientHeight); }"""
    tab.page.evaluate(script, share)
    tab.page.wait_for_timeout(100)


def at(tab: Tab, view: str = "cards") -> int:
    """Return the number of the first card in sight, as the view says it."""
    return int(tab.texts(f"#{view} .samples-place")[0].split("\N{EN DASH}")[0].replace(",", "")) - 1


def in_order(tab: Tab, expected: np.ndarray, view: str = "cards") -> int:
    """Check that the cards in sight are those of pandas at their place; return the place."""
    seen, first = ids(tab, view), at(tab, view)
    assert seen == [int(each) for each in expected[first : first + len(seen)]]
    assert len(seen) >= 3
    return first


def test_either_end_and_the_middle_are_those_of_pandas(
    address: str, open_tab: OpenTab, data: pd.DataFrame
) -> None:
    started = time.monotonic()
    tab = open_tab(address).live()
    everything = data.id.to_numpy()
    assert in_order(tab, everything) == 0
    height = tab.page.evaluate("document.querySelector('#cards .samples-canvas').offsetHeight")
    assert height <= 8_000_000, "no higher than browsers make an element"
    press(tab, "End")
    assert ids(tab)[-1] == ROWS - 1
    in_order(tab, everything)
    press(tab, "PageUp")
    in_order(tab, everything)
    scroll(tab, 0.5)
    middle = in_order(tab, everything)
    assert abs(middle / ROWS - 0.5) < 0.01, "the scrollbar stands for all samples"
    press(tab, "Home")
    assert in_order(tab, everything) == 0
    tab.page.fill("#cards [name=goto]", "345678")
    tab.page.keyboard.press("Enter")
    in_order(tab, everything)
    assert tab.page.evaluate("JSON.parse(document.activeElement.dataset.id)") == 345_677
    assert tab.page.locator("#cards li[data-index]").count() < 200
    assert time.monotonic() - started < LONGEST_SECONDS * 2
    assert tab.messages == []


def test_an_order_and_a_filter_hold_far_within(address: str, open_tab: OpenTab, data: pd.DataFrame) -> None:
    tab = open_tab(address).live()
    ordered = data.sort_values(["score", "id"], ascending=[False, True], kind="stable")
    press(tab, "End", "ordered")
    assert ids(tab, "ordered")[-1] == ordered.id.iloc[-1]
    in_order(tab, ordered.id.to_numpy(), "ordered")
    tab.filter("datum.label == 'owl'")
    owls = ordered[ordered.label == "owl"].id.to_numpy()
    assert in_order(tab, owls, "ordered") == 0
    press(tab, "End", "ordered")
    assert ids(tab, "ordered")[-1] == owls[-1]
    in_order(tab, owls, "ordered")
    assert tab.counts()["ordered"] == (len(owls), ROWS)
    scroll(tab, 0.7)
    in_order(tab, data[data.label == "owl"].id.to_numpy())
    assert tab.messages == []


def test_while_the_scrollbar_is_dragged_only_the_first_wish_and_the_last_are_asked(
    address: str, open_tab: OpenTab, data: pd.DataFrame
) -> None:
    tab = open_tab("about:blank")
    tab.page.add_init_script(LISTEN)
    tab.open(address).live()
    scroll(tab, 0.2)
    ids(tab)
    before = tab.page.evaluate("window.answers.length")
    script = """() => new Promise(done => { const frame = document.querySelector('#cards .samples-frame');
        const most = frame.scrollHeight - frame.clientHeight; let step = 0;
        window.held = [];
        const drag = () => { frame.scrollTop = most * (0.2 + step * 0.005);
            if (++step > 100) done(); else requestAnimationFrame(drag); }; drag(); })"""
    tab.page.evaluate(script)
    tab.page.wait_for_function("() => window.held.length > 0")
    assert tab.page.evaluate("window.held.length") == 1, "one question at a time, however far one drags"
    tab.page.evaluate("window.release()")
    place = in_order(tab, data.id.to_numpy())
    assert abs(place / ROWS - 0.7) < 0.01
    # Two questions for a window, of the first place, of the last, and of the data table there.
    answers = tab.page.evaluate("window.answers")
    assert len(answers) - before <= 6
    assert max(answers) < LARGEST_ANSWER
    assert tab.messages == []


def test_a_phone_scrolls_them_too(address: str, open_tab: OpenTab, data: pd.DataFrame) -> None:
    tab = open_tab(address, viewport=PHONE, has_touch=True, is_mobile=True).live()
    everything = data.id.to_numpy()
    scroll(tab, 1)
    assert ids(tab)[-1] == ROWS - 1
    in_order(tab, everything)
    scroll(tab, 0.25)
    in_order(tab, everything)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    frame = tab.page.locator("#cards .samples-frame").bounding_box()
    assert frame
    assert frame["height"] <= PHONE["height"] * 0.8, "there is room left to scroll the page by"
    assert tab.messages == []
