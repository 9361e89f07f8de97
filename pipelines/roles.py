"""Guesses which column plays which role: by its name, its type and its values, and says why.

A role is given only where name and type agree, or where the values leave little doubt; what a report says
itself always goes first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LOOKED_AT = 50_000  # rows of which values are looked at, except where every one must be different
FEWEST = 10  # rows below which values say nothing
MOST_CLASSES = 100
TEXT_LENGTH = 40  # characters of an average text: names and labels are shorter
SPLITS = frozenset(
    {
        "train",
        "training",
        "test",
        "testing",
        "val",
        "valid",
        "validation",
        "dev",
        "eval",
        "holdout",
        "unlabeled",
    }
)

Column: TypeAlias = pa.ChunkedArray


@dataclass(frozen=True)
class Guess:
    """A column and the reason why it plays a role."""

    column: str
    why: str


# Types --------------------------------------------------------------------------------------------


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def is_text(kind: pa.DataType) -> bool:
    """Whether values are text, whatever Arrow's layout."""
    plain, types = _plain(kind), pa.types
    return bool(types.is_string(plain) or types.is_large_string(plain) or types.is_string_view(plain))


def is_number_list(kind: pa.DataType) -> bool:
    """Whether each value is a list of floating-point numbers or of small integers."""
    types = pa.types
    is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return bool(is_list and (types.is_floating(kind.value_type) or types.is_integer(kind.value_type)))


def _is_name(kind: pa.DataType) -> bool:
    return is_text(kind) or bool(pa.types.is_integer(_plain(kind)))


