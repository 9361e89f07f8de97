"""Where a theme is found: in the report, in an installed package, or among sitegen's own."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from sitegen.config import load_config
from sitegen.errors import SitegenError
from tests.generator.reports import Report

THEME = Path(__file__).parent / "theme"


def theme_of(report: Report, name: str) -> Path:
    report.write("sitegen.toml", f'[site]\ntitle = "T"\ntheme = "{name}"\n')
    return load_config(report.folder / "sitegen.toml").theme


def test_a_theme_stands_in_the_report_or_at_a_path(report: Report) -> None:
    shutil.copytree(THEME, report.folder / "themes" / "mine")
    shutil.copytree(THEME, report.folder / "elsewhere" / "other")
    assert theme_of(report, "mine") == report.folder / "themes" / "mine"
    assert theme_of(report, "elsewhere/other") == report.folder / "elsewhere" / "other"


def test_the_reports_theme_comes_before_one_of_the_same_name(report: Report) -> None:
    shutil.copytree(THEME, report.folder / "themes" / "default")
    assert theme_of(report, "default") == report.folder / "themes" / "default"


def test_an_installed_package_offers_a_theme(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "packages"
    shutil.copytree(THEME, site / "paper_theme")
    (site / "paper_theme" / "__init__.py").write_text("raise RuntimeError('a theme is read, never run')\n")
    facts = site / "paper_theme-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: paper-theme\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[sitegen.themes]\npaper = paper_theme\n")
    monkeypatch.syspath_prepend(site)
    assert theme_of(report, "paper") == site / "paper_theme"
    report.write("content/index.md", "# Front\n")
    assert report.command("build") == 0


SHOWN = """# Kinds

```vega-lite
{"data": {"name": "digits/samples"}, "mark": "bar", "encoding": {"x": {"field": "label"}}}
```
"""


@pytest.fixture
def in_pieces(report: Report) -> Report:
    """A report whose theme's live module comes in pieces; a page shows a chart, and one shows nothing."""
    report.artifact("digits", {"samples": {"id": [1, 2], "label": ["a", "b"]}})
    theme = report.folder / "themes" / "theme"
    settings = (theme / "theme.toml").read_text()
    (theme / "theme.toml").write_text(settings.replace("[fonts]", 'modules = "modules.json"\n\n[fonts]'))
    (theme / "dist" / "pieces").mkdir()
    for name in ("every.1", "charts.2", "maps.3"):
        (theme / "dist" / "pieces" / f"{name}.js").write_text(f"// {name}")
    views = {"vega-lite": ["pieces/charts.2.js"], "map": ["pieces/charts.2.js", "pieces/maps.3.js"]}
    modules = {"always": ["pieces/every.1.js"], "views": views}
    (theme / "dist" / "modules.json").write_text(json.dumps(modules))
    report.write("content/index.md", "# Nothing\n")
    report.write("content/guide/shown.md", SHOWN)
    return report


def told(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'id="sitegen-page">(.*?)</script>', page)
    return dict(json.loads(text))


def test_a_page_names_the_pieces_of_its_own_views_alone(in_pieces: Report) -> None:
    assets = told(in_pieces.page("guide/shown.html"))["assets"]
    assert assets["modules"] == ["../assets/pieces/charts.2.js", "../assets/pieces/every.1.js"]


def test_every_piece_is_part_of_the_site_under_the_name_that_others_ask_for(in_pieces: Report) -> None:
    files = in_pieces.build().files
    assert files["assets/pieces/maps.3.js"] == b"// maps.3"
    assert not [url for url in files if "modules" in url]


def test_a_piece_that_was_not_built_is_missed(in_pieces: Report) -> None:
    (in_pieces.folder / "themes" / "theme" / "dist" / "pieces" / "maps.3.js").unlink()
    with pytest.raises(SitegenError, match=r"themes/theme: there is no dist/pieces/maps\.3\.js"):
        in_pieces.build()


@pytest.mark.parametrize("written", ["", "[]", '{"always": []}', '{"always": 1, "views": {}}'])
def test_a_list_of_pieces_that_is_none_is_refused(in_pieces: Report, written: str) -> None:
    (in_pieces.folder / "themes" / "theme" / "dist" / "modules.json").write_text(written)
    with pytest.raises(SitegenError, match=r"dist/modules\.json: is no list of the live module's parts"):
        in_pieces.build()
