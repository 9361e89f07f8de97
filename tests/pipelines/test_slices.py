"""The slice finder: a planted slice comes first, and what is found equals a look at every slice there is."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipelines.slices.search import Found, Scoring, conjunctions, order, search
from pipelines.subgroups import Feature
from tests.pipelines.judging import judge, run, table, written


def feature(name: str, codes: Any, size: int) -> Feature:
    words = tuple(f"{name} = {value}" for value in range(size))
    return Feature(name, codes, words, words)


def every_slice(columns: list[Feature], is_wrong: Any, scoring: Scoring, level: int) -> list[Found]:
    """Return all slices with a score above 0, looked at one by one."""
    found = []
    for depth in range(1, level + 1):
        for chosen in combinations(range(len(columns)), depth):
            for values in product(*(range(columns[at].size) for at in chosen)):
                inside = np.ones(len(is_wrong), bool)
                for at, value in zip(chosen, values, strict=True):
                    inside &= columns[at].codes == value
                n, errors = int(inside.sum()), int((inside & is_wrong).sum())
                if n < scoring.minimum:
                    continue
                worse = (errors / n) / (scoring.errors / scoring.n) - 1
                score = scoring.alpha * worse - (1 - scoring.alpha) * (scoring.n / n - 1)
                if score > 0:
                    found.append(Found(tuple(zip(chosen, values, strict=True)), n, errors, score))
    return sorted(found, key=order)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("alpha", [0.5, 0.95, 1.0])
@pytest.mark.parametrize("minimum", [1, 10, 30])
def test_finds_what_a_look_at_every_slice_finds(seed: int, alpha: float, minimum: int) -> None:
    random = np.random.default_rng(seed)
    rows = 300
    columns = [
        feature(f"c{at}", random.integers(0, size, rows), size) for at, size in enumerate([2, 3, 4, 3])
    ]
    is_wrong = random.random(rows) < 0.1
    is_wrong |= (columns[0].codes == 1) & (columns[2].codes == 2) & (random.random(rows) < 0.6)
    scoring = Scoring(rows, int(is_wrong.sum()), alpha, minimum)
    expected = every_slice(columns, is_wrong, scoring, 3)
    for most in (1, 5, 1000):
        found = search(columns, is_wrong, scoring, 3, most)
        assert [(each.slice, each.n, each.errors) for each in found] == [
            (each.slice, each.n, each.errors) for each in expected[:most]
        ]
        assert [each.score for each in found] == pytest.approx([each.score for each in expected[:most]])


def test_bounds_are_never_below_what_is_inside() -> None:
    random = np.random.default_rng(0)
    for _ in range(200):
        scoring = Scoring(
            1000, int(random.integers(1, 500)), random.uniform(0.1, 1), int(random.integers(1, 50))
        )
        n = int(random.integers(scoring.minimum, 500))
        errors = int(random.integers(0, min(n, scoring.errors) + 1))
        inner = random.integers(scoring.minimum, n + 1, 100).astype(float)
        inner_errors = np.floor(random.uniform(0, 1, 100) * (np.minimum(inner, errors) + 1))
        best = scoring.score(inner, np.minimum(inner_errors, np.minimum(inner, errors))).max()
        assert best <= scoring.bound(np.float64(n), np.float64(errors)) + 1e-9


def planted(rows: int = 4000) -> pd.DataFrame:
    """Return answers that are right nine times of ten, and in one slice once of three times."""
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "weather": random.choice(["sun", "rain", "fog"], rows),
            "camera": random.choice(["a", "b", "c", "d"], rows),
            "speed": random.uniform(0, 100, rows),
            "label": random.choice(["car", "bus"], rows),
        }
    )
    inside = (frame.weather == "fog") & (frame.speed >= 60)
    is_wrong = random.random(rows) < np.where(inside, 0.67, 0.1)
    other = frame.label.map({"car": "bus", "bus": "car"})
    return frame.assign(prediction=np.where(is_wrong, other, frame.label))


def test_a_planted_slice_comes_first_with_its_numbers() -> None:
    frame = planted()
    columns = {"columns": "weather, camera, speed", "edges": "speed = 30 60"}
    first = judge("slices", frame.to_dict("list"), **columns)["slices"].iloc[0]
    assert first.slice == "weather = fog, speed ≥ 60"
    assert first.expression == 'datum.weather == "fog" && datum.speed >= 60.0'
    inside = (frame.weather == "fog") & (frame.speed >= 60)
    is_wrong = frame.label != frame.prediction
    assert (first.n, first.errors) == (inside.sum(), (inside & is_wrong).sum())
    assert first.error_rate == pytest.approx(is_wrong[inside].mean())
    assert first.rest == pytest.approx(is_wrong[~inside].mean())
    counts = pd.crosstab(inside, is_wrong)
    assert first.p == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue, rel=1e-6)
    tests = conjunctions([feature("a", 0, 3), feature("b", 0, 4), feature("c", 0, 3)], 3)
    assert tests == 3 + 4 + 3 + 12 + 9 + 12 + 36
    assert first.p <= first.q <= first.p * tests


def test_what_is_never_wrong_has_no_slices(tmp_path: Path) -> None:
    frame = planted(200).assign(prediction=lambda each: each.label)
    output = run("slices", {"samples": table(frame.to_dict("list"))}, columns="weather, camera")
    manifest = written(output, tmp_path / "judged")
    assert manifest.table("slices").rows == 0


def test_a_million_samples_take_seconds_and_little_memory() -> None:
    random = np.random.default_rng(4)
    rows, sizes = 1_000_000, [10, 5, 20, 8, 4, 50, 6, 12]
    columns = [feature(f"c{at}", random.integers(0, size, rows), size) for at, size in enumerate(sizes)]
    inside = (columns[1].codes == 1) & (columns[4].codes == 2)
    is_wrong = (random.random(rows) < 0.05) | (inside & (random.random(rows) < 0.5))
    scoring = Scoring(rows, int(is_wrong.sum()), 0.95, 1000)
    (first,) = search(columns, is_wrong, scoring, 3, 1)
    assert first.slice == ((1, 1), (4, 2))
    assert first.n == inside.sum()
