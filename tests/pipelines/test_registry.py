"""Tools of a report's own: in its folder or in an installed package, under names that shadow nothing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from pipelines import config, contract, runner
from pipelines.contract import ContractError
from pipelines.registry import TOOLS, registry

SPEC = """
from pipelines.contract import Column, Input, Spec, TableSpec

COUNTS = TableSpec("counts", "rows of each label", (
    Column("label", "string", "label", None, "the label"),
    Column("rows", "int32", None, None, "rows that have it"),
))
DATASET = Input("dataset", "dataset")
SPEC = Spec("NAME", 1, "Counts", "Rows of each label.", inputs=(DATASET,), tables=(COUNTS,))
"""
COMPUTE = """
from __future__ import annotations

import pyarrow as pa
from pipelines.contract import Rows
from pipelines.tool import Output

from ..shared import ordered
from .spec import COUNTS


def compute(job):
    labels = job.dataset.role("label").to_pylist()
    names = ordered(labels)
    table = pa.table({"label": names, "rows": pa.array([labels.count(name) for name in names], pa.int32())})
    return Output((Rows(COUNTS, table),))
"""
TOML = """
[datasets.told]
source = "told.csv"
[tools.frequencies]
tool = "NAME"
dataset = "told"
"""


def made(folder: Path, name: str = "frequencies") -> Path:
    """Write a report with one tool of its own, called ``name``."""
    tool = folder / "pipelines" / name
    tool.mkdir(parents=True)
    (tool / "spec.py").write_text(SPEC.replace("NAME", name))
    (tool / "compute.py").write_text(COMPUTE)
    (folder / "pipelines" / "shared.py").write_text("def ordered(names):\n    return sorted(set(names))\n")
    (folder / "told.csv").write_text("id,label\n1,a\n2,b\n3,a\n")
    (folder / "sitegen.toml").write_text(TOML.replace("NAME", name))
    return folder


def run(report: Path) -> contract.Manifest:
    return runner.run(config.load(report / "sitegen.toml"), report)[0]


def test_runs_a_tool_from_the_reports_own_folder(tmp_path: Path) -> None:
    report = made(tmp_path)
    manifest = run(report)
    table = contract.read_table(report / "artifacts" / "frequencies", manifest.table("counts"))
    assert table.to_pydict() == {"label": ["a", "b"], "rows": [2, 1]}
    assert registry(report).packages.keys() == {*TOOLS, "frequencies"}


def test_the_key_follows_all_of_the_tools_code_and_not_the_reports_place(tmp_path: Path) -> None:
    first, second = made(tmp_path / "first"), made(tmp_path / "second")
    (second / "pipelines" / "shared.py").write_text(
        '"""Said."""\ndef ordered(names):\n    return sorted(set(names))  # so\n'
    )
    third = made(tmp_path / "third")
    (third / "pipelines" / "shared.py").write_text("def ordered(names):\n    return list(set(names))\n")
    keys = [run(report).key for report in (first, second, third)]
    assert keys[0] == keys[1]
    assert keys[0] != keys[2]


def test_a_tool_cannot_take_a_name_that_is_taken(tmp_path: Path) -> None:
    report = made(tmp_path, "projection")
    with pytest.raises(ContractError, match='pipelines/projection: there is a tool "projection" already'):
        registry(report)


def test_each_look_at_a_report_sees_its_files_as_they_are(tmp_path: Path) -> None:
    report = made(tmp_path)
    assert registry(report).spec("frequencies").version == 1
    spec = report / "pipelines" / "frequencies" / "spec.py"
    spec.write_text(spec.read_text().replace('"frequencies", 1,', '"frequencies", 12,'))
    assert registry(report).spec("frequencies").version == 12


def test_a_reports_modules_shadow_nothing(tmp_path: Path) -> None:
    report = made(tmp_path, "torch")
    run(report)
    import pipelines

    assert Path(str(pipelines.__file__)).parent != report / "pipelines"
    assert "torch" not in sys.modules or "told" not in str(sys.modules["torch"].__file__)
    assert str(report) not in sys.path


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("spec.py", "SPEC = 3\n", r"spec\.py: has no SPEC"),
        ("spec.py", "def broken(:\n", r"spec\.py:1: cannot be loaded: invalid syntax"),
        ("spec.py", SPEC.replace("NAME", "other"), r'declares the tool "other", and is named "frequencies"'),
        ("compute.py", "answer = 1\n", r"compute\.py: has no function compute"),
        ("compute.py", "x = 1 / 0\n", r"compute\.py:1: cannot be loaded: ZeroDivisionError"),
        ("compute.py", "import no_such_library\n", r'needs the library "no_such_library"'),
    ],
)
def test_says_what_is_wrong_with_a_tool(tmp_path: Path, file: str, content: str, said: str) -> None:
    report = made(tmp_path)
    (report / "pipelines" / "frequencies" / file).write_text(content)
    with pytest.raises(ContractError, match=said):
        run(report)


def test_an_installed_package_offers_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = made(tmp_path / "report")
    shutil.move(report / "pipelines", tmp_path / "site" / "tallies")
    facts = tmp_path / "site" / "tallies-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: tallies\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[sitegen.tools]\nfrequencies = tallies.frequencies\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert run(report).tool == "frequencies"


def test_the_package_itself_is_no_folder_of_a_reports_tools(tmp_path: Path) -> None:
    report = made(tmp_path)
    (report / "pipelines" / "registry.py").write_text("")
    assert registry(report).packages.keys() == {*TOOLS}
