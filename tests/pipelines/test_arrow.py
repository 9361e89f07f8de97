"""Tables as they are taken in: in Arrow's plain layouts, however many columns they have."""

from __future__ import annotations

import time

import pyarrow as pa

from pipelines.arrow import in_one_layout

WORDS = ["a", None, "ü"]


def wide(columns: int) -> pa.Table:
    """Return a table whose texts are all of the layout that pandas writes."""
    return pa.table({f"c{number}": pa.array(WORDS, pa.large_string()) for number in range(columns)})


def test_texts_and_bytes_of_any_layout_become_the_plain_ones_and_the_rest_stays() -> None:
    given = pa.table(
        {
            "large": pa.array(WORDS, pa.large_string()),
            "view": pa.array(WORDS, pa.string_view()),
            "bytes": pa.array([b"a", None, b""], pa.large_binary()),
            "number": [1, 2, None],
        }
    ).replace_schema_metadata({"by": "someone"})
    found = in_one_layout(given)
    assert found.schema.types == [pa.string(), pa.string(), pa.binary(), pa.int64()]
    assert found.to_pylist() == given.to_pylist()
    assert found.schema.metadata == {b"by": b"someone"}
    assert in_one_layout(found) is found


def test_time_grows_no_faster_than_the_number_of_columns() -> None:
    def seconds(columns: int) -> float:
        table = wide(columns)
        started = time.perf_counter()
        in_one_layout(table)
        return time.perf_counter() - started

    seconds(100)
    # Setting one column after another took 40 times as long for eight times as many.
    assert seconds(8000) < 20 * max(min(seconds(1000) for _ in range(3)), 0.002)
