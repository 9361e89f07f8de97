"""The artifact contract: round trips, refusals, and folders that are replaced whole."""

from __future__ import annotations

import dataclasses
import json
import math
import string
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import contract, folders
from pipelines.contract import Column, ContractError, Manifest, Rows, Sheet, TableSpec

SAMPLES = TableSpec("samples", "one row per sample", (Column("id", "int32", "id"),), entity=True, open=True)
FREE = TableSpec("free", "anything", (), open=True)
FACTS = Manifest("digits", "classification", 1, "Digits", dataset="digits", classes=("a", "b"))


def write(folder: Path, columns: dict[str, Any], spec: TableSpec = FREE) -> Manifest:
    return contract.write_artifact(folder, FACTS, [Rows(spec, pa.table(columns))])


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    folder = tmp_path / "artifacts" / "digits"
    write(folder, {"id": pa.array([2, 0, 1], pa.int32()), "label": ["b", "a", "b"]}, SAMPLES)
    return folder


def test_reads_back_what_it_wrote_sorted_by_id(artifact: Path) -> None:
    manifest = contract.read_manifest(artifact)
    rows = contract.read_table(artifact, manifest.table("samples"))
    assert rows.to_pydict() == {"id": [0, 1, 2], "label": ["a", "b", "b"]}
    assert manifest.table("samples").entity == "digits"
    assert contract.verify(artifact, manifest) == []


def test_schema_is_fresh_and_holds_for_what_is_written(artifact: Path) -> None:
    published = Path(contract.__file__).with_name("manifest.schema.json").read_text("utf-8")
    assert json.loads(published) == contract.manifest_schema()
    jsonschema.Draft202012Validator.check_schema(contract.manifest_schema())
    jsonschema.validate(
        json.loads((artifact / "manifest.json").read_text("utf-8")), contract.manifest_schema()
    )


ARRAYS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "bool": (pa.bool_(), st.booleans()),
    "int8": (pa.int8(), st.integers(-128, 127)),
    "uint32": (pa.uint32(), st.integers(0, 2**32 - 1)),
    "int64": (pa.int64(), st.integers(-(2**53) + 1, 2**53 - 1)),
    "float32": (pa.float32(), st.floats(width=32)),
    "float64": (pa.float64(), st.floats()),
    "string": (pa.string(), st.text(st.characters(exclude_categories=["Cs"]))),
    "dictionary": (pa.dictionary(pa.int8(), pa.large_string()), st.sampled_from(["<script>", '"', ":", ""])),
    "list<float32>": (pa.large_list(pa.float32()), st.lists(st.floats(width=32), max_size=3)),
    "binary": (pa.large_binary(), st.binary(max_size=5)),
    "date": (pa.date32(), st.dates()),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[pa.Table, list[str]]:
    """A table of random columns, and the contract's name of each type."""
    kinds = draw(st.lists(st.sampled_from(sorted(ARRAYS)), min_size=1, max_size=5))
    rows = draw(st.integers(0, 6))
    arrays = [
        pa.array(draw(st.lists(ARRAYS[kind][1] | st.none(), min_size=rows, max_size=rows)), ARRAYS[kind][0])
        for kind in kinds
    ]
    names = draw(st.lists(st.text(string.printable, min_size=1), min_size=len(kinds), max_size=len(kinds)))
    return pa.table(arrays, [f"{index}{name}" for index, name in enumerate(names)]), kinds


@settings(max_examples=60, deadline=None)
@given(tables())
def test_any_table_of_its_types_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[pa.Table, list[str]]
) -> None:
    data, kinds = made
    folder = tmp_path_factory.mktemp("round") / "digits"
    written = contract.write_artifact(folder, FACTS, [Rows(FREE, data)])
    manifest = contract.read_manifest(folder)
    assert manifest == written
    assert [column.type for column in manifest.tables[0].columns] == kinds
    assert contract.verify(folder, manifest) == []
    back = contract.read_table(folder, manifest.tables[0])
    assert repr(back.to_pylist()) == repr(data.to_pylist())  # repr, because NaN is not equal to itself
    jsonschema.validate(json.loads((folder / "manifest.json").read_text("utf-8")), contract.manifest_schema())


