"""Where a theme is found: in the report, in an installed package, or among sitegen's own."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from sitegen import views
from sitegen.bundled import THEMES
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
    (facts / "entry_points.txt").write_text("[sitegen.themes]\npress = paper_theme\npaper = paper_theme\n")
    monkeypatch.syspath_prepend(site)
    assert theme_of(report, "paper") == THEMES / "paper"  # no package takes the name of sitegen's own
    assert theme_of(report, "press") == site / "paper_theme"
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


def heir(report: Report, settings: str) -> None:
    report.write("themes/heir/theme.toml", f'name = "heir"\ninherits = "default"\n{settings}')
    report.write("sitegen.toml", '[site]\ntitle = "A report"\ntheme = "heir"\n')
    report.write("content/index.md", "# Front\n")


def test_a_theme_changes_a_token_a_template_and_styles_and_inherits_the_rest(report: Report) -> None:
    heir(report, '[tokens.light]\npage-accent = "#7a1f5c"\n[tokens.dark]\npage-accent = "#ffaadd"\n')
    report.write("themes/heir/templates/partials/footer.html", "<footer>ours</footer>")
    report.write("themes/heir/styles.css", ".page-body { color: red; }")
    site = report.build()
    page = (site.read("index.html") or b"").decode()
    assert "<footer>ours</footer>" in page
    assert 'class="site-header"' in page
    styles = next(url for url in site.files if url.startswith("assets/styles."))
    assert f'href="./{styles}"' in page
    css = (site.read(styles) or b"").decode()
    assert css.rstrip().endswith(".page-body { color: red; }")
    assert ":root:root{--page-accent:#7a1f5c;}" in css
    assert css.count("--page-accent:#ffaadd") == 2
    assert css.index("--page-accent:#4149c9") < css.index("--page-accent:#7a1f5c")
    assert any(url.endswith("live.js") or "/live." in url for url in site.files)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('[tokens.light]\npage-acent = "#fff"\n', 'no token "page-acent"\n  did you mean "page-accent"?'),
        ('[tokens.light]\npage-accent = "red;} body{"\n', 'the token "page-accent" is no value of a style'),
        ('[tokens.drak]\npage-accent = "red"\n', 'unknown key "drak" in [tokens]\n  did you mean "dark"?'),
        ('[fonts]\nfiles = ["../x.woff2"]\n', "there is no ../x.woff2"),
    ],
)
def test_what_is_wrong_with_a_theme_that_inherits_is_said(
    report: Report, capsys: pytest.CaptureFixture[str], settings: str, said: str
) -> None:
    heir(report, settings)
    assert report.command("check") == 1
    assert said in capsys.readouterr().err


def test_a_theme_inherits_from_one_that_is_there_and_not_from_itself(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    heir(report, "")
    report.write("themes/heir/theme.toml", 'inherits = "defualt"\n')
    assert report.command("check") == 1
    assert 'inherits from "defualt", which is no theme\n  did you mean "default"?' in capsys.readouterr().err
    report.write("themes/heir/theme.toml", 'inherits = "heir"\n')
    assert report.command("check") == 1
    assert "inherits from itself: heir → heir" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("mean", "not javascript", "makes no view: SyntaxError"),
        ("mean", "sitegen.view(() => null)", "a view needs a name of small letters"),
        ("mean", 'sitegen.view(() => ({name: "mean"}))', "has no function parse, queries, render"),
        ("mean", 'sitegen.view(({views}) => ({...views("table"), name: "men"}))', 'is not called "mean"'),
        ("mean", "while (true) {}", "mean.js"),
        ("Mean", "", "is no name of a view"),
    ],
)
def test_a_file_that_makes_no_view_is_named(
    report: Report, monkeypatch: pytest.MonkeyPatch, name: str, source: str, said: str
) -> None:
    heir(report, "")
    report.write(f"themes/heir/views/{name}.js", source)
    report.write("content/index.md", "# A\n\n```view markdown\n```\n")
    monkeypatch.setattr(views, "STEP_SECONDS", 2.0)
    with pytest.raises(SitegenError) as error:
        report.build()
    assert f"themes/heir/views/{name}.js" in str(error.value)
    assert said in str(error.value)


def test_the_theme_paper_builds_with_the_templates_of_the_default_one(report: Report) -> None:
    report.write("content/index.md", "# Front\n")
    report.write("sitegen.toml", '[site]\ntitle = "A report"\ntheme = "paper"\n')
    site = report.build()
    styles = next(url for url in site.files if url.startswith("assets/styles."))
    assert b"--serif" in (site.read(styles) or b"")
    assert b"--page-background:#fdfbf6" in (site.read(styles) or b"")
    assert b"<span>Front. A report</span>" in (site.read("index.html") or b"")


def test_says_where_the_settings_of_a_theme_are_no_toml(report: Report) -> None:
    report.write("themes/heir/theme.toml", 'name = "heir"\ninherits = default\n')
    report.write("sitegen.toml", '[site]\ntitle = "A"\ntheme = "heir"\n')
    report.write("content/index.md", "# Front\n")
    with pytest.raises(SitegenError) as refused:
        report.build()
    assert str(refused.value).splitlines()[:3] == [
        "themes/heir/theme.toml:2:12: not TOML: text stands without quotes",
        "  inherits = default",
        '  write inherits = "default"',
    ]
