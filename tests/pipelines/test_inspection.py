"""`sitegen inspect`: what it says of each kind of source, and a section that works when it is pasted."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import contract, runner
from pipelines.contract import ContractError
from pipelines.inspection import Inspection, dataset_name, inspect, report, warnings
from sitegen.cli import main
from tests.pipelines.media import encode, noise, tone

SHARED = Path(__file__).parents[3] / "shared" / "data" / "cifar10n-shared.parquet"


def said(root: Path, table: dict[str, Any] | pa.Table, name: str = "data.parquet") -> str:
    pq.write_table(table if isinstance(table, pa.Table) else pa.table(table), root / name)
    return "\n".join(report(inspect(name, root)))


def pasted(found: Inspection, root: Path) -> contract.Manifest:
    """Run the tool `dataset` with the section that was suggested."""
    text = "\n".join(report(found))
    settings = tomllib.loads(text[text.index("\n[datasets.") :])
    (name,) = settings["datasets"]
    settings["tools"] = {"shown": {"tool": "dataset", "dataset": name}}
    return runner.run(settings, root)[0]


def cifar() -> dict[str, Any]:
    """A table like CIFAR-10N's, small."""
    kinds = ["cat", "dog", "ship"] * 10
    return {
        "id": [f"train/{kind}/{index:04}.jpg" for index, kind in enumerate(kinds)],
        "split": ["train"] * 24 + ["test"] * 6,
        "label": kinds,
        "image": [encode(item, "JPEG") for item in noise(30, 32, 32, 3)],
        "human_1": [*kinds[1:25], *([None] * 6)],
    }


def test_says_what_every_column_holds_and_means(tmp_path: Path) -> None:
    text = said(tmp_path, cifar())
    assert text.startswith("data.parquet: Parquet file\n  rows      30\n")
    for line in (  # columns are aligned by blanks
        '  split    string  0      2         "train" 24, "test" 6               split: by its name',
        '  label    string  0      3         "cat" 10, "dog" 10, "ship" 10      label: by its name',
        "  image    binary  0                32 by 32 pixels, colour            image: by its name",
        'holds classes of "label": a prediction or an annotation',
        '\n[datasets.data]\nsource = "data.parquet"\n',
    ):
        assert re.sub(" +", " ", line) in re.sub(" +", " ", text), text


def test_says_what_else_could_be_the_label_where_people_gave_other_ones(tmp_path: Path) -> None:
    text = said(tmp_path, {**cifar(), "human\n2": cifar()["label"]})
    section = text[text.index("\n[datasets.") :]
    assert tomllib.loads(section)["datasets"]["data"]["roles"]["label"] == "label"
    assert '#   "human_1", "human\\n2"\n' in section
    assert 'say label = "human_1" or another of them in roles' in section
    assert "the parameter truth" in section
    alone = {name: values for name, values in cifar().items() if name != "human_1"}
    (tmp_path / "alone").mkdir()
    assert "other columns" not in said(tmp_path / "alone", alone)


@pytest.mark.parametrize(
    ("column", "values", "shown"),
    [
        ("n", [1, 2_000_000, None], "int64   1      2         1 to 2,000,000"),
        ("f", [0.5, 1 / 3, float("nan")], "float64  0      3         0.333333 to 0.5"),
        ("t", ["b", "a", "b"], 'string  0      2         "b" 2, "a" 1'),
        ("l", [[1.0], [1.0, 2.0], None], "list<float64>  1                lists of 1 to 2"),
        ("z", [None, None, None], "string  3      0         no value"),
        ("s", [{"a": 1}] * 3, "refused: cast it to one of"),
    ],
)
def test_sums_up_values_by_their_type(tmp_path: Path, column: str, values: list[Any], shown: str) -> None:
    text = said(tmp_path, {column: values})
    assert re.sub(" +", " ", shown) in re.sub(" +", " ", text)


def test_a_pasted_section_takes_every_kind_of_source_in(tmp_path: Path) -> None:
    pq.write_table(pa.table(cifar()), tmp_path / "a b.parquet")
    pq.write_table(pa.table({"clip": [tone(), b"?"], "odd": [{"a": 1}] * 2}), tmp_path / "s.parquet")
    pq.write_table(pa.table({"img": [encode(noise(1, 4, 4)[0])]}), tmp_path / "only.parquet")
    pq.write_table(pa.table({"id": [True, False]}), tmp_path / "odd.parquet")
    (tmp_path / "data.csv").write_text("label,n\na,1\nb\nc,3\n")
    for kind in ("cat", "dog"):
        (tmp_path / "pets" / kind).mkdir(parents=True)
        (tmp_path / "pets" / kind / "1.png").write_bytes(encode(noise(1, 4, 4)[0]))
    (tmp_path / "own.py").write_text("def table():\n    return {'word': ['a', 'b']}\n")
    rows = {
        "a b.parquet": 30,
        "s.parquet": 1,
        "only.parquet": 1,
        "odd.parquet": 2,
        "data.csv": 2,
        "pets": 2,
        "own:table": 2,
        "*.csv": 2,
        "vega:cars": 406,
    }
    for address, count in rows.items():
        found = inspect(address, tmp_path)
        manifest = pasted(found, tmp_path)
        assert manifest.tables[0].rows == count
        assert manifest.skipped == len(found.unreadable) == found.rows - count
        assert list(manifest.inputs.values()) == [found.sha256]