REFUSED = {
    "type halffloat is refused: browsers read it as bytes": pa.array([1.5], pa.float16()),
    "type decimal128(5, 2) is refused: browsers read it wrongly": pa.array([1], pa.decimal128(5, 2)),
    "browsers read lists of this wrongly": pa.array([[1]], pa.list_(pa.int64())),
    "a timestamp must be in UTC": pa.array([0], pa.timestamp("us")),
    "beyond ±(2^53 - 1): write it as a string": pa.array([2**53]),
    "type duration[s] is refused": pa.array([1], pa.duration("s")),
    "dictionary<values=int64": pa.array([1]).dictionary_encode(),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refuses_what_a_browser_would_misread(tmp_path: Path, message: str) -> None:
    with pytest.raises(ContractError) as caught:
        write(tmp_path / "digits", {"c": REFUSED[message]})
    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_says_all_problems_of_all_tables_at_once(tmp_path: Path) -> None:
    spec = TableSpec("strict", "", (Column("a", "int32"), Column("b", "string")))
    with pytest.raises(ContractError) as caught:
        contract.write_artifact(
            tmp_path / "digits",
            FACTS,
            [
                Rows(spec, pa.table({"a": [1.5], "c": [1]})),
                Rows(FREE, pa.table([[1], [2]], ["Label", "label"])),
            ],
        )
    assert str(caught.value).splitlines() == [
        'digits/strict: column "b" is declared and not there',
        'digits/strict: column "c" is not declared',
        "  known: (a, b)",
        'digits/strict: column "a": is float64, declared int32',
        'digits/free: columns "Label", "label" have the same name (case does not count)',
    ]


def test_refuses_ids_that_are_not_one_per_sample(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match='"id" has 1 repeated and 0 missing values'):
        write(tmp_path / "digits", {"id": pa.array([1, 1], pa.int32())}, SAMPLES)


def test_refuses_missing_values_where_none_are_declared(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="has 1 missing values and is not declared nullable"):
        write(tmp_path / "digits", {"id": pa.array([1, None], pa.int32())}, SAMPLES)


@pytest.mark.parametrize(
    "values",
    [
        pa.array([], pa.string()),
        pa.array([None, None], pa.string()),
        pa.nulls(2),
        pa.array([math.nan, math.inf, -math.inf]),
        pa.array(["<script>alert(1)</script>", "\"'", ":", "x" * 10_000]),
    ],
    ids=["empty", "nulls", "untyped nulls", "not finite", "hostile labels"],
)
def test_keeps_odd_values_as_they_are(tmp_path: Path, values: pa.Array) -> None:
    manifest = write(tmp_path / "digits", {"c": values})
    back = contract.read_table(tmp_path / "digits", manifest.tables[0])
    assert repr(back["c"].to_pylist()) == repr(values.to_pylist())
    assert contract.verify(tmp_path / "digits", manifest) == []


def test_cuts_a_large_table_into_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "PART_BYTES", 2_000)
    data = {"id": pa.array(range(2_000), pa.int32())}
    table = write(tmp_path / "digits", data, SAMPLES).tables[0]
    assert len(table.files) > 1
    assert [file.file for file in table.files[:2]] == ["samples-0.parquet", "samples-1.parquet"]
    assert sum(file.rows for file in table.files) == table.rows == 2_000
    assert contract.read_table(tmp_path / "digits", table)["id"].to_pylist() == list(range(2_000))


def test_same_rows_give_same_bytes_however_they_are_chunked(tmp_path: Path) -> None:
    whole = pa.table({"id": pa.array(range(10), pa.int32()), "l": ["b", "a"] * 5})
    parts = pa.concat_tables([whole.slice(5), whole.slice(0, 5)]).replace_schema_metadata({"by": "hand"})
    first = contract.write_artifact(tmp_path / "one", FACTS, [Rows(SAMPLES, whole)])
    second = contract.write_artifact(tmp_path / "two", FACTS, [Rows(SAMPLES, parts)])
    assert first == second


def edit(artifact: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = artifact / "manifest.json"
    value = json.loads(path.read_text("utf-8"))
    change(value)
    path.write_text(json.dumps(value), "utf-8")


def test_refuses_another_format_with_both_numbers(artifact: Path) -> None:
    edit(artifact, lambda value: value.update(format=7, future=True))
    with pytest.raises(ContractError, match="format is 7, this program reads format 2\n  update the program"):
        contract.read_manifest(artifact)


def test_refuses_a_manifest_with_every_problem(artifact: Path) -> None:
    def spoil(value: dict[str, Any]) -> None:
        value.update(seed="1", titel="x")
        del value["key"]
        value["tables"][0]["files"][0]["file"] = "../../secret"
        value["tables"][0]["columns"][0]["type"] = "float16"

    edit(artifact, spoil)
    with pytest.raises(ContractError) as caught:
        contract.read_manifest(artifact)
    said = [problem.what for problem in caught.value.problems]
    assert said == [
        "key is missing",
        'seed is "1", not a whole number',
        'tables[0].columns[0].type is "float16", which is not allowed there',
        'tables[0].files[0].file is "../../secret", which is not allowed there',
        "titel is not known",
    ]
    assert 'did you mean "title"?' in str(caught.value)


def test_refuses_a_folder_without_a_manifest_and_one_that_is_not_json(artifact: Path) -> None:
    (artifact / "manifest.json").write_text('{"format": NaN}')
    with pytest.raises(ContractError, match="is not JSON: NaN is not a JSON number"):
        contract.read_manifest(artifact)
    (artifact / "manifest.json").unlink()
    with pytest.raises(ContractError, match=r"there is no manifest\.json"):
        contract.read_manifest(artifact)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content[:-10], "bytes, the manifest says"),
        (lambda content: content[:-1] + b"!", "does not match the manifest's sha256"),
        (None, "is missing"),
    ],
)
def test_verify_names_the_file_that_changed(
    artifact: Path, change: Callable[[bytes], bytes] | None, message: str
) -> None:
    path = artifact / "samples.parquet"
    if change:
        path.write_bytes(change(path.read_bytes()))
    else:
        path.unlink()
    (problem,) = contract.verify(artifact, contract.read_manifest(artifact))
    assert problem.where == str(path)
    assert message in problem.what


