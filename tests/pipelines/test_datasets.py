"""Datasets: sources, roles, classes, images, and one clear message for each that is wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import datasets
from pipelines.contract import ContractError
from pipelines.datasets import Dataset, Source
from pipelines.images import MIXED_SIDE
from tests.pipelines.media import encode, noise


def source(path: str, **settings: Any) -> Source:
    empty: dict[str, Any] = {"roles": {}, "classes": (), "columns": (), "licence": "", "citation": ""}
    return Source("data", path, **{**empty, **settings})


def load(folder: Path, data: dict[str, Any] | pa.Table, **settings: Any) -> Dataset:
    pq.write_table(data if isinstance(data, pa.Table) else pa.table(data), folder / "data.parquet")
    return datasets.load(source("data.parquet", **settings), folder)


def test_digits_are_those_of_scikit_learn() -> None:
    from sklearn.datasets import load_digits

    reference, ours = load_digits(), datasets.load(source("digits"), Path())
    assert ours.images is not None
    pixels = np.concatenate(list(ours.images.batches()))
    assert pixels.shape == (1797, 8, 8, 1)
    assert np.array_equal(np.rint(pixels[..., 0] / 255 * 16), reference.images)
    assert ours.codes("label").tolist() == reference.target.tolist()
    assert ours.rows["id"].to_pylist() == list(range(1797))
    assert "CC BY 4.0" in ours.licence


def test_split_of_the_digits_is_stratified_and_always_the_same() -> None:
    ours = datasets.load(source("digits"), Path())
    labels, splits = ours.codes("label"), np.array(ours.rows["split"].to_pylist())
    for code in range(10):
        share = (splits[labels == code] == "test").mean()
        assert abs(share - 0.25) < 0.01
    assert datasets.load(source("digits"), Path()).rows.equals(ours.rows)


@pytest.mark.parametrize("as_struct", [True, False])
def test_reads_images_from_parquet_as_hugging_face_writes_them(tmp_path: Path, as_struct: bool) -> None:
    pixels = noise(5, 6, 9, 3)
    contents = [encode(item) for item in pixels]
    column = [{"bytes": item, "path": None} for item in contents] if as_struct else contents
    table = pa.table({"img": column, "label": [0, 1, 1, 0, 1]})
    features = {"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}
    data = load(tmp_path, table.replace_schema_metadata({"huggingface": json.dumps(features)}))
    assert data.images is not None
    assert data.images.shape == (6, 9, 3)
    assert data.images.lossless
    assert np.array_equal(np.concatenate(list(data.images.batches())), np.stack(pixels))
    assert data.classes == ("cat", "dog")
    assert data.rows.to_pydict() == {"id": [0, 1, 2, 3, 4], "label": ["cat", "dog", "dog", "cat", "dog"]}


def test_fits_images_of_several_sizes_and_knows_lossy_ones(tmp_path: Path) -> None:
    contents = [encode(noise(1, 10, 20, 3)[0], "JPEG"), encode(noise(1, 30, 5, 3)[0])]
    data = load(tmp_path, {"image": contents})
    assert data.images is not None
    assert data.images.shape == (MIXED_SIDE, MIXED_SIDE, 3)
    assert not data.images.lossless
    assert sum(map(len, data.images.batches())) == 2


def test_decodes_large_images_smaller(tmp_path: Path) -> None:
    data = load(tmp_path, {"image": [encode(item) for item in noise(2, 100, 512, 3)]})
    assert data.images is not None
    assert data.images.shape == (25, 128, 3)
    assert not data.images.lossless
    assert next(iter(data.images.batches())).shape == (2, 25, 128, 3)


def test_keeps_only_the_columns_that_are_named_or_have_a_role(tmp_path: Path) -> None:
    table = {"key": [5, 6], "label": ["a", "b"], "tokens": [[1], [2]], "note": ["x", "y"]}
    data = load(tmp_path, table, columns=("note",), roles={"id": "key"})
    assert data.rows.to_pydict() == {"key": [5, 6], "note": ["x", "y"]}


def test_names_images_that_cannot_be_decoded_and_says_the_setting_that_skips_them(tmp_path: Path) -> None:
    good = encode(noise(1, 8, 8)[0])
    with pytest.raises(ContractError) as caught:
        load(tmp_path, {"image": [good, b"junk", None, good[:40]]})
    assert caught.value.what == (
        "3 of 4 rows cannot be read: row 2 is no image, row 3 holds no bytes, row 4 is no image"
    )
    assert 'on_unreadable = "skip"' in caught.value.hint
    torn = load(tmp_path, {"image": [good, good[:60]]})  # its header is whole: found where it is decoded
    assert torn.images is not None
    with pytest.raises(ContractError, match="1 of 2 rows cannot be read: row 2 is an image that cannot be"):
        list(torn.images.batches())
    with pytest.raises(ContractError, match="none of the images"):
        load(tmp_path, {"image": [b"junk"]})


REPEATED = {"id": ["a", "b", "a", None], "label": ["x", "y", "x", "y"]}


def test_refuses_a_named_id_that_is_no_key_before_anything_is_computed(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        load(tmp_path, REPEATED, roles={"id": "id"})
    said = (
        'id column "id" does not tell rows apart: 1 value is in several rows ("a" in 2), and 1 row has none'
    )
    assert caught.value.what == said
    assert "without one, rows are numbered" in caught.value.hint
    with pytest.raises(
        ContractError, match=r'5 values are in several rows \("0" in 2, "1" in 2, "2" in 2, …\)\n'
    ):
        load(tmp_path, {"id": [*range(6), *range(5)]}, roles={"id": "id"})


def test_an_id_that_was_guessed_and_repeats_gives_way_to_numbers_with_a_note(tmp_path: Path) -> None:
    data = load(tmp_path, REPEATED)
    assert (data.roles["id"], data.rows["row"].to_pylist()) == ("row", [0, 1, 2, 3])
    assert data.rows["id"].to_pylist() == REPEATED["id"]
    assert data.notes == (
        'column "id" is not taken as the id: 1 value is in several rows ("a" in 2), and 1 row has none; '
        "rows are numbered instead",
    )


def test_an_id_that_repeats_gives_way_to_another_that_does_not(tmp_path: Path) -> None:
    data = load(tmp_path, {**REPEATED, "uuid": ["p", "q", "r", "s"]})
    assert data.roles["id"] == "uuid"
    assert data.notes == (
        'column "id" is not taken as the id: 1 value is in several rows ("a" in 2), and 1 row has none',
    )


def test_rows_that_are_left_out_do_not_make_an_id_repeat(tmp_path: Path) -> None:
    good = encode(noise(1, 8, 8)[0])
    data = load(tmp_path, {"id": ["a", "a", "b"], "image": [good, b"junk", good]}, on_unreadable="skip")
    assert (data.rows["id"].to_pylist(), data.notes) == (["a", "b"], ())


def test_leaves_unreadable_rows_out_and_counts_them(tmp_path: Path) -> None:
    good = [encode(item) for item in noise(3, 8, 8)]
    contents = [good[0], b"junk", good[1][:60], good[1], None, good[2]]
    data = load(tmp_path, {"image": contents, "label": list("abcdef")}, on_unreadable="skip")
    assert data.skipped == 3
    assert data.rows.to_pydict() == {"id": [0, 3, 5], "label": ["a", "d", "f"]}
    assert data.classes == ("a", "d", "f")
    assert data.images is not None
    assert np.array_equal(np.concatenate(list(data.images.batches()))[..., 0], np.stack(noise(3, 8, 8)))


def test_guesses_roles_and_takes_those_that_are_told(tmp_path: Path) -> None:
    data = load(
        tmp_path, {"uid": ["b", "a"], "Target": ["x", "y"], "mine": ["y", "y"]}, roles={"prediction": "mine"}
    )
    assert dict(data.roles) == {"id": "uid", "label": "Target", "prediction": "mine"}
    assert data.classes == ("x", "y")
    assert data.codes("prediction").tolist() == [1, 1]


def test_names_integer_labels_and_orders_unnamed_ones_as_numbers(tmp_path: Path) -> None:
    assert load(tmp_path, {"label": [10, 9, 2]}).classes == ("2", "9", "10")
    data = load(tmp_path, {"label": [1, 0, None]}, classes=("zero", "one"))
    assert data.rows["label"].to_pylist() == ["one", "zero", None]
    assert data.codes("label").tolist() == [1, 0, -1]
    assert load(tmp_path, {"label": [True, False]}).classes == ("false", "true")


def test_keeps_hostile_labels_as_they_are(tmp_path: Path) -> None:
    labels = ["<script>alert(1)</script>", "\"'", "a: b", "x" * 10_000]
    data = load(tmp_path, {"label": labels})
    assert data.rows["label"].to_pylist() == labels
    assert Counter(data.classes) == Counter(labels)


def test_takes_times_of_a_csv_as_utc(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("taken,label\n2024-01-01 10:00:00,a\n")
    data = datasets.load(source("data.csv"), tmp_path)
    assert data.columns[1].type == "timestamp"


def test_reads_a_glob_of_parts_in_order_and_digests_every_byte(tmp_path: Path) -> None:
    for name, labels in (("b", ["y"]), ("a", ["x", "x"])):
        pq.write_table(pa.table({"label": labels}), tmp_path / f"{name}.parquet")
    parts = source("*.parquet")
    assert datasets.load(parts, tmp_path).rows["label"].to_pylist() == ["x", "x", "y"]
    before = datasets.digest(parts, tmp_path)
    pq.write_table(pa.table({"label": ["z"]}), tmp_path / "b.parquet")
    assert datasets.digest(parts, tmp_path) != before


def spoil(data: dict[str, Any], **settings: Any) -> Callable[[Path], object]:
    return lambda folder: load(folder, data, **settings)


def written(content: bytes, name: str = "data.parquet") -> Callable[[Path], object]:
    def read(folder: Path) -> object:
        (folder / name).write_bytes(content)
        return datasets.load(source(name), folder)

    return read


WRONG: dict[str, Callable[[Path], object]] = {
    'source "none.csv" is not there': lambda folder: datasets.load(source("none.csv"), folder),
    "is not readable Parquet": written(b"PAR1 and then nothing"),
    'is ".txt", neither .parquet nor .csv': written(b"", "data.txt"),
    "is not readable CSV": written(b"", "data.csv"),
    "holds no rows": spoil({"label": pa.array([], pa.string())}),
    'role label names column "labl", which is not there\n  did you mean "label"?': spoil(
        {"label": ["a"]}, roles={"label": "labl"}
    ),
    'role "lable" is not known\n  did you mean "label"?': spoil({"label": ["a"]}, roles={"lable": "label"}),
    'image column "label" is string, not encoded bytes': spoil({"label": ["a"]}, roles={"image": "label"}),
    'column "label" is given 2 roles': spoil({"label": ["a"]}, roles={"label": "label", "group": "label"}),
    'there is no column "lable"\n  did you mean "label"?': spoil({"label": ["a"]}, columns=("lable",)),
    'column "label" holds 1 value of no class, such as "7"': spoil(
        {"label": [0, 7]}, classes=("zero", "one")
    ),
    'column "label" is double: classes are strings or integers': spoil(
        {"label": [0.5]}, roles={"label": "label"}
    ),
    "labels are numbers and predictions are names": spoil({"label": [1], "prediction": ["a"]}),
    'column "boxes": type list<item: list<': spoil({"label": ["a"], "boxes": [[[1, 2]]]}),
    'column "answer": type struct<': spoil({"label": ["a"], "answer": [{"start": 1}]}),
}


@pytest.mark.parametrize("message", WRONG)
def test_says_what_is_wrong_with_a_dataset(tmp_path: Path, message: str) -> None:
    with pytest.raises(ContractError) as caught:
        WRONG[message](tmp_path)
    assert message in str(caught.value)


def test_refuses_parts_with_other_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"label": ["a"]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"other": ["a"]}), tmp_path / "b.parquet")
    with pytest.raises(ContractError, match="has columns other string, its first part label string"):
        datasets.load(source("*.parquet"), tmp_path)


def test_refuses_parquet_cut_inside_its_pages(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"label": [str(index) for index in range(5000)]}), path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[100:4000] = bytes(3900)
    path.write_bytes(content)
    with pytest.raises(ContractError, match="is not readable Parquet"):
        datasets.load(source("data.parquet"), tmp_path)


EXACT = ["12345678901234567.89", "1.50", None]


def amounts(texts: list[str | None], scale: int = 2) -> pa.Array:
    return pa.array([None if text is None else Decimal(text) for text in texts], pa.decimal128(38, scale))


def test_decimals_that_a_float_does_not_hold_stay_exact_as_text_and_are_said(tmp_path: Path) -> None:
    data = load(tmp_path, {"a": amounts(EXACT), "b": amounts(["0.10", "-1234567890123.45", None])})
    assert data.rows["a"].to_pylist() == EXACT
    assert data.rows["b"].to_pylist() == [0.1, -1234567890123.45, None]
    assert data.notes == (
        'column "a" is text, as numbers in a browser lose digits of its values, '
        "such as 12345678901234567.89; give it the type float64 in this dataset's types to round them",
    )
    rounded = load(tmp_path, {"a": amounts(EXACT)}, types={"a": "float64"})
    assert (rounded.rows["a"].to_pylist(), rounded.notes) == ([12345678901234568.0, 1.5, None], ())


def test_whole_numbers_that_lose_digits_are_said_too(tmp_path: Path) -> None:
    data = load(tmp_path, {"n": [1, 2**53], "m": [1, 2**53 - 1]})
    assert data.rows["n"].to_pylist() == ["1", str(2**53)]
    assert data.rows["m"].to_pylist() == [1, 2**53 - 1]
    assert [note[:18] for note in data.notes] == ['column "n" is text']
    assert load(tmp_path, {"id": [1, 2**53]}).notes == ()


def test_decimals_with_the_role_of_a_number_are_rounded(tmp_path: Path) -> None:
    third = "0.33333333333333333333"
    data = load(tmp_path, {"confidence": amounts([third, "0.5"], 20), "share": amounts([third, "0.5"], 20)})
    assert data.rows["confidence"].to_pylist() == [1 / 3, 0.5]
    assert data.rows["share"].to_pylist() == [third, "0.50000000000000000000"]


def test_the_character_nul_in_lists_of_texts_is_shown_and_said(tmp_path: Path) -> None:
    lists = pa.chunked_array([[["a", "b\0"], None, [], [None, "\0\0"]], [["c"]]], pa.list_(pa.string()))
    data = load(tmp_path, pa.table({"tags": lists, "plain": [["x"]] * 5}))
    assert data.rows["tags"].to_pylist() == [["a", "b\u2400"], None, [], [None, "\u2400\u2400"], ["c"]]
    assert data.rows["plain"].to_pylist() == [["x"]] * 5
    assert data.notes == ('column "tags" is shown with \u2400 for the character NUL, in 2 of its values',)


def test_the_character_nul_in_names_is_shown_and_said(tmp_path: Path) -> None:
    said = 'column "a\u2400b" is shown with \u2400 for the character NUL in its name'
    data = load(tmp_path, {"a\0b": [1, 2], "c": ["x", "y"]}, roles={"group": "a\u2400b"})
    assert data.rows.to_pydict() == {"id": [0, 1], "a\u2400b": [1, 2], "c": ["x", "y"]}
    assert (data.roles["group"], data.notes) == ("a\u2400b", (said,))
    (tmp_path / "data.csv").write_bytes(b"c,a\0b\nx,12345678901234567.5\n")
    written = datasets.load(source("data.csv"), tmp_path)
    assert written.rows["a\u2400b"].to_pylist() == ["12345678901234567.5"]
    assert written.notes[0] == said
    framed = datasets.from_frame("data", {"a\0b": [1, 2]})
    assert framed.rows.column_names == ["id", "a\u2400b"]
    with pytest.raises(ContractError, match="more than one column called a\u2400b"):
        load(tmp_path, {"a\0b": [1, 2], "a\u2400b": [1, 2]})


def test_images_in_a_column_with_the_character_nul_in_its_name_are_found(tmp_path: Path) -> None:
    data = load(tmp_path, {"pic\0": [encode(item) for item in noise(2, 8, 8)]})
    assert data.image_column == "pic\u2400"
    assert data.images is not None
    assert np.array_equal(np.concatenate(list(data.images.batches()))[..., 0], np.stack(noise(2, 8, 8)))


def test_the_character_nul_is_shown_as_its_picture_and_said(tmp_path: Path) -> None:
    coded = pa.array(["x\0", "x\0", "y"]).dictionary_encode()
    data = load(tmp_path, pa.table({"label": ["a\0b", "c", None], "kind": coded}))
    assert data.rows["label"].to_pylist() == ["a\u2400b", "c", None]
    assert data.rows["kind"].to_pylist() == ["x\u2400", "x\u2400", "y"]
    assert data.notes == (
        'column "label" is shown with \u2400 for the character NUL, in 1 of its values',
        'column "kind" is shown with \u2400 for the character NUL, in 2 of its values',
    )
