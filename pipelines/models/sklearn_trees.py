"""Looks at the trees of a scikit-learn file before they are asked.

scikit-learn follows the numbers of a tree in compiled code that checks none of them. So trees of a file that
nobody vouches for are asked only where no number leads out of them, and nothing out of bounds reaches them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from pipelines.errors import ContractError
from pipelines.models.files import TRUST
from pipelines.models.network import Array

TREES = frozenset(
    {
        # Compiled: its constructor and its `__setstate__` check types and shapes, and copy arrays.
        "sklearn.tree._tree.Tree",
        # Plain Python: three arrays, put into it without its constructor being called.
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        # What a histogram boosting calls on its numbers beside the categories that it encodes.
        "functools.partial",
        "sklearn.utils.validation.check_array",
    }
)
"""What skops does not list as safe for what their arrays or arguments may say, which `check_trees` reads."""

_CHECKING = frozenset({"dtype", "ensure_all_finite"})
"""What a histogram boosting binds of `check_array`."""

_BITSET = 8  # words of 32 bits: a category is one of 256

_LEAF = -1


def check_trees(where: str, fitted: Any) -> None:
    """Raise `ContractError` where a tree leads out of itself, or stands where nobody looks at it."""
    if problem := next(_problems(fitted), None):
        raise ContractError(where, problem, f"save the model again; {TRUST}")


def _problems(fitted: Any) -> Iterator[str]:
    for item in parts(fitted):
        yield from _problems_of(item)


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
    if isinstance(item, partial) and not _is_checking(item):
        yield "holds a partial of another function than check_array"
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


def _is_checking(item: partial[Any]) -> bool:
    from sklearn.utils.validation import check_array

    return item.func is check_array and not item.args and _CHECKING.issuperset(item.keywords)


def _problems_of_histograms(item: Any) -> Iterator[str]:
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper

    name, held = type(item).__name__, vars(item)
    stages = held.get("_predictors")
    if stages is None:
        return
    encoder, mapper = held.get("_preprocessor", ""), held.get("_bin_mapper")
    if not (encoder is None or type(encoder) is ColumnTransformer) or held.get("_in_fit"):
        yield f"holds a {name} that encodes its columns in another way than scikit-learn's"
        return
    is_list = isinstance(stages, list) and all(isinstance(stage, list) for stage in stages)
    trees = [tree for stage in stages for tree in stage] if is_list else []
    if not trees or type(mapper) is not _BinMapper or not all(map(_is_of_histograms, trees)):
        yield f"holds a {name} with other stages than trees"
        return
    known, rows = mapper.make_known_categories_bitsets()  # what each tree is given
    if any(_is_unsound(tree.nodes, _width(item)) for tree in trees):
        yield f"holds a {name} that leads out of its tree"
    elif any(_leaves_categories(tree, len(known), rows) for tree in trees):
        yield f"holds a {name} that leads out of its categories"


def _is_of_histograms(tree: Any) -> bool:
    from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

    own = {"nodes", "binned_left_cat_bitsets", "raw_left_cat_bitsets"}
    return type(tree) is TreePredictor and vars(tree).keys() == own


def _is_unsound(nodes: Any, width: int) -> bool:
    from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE

    if not isinstance(nodes, np.ndarray) or nodes.dtype != PREDICTOR_RECORD_DTYPE or nodes.ndim != 1:
        return True
    return _leads_out(nodes["is_leaf"] == 0, (nodes["left"], nodes["right"]), nodes["feature_idx"], width)


def _leaves_categories(tree: Any, known: int, rows: Array) -> bool:
    """Whether a node may ask for a set of categories that is not there.

    A node that splits categories reads the row `bitset_idx` of its tree's own sets, and of the model's
    `known` sets the row that `rows` names for its column.
    """
    held = (tree.raw_left_cat_bitsets, tree.binned_left_cat_bitsets)
    if any(not isinstance(sets, np.ndarray) or sets.dtype != np.uint32 for sets in held):
        return True
    if any(sets.ndim != 2 or sets.shape[1] != _BITSET for sets in held):
        return True
    nodes = tree.nodes
    asked = nodes[(nodes["is_leaf"] == 0) & (nodes["is_categorical"] != 0)]
    columns = asked["feature_idx"]
    if (asked["bitset_idx"] >= min(map(len, held))).any() or (columns >= len(rows)).any():
        return True
    return bool((rows[columns] >= known).any())
