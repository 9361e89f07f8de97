"""scikit-learn models against their own predict_proba; pickles and unknown types only where trusted."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from pipelines.contract import ContractError
from tests.pipelines.asked import ask, digits

SIXTEEN = {"input": {"range": [0, 16]}}
PEOPLE = pd.DataFrame(
    {"id": range(60), "age": np.linspace(20, 70, 60), "town": ["Ulm", "Aalen", "Kempten"] * 20}
).assign(label=lambda frame: np.where((frame.age > 45) | (frame.town == "Ulm"), "yes", "no"))
DATA = {"source": "data.csv"}


def flat() -> tuple[Any, Any]:
    pixels, labels = digits()
    return pixels.reshape(-1, 64) * (16 / 255), labels


def test_a_pipeline_on_images_answers_as_scikit_learn_does(tmp_path: Path) -> None:
    values, labels = flat()
    model = make_pipeline(StandardScaler(), PCA(8, random_state=0), LogisticRegression(max_iter=200))
    model.fit(values, labels)
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", "pca", **SIXTEEN)
    assert np.abs(asked.probabilities - model.predict_proba(values)).max() < 1e-5
    assert np.abs(asked.embeddings - model[:2].transform(values)).max() < 1e-4
    assert asked.model["input"]["layout"] == "flat"
    assert asked.manifest.libraries.keys() >= {"scikit-learn", "skops"}
    assert asked.manifest.device == "cpu"
    with pytest.raises(
        ContractError, match=r'no layer "pcs"\n  did you mean "pca"\?  \(standardscaler, pca\)'
    ):
        ask(tmp_path, "net.skops", "pcs", **SIXTEEN)


def test_a_pipeline_on_named_columns_is_given_them_by_name(tmp_path: Path) -> None:
    PEOPLE.to_csv(tmp_path / "data.csv", index=False)
    columns = ColumnTransformer([("town", OneHotEncoder(), ["town"]), ("age", StandardScaler(), ["age"])])
    model = make_pipeline(columns, LogisticRegression())
    model.fit(PEOPLE[["town", "age"]], PEOPLE.label)
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", "columntransformer", DATA)
    assert np.abs(asked.probabilities - model.predict_proba(PEOPLE[["town", "age"]])).max() < 1e-6
    assert asked.manifest.classes == ("no", "yes")
    assert asked.model["input"] == {"kind": "columns", "features": ["town", "age"]}
    assert asked.embeddings.shape == (60, 4)


def test_a_pipeline_on_text_reads_the_text(tmp_path: Path) -> None:
    texts = ["a good film", "what a bad film", "good, very good", "bad and long"] * 5
    frame = pd.DataFrame({"text": texts, "label": ["good", "bad"] * 10})
    frame.to_csv(tmp_path / "data.csv", index=False)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, frame.label)
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", "tfidfvectorizer", DATA)
    assert np.abs(asked.probabilities - model.predict_proba(texts)).max() < 1e-6
    assert np.abs(asked.embeddings - model[:1].transform(texts).toarray()).max() < 1e-6
    many = [" ".join(f"w{index * 300 + word}" for word in range(300)) for index in range(20)]
    wide = make_pipeline(CountVectorizer(), LogisticRegression()).fit(many, frame.label)
    frame.assign(text=many).to_csv(tmp_path / "data.csv", index=False)
    skops.io.dump(wide, tmp_path / "net.skops")
    with pytest.raises(ContractError, match='step "countvectorizer" gives 6,000 columns'):
        ask(tmp_path, "net.skops", "countvectorizer", DATA)


def test_numbers_of_classes_are_the_datasets_by_place(tmp_path: Path) -> None:
    PEOPLE.to_csv(tmp_path / "data.csv", index=False)
    model = LogisticRegression().fit(PEOPLE[["age"]].to_numpy(), (PEOPLE.label == "yes").astype(int))
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", "", DATA, features=["age"])
    expected = np.where(model.predict(PEOPLE[["age"]].to_numpy()) == 1, "yes", "no")
    assert (asked.column("samples", "prediction") == expected).all()


def test_a_classifier_without_probabilities_gives_predictions(tmp_path: Path) -> None:
    values, labels = flat()
    model = RidgeClassifier().fit(values, labels)
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", **SIXTEEN)
    assert (asked.column("samples", "prediction").astype(int) == model.predict(values)).all()
    assert [table.name for table in asked.manifest.tables] == ["samples"]


class Code:
    """Makes a folder when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("suffix", [".joblib", ".pkl", ".pickle"])
