"""The house's own measures: sizes of modules and functions, names, generated files, registries."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_MODULE = 600
LONGEST_FUNCTION = 60
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and not path.name.endswith(".gen.ts")]


SOURCES = tracked("*.py", "*.ts", "*.css", "*.mjs")
PYTHON = [path for path in SOURCES if path.suffix == ".py" and path.parts[-2] != "tests"]


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", length(node)) for node in found]


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_module_is_longer_than_600_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): path.read_text("utf-8").count("\n") for path in SOURCES}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_60_lines_and_the_median_is_short() -> None:
    measured = [entry for path in PYTHON for entry in functions(path)]
    assert [entry for entry in measured if entry[1] > LONGEST_FUNCTION] == []
    product = [lines for name, lines in measured if not name.startswith("tests/")]
    assert statistics.median(product) <= 10


def test_no_module_has_a_vague_name() -> None:
    assert [path for path in SOURCES if path.stem in VAGUE] == []


def test_every_public_function_and_class_of_the_contract_is_described() -> None:
    tree = ast.parse((ROOT / "pipelines/contract.py").read_text("utf-8"))
    public = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    bare = [node.name for node in public if not node.name.startswith("_") and not ast.get_docstring(node)]
    assert bare == []


@pytest.mark.parametrize(
    "lock",
    [
        "requirements.lock",
        "themes/default/package-lock.json",
        "tests/bench/peers/symphony.txt",
        "tests/bench/peers/embedding-atlas.txt",
    ],
)
def test_locks_name_no_index_and_no_local_version(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in re.sub(r'"(url|homepage|funding)":\s*("[^"]*"|\{[^}]*\})', "", text)
    assert not re.search(r"==[0-9.]+\+", text)


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = re.findall(r'^  "[A-Za-z][\w.-]*[<>=][^"]*",(.*)$', text, flags=re.MULTILINE)
    assert listed
    assert [line for line in listed if "#" not in line] == []


def test_the_only_places_that_print_are_command_lines() -> None:
    speaking = [
        str(path.relative_to(ROOT))
        for path in PYTHON
        if re.search(r"^\s*print\(", path.read_text("utf-8"), flags=re.MULTILINE)
    ]
    allowed = ("sitegen/cli.py", "sitegen/commands/", "pipelines/__main__.py", "tests/")
    assert [name for name in speaking if not name.startswith(allowed)] == []
