"""What a network puts out, made into predictions and probabilities of the dataset's classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.datasets import Codes, Dataset
from pipelines.errors import ContractError, nearest, row_name
from pipelines.models.model import Model
from pipelines.models.network import Array, Traits

SUM_TOLERANCE = 1e-2  # probabilities are often stored rounded
ROUNDING = 1e-4  # half precision reaches a little over 1
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """Predictions (indices into `classes`) and probabilities, None where only classes are known."""

    predictions: Codes
    probabilities: NDArray[np.float32] | None
    classes: tuple[str, ...]
    output: str
    inferred: tuple[str, ...]


def judge(model: Model, dataset: Dataset, traits: Traits, raw: Array) -> Verdict:
    """Return what the outputs of all samples mean; raise `ContractError` for what has to be said in settings.

    `raw` has shape (samples, outputs), or (samples,) or (samples, 1) where two classes have one output. With
    the ending "classes" it holds indices into the network's own classes.
    """
    if traits.ending == "classes":
        classes, places, inferred = _classes(model, dataset, traits, len(traits.classes))
        return Verdict(places[raw.astype(np.int64)], None, classes, "classes", inferred)
    values = _matrix(model, raw)
    output = model.settings.output or _meaning(model, traits, values)
    probabilities = _probabilities(model, values, output)
    width = probabilities.shape[1]
    classes, places, inferred = _classes(model, dataset, traits, width)
    spread = np.zeros((len(values), len(classes)), np.float32)
    spread[:, places] = probabilities
    told = () if model.settings.output else ("output",)
    predictions = spread.argmax(axis=1).astype(np.int64)
    return Verdict(predictions, spread, classes, output, (*told, *inferred))


def _matrix(model: Model, raw: Array) -> Floats:
    values = raw.reshape(len(raw), -1) if all(size == 1 for size in raw.shape[2:]) else raw
    if values.ndim != 2 or values.shape[1] < 1:
        what = f"gives an array of shape {raw.shape[1:]} for a sample"
        raise ContractError(model.where, what, "a classifier gives one number for each class")
    exact = values.astype(np.float64)
    wrong = np.flatnonzero(~np.isfinite(exact).all(axis=1))
    if len(wrong):
        first = row_name(int(wrong[0]))
        what = f"gives numbers that are not finite for {len(wrong)} samples, the first is {first}"
        raise ContractError(model.where, what, "missing values in its columns, or another input.range?")
    return exact


def _meaning(model: Model, traits: Traits, values: Floats) -> str:
    """Return "logits" or "probabilities": as the network ends, else as all of its numbers look."""
    inside = bool(((values >= -ROUNDING) & (values <= 1 + ROUNDING)).all())
    sums_to_one = bool((np.abs(values.sum(axis=1) - 1) <= SUM_TOLERANCE).all())
    if values.shape[1] == 1 and (traits.ending or not inside):
        return "probabilities" if traits.ending == "sigmoid" else "logits"
    if traits.ending == "softmax" or (values.shape[1] > 1 and inside and sums_to_one):
        return "probabilities"
    if not inside or (traits.ending == "logits" and values.shape[1] > 1):
        return "logits"
    what = "gives numbers between 0 and 1 that do not say what they are"
    if values.shape[1] > 1:
        what = "gives numbers between 0 and 1 that do not sum to 1: its classes do not exclude each other?"
    raise ContractError(model.where, what, 'write output = "probabilities" or output = "logits"')


def _probabilities(model: Model, values: Floats, output: str) -> Floats:
    single = values.shape[1] == 1
    if output == "logits":
        return softmax(np.hstack([np.zeros_like(values), values]) if single else values)
    found = np.hstack([1 - values, values]) if single else values
    inside = ((found >= -ROUNDING) & (found <= 1 + ROUNDING)).all(axis=1)
    wrong = np.flatnonzero(~(inside & (np.abs(found.sum(axis=1) - 1) <= SUM_TOLERANCE)))
    if len(wrong):
        what = f"gives no probabilities for {len(wrong)} samples, the first is {row_name(wrong[0])}"
        raise ContractError(model.where, what, 'they are 0 to 1 and sum to 1; write output = "logits"?')
    return np.clip(found, 0, 1)


def softmax(logits: Floats) -> Floats:
    """Return each row's softmax, in double precision."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def _classes(
    model: Model, dataset: Dataset, traits: Traits, width: int
) -> tuple[tuple[str, ...], Codes, tuple[str, ...]]:
    """Return all class names, the place of each of the network's among them, and what was inferred.

    The dataset's classes come first; those that the network alone knows follow.
    """
    given, own = model.settings.classes, _own_classes(dataset, traits)
    if given and len(given) != width:
        what = f"classes names {len(given)} and the model has {width} outputs"
        raise ContractError(model.where, what, "name one class for each output, in its order")
    if not given and not own and dataset.classes and len(dataset.classes) != width:
        what = f'has {width} outputs and dataset "{dataset.name}" {len(dataset.classes)} classes'
        raise ContractError(model.where, what, "name the class of each output, in its order: classes = […]")
    names = given or own or dataset.classes or tuple(map(str, range(width)))
    if len(set(names)) < len(names):
        raise ContractError(model.where, "names a class twice", "each output has a class of its own")
    if dataset.classes and not set(names) & set(dataset.classes):
        what = f'knows none of the classes of dataset "{dataset.name}": its own are {", ".join(names[:5])}'
        hint = f"{nearest(names[0], dataset.classes[:20])}; name them in its order: classes = […]"
        raise ContractError(model.where, what, hint)
    further = [name for name in names if name not in dataset.classes]
    everything = (*dataset.classes, *further)
    places = {name: place for place, name in enumerate(everything)}
    return everything, np.array([places[name] for name in names]), () if given else ("classes",)


def _own_classes(dataset: Dataset, traits: Traits) -> tuple[str, ...]:
    """Return the names that the network carries; numbers become the dataset's names by their place."""
    own, known = traits.classes, dataset.classes
    if not known or set(own) & set(known):
        return own
    if all(name.isdecimal() and int(name) < len(known) for name in own):
        return tuple(known[int(name)] for name in own)
    return own
