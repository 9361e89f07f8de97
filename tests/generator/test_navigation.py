"""Navigation: a menu for each folder, one link where it holds too many, and neighbours in it."""

from __future__ import annotations

from pathlib import Path

from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Memory
from sitegen.render import LISTED
from tests.generator.reports import Report

DEFAULT = Path(__file__).parents[2] / "themes" / "default"


def page_of(report: Report, url: str) -> str:
    report.write("sitegen.toml", f'[site]\ntitle = "A report"\ntheme = "{DEFAULT}"\n')
    site = Memory()
    build(load_config(report.settings), site)
    body = site.read(url)
    assert body is not None
    return body.decode()


def notes(report: Report, count: int) -> None:
    report.write("content/index.md", "# Home\n\n[First](notes/n0.md)\n")
    for index in range(count):
        after = f"[next](n{index + 1}.md)" if index + 1 < count else "the end"
        report.write(f"content/notes/n{index}.md", f"---\norder: {index}\n---\n# Note {index}\n\n{after}\n")


def test_a_short_folder_is_listed(report: Report) -> None:
    notes(report, LISTED)
    page = page_of(report, "notes/n1.html")
    assert page.count('<li><a href="../notes/') == LISTED
    assert '<summary aria-current="true">Notes</summary>' in page
    assert '<a href="../notes/n2.html" rel="next">Note 2 →</a>' in page
    assert 'rel="next"' not in page_of(report, "index.html")


def at_the_top(report: Report, title: str) -> tuple[int, int]:
    """Return how many of nine pages stand side by side, and how many in the menu, on the eighth."""
    links = " ".join(f"[{index}](p{index}.md)" for index in range(9))
    report.write("content/index.md", f"# Home\n\n{links}\n")
    for index in range(9):
        report.write(f"content/p{index}.md", f"# {title} {index}\n")
    before, _, menu = page_of(report, "p7.html").partition('<summary aria-current="true">More</summary>')
    return before.count('<li><a href="./p'), menu.count('<li><a href="./p')


def test_the_pages_at_the_top_that_do_not_fit_are_in_a_menu(report: Report) -> None:
    assert at_the_top(report, "Page") == (9, 0)
    assert at_the_top(report, "One page of long titles") == (2, 7)
    assert at_the_top(report, "Page " * 40) == (0, 9)
    page = page_of(report, "p7.html")
    assert f'<li><a href="./p7.html" aria-current="page">{("Page " * 40)} 7</a></li>' in page


def test_folders_that_do_not_fit_are_in_the_menu_too(report: Report) -> None:
    folders = [f"a-folder-with-a-long-name-{index}" for index in range(9)]
    report.write("content/index.md", "# Home\n\n" + " ".join(f"[{name}]({name}/a.md)" for name in folders))
    for name in folders:
        report.write(f"content/{name}/a.md", "# A page\n")
    _, _, menu = page_of(report, "index.html").partition("<summary>More</summary>")
    assert menu.count('<details class="site-nav-menu">') == 2
    assert menu.count('<li><a href="./a-folder') == len(folders)
    assert '<li><a href="./a-folder-with-a-long-name-8/a.html">A folder with a long name 8</a></li>' in menu


def test_a_long_folder_is_one_link_and_its_pages_know_their_neighbours(report: Report) -> None:
    notes(report, LISTED + 1)
    page = page_of(report, "notes/n1.html")
    assert page.count('<li><a href="../notes/') == 1
    assert '<a href="../notes/n0.html" aria-current="true">Notes</a>' in page
    assert '<a href="../notes/n0.html" rel="prev">← Note 0</a>' in page
    assert '<a href="../notes/n2.html" rel="next">Note 2 →</a>' in page
    last = page_of(report, f"notes/n{LISTED}.html")
    assert 'rel="prev"' in last
    assert 'rel="next"' not in last
