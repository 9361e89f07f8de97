"""Files, bundled tables and a report's own functions: what each reads, and what it says when it cannot."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas._libs.parsers import STR_NA_VALUES

from pipelines import contract, runner
from pipelines.contract import ContractError
from pipelines.sources import open_source
from pipelines.sources.source import Source
from tests.pipelines.loading import load
from tests.pipelines.media import encode, noise, tone

# CSV ----------------------------------------------------------------------------------------------


def test_reads_csv_as_pandas_does(tmp_path: Path) -> None:
    text = 'name,amount,note\n"a, b",1,"two\nlines"\nc,,\n"said ""x""",2.5,ü\n'
    (tmp_path / "data.csv").write_text(text, "utf-8")
    data = load(tmp_path, "data.csv")
    frame = pd.read_csv(io.StringIO(text))
    for name in frame.columns:
        assert data.rows[name].to_pylist() == [None if pd.isna(value) else value for value in frame[name]]


def test_reads_tabs_and_takes_empty_values_as_missing(tmp_path: Path) -> None:
    (tmp_path / "data.tsv").write_text("label\tweight\na\t1\n\t2\nNA\t\n")
    data = load(tmp_path, "data.tsv")
    assert data.rows.to_pydict() == {"id": [0, 1, 2], "label": ["a", None, None], "weight": [1, 2, None]}
    own = load(tmp_path, "data.tsv", missing=("",))
    assert own.rows["label"].to_pylist() == ["a", None, "NA"]


@pytest.mark.parametrize("written", sorted(STR_NA_VALUES))
def test_every_text_that_pandas_takes_as_missing_is_missing(tmp_path: Path, written: str) -> None:
    (tmp_path / "data.csv").write_text(f"label,n\na,1\n{written},{written}\n")
    assert load(tmp_path, "data.csv").rows.to_pydict() == {"id": [0, 1], "label": ["a", None], "n": [1, None]}


