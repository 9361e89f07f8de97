"""Trees, forests and boosting without trust: as scikit-learn answers, and where none leads out of itself."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomTreesEmbedding,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import SelectFromModel, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from pipelines.contract import ContractError
from pipelines.models.model import Model
from pipelines.models.settings import ModelSettings
from pipelines.models.sklearn_estimator import open_model
from tests.hostile.cases import CASES
from tests.pipelines.asked import ask, digits
from tests.pipelines.mutated import refusals_of_changed
from tests.pipelines.test_sklearn_models import DATA, PEOPLE, doubled

FOREST = {"n_estimators": 4, "max_depth": 5, "random_state": 0}


WHOLE = {"input": {"range": [0, 255]}}
"""Levels as they are in the file: a tree may have a threshold at one of them."""


def flat() -> tuple[Any, Any]:
    pixels, labels = digits()
    return pixels.reshape(-1, 64).astype(float), labels


def fitted(model: Any) -> Any:
    values, labels = flat()
    return model.fit(values, labels)


@pytest.mark.parametrize(
    "model",
    [
        DecisionTreeClassifier(random_state=0),
        DecisionTreeClassifier(random_state=0, ccp_alpha=0.01),
        ExtraTreeClassifier(random_state=0),
        RandomForestClassifier(**FOREST),
        ExtraTreesClassifier(**FOREST),
        GradientBoostingClassifier(n_estimators=2, random_state=0),
        GradientBoostingClassifier(n_estimators=2, random_state=0, init="zero"),
        HistGradientBoostingClassifier(max_iter=2, random_state=0),
        AdaBoostClassifier(n_estimators=2, random_state=0),
        BaggingClassifier(n_estimators=2, random_state=0, max_features=0.5),
        CalibratedClassifierCV(RandomForestClassifier(**FOREST), cv=2),
        VotingClassifier([("one", RandomForestClassifier(**FOREST))], voting="soft"),
        StackingClassifier([("one", RandomForestClassifier(**FOREST))], cv=2),
        make_pipeline(StandardScaler(), RandomForestClassifier(**FOREST)),
        make_pipeline(
            SelectFromModel(RandomForestClassifier(**FOREST)), GradientBoostingClassifier(n_estimators=1)
        ),
    ],
    ids=lambda model: type(model[-1] if isinstance(model, Pipeline) else model).__name__,
)
def test_trees_are_asked_without_trust(tmp_path: Path, model: Any) -> None:
    fitted(model)
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", **WHOLE)
    assert np.abs(asked.probabilities - model.predict_proba(flat()[0])).max() < 1e-6


@pytest.mark.parametrize("boosting", [GradientBoostingClassifier, HistGradientBoostingClassifier])
def test_two_classes_have_one_tree_a_stage(tmp_path: Path, boosting: Any) -> None:
    PEOPLE.to_csv(tmp_path / "data.csv", index=False)
    model = boosting().fit(PEOPLE[["age"]].to_numpy(), PEOPLE.label)
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", "", DATA, features=["age"])
    assert np.abs(asked.probabilities - model.predict_proba(PEOPLE[["age"]].to_numpy())).max() < 1e-6


def on_towns() -> Any:
    columns = ColumnTransformer([("town", OneHotEncoder(), ["town"])], sparse_threshold=1)
    return make_pipeline(columns, RandomForestClassifier(**FOREST)).fit(PEOPLE[["town", "age"]], PEOPLE.label)


def test_steps_may_hand_sparse_matrices_to_trees(tmp_path: Path) -> None:
    PEOPLE.to_csv(tmp_path / "data.csv", index=False)
    model = on_towns()
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", "columntransformer", DATA)
    assert np.abs(asked.probabilities - model.predict_proba(PEOPLE[["town", "age"]])).max() < 1e-6
    assert asked.embeddings.shape == (60, 3)


def moved(tree: Any, field: str, value: int) -> None:
    """Write a number into the first node of a tree."""
    inner = np.flatnonzero(tree.children_left != -1)[0]
    getattr(tree, field)[inner] = value


def of_tree(field: str, value: int) -> Any:
    model = fitted(DecisionTreeClassifier(max_depth=3, random_state=0))
    moved(model.tree_, field, value)
    return model


def of_forest(field: str, value: int) -> Any:
    model = fitted(RandomForestClassifier(**FOREST))
    moved(model.estimators_[2].tree_, field, value)
    return model


def of_boosting() -> Any:
    return fitted(GradientBoostingClassifier(n_estimators=2, max_depth=2, random_state=0))


def of_histograms(field: str, value: int) -> Any:
    model = fitted(HistGradientBoostingClassifier(max_iter=2, random_state=0))
    model._predictors[1][3].nodes[field][0] = value
    return model


def with_another(model: Any, **held: Any) -> Any:
    vars(model).update(held)
    return model


def narrower() -> Any:
    """A boosting whose trees read columns that it does not ask for."""
    model = of_boosting()
    tree = model.estimators_[1, 3]
    tree.n_features_in_ = 65
    return model


def begun_with_one_class() -> Any:
    """A boosting whose sum has a column where its stages have ten trees."""
    model = of_boosting()
    model.init_ = GradientBoostingClassifier(n_estimators=1).fit([[0.0], [1.0]], [0, 1]).init_
    model._loss.n_classes = 1
    model.init_.n_classes_ = 1
    model.init_.class_prior_ = np.array([1.0])
    model.init_.classes_ = np.array([0])
    return model


TREE = "holds a DecisionTreeClassifier that leads out of its tree"
HISTOGRAMS = "holds a HistGradientBoostingClassifier that leads out of its tree"
CATEGORIES = "holds a HistGradientBoostingClassifier that leads out of its categories"
HOSTILE: dict[str, tuple[Callable[[], Any], str]] = {
    "a child beyond the nodes": (lambda: of_tree("children_left", 10**9), TREE),
    "a child before the first": (lambda: of_tree("children_right", -2), TREE),
    "a node that is its own child": (lambda: of_tree("children_right", 0), TREE),
    "a column beyond those given": (lambda: of_tree("feature", 64), TREE),
    "a column before the first": (lambda: of_tree("feature", -5), TREE),
    "a tree of a forest": (lambda: of_forest("feature", 10**6), TREE),
    "a stage of histograms": (lambda: of_histograms("left", 10**6), HISTOGRAMS),
    "a circle in histograms": (lambda: of_histograms("right", 0), HISTOGRAMS),
    "a column of histograms": (lambda: of_histograms("feature_idx", 64), HISTOGRAMS),
    "a category of histograms that have none": (lambda: of_histograms("is_categorical", 1), CATEGORIES),
    "columns that nobody counts": (
        lambda: with_another(fitted(DecisionTreeClassifier(max_depth=3)), n_features_in_=None),
        TREE,
    ),
    "trees that read more columns than their boosting": (
        narrower,
        "holds a GradientBoostingClassifier with other stages than trees of its columns",
    ),
    "stages that are no trees": (
        lambda: with_another(of_boosting(), estimators_=of_boosting().estimators_.tolist()),
        "holds a GradientBoostingClassifier with other stages than trees of its columns",
    ),
    "a boosting that begins too narrow": (
        begun_with_one_class,
        "holds a GradientBoostingClassifier of 10 trees a stage, which begins with 1",
    ),
    "a boosting that begins with an estimator": (
        lambda: with_another(of_boosting(), init_=fitted(LogisticRegression(max_iter=20, tol=1))),
        "holds a GradientBoostingClassifier that begins with an estimator of its own",
    ),
    "a method that is replaced": (
        lambda: with_another(fitted(DecisionTreeClassifier(max_depth=3)), _validate_X_predict=np.multiply),
        "holds a DecisionTreeClassifier whose method _validate_X_predict is replaced",
    ),
    "a tree in another place": (
        lambda: with_another(
            fitted(RandomForestClassifier(**FOREST)), spare=fitted(DecisionTreeClassifier(max_depth=3)).tree_
        ),
        "holds a Tree where scikit-learn has none",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_tree_that_leads_out_is_never_asked(tmp_path: Path, kind: str) -> None:
    make, said = HOSTILE[kind]
    skops.io.dump(make(), tmp_path / "net.skops")
    with pytest.raises(ContractError, match=rf"net\.skops: {said}\n  .*--trust"):
        ask(tmp_path, "net.skops", **WHOLE)


TOWNS = [*"ABCDEFGHIJKL"]
VISITS = pd.DataFrame(
    {
        "id": range(240),
        "age": np.linspace(20, 70, 240),
        "town": TOWNS * 20,
        "way": ["car", "train", "bus"] * 80,
    }
).assign(label=lambda frame: np.where(frame.town.isin(["B", "E", "F", "K"]) ^ (frame.age > 60), "yes", "no"))
COLUMNS = ["town", "way", "age"]
"""Towns that alternate: a boosting splits them as categories."""


def encoding(**settings: Any) -> Any:
    """A boosting that encodes two of three columns itself."""
    model = HistGradientBoostingClassifier(
        max_iter=4, min_samples_leaf=5, random_state=0, categorical_features=["town", "way"], **settings
    )
    return model.fit(VISITS[COLUMNS], VISITS.label)


def nested() -> Any:
    """A forest in a pipeline within another, behind columns that are encoded in pipelines of their own."""
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    words = make_pipeline(OneHotEncoder(handle_unknown="ignore"), VarianceThreshold())
    columns = ColumnTransformer([("words", words, ["town", "way"]), ("numbers", numbers, ["age"])])
    forest = make_pipeline(MaxAbsScaler(), RandomForestClassifier(**FOREST))
    return make_pipeline(columns, make_pipeline("passthrough", forest)).fit(VISITS[COLUMNS], VISITS.label)


def joined() -> Any:
    """Boosting of encoded columns beside trees that encode them, each in a pipeline of a vote."""
    columns = ColumnTransformer(
        [("words", OneHotEncoder(sparse_output=False), ["town", "way"])], remainder="passthrough"
    )
    boosting = make_pipeline(columns, GradientBoostingClassifier(n_estimators=3, random_state=0))
    histograms = make_pipeline(columns, HistGradientBoostingClassifier(max_iter=3, random_state=0))
    named = [("one", boosting), ("two", histograms), ("three", encoding())]
    return VotingClassifier(named, voting="soft").fit(VISITS[COLUMNS], VISITS.label)


@pytest.mark.parametrize("make", [encoding, nested, joined])
def test_what_an_ordinary_pipeline_holds_is_asked_without_trust(
    tmp_path: Path, make: Callable[[], Any]
) -> None:
    VISITS.to_csv(tmp_path / "data.csv", index=False)
    model = make()
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", "", DATA, features=COLUMNS)
    assert np.abs(asked.probabilities - model.predict_proba(VISITS[COLUMNS])).max() < 1e-6


def test_a_boosting_splits_the_categories_that_it_encodes() -> None:
    """What the mutated files change is there to be changed."""
    trees = [tree for stage in encoding()._predictors for tree in stage]
    assert sum(int(tree.nodes["is_categorical"].sum()) for tree in trees) > 3


def in_a_set(field: str, value: int) -> Any:
    model = encoding()
    nodes = model._predictors[1][0].nodes
    nodes[field][np.flatnonzero(nodes["is_categorical"])[0]] = value
    return model


def with_sets(change: Callable[[Any], Any], name: str = "raw_left_cat_bitsets") -> Any:
    model = encoding()
    tree = model._predictors[1][0]
    setattr(tree, name, change(getattr(tree, name)))
    return model


def with_mapper(**held: Any) -> Any:
    model = encoding()
    with_another(model._bin_mapper, **held)
    return model


def encoded_narrower() -> Any:
    """A boosting whose trees read three columns of the one that is encoded."""
    model = encoding()
    model._preprocessor.transformers_ = model._preprocessor.transformers_[1:]
    return model


def with_a_partial() -> Any:
    model = encoding()
    function = model._preprocessor.named_transformers_["numerical"]
    function.func = functools.partial(np.add, 1)
    return model


OF_CATEGORIES: dict[str, tuple[Callable[[], Any], str]] = {
    "a set beyond those of the tree": (lambda: in_a_set("bitset_idx", 10**8), CATEGORIES),
    "a column without categories": (lambda: in_a_set("feature_idx", 3), HISTOGRAMS),
    "sets that are too narrow": (lambda: with_sets(lambda sets: sets[:, :4].copy()), CATEGORIES),
    "fewer sets": (lambda: with_sets(lambda sets: sets[:0]), CATEGORIES),
    "fewer sets of bins": (lambda: with_sets(lambda sets: sets[:0], "binned_left_cat_bitsets"), CATEGORIES),
    "sets of other numbers": (lambda: with_sets(lambda sets: sets.astype(np.uint64)), CATEGORIES),
    "a model that knows no categories": (
        lambda: with_mapper(is_categorical_=np.zeros(3, np.uint8)),
        CATEGORIES,
    ),
    "a model that knows fewer columns": (
        lambda: with_mapper(is_categorical_=np.ones(0, np.uint8)),
        CATEGORIES,
    ),
    "a model that knows categories beyond 255": (
        lambda: with_mapper(bin_thresholds_=[np.array([1e6]), np.array([0.0]), np.array([])]),
        "is not readable as a skops file: OverflowError",
    ),
    "another that encodes": (
        lambda: with_another(encoding(), _preprocessor=StandardScaler()),
        "holds a HistGradientBoostingClassifier that encodes its columns in another way than scikit-learn's",
    ),
    "a function bound to another": (with_a_partial, "holds a partial of another function than check_array"),
    "fewer columns for the trees": (
        encoded_narrower,
        r"encodes an array of shape \(\d+, 1\) where its trees read 3 columns",
    ),
}


@pytest.mark.parametrize("kind", OF_CATEGORIES)
def test_categories_that_lead_out_are_never_asked(tmp_path: Path, kind: str) -> None:
    VISITS.to_csv(tmp_path / "data.csv", index=False)
    make, said = OF_CATEGORIES[kind]
    skops.io.dump(make(), tmp_path / "net.skops")
    with pytest.raises(ContractError, match=rf"net\.skops: {said}"):
        ask(tmp_path, "net.skops", "", DATA, features=COLUMNS)


def test_places_out_of_a_matrix_reach_no_tree_of_a_pipeline_within(tmp_path: Path) -> None:
    """A step whose matrix nobody foresaw."""
    skops.io.dump(nested(), tmp_path / "net.skops")
    settings = ModelSettings("net.skops", features=tuple(COLUMNS))
    model = open_model(Model("net", settings, tmp_path), tmp_path / "net.skops", "cpu")
    given = {name: VISITS[name].to_numpy() for name in COLUMNS}
    assert len(model.answer(given, [])[0]) == len(VISITS)
    encoder = model.fitted[0].named_transformers_["words"][0]

    class Wide(OneHotEncoder):
        def transform(self, values: Any) -> Any:
            made = OneHotEncoder.transform(self, values)
            made.indices[0] = 10**8
            return made

    encoder.__class__ = Wide
    with pytest.raises(ContractError, match="has a step whose matrix is not whole"):
        model.answer(given, [])


def test_changed_numbers_end_in_an_answer_or_a_refusal(tmp_path: Path) -> None:
    VISITS[COLUMNS].to_csv(tmp_path / "data.csv", index=False)
    for make in (encoding, joined, nested):
        skops.io.dump(make(), tmp_path / f"{make.__name__}.skops")
    cases = min(CASES, 2000) // 2
    refused = refusals_of_changed(tmp_path, cases)
    assert cases / 10 < len(refused) < cases
    assert any("leads out of its categories" in end for end in refused)


def test_places_out_of_a_sparse_matrix_never_reach_a_tree(tmp_path: Path) -> None:
    PEOPLE.to_csv(tmp_path / "data.csv", index=False)
    model = on_towns()
    encoder = model[0].named_transformers_["town"]
    encoder.categories_ = [np.array([f"{number:03}" for number in range(300)] + ["Aalen", "Kempten", "Ulm"])]
    skops.io.dump(model, tmp_path / "net.skops")
    with pytest.raises(
        ContractError, match=r"net\.skops: holds a OneHotEncoder that leads out of its columns\n  .*--trust"
    ):
        ask(tmp_path, "net.skops", "", DATA)


def test_words_out_of_a_vocabulary_never_reach_a_tree(tmp_path: Path) -> None:
    texts = pd.DataFrame({"words": ["red ruby", "blue sky", "ruby", "sky"] * 5, "label": ["a", "b"] * 10})
    texts.to_csv(tmp_path / "texts.csv", index_label="id")
    trees = RandomTreesEmbedding(n_estimators=2, random_state=0)
    model = make_pipeline(CountVectorizer(), trees, LogisticRegression()).fit(texts.words, texts.label)
    data = {"source": "texts.csv", "roles": {"text": "words"}}
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", "", data)
    assert np.abs(asked.probabilities - model.predict_proba(texts.words)).max() < 1e-6
    model[0].vocabulary_["ruby"] = 10**6
    skops.io.dump(model, tmp_path / "net.skops")
    with pytest.raises(ContractError, match="holds a CountVectorizer that leads out of its columns"):
        ask(tmp_path, "net.skops", "", data)


def of_categories(**said: Any) -> Callable[[Any], None]:
    return lambda encoder: vars(encoder).update(said)


LEADING_OUT = {
    "more categories": of_categories(categories_=[np.array([f"{number:03}" for number in range(300)])]),
    "fewer columns": of_categories(_n_features_outs=[1]),
    "a dropped one before the first": of_categories(_drop_idx_after_grouping=np.array([-5], object)),
    "a group far away": of_categories(
        _infrequent_enabled=True,
        _default_to_infrequent_mappings=[np.array([0, 10**6, 1])],
        _infrequent_indices=[np.array([1])],
    ),
}


@pytest.mark.parametrize("is_sparse", [True, False])
@pytest.mark.parametrize("kind", LEADING_OUT)
def test_places_out_of_a_matrix_reach_no_linear_model(tmp_path: Path, kind: str, is_sparse: bool) -> None:
    PEOPLE.to_csv(tmp_path / "data.csv", index=False)
    columns = ColumnTransformer([("town", OneHotEncoder(sparse_output=is_sparse), ["town"])])
    model = make_pipeline(columns, LogisticRegression()).fit(PEOPLE[["town", "age"]], PEOPLE.label)
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", "", DATA)
    assert np.abs(asked.probabilities - model.predict_proba(PEOPLE[["town", "age"]])).max() < 1e-6
    LEADING_OUT[kind](model[0].named_transformers_["town"])
    skops.io.dump(model, tmp_path / "net.skops")
    with pytest.raises(ContractError, match="holds a OneHotEncoder that leads out of its columns"):
        ask(tmp_path, "net.skops", "", DATA)


@pytest.mark.parametrize(
    "options", [{}, {"drop": "first"}, {"min_frequency": 25}, {"max_categories": 2, "drop": "first"}]
)
def test_sound_encoders_are_asked(tmp_path: Path, options: dict[str, Any]) -> None:
    PEOPLE.to_csv(tmp_path / "data.csv", index=False)
    columns = ColumnTransformer([("town", OneHotEncoder(**options), ["town"])])
    model = make_pipeline(columns, LogisticRegression()).fit(PEOPLE[["town", "age"]], PEOPLE.label)
    skops.io.dump(model, tmp_path / "net.skops")
    asked = ask(tmp_path, "net.skops", "", DATA)
    assert np.abs(asked.probabilities - model.predict_proba(PEOPLE[["town", "age"]])).max() < 1e-6


def test_other_types_beside_trees_are_refused_by_name(tmp_path: Path) -> None:
    model = fitted(make_pipeline(FunctionTransformer(doubled), RandomForestClassifier(**FOREST)))
    skops.io.dump(model, tmp_path / "net.skops")
    message = r"holds 1 types that are not known to be safe: tests\.pipelines\.test_sklearn_models\.doubled\n"
    with pytest.raises(ContractError, match=message):
        ask(tmp_path, "net.skops", **WHOLE)
    asked = ask(tmp_path, "net.skops", trust=True, **WHOLE)
    assert np.abs(asked.probabilities - model.predict_proba(flat()[0])).max() < 1e-6
