"""The guide "Bring your data": its settings are read, its code runs, its tables are complete."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from pipelines import config, datasets
from pipelines.inspection import inspect, report
from pipelines.registry import Registry
from pipelines.roles import NAMED
from pipelines.settings import DatasetSettings
from pipelines.sources import SOURCES, open_source
from pipelines.sources.source import Source

GUIDE = (Path(__file__).parents[2] / "content" / "guides" / "data.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.+?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)


def listed(heading: str) -> set[str]:
    """Return what stands first in the rows of the table below a heading."""
    part = GUIDE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", part, flags=re.MULTILINE))


@pytest.mark.parametrize("text", blocks("toml"))
def test_every_section_of_settings_is_read(text: str) -> None:
    settings = tomllib.loads(text)
    read = config.read(settings, Registry())
    assert read.datasets.keys() == settings["datasets"].keys()


def test_an_example_of_every_kind_of_source_is_shown() -> None:
    addresses = [
        told["source"] for text in blocks("toml") for told in tomllib.loads(text)["datasets"].values()
    ]
    kinds = {next(kind for kind in SOURCES if kind.claims(address, Path("/"))) for address in addresses}
    named = {kind.__name__.rpartition(".")[2] for kind in kinds}  # type: ignore[attr-defined]
    assert named == {"vega", "module", "files"}  # a folder must be there to be one; digits is the demo's
    assert {"pets", "wine.parquet"} <= set(addresses)


def test_the_function_and_the_code_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own, notebook = blocks("python")
    (tmp_path / "prepare.py").write_text(own)
    data = datasets.load(Source("flowers", "prepare:flowers"), tmp_path)
    assert data.rows.column_names == ["id", "petal", "species", "is_long"]
    exec(compile(notebook, "data.md", "exec"), {})
    assert capsys.readouterr().out == "('setosa', 'versicolor') 2\n"


def test_what_inspect_prints_is_what_it_prints() -> None:
    shown = blocks("text")[0]
    assert "\n".join(report(inspect("vega:iris", Path()))) == shown.rstrip("\n")


def test_every_setting_is_shown_in_an_example_or_named() -> None:
    assert [item.name for item in fields(DatasetSettings) if item.name not in GUIDE] == []


def test_the_table_names_every_role_that_is_guessed() -> None:
    own = NAMED.keys() - {"correct", "margin", "entropy", "loss", "score"}
    assert listed("Roles") == own | {"image", "audio"}


def test_endings_that_the_guide_names_are_read(tmp_path: Path) -> None:
    for ending, gap in ((".csv", ","), (".tsv", "\t")):
        (tmp_path / f"data{ending}").write_text(f"a{gap}b\n1{gap}2\n")
        assert open_source(Source("data", f"data{ending}"), tmp_path).schema.names == ["a", "b"]
