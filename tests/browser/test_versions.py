"""Versions of a report: the menu leads to the same page with its state, and old versions name the newest."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sitegen.cli import main
from tests.browser.driver import OpenTab


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of a report of text; only the older one has a page called old."""
    report = tmp_path_factory.mktemp("report")
    (report / "content").mkdir()
    site = report / "public"
    for version, page in (("1.0", "old"), ("2.0", "new")):
        for name in ("index", "data", page):
            (report / f"content/{name}.md").write_text(f"# {name} of {version}\n")
        named = f'[site]\ntitle = "A report"\nversion = "{version}"\n[publish]\nversions = true\n'
        (report / "sitegen.toml").write_text(named)
        assert main(["-C", str(report), "publish", "--to", "folder", str(site)]) == 0
        (report / f"content/{page}.md").unlink()
    return site


def test_the_menu_opens_the_same_page_of_another_version(versions: Path, open_tab: OpenTab) -> None:
    tab = open_tab((versions / "1.0/data.html").as_uri())
    tab.page.wait_for_selector(".site-versions")
    assert tab.texts(".page-notice") == ["This is version 1.0; the newest one is 2.0."]
    tab.page.evaluate("location.hash = '~filter=x'")
    tab.page.click(".site-versions summary")
    assert tab.texts(".site-versions li a")[0].split()[:2] == ["2.0", "newest"]
    assert [text.split()[0] for text in tab.texts(".site-versions li a")] == ["2.0", "1.0"]
    assert tab.page.locator(".site-versions [aria-current]").count() == 1
    tab.page.click(".site-versions li a:has-text('2.0')")
    tab.page.wait_for_url("**/2.0/data.html#~filter=x")
    tab.page.wait_for_selector(".site-versions")
    assert tab.texts(".page-notice") == []


def test_a_long_menu_opens_where_the_reader_is(versions: Path, tmp_path: Path, open_tab: OpenTab) -> None:
    site = Path(shutil.copytree(versions, tmp_path / "site"))
    told = (site / "versions.js").read_text("utf-8")
    newer = "".join(f'{{"name":"2.{n}","date":"2026-01-01"}},' for n in range(60, 0, -1))
    (site / "versions.js").write_text(re.sub(r'("versions":\s*\[)', rf"\1{newer}", told), "utf-8")
    tab = open_tab((site / "1.0/data.html").as_uri())
    tab.page.click(".site-versions summary")
    inside = """link => {
        const [own, list] = [link, link.closest("ul")].map(each => each.getBoundingClientRect());
        return [own.top >= list.top && own.bottom <= list.bottom, scrollY];
    }"""
    assert tab.page.locator(".site-versions li").count() == 62
    tab.page.wait_for_function("document.querySelector('.site-versions ul').scrollTop > 0")
    assert tab.page.locator(".site-versions [aria-current]").evaluate(inside) == [True, 0]


@pytest.mark.parametrize("title", ["A", "A report with a title of some length"])
@pytest.mark.parametrize("width", [360, 1280])
def test_each_version_takes_a_line_of_the_menu(
    versions: Path, open_tab: OpenTab, width: int, title: str
) -> None:
    tab = open_tab((versions / "1.0/data.html").as_uri(), viewport={"width": width, "height": 900})
    tab.page.evaluate("title => { document.querySelector('.site-title').textContent = title; }", title)
    if width == 360:
        tab.page.click(".site-menu-button")
    tab.page.click(".site-versions summary")
    boxes = tab.page.eval_on_selector_all(
        ".site-versions li a", "links => links.map(each => each.getBoundingClientRect().toJSON())"
    )
    assert len({box["height"] for box in boxes}) == 1
    assert all(box["height"] < 50 and box["left"] >= 0 and box["right"] <= width for box in boxes)


def test_the_day_beside_a_long_name_stays_on_one_line(
    versions: Path, tmp_path: Path, open_tab: OpenTab
) -> None:
    site = Path(shutil.copytree(versions, tmp_path / "site"))
    name = "2.0-preview-of-what-the-reviewers-of-the-second-round-asked-for"
    for file in ("versions.js", "versions.html"):
        told = (site / file).read_text("utf-8")
        assert "2.0" in told
        (site / file).write_text(
            told.replace('"name":"2.0"', f'"name":"{name}"').replace(">2.0<", f">{name}<")
        )
    tab = open_tab((site / "1.0/data.html").as_uri(), viewport={"width": 360, "height": 900})
    tab.page.click(".site-menu-button")
    tab.page.click(".site-versions summary")
    lines = "days => days.map(day => day.getClientRects().length)"
    assert name in tab.texts(".site-versions li a")[0]
    assert tab.page.eval_on_selector_all(".site-versions time", lines) == [1, 1]
    inside = "links => links.every(link => link.scrollWidth <= link.clientWidth)"
    assert tab.page.eval_on_selector_all(".site-versions li a", inside)
    tab.page.goto((site / "versions.html").as_uri())
    assert name in tab.texts(".page-body li a")
    assert tab.page.eval_on_selector_all("time", lines) == [1, 1]
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_page_that_a_version_lacks_leads_to_its_front_page(versions: Path, open_tab: OpenTab) -> None:
    tab = open_tab((versions / "1.0/old.html").as_uri())
    tab.page.click(".page-notice a")
    tab.page.wait_for_url("**/2.0/index.html")
    tab.page.goto((versions / "data.html").as_uri() + "#~filter=x")
    tab.page.wait_for_url("**/2.0/data.html#~filter=x")


def test_one_page_that_is_found_is_one(versions: Path, open_tab: OpenTab) -> None:
    tab = open_tab((versions / "1.0/data.html").as_uri())
    tab.page.keyboard.press("/")
    tab.page.wait_for_selector("dialog.search[open]")
    tab.page.keyboard.type("old")
    assert tab.texts("dialog.search [role=status]") == ["1 page"]


def test_without_the_list_the_link_leads_to_it(versions: Path, open_tab: OpenTab) -> None:
    tab = open_tab("about:blank", java_script_enabled=False)
    tab.page.goto((versions / "2.0/data.html").as_uri())
    tab.page.click("[data-versions] a")
    tab.page.wait_for_selector(".page-body li a")
    assert tab.texts(".page-body li a") == ["2.0", "1.0"]
