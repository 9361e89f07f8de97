"""A table of predictions from run to page: what nobody said is neither right nor wrong."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from tests.generator.reports import Report

SETTINGS = """
[site]
title = "A report"

[datasets.people]
source = "people.csv"
roles = { prediction = "human" }

[models.people]
source = "columns"

[tools.people]
tool = "classification"
dataset = "people"
model = "people"
"""

PAGE = """
# People

{sql}`select count(correct) || ' judged, ' || count(*) filter (not correct) || ' wrong' from "people/samples"`

```view samples table=people/samples
```
"""


@pytest.fixture
def people(report: Report) -> Report:
    frame = pd.DataFrame(
        {"label": ["a", "b", None, "a", "b"], "human": ["a", None, "b", "b", None], "n": range(5)}
    )
    frame.to_csv(report.folder / "people.csv")
    report.write("sitegen.toml", SETTINGS)
    report.write("content/index.md", PAGE)
    return report


def test_what_nobody_said_is_neither_right_nor_wrong(people: Report) -> None:
    assert people.command("run") == 0
    # The fullest card stands there unseen once more, for the room that it takes.
    page = re.sub(r"<li[^>]*card-probe.*?</li>", "", people.page(), flags=re.DOTALL)
    assert "2 judged, 1 wrong" in page
    assert len(re.findall(r'class="sample[ "]', page)) == 5
    assert page.count("sample-wrong") == 1


def test_a_run_writes_a_log_where_nobody_watches(people: Report, capsys: pytest.CaptureFixture[str]) -> None:
    assert people.command("run") == 0
    said = capsys.readouterr()
    assert said.out == "artifacts/people: samples 5 rows\n"
    first, last = said.err.splitlines()
    assert first == "people: load of 5"
    assert re.fullmatch(r"people: load of 5 done, \d+\.\d s", last)
    assert people.command("run") == 0
    assert capsys.readouterr().err == "people: cached\n"


def test_a_run_says_that_rows_are_numbered_where_an_id_repeats(
    people: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = pd.DataFrame({"id": ["x", "x", "y"], "label": ["a", "b", "a"], "human": ["a", "b", "b"]})
    frame.to_csv(people.folder / "people.csv", index=False)
    note = '  column "id" is not taken as the id: 1 value is in several rows ("x" in 2); '
    note += "rows are numbered instead\n"
    assert people.command("run") == 0
    assert capsys.readouterr().out == f"artifacts/people: samples 3 rows\n{note}"
    assert people.command("run") == 0
    assert capsys.readouterr().out == f"artifacts/people: samples 3 rows, unchanged\n{note}"


def test_a_run_names_the_line_of_a_setting(people: Report, capsys: pytest.CaptureFixture[str]) -> None:
    (people.folder / "people.csv").rename(people.folder / "others.csv")
    assert people.command("run") == 1
    assert capsys.readouterr().err.startswith(
        'sitegen.toml:6: datasets.people: source "people.csv" is not there\n'
    )
    people.write("sitegen.toml", SETTINGS.replace("roles =", "rolls ="))
    for command in ("check", "build", "run"):
        assert people.command(command) == 1
        assert capsys.readouterr().err.startswith(
            'sitegen.toml:7: datasets.people.rolls is not known\n  did you mean "roles"?'
        )
