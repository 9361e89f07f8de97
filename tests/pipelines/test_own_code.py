"""A report's own functions: found by path, never in the way of a package, and their mistakes said by line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipelines.contract import ContractError
from pipelines.own_code import load_function, source_digest


def test_a_module_of_a_packages_name_shadows_nothing(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("def answer():\n    return 'own'\n")
    import numpy

    assert load_function("numpy:answer", tmp_path)() == "own"
    assert sys.modules["numpy"] is numpy
    assert str(tmp_path) not in sys.path


def test_modules_of_a_report_import_each_other(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "deep.py").write_text("from ..base import ONE\ndef two():\n    return ONE + 1\n")
    (tmp_path / "base.py").write_text("ONE = 1\n")
    assert load_function("parts.deep:two", tmp_path)() == 2
    before = source_digest("parts.deep:two", tmp_path)
    (tmp_path / "base.py").write_text("ONE = 2\n")
    assert load_function("parts.deep:two", tmp_path)() == 3  # the same size in the same second, still new
    assert source_digest("parts.deep:two", tmp_path) != before
    assert [path.name for path in tmp_path.rglob("*.pyc")] == []


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("nets", 'x: "nets" names no function\n  write "module:function"'),
        ("../nets:build", 'x: "../nets:build" names no function'),
        ("netz:build", 'x: there is no file netz.py in the report\n  did you mean "nets"'),
        ("nets:bild", 'x: nets.py has no function "bild"\n  did you mean "build"'),
        ("wrong:build", r"wrong.py:2: fails with ZeroDivisionError: division by zero"),
        ("torn:build", r"torn.py:1: fails with SyntaxError"),
    ],
)
def test_says_what_keeps_a_function_from_loading(tmp_path: Path, reference: str, message: str) -> None:
    (tmp_path / "nets.py").write_text("def build():\n    return None\n")
    (tmp_path / "wrong.py").write_text("ONE = 1\nTWO = ONE / 0\n")
    (tmp_path / "torn.py").write_text("def build(:\n")
    with pytest.raises(ContractError, match=message):
        load_function(reference, tmp_path, "x")