def test_floating_point_ids_are_refused_and_types_keep_them(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("id,label\n1.0,a\n2.5,b\n")
    hint = 'types = { id = "string" } keeps those of a CSV file'
    with pytest.raises(ContractError, match=r'column "id" holds ids as floating-point numbers') as caught:
        load(tmp_path, "data.csv")
    assert hint in caught.value.hint
    data = load(tmp_path, "data.csv", types={"id": "string"})
    assert (data.rows["id"].to_pylist(), data.roles["id"]) == (["1.0", "2.5"], "id")


def test_types_are_those_that_the_settings_say(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("id,a,b,c\n1,2,2020-01-02,1\n2,3,,0\n")
    told = {"id": "string", "a": "float64", "b": "timestamp", "c": "bool"}
    kinds = {column.name: column.type for column in load(tmp_path, "data.csv", types=told).columns}
    assert kinds == told
    with pytest.raises(ContractError, match='column "b" is no int64: line 2 holds "2020-01-02"'):
        load(tmp_path, "data.csv", types={"b": "int64"})
    with pytest.raises(ContractError, match='there is no column "d"'):
        load(tmp_path, "data.csv", types={"d": "int64"})


def test_a_value_that_does_not_fit_is_named_by_its_line(tmp_path: Path) -> None:
    """Lines of other rows count: empty and broken ones, those in quotes, and those of parts before it."""
    first = 'label,n\n"a\nb",1\n\nc\n'
    (tmp_path / "data.csv").write_text(f"{first}d,2\ne,many\n")
    with pytest.raises(ContractError, match='column "n" is no int64: line 7 holds "many"'):
        load(tmp_path, "data.csv", types={"n": "int64"}, on_unreadable="skip")
    (tmp_path / "part-1.csv").write_text(first)
    (tmp_path / "part-2.csv").write_text("label,n\ne,1\nf,many\n")
    with pytest.raises(ContractError, match=r'column "n" is no int64: part-2\.csv line 3 holds "many"'):
        load(tmp_path, "part-*.csv", types={"n": "int64"}, on_unreadable="skip")


@pytest.mark.parametrize("gap", [",", ";", "\t", "|"])
def test_finds_what_stands_between_the_values(tmp_path: Path, gap: str) -> None:
    frame = pd.DataFrame({"label": ["a, b; c", "x|y"], "note": ["one\ntwo", "d"], "n": [1, 2]})
    frame.to_csv(tmp_path / "data.csv", sep=gap, index=False)
    rows = load(tmp_path, "data.csv").rows
    assert rows.to_pydict() == {"id": [0, 1], **frame.to_dict("list")}
    assert load(tmp_path, "data.csv", delimiter=gap).rows == rows


@pytest.mark.parametrize("gap", [";", "\t"])
def test_reads_decimal_commas_where_a_comma_parts_nothing(tmp_path: Path, gap: str) -> None:
    frame = pd.DataFrame(
        {"price": [2.5, None, -1234.75, 7], "label": list("abcd"), "release": ["1.20.300"] * 4}
    )
    text = frame.to_csv(sep=gap, index=False, decimal=",").replace("-1234,75", "-1.234,75")
    (tmp_path / "data.csv").write_text(text)
    rows = load(tmp_path, "data.csv").rows
    said = pd.read_csv(io.StringIO(text), sep=gap, decimal=",", thousands=".", usecols=["price"])
    assert rows["price"].to_pylist() == [None if pd.isna(value) else value for value in said["price"]]
    assert rows["release"].to_pylist() == ["1.20.300"] * 4
    (tmp_path / "data.csv").write_text('price,label\n"2,5",a\n"3,5",b\n')
    assert load(tmp_path, "data.csv").rows["price"].to_pylist() == ["2,5", "3,5"]


def test_a_column_of_its_own_is_not_parted(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("label\na;b\nc\n")
    assert load(tmp_path, "data.csv").rows["label"].to_pylist() == ["a;b", "c"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16"])
def test_reads_the_encoding_that_is_said(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "data.csv").write_bytes("étiquette,n\ncafé,1\n".encode(encoding))
    with pytest.raises(
        ContractError, match=r"data\.csv: has names of columns, in its first line, that are not UTF-8"
    ):
        load(tmp_path, "data.csv")
    assert load(tmp_path, "data.csv", encoding=encoding).rows["étiquette"].to_pylist() == ["café"]
    with pytest.raises(ContractError, match='encoding "nope" is not known'):
        load(tmp_path, "data.csv", encoding="nope")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("label,,n", "column 2 of 3 has no name"),
        ("label,n,n", "has more than one column called n"),
        ("label,n,N", "has columns whose names differ only by case: n, N"),
    ],
)
def test_refuses_names_that_are_none_or_the_same(tmp_path: Path, header: str, message: str) -> None:
    (tmp_path / "data.csv").write_text(f"{header}\na,1,2\n")
    with pytest.raises(ContractError) as caught:
        load(tmp_path, "data.csv")
    assert (caught.value.where, caught.value.what) == (str(tmp_path / "data.csv"), message)


@pytest.mark.parametrize("index", [[0, 1], [7, 3], ["x", "y"]])
def test_the_index_that_pandas_writes_without_a_name_is_the_id(tmp_path: Path, index: list[Any]) -> None:
    pd.DataFrame({"label": ["a", "b"]}, index).to_csv(tmp_path / "data.csv")
    data = load(tmp_path, "data.csv")
    assert data.rows.to_pydict() == {"id": index, "label": ["a", "b"]}
    assert data.roles["id"] == "id"


def test_an_index_that_is_no_key_is_a_column(tmp_path: Path) -> None:
    pd.DataFrame({"label": ["a", "b"]}, [1, 1]).to_csv(tmp_path / "data.csv")
    assert load(tmp_path, "data.csv").rows.column_names == ["id", "index", "label"]


def test_names_broken_lines_and_skips_them_when_told(tmp_path: Path) -> None:
    lines = ["label,weight", *(f"a,{index}" for index in range(50)), "b", "c,1,2", "<script>,9"]
    (tmp_path / "data.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(ContractError) as caught:
        load(tmp_path, "data.csv")
    assert caught.value.what == (
        "2 of 53 rows cannot be read: line 52 has 1 value instead of 2 ('b'), line 53 has 3 values instead "
        "of 2 ('c,1,2')"
    )
    data = load(tmp_path, "data.csv", on_unreadable="skip")
    assert (data.rows.num_rows, data.skipped, data.rows["weight"].type) == (51, 2, pa.int64())


def test_lines_that_a_quote_takes_are_said(tmp_path: Path) -> None:
    lines = ["label,note", 'a,"two\nlines"', 'b,"never closed', *(f"c,{index}" for index in range(7))]
    (tmp_path / "data.csv").write_text("\n".join(lines) + "\n")  # as many values as names: nothing else tells
    said = "1 of 2 rows cannot be read: line 4 opens a quote that is never closed: it takes in the 7 lines"
    with pytest.raises(ContractError, match=said):
        load(tmp_path, "data.csv")
    kept = load(tmp_path, "data.csv", on_unreadable="skip")
    assert (kept.rows["note"].to_pylist(), kept.skipped) == (["two\nlines"], 1)


def test_lines_that_a_quote_takes_from_a_broken_line_are_said(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text('label,note\na,1\n"b,2\nc,3\nd,4\n')
    with pytest.raises(
        ContractError, match=r"line 3 has 1 value instead of 2 .* it takes in the 2 lines below"
    ):
        load(tmp_path, "data.csv")
    (tmp_path / "data.csv").write_text('label,note\na,1\n"b,2\nc,3"\nd,4\n')
    with pytest.raises(
        ContractError, match=r"line 3 has 1 value instead of 2 .* and takes in the 1 line below"
    ):
        load(tmp_path, "data.csv")


@pytest.mark.parametrize("end", ["", "\n", " \r\n"])
def test_a_last_text_of_two_lines_is_kept(tmp_path: Path, end: str) -> None:
    (tmp_path / "data.csv").write_bytes(f'label,note\na,"two\nlines"{end}'.encode())
    assert load(tmp_path, "data.csv").rows["note"].to_pylist() == [
        f"two\nlines{end.rstrip(chr(10) + chr(13))}"
    ]


def test_names_text_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(b"label,n\ncaf\xe9,1\ntea,2\n")
    said = r"1 of 2 rows cannot be read: line 2 has text in column \"label\" that is not UTF-8 "
    with pytest.raises(ContractError, match=said + r"\(as latin-1 it is 'café'\)"):
        load(tmp_path, "data.csv")
    hint = (
        'if it is latin-1, save it as UTF-8, or .*: encoding = "latin-1"'  # a new report has no section yet
    )
    with pytest.raises(ContractError, match=hint):
        load(tmp_path, "data.csv")
    data = load(tmp_path, "data.csv", on_unreadable="skip")
    assert data.rows["label"].to_pylist() == ["tea"]
    assert load(tmp_path, "data.csv", encoding="latin-1").rows["label"].to_pylist() == ["café", "tea"]


def test_names_the_true_line_of_text_that_is_not_utf8(tmp_path: Path) -> None:
    lines = [
        b"label,n",
        b"",
        b'"two',
        b'lines, and a ""quote""",1',
        b"broken",
        b"\x93caf\xe9\x94,2",
        b"",
        b"tea,3",
        b'"m\xfcde',
        b'still",4',
        b"fin,\xb2",
    ]
    (tmp_path / "data.csv").write_bytes(b"\r\n".join(lines))
    with pytest.raises(ContractError) as refused:
        load(tmp_path, "data.csv")
    said = str(refused.value)
    assert "line 5 has 1 value instead of 2" in said
    assert "line 6 has text in column \"label\" that is not UTF-8 (as cp1252 it is '“café”')" in said
    assert "line 9 has text in column" in said
    assert 'line 11 has text in column "n"' in said
    assert 'encoding = "cp1252"' in said


def test_names_a_broken_line_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes("tea,n\n茶,1\n".encode() + b"caf\xe9\nm\xfcd,2,3\nrooibos,4\n")
    said = "2 of 4 rows cannot be read: line 3 has 1 value instead of 2 ('café'), line 4 has 3 values instead"
    with pytest.raises(ContractError) as refused:
        load(tmp_path, "data.csv")
    assert said in str(refused.value)
    rows = load(tmp_path, "data.csv", on_unreadable="skip").rows
    assert (rows["tea"].to_pylist(), rows["n"].to_pylist()) == (["茶", "rooibos"], [1, 4])


def test_names_the_encoding_that_names_of_columns_are_in(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes("prix en €,n\n1,2\n".encode("cp1252"))
    with pytest.raises(
        ContractError, match=r'in its first line, that are not UTF-8(?s:.*)encoding = "cp1252"'
    ):
        load(tmp_path, "data.csv")


def test_a_column_is_text_when_it_is_text_in_one_part(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("code,n\n007,1\n")
    (tmp_path / "b.csv").write_text("code,n\nx1,2.5\nbad\n")
    with pytest.raises(ContractError, match=r"1 of 3 rows cannot be read: b\.csv line 3 has 1 value"):
        load(tmp_path, "*.csv")
    data = load(tmp_path, "*.csv", on_unreadable="skip")
    assert data.rows.to_pydict() == {"id": [0, 1], "code": ["007", "x1"], "n": [1, 2.5]}


def test_parts_of_whole_numbers_of_fractions_and_of_nothing_are_one_column(tmp_path: Path) -> None:
    for name, values in (("a", "1\n2"), ("b", "2.5\n"), ("c", '""')):
        (tmp_path / f"{name}.csv").write_text(f"n,m\n{values.replace(chr(10), ',5' + chr(10))},\n")
    rows = load(tmp_path, "*.csv").rows
    assert rows["n"].to_pylist()[:3] == [1.0, 2.0, 2.5]
    assert rows["m"].type == pa.int64()


def test_labels_that_pandas_wrote_with_gaps_are_whole(tmp_path: Path) -> None:
    frame = pd.DataFrame({"label": [1, None, 2], "prediction": [1, 2, 2]})
    frame.to_csv(tmp_path / "data.csv", index=False)
    frame.to_parquet(tmp_path / "data.parquet")
    pq.write_table(pa.Table.from_pydict({"label": [1.0, float("nan"), 2.0]}), tmp_path / "nan.parquet")
    for name in ("data.csv", "data.parquet", "nan.parquet"):
        data = load(tmp_path, name, roles={"label": "label"})
        assert (data.rows["label"].to_pylist(), data.classes) == (["1", None, "2"], ("1", "2"))


def test_times_without_a_zone_are_utc_from_csv_and_from_parquet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"taken": pd.to_datetime(["2024-03-01 12:00:00.25", None]), "label": ["a", "b"]})
    frame.to_csv(tmp_path / "data.csv", index=False)
    frame.to_parquet(tmp_path / "data.parquet")
    csv, parquet = (load(tmp_path, name).rows["taken"] for name in ("data.csv", "data.parquet"))
    assert csv.type == parquet.type == pa.timestamp("us", "UTC")
    assert csv.to_pylist() == parquet.to_pylist()


def test_refuses_parts_of_several_kinds(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label\na\n")
    pq.write_table(pa.table({"label": ["a"]}), tmp_path / "b.parquet")
    with pytest.raises(ContractError, match=r"finds files of several kinds: \.csv, \.parquet"):
        load(tmp_path, "*")


# Parquet with media -------------------------------------------------------------------------------


def hugging_face(table: pa.Table, **features: Any) -> pa.Table:
    info = {"info": {"features": features, "license": "cc-by-4.0", "citation": "Somebody (2020)"}}
    return table.replace_schema_metadata({"huggingface": json.dumps(info)})


def test_reads_cifar_as_hugging_face_writes_it(tmp_path: Path) -> None:
    contents = [encode(item) for item in noise(4, 6, 6, 3)]
    table = pa.table(
        {
            "img": [{"bytes": item, "path": "../../etc/passwd"} for item in contents],
            "fine_label": [2, 0, 1, -1],
            "coarse_label": [0, 0, 1, 1],
        }
    )
    names = {"fine_label": ["bee", "fox", "oak"], "coarse_label": ["animal", "plant"]}
    features = {name: {"names": listed, "_type": "ClassLabel"} for name, listed in names.items()}
    pq.write_table(hugging_face(table, img={"_type": "Image"}, **features), tmp_path / "data.parquet")
    data = load(tmp_path, "data.parquet")
    assert data.rows.to_pydict() == {
        "id": [0, 1, 2, 3],
        "fine_label": ["oak", "bee", "fox", None],
        "coarse_label": ["animal", "animal", "plant", "plant"],
    }
    assert data.roles == {"id": "id", "label": "fine_label", "group": "coarse_label"}
    assert (data.licence, data.citation) == ("cc-by-4.0", "Somebody (2020)")
    assert load(tmp_path, "data.parquet", licence="mine").licence == "mine"
    assert data.images is not None
    assert data.images.shape == (6, 6, 3)


def test_a_path_in_the_data_is_never_opened(tmp_path: Path) -> None:
    (tmp_path / "real.png").write_bytes(encode(noise(1, 4, 4)[0]))
    image = [
        {"bytes": None, "path": str(tmp_path / "real.png")},
        {"bytes": encode(noise(1, 4, 4)[0]), "path": None},
    ]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    pq.write_table(pa.table({"image": pa.array(image, kind)}), tmp_path / "data.parquet")
    with pytest.raises(ContractError, match="1 of 2 rows cannot be read: row 1 holds no bytes"):
        load(tmp_path, "data.parquet")


def test_finds_images_and_sounds_by_their_first_bytes(tmp_path: Path) -> None:
    table = {
        "one": [None, encode(noise(1, 4, 4)[0])],
        "two": [tone(), tone(0.2)],
        "three": [b"\x00\x01", b"\x02"],
    }
    pq.write_table(pa.table(table), tmp_path / "data.parquet")
    data = load(tmp_path, "data.parquet", on_unreadable="skip")
    assert (data.roles["audio"], data.skipped) == ("two", 1)
    assert data.images is not None
    assert data.rows["three"].to_pylist() == [b"\x02"]


def test_keeps_sounds_as_they_are_and_leaves_out_large_ones(tmp_path: Path) -> None:
    clips = [
        tone(),
        b"fLaC" + bytes(20),
        b"OggS" + bytes(20),
        b"ID3" + bytes(20),
        b"\xff\xfb\x90\x00",
        tone(9),
    ]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    column = pa.array([{"bytes": clip, "path": "a.wav"} for clip in clips], kind)
    table = hugging_face(pa.table({"sound": column, "word": list("abcdef")}), sound={"_type": "Audio"})
    pq.write_table(table, tmp_path / "data.parquet")
    data = load(tmp_path, "data.parquet", largest_clip=20_000)
    assert data.rows["sound"].to_pylist() == [*clips[:5], None]
    assert data.rows["media_type"].to_pylist() == [
        *("audio/wav", "audio/flac", "audio/ogg", "audio/mpeg", "audio/mpeg", None)
    ]
    described = {column.name: column for column in data.columns}
    assert (described["sound"].type, described["sound"].role) == ("binary", "audio")
    assert described["media_type"].role == "media_type"
    assert described["sound"].description.endswith("; 1 of 6 are larger than 0.02 MB and left out")
    with pytest.raises(ContractError, match='audio column "word" is string, not encoded bytes'):
        load(tmp_path, "data.parquet", roles={"audio": "word"})


def test_names_sounds_and_vectors_that_cannot_be_read(tmp_path: Path) -> None:
    table = {
        "audio": [tone(), b"<html>", None, tone()],
        "embedding": [[1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [1.0]],
    }
    pq.write_table(pa.table(table), tmp_path / "data.parquet")
    with pytest.raises(ContractError) as caught:
        load(tmp_path, "data.parquet")
    assert caught.value.what == (
        "3 of 4 rows cannot be read: row 2 is no sound as WAV, FLAC, Ogg or MP3, row 3 holds no bytes, "
        'row 4 has a list of 1 value in column "embedding", the others of 2'
    )
    assert load(tmp_path, "data.parquet", on_unreadable="skip").rows["id"].to_pylist() == [0]


def test_stops_where_no_row_can_be_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"audio": [b"<html>"]}), tmp_path / "data.parquet")
    with pytest.raises(ContractError, match="1 of 1 rows cannot be read"):
        load(tmp_path, "data.parquet", on_unreadable="skip")


# Bundled tables -----------------------------------------------------------------------------------


def carried() -> list[str]:
    from vega_datasets import local_data

    names: list[str] = local_data.list_datasets()
    return names


@pytest.mark.filterwarnings("ignore:The 'convert_dates' keyword")  # the package's, not ours
@pytest.mark.parametrize("name", carried())
def test_every_bundled_table_is_that_of_the_package(name: str) -> None:
    from vega_datasets import data as reference

    data = load(Path(), f"vega:{name}")
    frame = pd.DataFrame(reference(name))
    added = [] if frame.columns[0] == data.roles["id"] or data.roles["id"] in frame.columns else ["id"]
    assert data.rows.column_names == [*added, *frame.columns]
    assert data.rows.num_rows == len(frame)
    for column in frame.select_dtypes("float64").columns:
        ours, theirs = data.rows[column].to_pandas().astype(float), frame[column].reset_index(drop=True)
        pd.testing.assert_series_equal(ours, theirs, check_names=False)
    assert data.citation.endswith("vega_datasets 0.9.0.")


def test_bundled_dates_are_dates() -> None:
    kinds = {
        name: {column.name: column.type for column in load(Path(), f"vega:{name}").columns}
        for name in ("cars", "stocks", "seattle-temps")
    }
    assert (kinds["cars"]["Year"], kinds["stocks"]["date"]) == ("date", "date")
    assert kinds["seattle-temps"]["date"] == "timestamp"


def test_says_which_tables_are_bundled() -> None:
    with pytest.raises(
        ContractError, match=r"is not bundled: vega_datasets loads it from the network\n  .*cars"
    ):
        load(Path(), "vega:movies")
    with pytest.raises(ContractError, match='is not a set that vega_datasets carries\n  did you mean "cars"'):
        load(Path(), "vega:car")
    assert load(Path(), "vega:airports").licence == "public domain, as vega_datasets says"


# A report's own function --------------------------------------------------------------------------

OWN = """import pandas
from pathlib import Path
def table():
    with Path(__file__ + ".calls").open("a") as calls:
        calls.write("x")
    return pandas.DataFrame({"label": ["a", "b"], "n": [1, 2]})
def broken():
    return 1 / 0
def nothing():
    return None
"""


def test_calls_the_function_once_in_a_run_and_again_when_its_table_changed(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text(OWN)
    settings = {
        "datasets": {"own": {"source": "json:table"}},
        "tools": {"a": {"tool": "dataset", "dataset": "own"}, "b": {"tool": "dataset", "dataset": "own"}},
    }
    before = sys.modules["json"]
    first, second = runner.run(settings, tmp_path)
    assert (tmp_path / "json.py.calls").read_text() == "x"
    assert sys.modules["json"] is before
    rows = contract.read_table(tmp_path / "artifacts" / "a", first.tables[0])
    assert rows.to_pydict() == {"id": [0, 1], "label": ["a", "b"], "n": [1, 2]}
    assert first.inputs == second.inputs
    assert runner.run(settings, tmp_path)[0] == first
    (tmp_path / "json.py").write_text(OWN.replace("[1, 2]", "[1, 3]"))
    assert runner.run(settings, tmp_path)[0].inputs != first.inputs


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("own:broken", r"own\.py:8: fails with ZeroDivisionError"),
        ("own:nothing", "datasets.data: is builtins.NoneType, which is no table"),
        ("own:tabel", 'datasets.data: own.py has no function "tabel"\n  did you mean "table"'),
        ("owm:table", r"datasets.data: there is no file owm\.py in the report"),
    ],
)
def test_says_what_is_wrong_with_a_function(tmp_path: Path, address: str, message: str) -> None:
    (tmp_path / "own.py").write_text(OWN)
    with pytest.raises(ContractError, match=message):
        load(tmp_path, address)


def test_looking_for_a_source_runs_nothing_that_is_not_named(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("raise SystemExit('ran')\n")
    with pytest.raises(ContractError, match="is not there"):
        open_source(Source("data", "own.py/../own"), tmp_path)
