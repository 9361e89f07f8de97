"""Looks at what makes sparse matrices in a scikit-learn file before it is asked.

Compiled code multiplies and unfolds a sparse matrix without looking at its places. Encoders and vectorizers
write these places from what their file says, so in a file that nobody vouches for it has to fit together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from pipelines.errors import ContractError
from pipelines.models.files import TRUST
from pipelines.models.sklearn_trees import parts


def check_matrices(where: str, fitted: Any) -> None:
    """Raise `ContractError` where an encoder or a vectorizer would write outside of its columns."""
    for item in parts(fitted):
        if _is_unsound(item):
            what = f"holds a {type(item).__name__} that leads out of its columns"
            raise ContractError(where, what, f"save the model again; {TRUST}")


def _is_unsound(item: Any) -> bool:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.preprocessing import OneHotEncoder

    held = vars(item) if hasattr(item, "__dict__") and not isinstance(item, type) else {}
    if isinstance(item, CountVectorizer | DictVectorizer) and "vocabulary_" in held:
        return not _is_numbering(held["vocabulary_"])
    if isinstance(item, OneHotEncoder) and "categories_" in held:
        return any(_problems_of_encoder(item))
    return False


def _is_numbering(vocabulary: Any) -> bool:
    """Whether each word has a column of its own."""
    if not isinstance(vocabulary, Mapping):
        return False
    places = list(vocabulary.values())
    return all(isinstance(place, int | np.integer) for place in places) and set(map(int, places)) == set(
        range(len(places))
    )


def _problems_of_encoder(item: Any) -> Iterator[bool]:
    sizes = [len(values) for values in item.categories_]
    dropped = getattr(item, "_drop_idx_after_grouping", None)
    yield from (not _is_of(dropped, sizes), not _is_of(getattr(item, "drop_idx_", None), sizes))
    grouped = getattr(item, "_default_to_infrequent_mappings", None)
    if getattr(item, "_infrequent_enabled", False):
        yield not isinstance(grouped, list) or len(grouped) != len(sizes)
    for size, mapping in zip(sizes, grouped or (), strict=False):
        yield mapping is not None and not _is_mapping(mapping, size)
    yield list(item._n_features_outs) != list(item._compute_n_features_outs())


def _is_of(places: Collection[Any] | None, sizes: Collection[int]) -> bool:
    """Whether each place is one of its column's categories, or none."""
    return places is None or (
        len(places) == len(sizes)
        and all(place is None or 0 <= place < size for place, size in zip(places, sizes, strict=True))
    )


def _is_mapping(mapping: Any, size: int) -> bool:
    """Whether every category goes to a group, and the groups are numbered from 0."""
    return (
        isinstance(mapping, np.ndarray)
        and mapping.dtype.kind == "i"
        and mapping.shape == (size,)
        and set(mapping.tolist()) == set(range(int(mapping.max(initial=-1)) + 1))
    )
