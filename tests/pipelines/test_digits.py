"""Numbers of many digits in CSV files: none is lost without a word."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pipelines.sources import delimited
from tests.pipelines.loading import load


def test_whole_numbers_lose_no_digit(tmp_path: Path) -> None:
    text = (
        "id,code,count,least,phone,hex,minus\n"
        "12345678901234567890,0012,9007199254740991,-9007199254740992,+4915112345678,0x1F,-0\n"
        "9007199254740993,0013,,1,+4915112345679,0x2F,5\n"
    )
    (tmp_path / "data.csv").write_text(text)
    rows = load(tmp_path, "data.csv").rows.to_pydict()
    exact = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    for name in ("id", "code", "least", "phone", "hex"):
        assert rows[name] == exact[name].tolist()
    assert rows["count"] == [2**53 - 1, None]
    assert rows["minus"] == [0, 5]


LOSSY = ["12345678901234567.89", "0.33333333333333333333", "1.5e400", "1e-400", "12345678901234567890.5"]
KEPT = [
    *(
        "1.5",
        "0.1",
        "1e-05",
        "1E+5",
        ".5",
        "5.",
        "1e308",
        "0e0",
        "-0.0",
        "inf",
        "0.10000000000000000000",
    ),
    *("0.1000000000000000055511151231257827", "1.000000000000000056e-01", "0.30000000000000004", "5e-324"),
    *("9007199254740993e-5", "1234567890123456.5", "0.10000000000000001", "3.141592653589793116"),
]


@pytest.mark.parametrize("written", LOSSY)
def test_fractions_that_a_float_does_not_hold_stay_as_they_are_written_and_are_said(
    tmp_path: Path, written: str
) -> None:
    (tmp_path / "data.csv").write_text(f"label,n,confidence\na, 0.5,0.5\nb,{written},{written}\nc,,\n")
    data = load(tmp_path, "data.csv")
    assert data.rows["n"].to_pylist() == ["0.5", written, None]
    assert data.rows["confidence"].to_pylist() == [0.5, float(written), None]
    assert data.roles["confidence"] == "confidence"
    assert data.notes == (
        'column "n" is text, as numbers in a browser lose digits of its values, '
        f"such as {written}; give it the type float64 in this dataset's types to round them",
    )
    rounded = load(tmp_path, "data.csv", types={"n": "float64"})
    assert (rounded.rows["n"].to_pylist(), rounded.notes) == ([0.5, float(written), None], ())
    assert load(tmp_path, "data.csv", types={"n": "string"}).notes == ()


def test_fractions_that_a_float_holds_are_numbers_however_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("\n".join(["n", "0.5", *KEPT]))
    data = load(tmp_path, "data.csv")
    assert (data.columns[1].type, data.notes) == ("float64", ())
    assert [repr(number) for number in data.rows["n"].to_pylist()] == [
        repr(float(text)) for text in ["0.5", *KEPT]
    ]


def test_what_numpy_writes_of_floats_are_numbers(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    numbers = random.normal(size=2000) * 10.0 ** random.integers(-300, 300, 2000)
    np.savetxt(tmp_path / "data.csv", numbers, header="n", comments="")
    assert load(tmp_path, "data.csv").rows["n"].to_pylist() == numbers.tolist()


def test_what_programs_write_of_floats_is_not_looked_at_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = np.random.default_rng(0)
    values = chance.normal(size=300) * 10.0 ** chance.integers(-9, 9, 300)
    forms = ("%.18e", "%.17g", "%.20f")
    lines = "".join(",".join(form % value for form in forms) + "\n" for value in values.tolist())
    (tmp_path / "data.csv").write_text(f"a,b,c\n{lines}")
    monkeypatch.setattr(delimited, "_keeps", None)
    data = load(tmp_path, "data.csv")
    for name in "ab":
        assert data.rows[name].to_pylist() == values.tolist()


@pytest.mark.parametrize("place", [0, 1, 6, 7])
def test_the_first_number_that_loses_digits_is_found_in_every_batch(
    monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    monkeypatch.setattr(delimited, "BATCH", 2)
    kept = ["0.5", "5.000000000000000000e-01", "1E-0000000000000001", None, "+0.10000000000000000000", "-0.0"]
    texts = [*kept, f"0.{'0' * 50}", f"{0.1:.50f}", f"{0.1:.50e}", "0.1000000000000000055511151231257827"]
    lossy = [*texts[:place], "0.12345678901234567890", *texts[place:], "0.12345678901234567890"]
    for found, first in ((texts, None), (lossy, place)):
        column = pa.chunked_array([found[:4], found[4:]], pa.string())
        numbers = pa.chunked_array([[None if text is None else float(text) for text in found]])
        assert delimited._first_lossy(column, numbers) == first


def test_whole_numbers_that_lose_digits_are_said_unless_they_are_ids(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(
        "id,n,m,code,b\n12345678901234567890,1,-9007199254740992,00012345678901234567890,1;5\n"
        "12345678901234567891,12345678901234567890,2,7,2;5\n"
    )
    data = load(tmp_path, "data.csv")
    assert data.roles["id"] == "id"
    assert [(note.split()[1], note.split("such as ")[1].split(";")[0]) for note in data.notes] == [
        ('"n"', "12345678901234567890"),
        ('"m"', "-9007199254740992"),
    ]
    scored = load(tmp_path, "data.csv", roles={"score": "n"})
    assert scored.rows["n"].to_pylist() == [1.0, 12345678901234567890.0]
    assert len(scored.notes) == 1


def test_numbers_with_decimal_commas_that_lose_digits_stay_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("label;n\na;1,5\nb;12.345.678.901.234.567,89\n")
    data = load(tmp_path, "data.csv")
    assert data.rows["n"].to_pylist() == ["1,5", "12.345.678.901.234.567,89"]
    assert "such as 12.345.678.901.234.567,89" in data.notes[0]
    rounded = load(tmp_path, "data.csv", types={"n": "float64"})
    assert rounded.rows["n"].to_pylist() == [1.5, 12345678901234567.89]