def test_counts_unreadable_rows_and_names_the_first(tmp_path: Path) -> None:
    images = [encode(noise(1, 4, 4)[0]), *([b"<html>"] * 12)]
    text = said(tmp_path, {"image": images})
    assert "  rows      13, 12 of them unreadable\n" in text
    assert "unreadable rows\n  row 2 is no image\n" in text
    assert "  and 2 more\n" in text
    assert 'on_unreadable = "skip" # without this line' in text


def test_says_which_values_make_a_column_of_numbers_text(tmp_path: Path) -> None:
    weights = [*(f"{index / 7:.3f}" for index in range(40)), "1e-9", None, "a few"]
    text = said(tmp_path, {"weight": weights, "code": [f"7{index}b" for index in range(43)]})
    assert text.count("is no number") == 1
    assert 'text, as 1 of its values is no number: "a few" in row 43' in text
    assert "no number" not in said(tmp_path, {"weight": weights[:-1]})


def test_says_which_numbers_stay_text_so_that_no_digit_is_lost(tmp_path: Path) -> None:
    amounts = pa.array([Decimal("12345678901234567.89")] * 2, pa.decimal128(38, 2))
    text = said(tmp_path, {"amount": amounts, "count": [1, -(2**60)]})
    lost = "text, as numbers in a browser lose digits of its values, such as"
    assert f"{lost} 12345678901234567.89; " in text
    assert f"{lost} -{2**60}; " in text
    assert len(list(warnings(inspect("data.parquet", tmp_path)))) == 2


def test_warns_of_what_is_left_out_or_probably_a_mistake(tmp_path: Path) -> None:
    lines = [
        "id,label,weight",
        *(f"{index % 29},a,{index}" for index in range(30)),
        "30,b,heavy",
        "31,b",
        "32,b,5",
    ]
    (tmp_path / "data.csv").write_text("\n".join(lines))
    assert list(warnings(inspect("data.csv", tmp_path)))[2:] == [
        "  line 33 has 2 values instead of 3 ('31,b')",
        'Column "id" is not taken as the id: 1 value is in several rows ("0" in 2); '
        "rows are numbered instead",
        'Column "weight" is text, as 1 of its values is no number: "heavy" in line 32',
    ]
    (tmp_path / "data.csv").write_text("id,label,weight\n1,a,2\n2,b,3\n")
    assert list(warnings(inspect("data.csv", tmp_path))) == []


def test_a_terminal_is_not_told_to_do_anything(tmp_path: Path) -> None:
    text = said(tmp_path, {"na\x1b[31mme\r": ["\x1b]0;title\x07", "b\u202e", "c"]})
    assert "na\\x1b[31mme\\r" in text
    _, _, section = text.partition("[datasets.")
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert tomllib.loads(f"[datasets.{section}")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("data/My Table.parquet", "my-table"),
        ("vega:us-employment", "us-employment"),
        ("own:table", "table"),
        ("parts/*.parquet", "parts"),
        ("/abs/2024_pets/", "pets"),
        ("***", "data"),
        ("digits", "digits"),
    ],
)
def test_names_a_dataset_after_its_source(address: str, name: str) -> None:
    assert dataset_name(address) == name


def test_the_command_looks_in_the_report_and_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data.csv").write_text("label,n\na,1\n")
    assert main(["-C", str(tmp_path), "inspect", "data.csv"]) == 0
    assert capsys.readouterr().out.startswith("data.csv: CSV file\n")
    assert main(["-C", str(tmp_path), "inspect", "dta.csv"]) == 1
    assert 'source "dta.csv" is not there' in capsys.readouterr().err


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared table is not on this machine")
def test_the_shared_table_runs_through_it_all(tmp_path: Path) -> None:
    (tmp_path / "cifar.parquet").symlink_to(SHARED)
    found = inspect("cifar.parquet", tmp_path)
    roles = {facts.role: facts.name for facts in found.columns if facts.role}
    assert roles == {"id": "id", "split": "split", "label": "label", "image": "image"}
    assert sum(facts.holds_classes for facts in found.columns) == 5
    manifest = pasted(found, tmp_path)
    assert (manifest.tables[0].rows, len(manifest.media)) == (12_000, 3)


def test_lists_of_lists_are_left_out_whatever_their_texts(tmp_path: Path) -> None:
    deep = pa.chunked_array([[[["a\0"]]], [[["b"]]]])
    text = said(tmp_path, pa.table({"deep": deep, "plain": ["x", "y"]}))
    assert 'columns = ["plain"] # without those that are refused' in text


def test_says_of_a_source_that_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("label,n\n")
    with pytest.raises(ContractError, match="holds no rows\n  write at least one row"):
        inspect("data.csv", tmp_path)


def test_says_which_columns_are_left_out_and_the_zone_of_times(tmp_path: Path) -> None:
    seen = pa.array([0, 3_600_000_000], pa.timestamp("us", "Europe/Berlin"))
    text = said(tmp_path, pa.table({"seen": seen, "s": [{"a": 1}] * 2}))
    assert "1970-01-01 00:00:00 UTC to 1970-01-01 01:00:00 UTC" in text
    (told,) = warnings(inspect("data.parquet", tmp_path))
    assert told.startswith('Column "s" is left out: its type struct<a: int64> is refused; cast it to one of')
