"""Near duplicates: neighbours of embeddings, the line that a rule draws, and the groups within it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.duplicates import thresholds
from pipelines.duplicates.edges import (
    NO_JOINS,
    Edges,
    Joins,
    closed_rows,
    connected,
    from_neighbors,
    identical,
    joins,
    local_scales,
)
from pipelines.duplicates.neighbors import MOST_EXACT, Neighbors, Vectors, nearest
from pipelines.progress import Steps

Places = NDArray[np.int64]
RULES = ("gap", "slope", "percentile")


@dataclass(frozen=True)
class Line:
    """Where a rule draws the line: `distance` may be NaN for nowhere, `relative` infinite for anything."""

    rule: str
    distance: float
    relative: float


@dataclass(frozen=True)
class Near:
    """The pairs of neighbours, and by rule its line and the groups that it makes (-1 is alone).

    `usual` is the usual distance to a nearest neighbour, `dimension` how many the embeddings fill; both are
    NaN where there is nothing to tell them from. `closed` counts the samples that `closed_rows` names, copies
    among them.
    """

    edges: Edges
    groups: Mapping[Line, Places]
    usual: float
    dimension: float
    is_exact: bool
    closed: int
    nearest: NDArray[np.float32]

    def of(self, rule: str) -> Places:
        """Return the groups of a rule."""
        return next(groups for line, groups in self.groups.items() if line.rule == rule)


def near_duplicates(vectors: Vectors, parameters: Mapping[str, Any], device: str, steps: Steps) -> Near:
    """Find the neighbours of all embeddings and what each rule makes of them.

    Identical embeddings count once as neighbours, so that many copies do not hide what is next to them.
    """
    told = scaled(vectors) if parameters["metric"] == "cosine" else vectors
    first_equal = identical(told)
    kept = np.flatnonzero(first_equal == np.arange(len(told)))
    distinct = told if len(kept) == len(told) else told[kept]
    with steps.step("neighbors", len(distinct)) as advance:
        found = nearest(distinct, parameters["neighbors"], device, parameters["seed"], advance)
    with steps.step("groups"):
        rules = RULES if parameters["rule"] in RULES else (*RULES, parameters["rule"])
        lines = [_line(rule, found, parameters) for rule in rules]
        joined = {each.rule: joins(distinct, found, _or_nothing(each.distance)) for each in lines}
        scales = local_scales(distinct, found, joined["gap"], _or_nothing(lines[0].distance))
        every = reduce(Joins.and_, joined.values(), NO_JOINS)
        edges = from_neighbors(found, every, scales, kept, first_equal)
        groups = {line: connected(len(told), *_within(edges, line)) for line in lines}
    usual = thresholds.usual_distance(found.distances)
    dimension = thresholds.intrinsic_dimension(found.distances)
    closed = int(closed_rows(found)[np.searchsorted(kept, first_equal)].sum())
    is_exact = len(distinct) <= MOST_EXACT
    return Near(edges, groups, usual, dimension, is_exact, closed, _nearest(len(told), edges))


def scaled(vectors: Vectors) -> Vectors:
    """Return the vectors made equally long; zero stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)


def _line(rule: str, found: Neighbors, parameters: Mapping[str, Any]) -> Line:
    distances = found.distances
    if rule == "gap":
        share = thresholds.gap_share(distances)
        usual = thresholds.usual_distance(distances)
        return Line(rule, share * usual, share)
    if rule == "given":
        return Line(rule, parameters["distance"], math.inf)
    # DNIKit counts a sample as the first of its own neighbours, and so has one fewer of the others.
    others = distances[:, :-1]
    if rule == "slope":
        return Line(rule, thresholds.slope(others, parameters["sensitivity"]), math.inf)
    return Line(rule, thresholds.percentile(others, parameters["percentile"]), math.inf)


def _within(edges: Edges, line: Line) -> tuple[Places, Places]:
    return edges.within(_or_nothing(line.distance), line.relative)


def _or_nothing(distance: float) -> float:
    return 0.0 if math.isnan(distance) else distance


def _nearest(count: int, edges: Edges) -> NDArray[np.float32]:
    """Return each row's distance to its nearest other row, NaN where there is none."""
    found = np.full(count, np.inf, np.float32)
    np.minimum.at(found, edges.first, edges.distance)
    np.minimum.at(found, edges.second, edges.distance)
    found[np.isinf(found)] = np.nan
    return found
