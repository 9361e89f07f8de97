"""``sitegen diff``: settings, columns, numbers, slices and rows of two runs or sites, against pandas."""

from __future__ import annotations

import datetime
import json
import math
import resource
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from pipelines import proportions
from pipelines.contract import Column, Manifest, Rows, Sheet, TableSpec, write_artifact
from sitegen.cli import main
from sitegen.difference import published
from sitegen.difference.compare import compare
from sitegen.difference.findings import Difference, as_data
from sitegen.difference.intervals import independent, paired, wilson
from sitegen.difference.reading import read_edition
from sitegen.difference.words import in_words
from tests.generator.reports import Report
from tests.generator.test_navigation import DEFAULT

SEED = 11
ROWS = 400
COLUMNS = (
    Column("id", "int32", "id"),
    Column("label", "dictionary", "label"),
    Column("prediction", "dictionary", "prediction"),
    Column("correct", "bool", "correct"),
    Column("confidence", "float64", "confidence"),
    Column("embedding", "list<float32>", "embedding"),
)
MEASURES = (
    Column("split", "string"),
    Column("epoch", "int32"),
    Column("accuracy", "float64"),
    Column("said", "string"),
)
FACTS = Manifest("digits", "classification", 2, parameters={"model": {"epochs": 3}}, dataset="digits", seed=1)


def frame(seed: int = SEED, rows: int = ROWS) -> pd.DataFrame:
    """Seeded samples of three classes, of which about eight in ten are predicted correctly."""
    chance = np.random.default_rng(seed)
    found = pd.DataFrame({"id": np.arange(rows, dtype=np.int32)})
    found["label"] = np.random.default_rng(SEED).choice(["cat", "dog", "<b>owl"], rows)
    found["correct"] = chance.random(rows) < 0.8
    found["prediction"] = np.where(found["correct"], found["label"], "ant")
    found["confidence"] = chance.random(rows)
    return found


def write(
    folder: Path, samples: pd.DataFrame, facts: Manifest = FACTS, *, sheets: tuple[Sheet, ...] = ()
) -> Path:
    """Write an artifact with samples, and with measures of three epochs."""
    data = {
        "id": pa.array(samples["id"]),
        "label": pa.array(samples["label"]).dictionary_encode(),
        "prediction": pa.array(samples["prediction"]).dictionary_encode(),
        "correct": pa.array(samples["correct"]),
        "confidence": pa.array(samples["confidence"]),
        "embedding": pa.array(
            [[float(value), 1.0] for value in samples["confidence"]], pa.list_(pa.float32())
        ),
    }
    columns = COLUMNS
    if sheets:
        places = {"sheet": 0, "x": 8, "y": 0}
        data |= {name: pa.array([value] * len(samples), pa.int16()) for name, value in places.items()}
        columns += tuple(Column(name, "int16", name) for name in places)
    share = float(samples["correct"].mean())
    measures = pa.table(
        {
            "split": ["train", "train", "test"],
            "epoch": pa.array([1, 2, 1], pa.int32()),
            "accuracy": [0.5, share, math.nan],
            "said": ["low", "high" if share > 0.8 else "middling", "none"],
        }
    )
    tables = [
        Rows(TableSpec("samples", "Samples", columns, entity=True), pa.table(data)),
        Rows(TableSpec("measures", "Measures", MEASURES), measures),
    ]
    write_artifact(folder / facts.name, facts, tables, sheets)
    return folder


def difference(before: Path, after: Path, tolerance: float = 0.0) -> Difference:
    return compare(read_edition(str(before)), read_edition(str(after)), tolerance)


