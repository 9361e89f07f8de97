"""Views that a report's own theme brings as JavaScript: live, cross-filtered, in the place of the theme's."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitegen.cli import main
from tests.browser.driver import OpenTab, serving
from tests.generator.reports import write_tables
from tests.generator.test_guides import blocks


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report whose theme has the views of the guide."""
    report = tmp_path_factory.mktemp("own")
    theme = report / "themes/ours"
    (theme / "views").mkdir(parents=True)
    (theme / "theme.toml").write_text('name = "ours"\ninherits = "default"\n')
    for name, source in zip(("mean", "parameters"), blocks("add-a-theme", "js"), strict=True):
        (theme / "views" / f"{name}.js").write_text(source)
    views = ("toolbar", "mean id=average\ncolumn: x", "table id=rows", "parameters id=settings")
    text = "\n\n".join(f"```view {view}\ntable: cars/samples\n```" for view in views)
    (report / "content").mkdir()
    (report / "content/index.md").write_text(f"# Front\n\n{text}\n")
    rows = {"id": [1, 2, 3, 4], "x": [1.0, 2.0, 6.0, 7.0], "kind": ["a", "a", "b", "b"]}
    write_tables(report / "artifacts", "cars", {"samples": rows})
    (report / "sitegen.toml").write_text('[site]\ntitle = "Ours"\ntheme = "ours"\n')
    assert main(["-C", str(report), "build", "--strict"]) == 0
    return report / "site"


def test_own_views_are_filtered_and_stand_in_the_place_of_others(site: Path, open_tab: OpenTab) -> None:
    with serving(site) as url:
        tab = open_tab(f"{url}index.html").live()
        assert tab.texts("#average strong") == ["4", "4"]
        tab.filter("datum.kind == 'b'")
        assert tab.texts("#average strong") == ["6.5", "4"]
        assert tab.counts()["average"] == tab.counts()["rows"] == (2, 4)
        assert "As agreed with the data's owner." in tab.texts("#settings")[0]
        tab.filter("")
        assert tab.texts("#average strong") == ["4", "4"]
        assert (tab.failures, tab.messages) == ([], [])
