"""Support vector machines without trust: as scikit-learn answers, and where none leads out of its vectors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC, NuSVC

from pipelines.contract import ContractError
from tests.hostile.cases import CASES
from tests.pipelines.asked import ask
from tests.pipelines.mutated import refusals_of_changed

COLUMNS = ["age", "size", "way"]
CHANCE = np.random.default_rng(0)
PLACES = pd.DataFrame(
    {
        "id": range(90),
        "age": CHANCE.normal(size=90),
        "size": CHANCE.normal(size=90),
        "way": CHANCE.integers(0, 3, 90),
    }
).assign(label=lambda frame: np.where(frame.age > 0.4, "old", np.where(frame["size"] > 0, "new", "odd")))
DATA = {"source": "data.csv"}


def fitted(model: Any) -> Any:
    return model.fit(PLACES[COLUMNS].to_numpy(), PLACES.label)


def plain() -> Any:
    return fitted(SVC(decision_function_shape="ovo"))


def of_a_line() -> Any:
    return fitted(NuSVC(nu=0.2, kernel="linear"))


def of_a_kernel() -> Any:
    """A machine whose vectors are places in the rows that it is asked with."""
    rows = PLACES[COLUMNS].to_numpy()[:3]
    return SVC(kernel="precomputed").fit(rows @ rows.T, np.array(["new", "odd", "old"], object))


def calibrated() -> Any:
    return fitted(CalibratedClassifierCV(make_pipeline(StandardScaler(), SVC()), cv=2))


def straight() -> Any:
    return fitted(CalibratedClassifierCV(LinearSVC(), cv=2))


MAKERS = (plain, of_a_line, of_a_kernel, calibrated, straight)


@pytest.mark.parametrize("make", MAKERS)
def test_machines_are_asked_without_trust(tmp_path: Path, make: Callable[[], Any]) -> None:
    PLACES.to_csv(tmp_path / "data.csv", index=False)
    model = make()
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", "", DATA, features=COLUMNS)
    found = asked.column("samples", "prediction")
    assert found.tolist() == model.predict(PLACES[COLUMNS].to_numpy()).tolist()


def changed(name: str, change: Callable[[Any], Any], make: Callable[[], Any] = plain) -> Callable[[], Any]:
    def made() -> Any:
        model = make()
        vars(model)[name] = change(vars(model).get(name))
        return model

    return made


def calibrated_with(name: str, value: Any) -> Callable[[], Any]:
    """A machine within others, whose classes nobody else looks at."""

    def made() -> Any:
        model = calibrated()
        vars(model.calibrated_classifiers_[0].estimator[-1])[name] = value
        return model

    return made


HOSTILE = {
    "more places than vectors": changed("support_", lambda places: np.tile(places, 1000)),
    "more vectors of a class": changed(
        "_n_support", lambda counts: counts + np.array([10**6, 0, -(10**6)], "i4")
    ),
    "fewer classes": changed("_n_support", lambda counts: np.array([counts[:2].sum(), counts[2]], "i4")),
    "fewer coefficients": changed("_dual_coef_", lambda weights: weights[:, :1].copy()),
    "fewer rows of coefficients": changed("_dual_coef_", lambda weights: weights[:1].copy()),
    "fewer thresholds": changed("_intercept_", lambda levels: levels[:1].copy()),
    "levels of fewer pairs": changed("_probA", lambda _: np.ones(1)),
    "fewer columns": changed("support_vectors_", lambda vectors: vectors[:, :1].copy()),
    "no vectors": changed("support_vectors_", lambda vectors: vectors[:0]),
    "places in a kernel": changed("kernel", lambda _: "precomputed"),
    "another machine": changed("_impl", lambda _: "nu_svr"),
    "a list for a kernel": changed("kernel", lambda _: []),
    "a number for classes": calibrated_with("classes_", 5),
    "classes that are no list": calibrated_with("classes_", np.array("new")),
    "a kernel of no shape": changed("shape_fit_", lambda _: (), of_a_kernel),
    "a number for a kernel's shape": changed("shape_fit_", lambda _: 5, of_a_kernel),
    "a kernel's shape of no numbers": changed("shape_fit_", lambda _: (np.ones(2), 3), of_a_kernel),
    "a method that is replaced": changed("_compute_kernel", lambda _: np.negative),
    "sparse where it is dense": changed("_sparse", lambda _: True),
    "neither sparse nor dense": changed("_sparse", lambda _: np.zeros(2)),
    "a place beyond the kernel": changed("support_", lambda places: places + 10**6, of_a_kernel),
    "a place before the kernel": changed("support_", lambda places: places - 4, of_a_kernel),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_machine_that_leads_out_of_its_vectors_is_never_asked(tmp_path: Path, kind: str) -> None:
    PLACES.to_csv(tmp_path / "data.csv", index=False)
    skops.io.dump(HOSTILE[kind](), tmp_path / "net.skops")
    said = r"net\.skops: holds a SVC that leads out of its support vectors\n  .*--trust"
    with pytest.raises(ContractError, match=said):
        ask(tmp_path, "net.skops", "", DATA, features=COLUMNS)


def test_changed_numbers_end_in_an_answer_or_a_refusal(tmp_path: Path) -> None:
    PLACES[COLUMNS].to_csv(tmp_path / "data.csv", index=False)
    for make in MAKERS:
        skops.io.dump(make(), tmp_path / f"{make.__name__}.skops")
    cases = min(CASES, 2000)
    refused = refusals_of_changed(tmp_path, cases)
    assert cases / 10 < len(refused) < cases
    assert any("leads out of its support vectors" in end for end in refused)