def _is_class(kind: pa.DataType) -> bool:
    return _is_name(kind) or bool(pa.types.is_boolean(kind) or pa.types.is_null(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def _is_float(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _is_time(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def _is_bool(kind: pa.DataType) -> bool:
    return bool(pa.types.is_boolean(kind))


# Names --------------------------------------------------------------------------------------------

Check = Callable[[pa.DataType], bool]

NAMED: Mapping[str, tuple[Check, tuple[str, ...]]] = {
    "id": (_is_name, ("id", "sample_id", "uid", "uuid", "guid", "file_name", "filename")),
    "label": (
        _is_class,
        *(
            (
                "label",
                "labels",
                "target",
                "class",
                "fine_label",
                "true_label",
                "ground_truth",
                "truth",
                "category",
            ),
        ),
    ),
    "prediction": (
        _is_class,
        (
            "prediction",
            "predicted",
            "pred",
            "predicted_label",
            "predicted_class",
            "y_pred",
            "prediction_label",
        ),
    ),
    "probability": (is_number_list, ("probabilities", "probability", "probs", "prob", "softmax")),
    "confidence": (_is_float, ("confidence", "certainty", "probability", "prob", "max_prob", "conf")),
    "embedding": (is_number_list, ("embedding", "embeddings", "emb", "features", "vector", "representation")),
    "text": (
        is_text,
        ("text", "sentence", "content", "document", "review", "question", "prompt", "body", "abstract"),
    ),
    "split": (_is_class, ("split", "subset", "partition", "fold")),
    "group": (_is_class, ("group", "coarse_label", "subgroup", "superclass", "domain", "cohort")),
    "time": (_is_time, ("time", "timestamp", "date", "datetime", "created_at")),
    "correct": (_is_bool, ("correct", "is_correct")),
    "margin": (_is_float, ("margin",)),
    "entropy": (_is_float, ("entropy",)),
    "loss": (_is_float, ("loss",)),
    "score": (_is_number, ("score",)),
}
"""For each role the type that it needs and the names that it goes by, likeliest first."""

PATTERNS: Mapping[str, tuple[Check, str]] = {
    "projection_x": (_is_number, r"projection_.+_x"),
    "projection_y": (_is_number, r"projection_.+_y"),
    "duplicates": (_is_name, r"duplicates_.+"),
    "familiarity": (_is_number, r"familiarity_.+"),
    "split_familiarity": (_is_number, r"split_?familiarity_.+"),
    "id": (_is_name, r".+_id"),
}
"""Names with a part of somebody's own, as Symphony writes them (`projection_<model>_x`)."""

NUMBER_ROLES = {role for role, (check, _) in {**NAMED, **PATTERNS}.items() if check(pa.float64())}
"""Roles of which the values are numbers to compute with."""


def guess(table: pa.Table, taken: Iterable[str], roles: Iterable[str]) -> dict[str, Guess]:
    """Return a guess for each role that some column of `table` plays, none for the columns in `taken`.

    `roles` are those that are known already, such as one that the report gives. Each column plays one role.
    """
    free = {name: table[name] for name in table.column_names if name not in set(taken)}
    found: dict[str, Guess] = {}
    known = set(roles)
    for look in (_named, _patterned, _by_values):
        for role, told in look(free):
            if role not in known | found.keys() and told.column in free:
                found[role] = told
                del free[told.column]
    judged = next((role for role in ("prediction", "probability") if role in known | found.keys()), "")
    if judged and "label" not in known | found.keys():
        found |= _labels(free, judged)
    return found


def _named(free: Mapping[str, Column]) -> list[tuple[str, Guess]]:
    names = {_simple(name): name for name in reversed(list(free))}
    found = []
    for role, (fits, listed) in NAMED.items():
        for name in listed:
            column = names.get(name)
            if column is not None and (fits(free[column].type) or _is_whole(role, free[column])):
                found.append((role, Guess(column, "by its name")))
                break
    return found


def _simple(name: str) -> str:
    """Return a name in lower case, its words joined by underscores: `fineLabel` is `fine_label`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def _is_whole(role: str, column: Column) -> bool:
    """Whether floating-point labels are whole numbers: what pandas makes of integers where one is missing."""
    if role not in ("label", "prediction", "split", "group") or not pa.types.is_floating(column.type):
        return False
    return bool(column.null_count) and bool(pc.all(pc.equal(pc.round(column), column)).as_py())


def _patterned(free: Mapping[str, Column]) -> list[tuple[str, Guess]]:
    found = []
    for role, (fits, pattern) in PATTERNS.items():
        for name, column in free.items():
            if (
                re.fullmatch(pattern, _simple(name))
                and fits(column.type)
                and (role != "id" or _is_key(column))
            ):
                found.append((role, Guess(name, "by its name")))
                break
    return found


# Values -------------------------------------------------------------------------------------------


def _by_values(free: Mapping[str, Column]) -> list[tuple[str, Guess]]:
    rows = len(next(iter(free.values()))) if free else 0
    if rows < FEWEST:
        return []
    seen = {name: column.slice(0, LOOKED_AT) for name, column in free.items()}
    found = [*_lists(seen), *_texts(seen), *_times(seen), *_splits(seen)]
    used = {told.column for _, told in found}
    left = {name: column for name, column in seen.items() if name not in used}
    keys = _keys(free, left)
    return [*found, *keys]


def _lists(seen: Mapping[str, Column]) -> list[tuple[str, Guess]]:
    found = []
    for name, column in seen.items():
        if not is_number_list(column.type) or not pa.types.is_floating(column.type.value_type):
            continue
        vectors = _vectors(column)
        if vectors is None:
            continue
        if _are_probabilities(vectors):
            found.append(("probability", Guess(name, "each list is between 0 and 1 and sums to 1")))
        elif vectors.shape[1] > 1:
            found.append(("embedding", Guess(name, f"lists of {vectors.shape[1]} numbers each")))
    return found


def _vectors(column: Column) -> np.ndarray[tuple[int, int], np.dtype[np.float64]] | None:
    lengths = pc.unique(pc.list_value_length(column).drop_null()).to_pylist()
    if len(lengths) != 1 or not lengths[0]:
        return None
    flat = pc.list_flatten(column).cast(pa.float64()).to_numpy()
    return np.asarray(flat, np.float64).reshape(-1, lengths[0])


def _are_probabilities(vectors: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> bool:
    inside = bool(((vectors >= 0) & (vectors <= 1)).all())
    return inside and vectors.shape[1] > 1 and bool((np.abs(vectors.sum(axis=1) - 1) < 1e-2).all())


def _texts(seen: Mapping[str, Column]) -> list[tuple[str, Guess]]:
    """Return the column of longest free text: long on average, hardly repeated, with spaces between words."""
    best: tuple[float, str] | None = None
    for name, column in seen.items():
        values = column.drop_null() if is_text(column.type) else column.slice(0, 0)
        if len(values) < FEWEST or count_distinct(values) * 2 < len(values):
            continue
        plain = values.cast(pa.large_string())
        length = float(pc.mean(pc.utf8_length(plain)).as_py())
        has_words = float(pc.mean(pc.match_substring(plain, " ").cast(pa.uint8())).as_py()) > 0.9
        if length >= TEXT_LENGTH and has_words and (best is None or length > best[0]):
            best = (length, name)
    return [("text", Guess(best[1], f"long texts, {best[0]:.0f} characters on average"))] if best else []


def _times(seen: Mapping[str, Column]) -> list[tuple[str, Guess]]:
    names = [name for name, column in seen.items() if _is_time(column.type)]
    return [("time", Guess(names[0], "the first column of dates or times"))] if names else []


def _splits(seen: Mapping[str, Column]) -> list[tuple[str, Guess]]:
    for name, column in seen.items():
        values = _few(column, len(SPLITS)) if is_text(column.type) else []
        if values and {str(value).casefold() for value in values} <= SPLITS:
            return [("split", Guess(name, f"holds {', '.join(map(str, values))}"))]
    return []


def _keys(whole: Mapping[str, Column], left: Mapping[str, Column]) -> list[tuple[str, Guess]]:
    for name, column in left.items():
        if is_text(column.type) and _is_key(column) and _is_key(whole[name]):
            return [("id", Guess(name, "every value is there and different"))]
    return []


def _is_key(column: Column) -> bool:
    return not column.null_count and count_distinct(column) == len(column)


def _labels(free: Mapping[str, Column], judged: str) -> dict[str, Guess]:
    """Return as label the column by which a prediction is judged, where the values say which one.

    Any table has columns of few texts, so one is a label only where there is something to judge by it: it is
    the one such column, or of several that at the table's end; else whole numbers there.
    """
    if not free or len(next(iter(free.values()))) < FEWEST:
        return {}
    left = {name: column.slice(0, LOOKED_AT) for name, column in free.items()}
    few = {name: len(_few(column, MOST_CLASSES)) for name, column in left.items() if is_text(column.type)}
    named = [name for name, count in few.items() if count >= 2]
    last = list(left)[-1]
    if len(named) == 1 or (named and last == named[-1]):
        return {"label": Guess(named[-1], f"{few[named[-1]]} different texts, and a {judged} to judge by it")}
    codes = _few(left[last], MOST_CLASSES) if pa.types.is_integer(left[last].type) else []
    if not named and len(codes) >= 2 and sorted(codes) == list(range(len(codes))):
        span = f"the numbers 0 to {len(codes) - 1}"
        return {"label": Guess(last, f"the last column, with {span}, and a {judged} to judge by it")}
    return {}


def count_distinct(column: Column) -> int:
    """Return the number of distinct values, null not counted."""
    plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    return int(pc.count_distinct(plain).as_py())


def _few(column: Column, most: int) -> Sequence[Any]:
    """Return the distinct values, sorted, where there are few of them for the number of rows; else none."""
    values = column.drop_null()
    limit = min(most, len(values) // 5)
    if not len(values) or count_distinct(values) > limit:
        return []
    found: list[Any] = values.unique().to_pylist()
    return sorted(found, key=str) if is_text(column.type) else sorted(found)
