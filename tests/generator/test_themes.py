"""Where a theme is found: in the report, in an installed package, or among sitegen's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sitegen.config import load_config
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
