"""Every folder of tests/sites is a report; it builds to its tree in tests/golden, hashes renumbered."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Memory

SITES = Path(__file__).parent.parent / "sites"
GOLDEN = Path(__file__).parent.parent / "golden"
CASES = sorted(folder.name for folder in SITES.iterdir())


def renumbered(site: Memory) -> dict[str, str]:
    """Return the pages of a site and a list of its files, each content hash replaced by its number."""
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return "." + numbers.setdefault(match.group(1), f"hash{len(numbers) + 1}") + "."

    urls = sorted(site.files, key=lambda url: re.sub(r"\.[0-9a-f]{8}\.", ".", url))
    texts = {"files.txt": "\n".join(urls) + "\n"}
    texts |= {url: str(site.read(url), "utf-8") for url in urls if url.endswith(".html")}
    return {url: re.sub(r"\.([0-9a-f]{8})\.", number, text) for url, text in texts.items()}


@pytest.mark.parametrize("case", CASES)
def test_builds_to_the_golden_tree(case: str, copied: Callable[[Path], Path]) -> None:
    site = Memory()
    build(load_config(copied(SITES / case)), site)
    found = renumbered(site)
    golden = GOLDEN / case
    if not golden.is_dir() and "CI" not in os.environ:
        write_tree(golden, found)
        pytest.fail(f"{golden} was missing and is written now; read it, then commit it")
    files = (path for path in golden.rglob("*") if path.is_file())
    expected = {path.relative_to(golden).as_posix(): path.read_text(encoding="utf-8") for path in files}
    assert found == expected


def write_tree(folder: Path, texts: dict[str, str]) -> None:
    for url, text in texts.items():
        (folder / url).parent.mkdir(parents=True, exist_ok=True)
        (folder / url).write_text(text, encoding="utf-8")


def test_no_golden_tree_is_left_over() -> None:
    assert sorted(folder.name for folder in GOLDEN.iterdir()) == CASES


def test_says_what_the_pages_weigh(copied: Callable[[Path], Path]) -> None:
    summary = build(load_config(copied(SITES / "views")), Memory())
    (page,) = summary.pages
    assert (page.url, page.views) == ("index.html", 3)
    assert 500 < page.html < 5_000
    assert page.data > 500
    assert summary.bytes > page.data


def test_a_missing_front_page_is_a_warning(copied: Callable[[Path], Path]) -> None:
    settings = copied(SITES / "minimal")
    (settings.parent / "content" / "index.md").unlink()
    shutil.copyfile(SITES / "minimal" / "content" / "index.md", settings.parent / "content" / "index2.md")
    (settings.parent / "content" / "guide" / "second.md").write_text("# Second\n\n## Its second section\n")
    said = [str(warning) for warning in build(load_config(settings), Memory()).warnings]
    assert said == [
        "content: there is no index.md, so the site has no front page",
        "content/index2.md: no text links to this page, only a menu\n  link to it, or mark it draft: true",
    ]
