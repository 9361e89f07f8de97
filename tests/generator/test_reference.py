"""The reference pages are those of the code, and leave nothing undescribed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sitegen import cli
from sitegen.cards.sections import SECTIONS
from sitegen.checks import CHECKS
from tests.generator.reports import Report

BROKEN = Path(__file__).parents[1] / "broken"
WARNED = """# Late

```nolanguage
```

{sql expect=2}`select 1` {claim expect=2}`select 1`

```sql expect=2
select 1
```
"""
CARD = """---
card: data
description: What it is
date: 2026-01-02
facts: {version: "1", licence: MIT, authors: [A], citation: B, url: "https://a.example/"}
---
"""
FOLDER = Path(__file__).parents[2] / "content" / "reference"
PAGES = ("settings", "front-matter", "views", "tools", "commands", "checks", "notebook")


@pytest.fixture
def page(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.main(["reference", request.param]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(("page", "name"), [(name, name) for name in PAGES], indirect=["page"])
def test_the_committed_page_is_that_of_the_code(page: str, name: str) -> None:
    assert (FOLDER / f"{name}.md").read_text("utf-8") == page, "run: make reference"


@pytest.mark.parametrize("page", PAGES, indirect=True)
def test_every_row_says_what_it_means(page: str) -> None:
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows
    assert [row for row in rows if re.search(r"\|\s*\|$", row)] == []


def test_every_page_of_the_reference_is_generated() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == {*PAGES, "index"}


def test_every_check_is_said_as_the_page_has_it(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    report.write("content/late.md", WARNED)
    assert report.command("check", "--strict") == 1
    warnings = capsys.readouterr().err
    report.write("content/card.md", CARD + "".join(f"## {one.title}\n\nSo.\n\n" for one in SECTIONS["data"]))
    assert report.command("check", "--strict") == 1
    warnings += capsys.readouterr().err
    report.write("content/card.md", CARD.replace("card: data\n", "card: data\nunfinished: true\n"))
    assert report.command("check", "--strict") == 1
    warnings += capsys.readouterr().err
    report.write("content/c.md", "# A page\n")
    report.write("content/c.html/file.txt", "text")
    assert report.command("check") == 1
    errors = capsys.readouterr().err + "\n".join(
        file.read_text("utf-8") for file in BROKEN.glob("*/error.txt")
    )
    for check in CHECKS:
        message = re.escape(check.example).replace("…", ".+")
        said = errors if check.level == "error" else warnings
        assert re.search(rf": {message}$", said, flags=re.MULTILINE), check.name
