"""Guessed roles: by name where the type agrees, by values where they leave little doubt, else none."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipelines.roles import guess

SENTENCES = [f"The patient of room {index} came in on a Monday and slept well." for index in range(20)]
VECTORS = np.random.default_rng(0).normal(size=(20, 3))


def roles(**columns: Any) -> dict[str, str]:
    return {role: told.column for role, told in guess(pa.table(columns), (), ()).items()}


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("ID", [1, 2], "id"),
        ("sampleId", ["a", "b"], "id"),
        ("Fine Label", [0, 1], "label"),
        ("ground-truth", ["a", "b"], "label"),
        ("y_pred", ["a", "b"], "prediction"),
        ("probs", [[0.5, 0.5], [1.0, 0.0]], "probability"),
        ("probability", [0.5, 1.0], "confidence"),
        ("split", ["x", "y"], "split"),
        ("coarse_label", [0, 0], "group"),
        ("embedding", [[1.0], [2.0]], "embedding"),
        ("review", ["good", "bad"], "text"),
        ("timestamp", [datetime.datetime(2024, 1, 1)] * 2, "time"),
        ("correct", [True, False], "correct"),
        ("entropy", [0.1, 0.2], "entropy"),
        ("score", [1, 2], "score"),
        ("projection_resnet_x", [0.1, 0.2], "projection_x"),
        ("duplicates_resnet", [1, 1], "duplicates"),
        ("familiarity_resnet", [0.1, 0.2], "familiarity"),
        ("splitFamiliarity_resnet_byAttr_train", [0.1, 0.2], "split_familiarity"),
        ("label", [1.0, None], "label"),  # what pandas makes of integers where one is missing
    ],
)
def test_a_name_tells_a_role_where_its_type_agrees(name: str, values: list[Any], role: str) -> None:
    assert roles(**{name: values}) == {role: name}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("label", [0.5, 1.5]),
        ("embedding", ["a", "b"]),
        ("text", [1, 2]),
        ("time", [3, 4]),
        ("correct", ["yes", "no"]),
        ("y", [1, 2]),
        ("x", [1.0, 2.0]),
        ("width", [1.0, 2.0]),
    ],
)
def test_a_name_alone_tells_nothing(name: str, values: list[Any]) -> None:
    assert roles(**{name: values}) == {}


def test_values_tell_what_names_do_not() -> None:
    found = roles(
        code=[f"c{index}" for index in range(20)],
        notes=SENTENCES,
        part=["train"] * 15 + ["val"] * 5,
        seen=[datetime.date(2024, 1, 1)] * 20,
        hidden=VECTORS.tolist(),
        odds=[[0.25, 0.75]] * 20,
        length=np.linspace(0, 1, 20),
        species=["cat", "dog"] * 10,
    )
    assert found == {
        "id": "code",
        "text": "notes",
        "split": "part",
        "time": "seen",
        "embedding": "hidden",
        "probability": "odds",
        "label": "species",
    }


COLOURS, KINDS, SIZES = ["red", "blue"] * 10, ["cat", "dog", "cow", "pig"] * 5, np.arange(20) * 1.5
GUESSES = ["cat", "dog", "cow", "cow"] * 5


def label_beside_a_prediction(**columns: Any) -> str | None:
    return roles(**columns, prediction=GUESSES).get("label")


def test_of_several_columns_of_few_texts_the_last_column_is_the_label() -> None:
    assert label_beside_a_prediction(colour=COLOURS, size=SIZES, kind=KINDS) == "kind"
    assert label_beside_a_prediction(colour=COLOURS, kind=KINDS, size=SIZES) is None
    assert label_beside_a_prediction(size=SIZES, kind=KINDS, number=SIZES) == "kind"


def test_whole_numbers_from_zero_in_the_last_column_are_the_label() -> None:
    assert label_beside_a_prediction(size=SIZES, kind=[0, 1, 2, 1] * 5) == "kind"
    assert label_beside_a_prediction(kind=[0, 1, 2, 1] * 5, size=SIZES) is None
    assert label_beside_a_prediction(size=SIZES, cylinders=[4, 6, 8, 8] * 5) is None


def test_without_anything_to_judge_by_it_no_column_is_a_label() -> None:
    assert roles(size=SIZES, kind=KINDS) == {}
    assert roles(size=SIZES, kind=[0, 1, 2, 1] * 5) == {}
    beside = guess(pa.table({"size": SIZES, "kind": KINDS}), (), ["probability"])
    assert beside["label"].why == "4 different texts, and a probability to judge by it"


def test_an_id_is_there_and_different_in_every_row() -> None:
    names = [f"c{index}" for index in range(20)]
    assert roles(name=names) == {"id": "name"}
    assert roles(name=[*names[:-1], "c0"]) == {}
    assert roles(name=[*names[:-1], None]) == {}
    assert roles(image_id=list(range(20))) == {"id": "image_id"}
    assert roles(user_id=[1, 1] * 10) == {}
    assert roles(population=list(range(20))) == {}


def test_says_why_and_leaves_what_is_taken() -> None:
    table = pa.table({"label": ["a", "b"], "target": ["a", "b"], "text": SENTENCES[:2]})
    found = guess(table, ["label"], ["text"])
    assert {role: (told.column, told.why) for role, told in found.items()} == {
        "label": ("target", "by its name")
    }
    long = guess(pa.table({"notes": SENTENCES}), (), ())
    assert long["text"].why.startswith("long texts, 5")


def test_a_table_without_rows_or_columns_has_no_roles() -> None:
    assert roles() == {}
    assert roles(note=pa.array([], pa.string())) == {}
    assert roles(note=pa.nulls(30)) == {}
