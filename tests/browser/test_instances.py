"""Two views of one kind on a page: each has a state of its own, and what it saves has a name of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sitegen.notebook import Report
from tests.browser.driver import OpenTab, Tab, serving

ENDS = {"csv": "csv", "svg": "svg", "png": "png"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site with two scatterplots of the same table."""
    folder = tmp_path_factory.mktemp("instances") / "site"
    report = Report("digits", title="Digits")
    report.view("scatter", id="sheet", title="Where on the sheet", x="x", y="y")
    report.view("scatter", id="turned", title="The sheet turned", x="y", y="x")
    report.export(folder)
    report.close()
    with serving(folder) as served:
        yield served


@pytest.fixture
def live(open_tab: OpenTab, address: str) -> Tab:
    return open_tab(f"{address}index.html", accept_downloads=True).live()


def states(tab: Tab) -> dict[str, object]:
    return dict(tab.page.evaluate("document.sitegen.state.views"))


def test_two_instances_of_a_view_on_one_page_are_independent(live: Tab) -> None:
    assert live.page.locator("figure[data-view=scatter][data-state=live]").count() == 2
    before = live.page.text_content("#turned .view-body")
    live.page.focus("#sheet .scatter-live")
    for key in ("+", "+"):
        live.page.keyboard.press(key)
    live.settle()
    assert list(states(live)) == ["sheet"], "the other one has moved, too"
    assert live.page.text_content("#turned .view-body") == before
    first = states(live)["sheet"]

    live.page.focus("#turned .scatter-live")
    live.page.keyboard.press("+")
    live.settle()
    found = states(live)
    assert sorted(found) == ["sheet", "turned"]
    assert found["sheet"] == first
    assert found["turned"] != first


@pytest.mark.parametrize("entry", ENDS)
def test_two_downloads_of_one_page_have_different_telling_names(live: Tab, entry: str) -> None:
    names = []
    for id_ in ("sheet", "turned"):
        live.page.click(f"#{id_} .view-menu > summary")
        with live.page.expect_download() as waiting:
            live.page.click(f"#{id_} .view-menu [data-entry={entry}]")
        names.append(waiting.value.suggested_filename)
    assert names == [f"digits-{id_}-1797of1797.{ENDS[entry]}" for id_ in ("sheet", "turned")]