def test_a_pickle_is_read_only_when_trusted(tmp_path: Path, suffix: str) -> None:
    values, labels = flat()
    model = LogisticRegression(max_iter=20, tol=1).fit(values, labels)
    joblib.dump({"model": Code(tmp_path / "ran")}, tmp_path / f"net{suffix}")
    message = rf"net\{suffix}: is a pickle, which runs code while it is read\n .*skops.* --trust"
    with pytest.raises(ContractError, match=message):
        ask(tmp_path, f"net{suffix}", **SIXTEEN)
    assert not (tmp_path / "ran").exists()
    joblib.dump(model, tmp_path / f"net{suffix}")
    asked = ask(tmp_path, f"net{suffix}", trust=True, **SIXTEEN)
    assert np.abs(asked.probabilities - model.predict_proba(values)).max() < 1e-6


def doubled(values: Any) -> Any:
    return values * 2


def test_types_that_skops_does_not_know_are_listed_and_refused(tmp_path: Path) -> None:
    values, labels = flat()
    model = make_pipeline(FunctionTransformer(doubled), LogisticRegression(max_iter=20, tol=1))
    model.fit(values, labels)
    skops.io.dump(model, tmp_path / "net.skops")
    message = r"holds 1 types that are not known to be safe: tests\.pipelines\.test_sklearn_models\.doubled"
    with pytest.raises(ContractError, match=message):
        ask(tmp_path, "net.skops", **SIXTEEN)
    asked = ask(tmp_path, "net.skops", trust=True, **SIXTEEN)
    assert np.abs(asked.probabilities - model.predict_proba(values)).max() < 1e-5


@pytest.mark.parametrize(
    "model",
    [
        CalibratedClassifierCV(LogisticRegression(max_iter=20, tol=1), cv=2, ensemble=False),
        GridSearchCV(LogisticRegression(max_iter=20, tol=1), {"C": [0.1, 1]}, cv=2),
        MLPClassifier((5,), max_iter=3, tol=10, random_state=0),
        MLPClassifier((5,), max_iter=3, tol=10, random_state=0, solver="sgd"),
        VotingClassifier([("one", LogisticRegression(max_iter=20, tol=1))], voting="soft"),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_only_holds_values_needs_no_trust(tmp_path: Path, model: Any) -> None:
    values, labels = flat()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(values, labels)
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", **SIXTEEN)
    assert np.abs(asked.probabilities - model.predict_proba(values)).max() < 1e-5


def test_a_search_is_the_pipeline_that_it_found(tmp_path: Path) -> None:
    texts = pd.DataFrame({"words": ["red ruby", "blue sky", "ruby", "sky"] * 5, "label": ["a", "b"] * 10})
    texts.to_csv(tmp_path / "texts.csv", index_label="id")
    found = GridSearchCV(
        make_pipeline(CountVectorizer(), LogisticRegression()), {"logisticregression__C": [1, 10]}, cv=2
    )
    found.fit(texts.words, texts.label)
    skops.io.dump(found, tmp_path / "net.skops")
    data = {"source": "texts.csv", "roles": {"text": "words"}}
    asked = ask(tmp_path, "net.skops", "countvectorizer", data)
    assert np.abs(asked.probabilities - found.predict_proba(texts.words)).max() < 1e-6
    assert asked.embeddings.shape == (20, 4)


def truncated(path: Path) -> None:
    skops.io.dump(LogisticRegression(), path)
    path.write_bytes(path.read_bytes()[:-30])


def bomb(path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b" " * (70 << 20))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (truncated, "is not a scikit-learn model: no zip archive"),
        (bomb, "would unpack to 73,400,320: it is not opened"),
        (lambda path: path.write_text("this is no model"), "is not a scikit-learn model: no zip archive"),
        (lambda path: skops.io.dump(PCA(), path), "holds PCA, which is no fitted classifier"),
    ],
)
def test_says_what_is_wrong_with_a_file(tmp_path: Path, make: Callable[[Path], Any], message: str) -> None:
    make(tmp_path / "net.skops")
    with pytest.raises(ContractError, match=rf"net\.skops: .*{message}"):
        ask(tmp_path, "net.skops", **SIXTEEN)