def test_equal_runs_are_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = (write(tmp_path / name, frame()) for name in "ab")
    assert main(["diff", str(before), str(after)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "the runs are the same (2 tables)"
    assert main(["diff", str(before), str(after), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["same"] is True


def test_rows_are_matched_by_id_and_counted_as_pandas_does(tmp_path: Path) -> None:
    first, second = frame(), frame(SEED + 1)
    first, second = first.drop(index=[3, 5, 7]), second.drop(index=[0, 1])
    second.loc[second["id"] == 9, "label"] = "ibis"
    found = difference(write(tmp_path / "a", first), write(tmp_path / "b", second))
    rows = next(one for one in found.rows if one.table == "digits/samples")
    both = first.merge(second, on="id", suffixes=("_a", "_b"))
    assert (rows.before, rows.after, rows.added, rows.removed) == (ROWS - 3, ROWS - 2, 3, 2)
    for column in ("label", "prediction", "correct", "confidence"):
        assert rows.columns.get(column, 0) == int((both[f"{column}_a"] != both[f"{column}_b"]).sum()), column
    assert rows.changed == rows.columns["confidence"]
    assert [one.id for one in rows.samples if one.kind == "added"] == ["3", "5", "7"]
    assert [one.id for one in rows.samples if one.kind == "removed"] == ["0", "1"]
    top = rows.samples[0]
    assert top.kind == "changed"
    assert "correct" in top.changed


def test_slices_are_those_of_pandas_with_newcombes_interval(tmp_path: Path) -> None:
    first, second = frame(), frame(SEED + 1)
    found = difference(write(tmp_path / "a", first), write(tmp_path / "b", second))
    slices = {one.value: one for one in found.slices if one.column == "label"}
    for label, before in first.groupby("label"):
        after = second[second["label"] == label]
        one = slices[str(label)]
        assert one.before == pytest.approx(before["correct"].mean())
        assert one.after == pytest.approx(after["correct"].mean())
        k, j = before["correct"].to_numpy(), after["correct"].to_numpy()
        counts = [int(x.sum()) for x in (k & j, ~k & j, k & ~j, ~k & ~j)]
        _, low, high = proportions.paired_difference(*counts)
        assert one.is_paired
        assert (one.low, one.high) == pytest.approx((float(low), float(high)), abs=1e-12)
    # Of other samples the interval is the wider one of independent samples.
    other = difference(tmp_path / "a", write(tmp_path / "c", second[second["id"] > 20]))
    one = next(one for one in other.slices if one.column == "")
    k, n, j, m = int(first["correct"].sum()), ROWS, int(second["correct"][21:].sum()), ROWS - 21
    _, low, high = proportions.difference(j, m, k, n)
    assert not one.is_paired
    assert (one.low, one.high) == pytest.approx((float(low), float(high)), abs=1e-12)


def test_intervals_are_the_published_ones() -> None:
    """Newcombe 1998, tables II of both papers: independent samples (a) and (g), paired ones of 50."""
    assert independent(48, 80, 56, 70) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert independent(0, 10, 10, 10) == pytest.approx((0.6075, 1.0), abs=5e-5)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=5e-5)
    found = paired(14, 3, 1, 22)
    _, low, high = proportions.paired_difference(14, 1, 3, 22)
    assert found == pytest.approx((float(low), float(high)), abs=1e-12)
    assert paired(5, 0, 0, 5)[0] < 0 < paired(5, 0, 0, 5)[1]


def test_numbers_of_small_tables_are_named_by_their_words(tmp_path: Path) -> None:
    first, second = frame(), frame(SEED + 1)
    found = difference(write(tmp_path / "a", first), write(tmp_path / "b", second))
    numbers = {(one.place, one.name): one for one in found.numbers}
    one = numbers["digits/measures", "accuracy, split train, epoch 2"]
    assert (one.before, one.after) == (first["correct"].mean(), second["correct"].mean())
    assert one.relative == pytest.approx(second["correct"].mean() / first["correct"].mean() - 1)
    assert ("digits/measures", "accuracy, split train, epoch 1") not in numbers
    assert ("digits/measures", "accuracy, split test, epoch 1") not in numbers, "NaN is NaN"
    mean = numbers["digits/samples", "mean of confidence"]
    assert (mean.before, mean.after) == pytest.approx(
        (first["confidence"].mean(), second["confidence"].mean())
    )
    rows = next(one for one in found.rows if one.table == "digits/measures")
    assert (rows.added, rows.removed, rows.changed, rows.matched_by) == (0, 0, 1, "split, epoch")


def test_settings_and_columns_are_told_by_name(tmp_path: Path) -> None:
    before = write(tmp_path / "a", frame())
    facts = replace(
        FACTS, parameters={"model": {"epochs": 4, "width": 8}}, libraries={"torch": "2"}, code="ab"
    )
    after = write(tmp_path / "b", frame(), facts)
    manifest = after / "digits/manifest.json"
    manifest.write_text(manifest.read_text().replace('"role": "confidence"', '"role": "score"'))
    found = difference(before, after)
    assert [(one.name, one.before, one.after) for one in found.settings] == [
        ("code", "", "ab"),
        ("parameters.model.epochs", "3", "4"),
        ("parameters.model.width", None, "8"),
        ("libraries.torch", None, "2"),
    ]
    (column,) = found.columns
    assert (column.column, column.what, column.before, column.after) == (
        "confidence",
        "role",
        "confidence",
        "score",
    )
    assert not found.is_same


@pytest.mark.parametrize("order", [("numbers", "texts"), ("texts", "numbers")])
def test_a_column_of_numbers_that_becomes_one_of_texts_is_said_so(
    tmp_path: Path, order: tuple[str, str]
) -> None:
    written = {"numbers": ("float64", [0.5, 0.75]), "texts": ("string", ["low", "high"])}
    for name in order:
        kind, values = written[name]
        data = pa.table({"split": ["train", "test"], "score": values})
        columns = (Column("split", "string"), Column("score", kind))
        tables = [Rows(TableSpec("measures", "Measures", columns), data)]
        rows = pa.table({"id": pa.array([1, 2], pa.int32()), "score": values})
        whole = TableSpec("samples", "Samples", (Column("id", "int32", "id"), columns[1]), entity=True)
        write_artifact(tmp_path / name / "digits", FACTS, [*tables, Rows(whole, rows)])
    found = difference(*(tmp_path / name for name in order))
    kinds = [written[name][0] for name in order]
    assert {(one.column, one.what, one.before, one.after) for one in found.columns} == {
        ("score", "type", *kinds)
    }
    assert not [one for one in found.numbers if "score" in one.name]


def test_times_are_compared_and_told_in_utc(tmp_path: Path) -> None:
    """Python's own form of a time with a zone asks for a package that sitegen does not bring."""
    start = datetime.datetime(2020, 1, 1, 9, tzinfo=datetime.UTC)
    columns = (Column("id", "int64", "id"), Column("seen", "timestamp"))
    for name, hours in (("a", 0), ("b", 3)):
        times = pa.array([start + datetime.timedelta(hours=hours)], pa.timestamp("us", "UTC"))
        held = pa.table({"id": [1], "seen": times})
        spec = TableSpec("samples", "Samples", columns, entity=True)
        write_artifact(tmp_path / name / "digits", FACTS, [Rows(spec, held)])
    (rows,) = difference(tmp_path / "a", tmp_path / "b").rows
    (found,) = rows.samples
    assert (found.before, found.after) == ({"seen": "2020-01-01 09:00:00"}, {"seen": "2020-01-01 12:00:00"})


def test_a_tolerance_forgives_the_last_digits(tmp_path: Path) -> None:
    samples = frame()
    near = samples.assign(confidence=samples["confidence"] * (1 + 1e-9))
    before, after = write(tmp_path / "a", samples), write(tmp_path / "b", near)
    exact = {one.table: one for one in difference(before, after).rows}
    assert exact["digits/samples"].columns["confidence"] > ROWS / 2
    forgiven = [one for one in difference(before, after, 1e-6).rows if one.table == "digits/samples"]
    # An embedding that is rounded otherwise is another one: long values are compared by digest.
    assert all(set(one.columns) <= {"embedding"} for one in forgiven)


def test_samples_with_other_ids_are_matched_by_what_they_hold(tmp_path: Path) -> None:
    first = frame()
    second = first.assign(id=first["id"] + 10_000).drop(index=[4])
    found = difference(write(tmp_path / "a", first), write(tmp_path / "b", second))
    rows = next(one for one in found.rows if one.table == "digits/samples")
    assert (rows.matched_by, rows.added, rows.removed) == ("content", 0, 1)
    (gone,) = rows.samples
    assert gone.kind == "removed"
    assert gone.before["confidence"] == pytest.approx(first["confidence"][4])


def test_two_artifacts_are_compared_whatever_they_are_called(tmp_path: Path) -> None:
    write(tmp_path / "a", frame())
    write(tmp_path / "a", frame(SEED + 1), replace(FACTS, name="other"))
    found = difference(tmp_path / "a/digits", tmp_path / "a/other")
    assert {one.table for one in found.rows} == {"other/samples", "other/measures"}


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (("nowhere", "a"), "there is no such folder"),
        (("empty", "a"), "is neither a run nor a site"),
        (("site", "a"), "is a site, and"),
    ],
)
def test_what_cannot_be_compared_is_said_with_exit_code_two(
    tmp_path: Path, paths: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "a", frame())
    (tmp_path / "empty").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("<p>x</p>")
    assert main(["diff", *(str(tmp_path / one) for one in paths)]) == 2
    assert said in capsys.readouterr().err


def test_an_amount_of_lines_is_no_negative_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["diff", "a", "b", "--most", "-3"])
    assert '"-3" is no amount: a whole number from 0' in capsys.readouterr().err


