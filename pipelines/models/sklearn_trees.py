"""Looks at the trees of a scikit-learn file before they are asked.

scikit-learn follows the numbers of a tree in compiled code that checks none of them. So trees of a file that
nobody vouches for are asked only where no number leads out of them, and nothing out of bounds reaches them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from scipy import sparse

from pipelines.errors import ContractError
from pipelines.models.files import TRUST
from pipelines.models.network import Array

TREES = frozenset(
    {
        # Compiled: its constructor and its `__setstate__` check types and shapes, and copy arrays.
        "sklearn.tree._tree.Tree",
        # Plain Python: three arrays, put into it without its constructor being called.
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    }
)
"""Classes that skops does not list as safe for what their arrays may say, which `check_trees` reads."""

_LEAF = -1


def check_trees(where: str, fitted: Any) -> None:
    """Raise `ContractError` where a tree leads out of itself, or stands where nobody looks at it."""
    if problem := next(_problems(fitted), None):
        raise ContractError(where, problem, f"save the model again; {TRUST}")


def bounded(where: str, values: Any) -> Any:
    """Return what a step handed on; raise `ContractError` for a sparse matrix that is out of its bounds."""
    if sparse.issparse(values):
        try:
            values.check_format(full_check=True)
        except ValueError as error:
            what = f"has a step whose matrix is not whole: {error}"
            raise ContractError(where, what, f"save the model again; {TRUST}") from error
    return values


def _problems(fitted: Any) -> Iterator[str]:
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import FeatureUnion, Pipeline

    for item in parts(fitted):
        yield from _problems_of(item)
        # What the steps of a pipeline hand on is looked at only where no other pipeline stands around them.
        is_inner = item is not fitted and isinstance(item, Pipeline | ColumnTransformer | FeatureUnion)
        if is_inner and any(map(_is_of_trees, parts(item))):
            yield f"holds trees in a {type(item).__name__} within another step"


def parts(root: Any) -> Iterator[Any]:
    """Yield all that an estimator holds, each once, but for the trees that stand where they belong."""
    waiting, seen = [root], {id(root)}
    while waiting:
        item = waiting.pop()
        yield item
        fresh = [each for each in _held(item) if id(each) not in seen]
        seen.update(map(id, fresh))
        waiting.extend(fresh)


def _held(item: Any) -> Collection[Any]:
    if isinstance(item, Mapping):
        return [*item.keys(), *item.values()]
    if isinstance(item, list | tuple | set | frozenset):
        return item
    if isinstance(item, np.ndarray):
        return item.ravel().tolist() if item.dtype.hasobject else ()
    if isinstance(item, type) or not hasattr(item, "__dict__"):
        return ()
    own = {"tree_", "_predictors"} if _is_of_trees(item) else set()
    return [value for name, value in vars(item).items() if name not in own]


def _is_of_trees(item: Any) -> bool:
    from sklearn.ensemble._hist_gradient_boosting.gradient_boosting import BaseHistGradientBoosting
    from sklearn.tree import BaseDecisionTree

    return isinstance(item, BaseDecisionTree | BaseHistGradientBoosting)


def _problems_of(item: Any) -> Iterator[str]:
    from sklearn.base import BaseEstimator
    from sklearn.ensemble._gb import BaseGradientBoosting
    from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
    from sklearn.tree import BaseDecisionTree
    from sklearn.tree._tree import Tree

    name = type(item).__name__
    if isinstance(item, Tree | TreePredictor):
        yield f"holds a {name} where scikit-learn has none"
    if not isinstance(item, BaseEstimator):
        return
    # An attribute of a method's name would be called in its place.
    for attribute in vars(item):
        if callable(getattr(type(item), attribute, None)):
            yield f"holds a {name} whose method {attribute} is replaced"
    if isinstance(item, BaseDecisionTree):
        yield from _problems_of_tree(item)
    elif isinstance(item, BaseGradientBoosting):
        yield from _problems_of_boosting(item)
    elif _is_of_trees(item):
        yield from _problems_of_histograms(item)


def _width(item: Any) -> int:
    """Return how many columns an estimator asks for; 0 where it does not say it: nobody counts them then."""
    width = getattr(item, "n_features_in_", 0)
    return int(width) if isinstance(width, int | np.integer) else 0


def _problems_of_tree(item: Any) -> Iterator[str]:
    from sklearn.tree._tree import Tree

    tree = vars(item).get("tree_")
    if tree is None:  # not fitted
        return
    name = type(item).__name__
    if type(tree) is not Tree:
        yield f"holds a {name} without a tree"
        return
    nodes = tree.__getstate__()["nodes"]
    is_inner = nodes["left_child"] != _LEAF
    children = (nodes["left_child"], nodes["right_child"])
    if min(tree.n_outputs, tree.max_n_classes) < 1 or _leads_out(
        is_inner, children, nodes["feature"], _width(item)
    ):
        yield f"holds a {name} that leads out of its tree"


def _leads_out(is_inner: Array, children: tuple[Array, Array], features: Array, width: int) -> bool:
    """Whether a walk from the root may leave the nodes or the columns, or never end: children come later."""
    size = len(is_inner)
    places = np.flatnonzero(is_inner)
    for child in children:
        ends = child[places].astype(np.int64)
        if ((ends <= places) | (ends >= size)).any():
            return True
    read = features[places]
    return size == 0 or bool(((read < 0) | (read >= width)).any())


def _problems_of_boosting(item: Any) -> Iterator[str]:
    """Stages are walked by compiled code that takes their trees and the columns of its sum as they are."""
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.tree import DecisionTreeRegressor

    stages = vars(item).get("estimators_")
    if stages is None:
        return
    name, width = type(item).__name__, _width(item)
    is_array = isinstance(stages, np.ndarray) and stages.ndim == 2 and stages.size > 0
    trees = stages.ravel().tolist() if is_array else []
    if not trees or any(
        type(tree) is not DecisionTreeRegressor or "tree_" not in vars(tree) or _width(tree) != width
        for tree in trees
    ):
        yield f"holds a {name} with other stages than trees of its columns"
        return
    first = vars(item).get("init_")
    if not (isinstance(first, DummyClassifier | DummyRegressor) or first == "zero"):
        yield f"holds a {name} that begins with an estimator of its own"
        return
    begun = item._raw_predict_init(np.zeros((1, width), np.float32))
    if begun.shape != (1, stages.shape[1]):
        yield f"holds a {name} of {stages.shape[1]} trees a stage, which begins with {begun.shape[1]}"


def _problems_of_histograms(item: Any) -> Iterator[str]:
    from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

    name, held = type(item).__name__, vars(item)
    stages = held.get("_predictors")
    if stages is None:
        return
    if held.get("_preprocessor", "") is not None or held.get("_in_fit"):
        yield f"holds a {name} that encodes categories by itself: encode them in a step before it"
        return
    is_list = isinstance(stages, list) and all(isinstance(stage, list) for stage in stages)
    trees = [tree for stage in stages for tree in stage] if is_list else []
    if not trees or not all(type(tree) is TreePredictor for tree in trees):
        yield f"holds a {name} with other stages than trees"
    elif any(_is_unsound(tree.nodes, _width(item)) for tree in trees):
        yield f"holds a {name} that leads out of its tree"


def _is_unsound(nodes: Any, width: int) -> bool:
    from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE

    if not isinstance(nodes, np.ndarray) or nodes.dtype != PREDICTOR_RECORD_DTYPE or nodes.ndim != 1:
        return True
    is_inner = nodes["is_leaf"] == 0
    children = (nodes["left"], nodes["right"])
    return bool(nodes["is_categorical"].any()) or _leads_out(is_inner, children, nodes["feature_idx"], width)