def test_verify_refuses_foreign_bytes_and_other_columns(artifact: Path) -> None:
    manifest = contract.read_manifest(artifact)
    table = manifest.tables[0]
    renamed = dataclasses.replace(table, columns=(table.columns[0], Column("label", "int32")))
    (problem,) = contract.verify(artifact, dataclasses.replace(manifest, tables=(renamed,)))
    assert problem.what == "has columns id int32, label string, the manifest says id int32, label int32"
    content = b"not Parquet at all"
    (artifact / "samples.parquet").write_bytes(content)
    file = dataclasses.replace(table.files[0], bytes=len(content), sha256=contract.digest(content))
    foreign = dataclasses.replace(manifest, tables=(dataclasses.replace(table, files=(file,)),))
    assert "is not readable Parquet" in str(contract.verify(artifact, foreign)[0])


def test_names_the_nearest_table(artifact: Path) -> None:
    with pytest.raises(ContractError, match='has no table "sample"\n  did you mean "samples"'):
        contract.read_manifest(artifact).table("sample")


def test_lists_sheets_with_their_sizes(tmp_path: Path) -> None:
    sheet = Sheet("images-0.webp", b"webp", 64, 32, 8, 8)
    manifest = contract.write_artifact(tmp_path / "digits", FACTS, [], [sheet])
    assert contract.verify(tmp_path / "digits", manifest) == []
    (tmp_path / "digits" / "images-0.webp").write_bytes(b"WEBP")
    assert "images-0.webp" in str(contract.verify(tmp_path / "digits", manifest)[0])


@pytest.mark.parametrize("exchanges", [True, False], ids=["one step", "two renames"])
def test_swap_replaces_a_folder_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchanges: bool
) -> None:
    if not exchanges:
        monkeypatch.setattr(folders, "_exchange", lambda *_: False)
    for text in ("old", "new"):
        with contract.staged(tmp_path / "site") as new:
            (new / "page").write_text(text)
            contract.swap(new, tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert (tmp_path / "site" / "page").read_text() == "new"


def test_puts_back_the_old_folder_after_a_kill_between_two_renames(artifact: Path) -> None:
    artifact.rename(artifact.parent / ".digits.old")
    assert contract.read_manifest(artifact).name == "digits"


def test_sweeps_what_killed_runs_left(artifact: Path) -> None:
    parent = artifact.parent
    (parent / ".digits.0123abcd.tmp").mkdir()
    (parent / ".history.json.0123abcd.tmp").write_text("{", "utf-8")
    (parent / ".digits.old").mkdir()
    (parent / ".other.old").mkdir()
    contract.sweep(parent)
    assert sorted(path.name for path in parent.iterdir()) == ["digits", "other"]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "told.json"
    file.write_text("old", "utf-8")
    with suppress(KeyError), contract.staged_file(file) as new:
        new.write_text("half", "utf-8")
        raise KeyError
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {"told.json": "old"}
    with contract.staged_file(file) as new:
        new.write_text("new", "utf-8")
        assert file.read_text("utf-8") == "old"
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {"told.json": "new"}


def test_parameter_says_what_does_not_fit() -> None:
    epochs = contract.Parameter("epochs", 10, "passes over the training data", minimum=1, maximum=500)
    rate = contract.Parameter("rate", 0.1, "step size", minimum=0)
    mode = contract.Parameter("mode", "a", "either", choices=("a", "b"))
    assert [epochs.problem(10), rate.problem(1), mode.problem("b")] == ["", "", ""]
    assert epochs.problem(True) == 'parameter "epochs" is True, not int'
    assert epochs.problem(0) == 'parameter "epochs" is 0, outside 1 to 500'
    assert rate.problem(math.nan) == 'parameter "rate" is nan, outside 0 to None'
    assert mode.problem("c") == "parameter \"mode\" is 'c', not one of a, b"