def test_a_broken_file_is_trouble(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = write(tmp_path / "a", frame()), write(tmp_path / "b", frame(SEED + 1))
    file = after / "digits/samples.parquet"
    file.write_bytes(file.read_bytes()[:100])
    assert main(["diff", str(before), str(after)]) == 2
    assert "samples.parquet: cannot be read" in capsys.readouterr().err


def test_the_page_shows_what_differs_with_images_and_escapes_names(tmp_path: Path) -> None:
    image = Image.new("RGB", (16, 8), "black")
    image.paste("red", (8, 0, 16, 8))
    image.save(tmp_path / "sheet.webp", lossless=True)
    sheet = Sheet("images-0.webp", (tmp_path / "sheet.webp").read_bytes(), 16, 8, 8, 8)
    before = write(tmp_path / "a", frame(), sheets=(sheet,))
    after = write(tmp_path / "b", frame(SEED + 1), sheets=(sheet,))
    site = tmp_path / "site"
    assert main(["diff", str(before), str(after), "--output", str(site)]) == 1
    page = (site / "index.html").read_text("utf-8")
    assert "What differs between two runs?" in page
    assert "&lt;b&gt;owl" in page
    assert "<b>owl" not in page
    (sprites,) = (site / "data/rows-1").glob("images-0.*.webp")
    with Image.open(sprites) as made:
        assert made.convert("RGB").getpixel((4, 4)) == (255, 0, 0)
    # Made twice, into the place of the first, it is the same to the byte.
    files = {one.relative_to(site): one.read_bytes() for one in site.rglob("*") if one.is_file()}
    assert main(["diff", str(before), str(after), "--output", str(site)]) == 1
    assert files == {one.relative_to(site): one.read_bytes() for one in site.rglob("*") if one.is_file()}
    occupied = tmp_path / "a"
    assert main(["diff", str(before), str(after), "--output", str(occupied)]) == 2


def test_the_page_writes_whole_numbers_whole_and_ids_as_they_are(tmp_path: Path) -> None:
    before, after = write(tmp_path / "a", frame()), write(tmp_path / "b", frame().iloc[3:])
    site = tmp_path / "site"
    assert main(["diff", str(before), str(after), "--output", str(site)]) == 1
    (counts,) = (site / "data/difference").glob("counts.*.parquet")
    table = pq.read_table(counts)
    assert table.select(["number", "A", "B", "B less A"]).to_pylist() == [
        {"number": "rows", "A": 400, "B": 397, "B less A": -3}
    ]
    assert table.schema.field("A").type == pa.int64()
    (rows,) = (site / "data/rows-1").glob("samples.*.parquet")
    told = pq.read_table(rows).to_pydict()
    assert (told["id"], told["rank"]) == (["0", "1", "2"], [1, 2, 3])
    page = (site / "index.html").read_text("utf-8")
    assert "300.0" not in page
    assert "397.0" not in page


@pytest.mark.parametrize(("expected", "is_met"), [("1, 2", True), ("1, 3", False)])
def test_a_list_is_expected_as_it_is_said(expected: str, is_met: bool) -> None:
    expect = {"low": None, "high": None, "text": expected}
    number = {"value": "[1, 2]", "text": "1, 2", "expect": expect}
    assert published._holds(number) is is_met


def test_sites_are_compared_by_their_numbers_claims_and_tables(report: Report, tmp_path: Path) -> None:
    def build(correct: list[bool], name: str) -> Path:
        samples: dict[str, Any] = {
            "id": [1, 2, 3, 4],
            "label": {"type": "dictionary", "role": "label", "values": ["a", "a", "b", "b"]},
            "correct": {"type": "bool", "role": "correct", "values": correct},
        }
        shutil.rmtree(report.folder / "artifacts", ignore_errors=True)
        report.artifact("digits", {"samples": samples})
        assert report.command("build", "--output", str(tmp_path / name)) == 0
        return tmp_path / name

    report.write("sitegen.toml", f'[site]\ntitle = "A report"\ntheme = "{DEFAULT}"\n')
    share = 'select avg(correct::int) from "digits/samples"'
    text = f"Of all {{sql}}`{share}` are right.\n\n{{claim id=most expect=0.7..1}}`{share}` is most of them."
    report.write("content/index.md", f"# Front\n\n{text}\n\n```view table\ntable: digits/samples\n```\n")
    before = build([True, True, True, False], "a")
    report.write("content/new.md", "# New\n\n[front](index.md)\n")
    after = build([True, False, True, False], "b")
    found = difference(before, after)
    assert found.added == ("new.html",)
    told = [(one.name, one.before, one.after, one.note) for one in found.numbers if one.place == "index.html"]
    assert sorted(told) == [
        ("Of all # are right.", 0.75, 0.5, ""),
        ("claim most", 0.75, 0.5, "does not hold"),
    ]
    (rows,) = found.rows
    assert (rows.table, rows.changed, rows.columns) == ("digits/samples", 1, {"correct": 1})
    assert [one.value for one in found.slices] == ["all", "a"]
    assert difference(before, before).is_same


def test_words_and_json_say_the_same_counts(tmp_path: Path) -> None:
    found = difference(write(tmp_path / "a", frame()), write(tmp_path / "b", frame(SEED + 1)))
    data = json.loads(json.dumps(as_data(found), allow_nan=False))
    lines = "\n".join(in_words(found, 0))
    assert len(data["slices"]) == len(found.slices)
    for one in data["rows"]:
        assert f"rows of {one['table']}" in lines
        assert f"{one['changed']:,} changed" in lines
    assert "about" in lines
    assert max(map(len, lines.splitlines())) < 400


def test_a_large_table_is_joined_within_bounded_memory(tmp_path: Path) -> None:
    """Sixty thousand rows here; the benchmark of a million is in the guide."""
    rows = 60_000
    first, second = frame(SEED, rows), frame(SEED + 1, rows)
    found = difference(write(tmp_path / "a", first), write(tmp_path / "b", second))
    rows_found = next(one for one in found.rows if one.table == "digits/samples")
    assert rows_found.columns["correct"] == int((first["correct"] != second["correct"]).sum())
    assert len(rows_found.samples) <= 200
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4 << 20
