"""Messages name the line of `sitegen.toml` that they are about."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipelines import __main__ as command
from pipelines import config, runner
from pipelines.contract import ContractError
from pipelines.places import Places
from pipelines.registry import Registry

TEXT = '''# a report
[site]
title = """
source = "nothing"
[tools.false]
"""

[datasets.mine] # mine
source = "a.csv"
"roles" = { label = "kind" }
columns = [
  "kind",
]

[ tools . "mine" ]
tool = "classification"
dataset = "mine"
model = "own"
parameters.layer = 3

[models]
own = { source = "columns" }
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("site.title", 3),
        ("datasets.mine", 8),
        ("datasets.mine.source", 9),
        ("datasets.mine.roles.label", 10),
        ("datasets.mine.columns[0]", 11),
        ("datasets.mine.licence", 8),
        ("tools.mine.parameters.layer", 19),
        ("tools.mine.inputs", 15),
        ("models.own.source", 22),
    ],
)
def test_finds_the_line_of_a_key_or_of_what_would_hold_it(path: str, line: int) -> None:
    tomllib.loads(TEXT)  # the example is TOML
    assert Places("sitegen.toml", TEXT).where(path) == f"sitegen.toml:{line}"


def test_what_is_nowhere_has_no_line() -> None:
    places = Places("sitegen.toml", TEXT)
    assert [places.where(path) for path in ("tools.false", "build", "source")] == [
        "sitegen.toml:15",  # the first of the tools: the text of the title is no table
        "sitegen.toml",
        "sitegen.toml",
    ]


def test_every_problem_of_the_settings_has_its_line_and_they_are_in_order() -> None:
    text = TEXT.replace('dataset = "mine"', 'dataset = "mime"').replace('"a.csv"', "1")
    with pytest.raises(ContractError) as caught:
        config.read(tomllib.loads(text), Registry(), places=Places("sitegen.toml", text))
    assert [problem.where.partition(":")[2] for problem in caught.value.problems] == ["9", "17", "19"]
    assert "tools.mine.parameters.layer does not fit" in str(caught.value)


def test_what_fails_in_a_run_names_the_line_of_its_setting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = TEXT.replace("parameters.layer = 3", "")
    (tmp_path / "sitegen.toml").write_text(text)
    assert command.main(["run", "--config", str(tmp_path / "sitegen.toml")]) == 1
    said = capsys.readouterr().err
    assert said.startswith('sitegen.toml:9: datasets.mine: source "a.csv" is not there\n')
    (tmp_path / "a.csv").write_text("id,kind\n1,a\n")
    with pytest.raises(ContractError) as caught:
        runner.run(tomllib.loads(text), tmp_path, places=Places("sitegen.toml", text))
    assert str(caught.value).startswith("sitegen.toml:8: datasets.mine: has neither a column of predictions")
