"""What the units of a model's layers give for each sample: which layers, and which axis counts units."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipelines import models
from pipelines.errors import ContractError, row_name
from pipelines.models.model import Layer
from pipelines.models.network import Array, check_layer
from pipelines.subgroups import names_in
from pipelines.tool import Job

Values: TypeAlias = NDArray[Any]
"""Responses of shape (samples, units, places): a dense layer has one place, a feature map each pixel."""


@dataclass(frozen=True)
class Units:
    """How many units a layer has, how many numbers each gives for a sample, and whether its axis is last."""

    count: int
    places: int
    is_last: bool


@dataclass
class Stream:
    """The responses of a job's model, a few samples at a time.

    `layers` are those with units, in the order of computation. `left_out` says why another was not looked at;
    what only some samples tell is known once they were read. `named` are the layers that somebody named.
    """

    job: Job
    responses: models.Responses
    named: frozenset[str]
    layers: dict[str, Units] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def batches(self, layers: Sequence[str], part: str = "") -> Iterator[Mapping[str, Values]]:
        """Yield the responses of some layers for the next samples, in the dataset's order.

        A layer that turns out to be none is there no longer, and in `left_out`: what its first samples gave
        does not count. Raise `ContractError` for one that was named. `part` says which of several passes it
        is.
        """
        done = 0
        with self.job.steps.step(f"responses{part}", self.responses.samples) as advance:
            for parts in self.responses.batches(layers):
                found = self._sorted_out(dict(zip(layers, parts, strict=True)), done)
                if not found:
                    return
                done += len(next(iter(found.values())))
                advance(done)
                yield found

    @property
    def facts(self) -> dict[str, Any]:
        """What was learned of the model, for the manifest."""
        facts = dict(self.responses.facts)
        if self.left_out:
            facts["left_out"] = [f"{layer} {problem}" for layer, problem in self.left_out.items()]
            facts["inferred"] = [*facts.get("inferred", []), "left_out"]
        return facts

    def leave_out(self, found: Mapping[str, str]) -> None:
        """Leave out layers that have no units, or refuse them where somebody named them."""
        self.left_out |= found
        left = [layer for layer in self.layers if layer not in self.left_out]
        refused = self.left_out if not left else {name: found[name] for name in found if name in self.named}
        if refused:
            where, hint = f"tools.{self.job.name}.parameters.layers", "name other layers: layers = …"
            problems = [
                ContractError(where, f'layer "{layer}" {problem}', hint) for layer, problem in refused.items()
            ]
            raise ContractError.together(problems)
        self.layers = {layer: self.layers[layer] for layer in left}

    def _sorted_out(self, given: Mapping[str, Array | None], done: int) -> dict[str, Values]:
        """Return the responses of layers as (samples, units, places), without those left out by now."""
        here = {layer: values for layer, values in given.items() if layer in self.layers}
        problems = {layer: self._problem(layer, values, done) for layer, values in here.items()}
        found = {layer: problem for layer, problem in problems.items() if problem}
        if found:
            self.leave_out(found)
        return {
            layer: placed(values, self.layers[layer])
            for layer, values in here.items()
            if values is not None and layer not in found
        }

    def _problem(self, layer: str, values: Array | None, done: int) -> str:
        wanted = self.responses.layers[layer]
        given = None if values is None else Layer(values.shape[1:], values.dtype, wanted.axis)
        if values is None or given != wanted:
            said = given or "no row for each"
            return f"varies: it gives {wanted} for a sample, and {said} from {row_name(done)} on"
        is_finite = np.isfinite(values).reshape(len(values), -1).all(axis=1)
        row = done + int(is_finite.argmin())
        return "" if is_finite.all() else f"gives NaN or infinity, first for {row_name(row)}"


def placed(values: Array, units: Units) -> Values:
    """Return responses as (samples, units, places)."""
    if values.ndim < 3:
        return values.reshape(len(values), -1, 1)
    moved = np.moveaxis(values, -1, 1) if units.is_last else values
    return moved.reshape(len(moved), moved.shape[1], -1)


# Which axis counts units --------------------------------------------------------------------------


def _units(found: models.Responses, asked: str) -> dict[str, Units]:
    """Return the units of each layer: as asked, as the layer says, or as one with its shape before it.

    What keeps a shape keeps its axes: ReLU after a convolution of a sequence gives channels first. Where
    nobody says it, the features of a sequence come last, and of a feature map that is the framework's habit.
    """
    made: dict[str, Units] = {}
    said: dict[tuple[int, ...], str] = {}
    for name, layer in found.layers.items():
        shape = layer.shape
        if layer.axis:
            said[shape] = layer.axis
        habit = "last" if found.channels_last or len(shape) == 2 else "first"
        axis = said.get(shape, habit) if asked == "auto" else asked
        count = math.prod(shape) if len(shape) < 2 else shape[-1 if axis == "last" else 0]
        made[name] = Units(count, math.prod(shape) // max(count, 1), axis == "last")
    return made


def _no_units(layer: Layer, units: Units, widest: int) -> str:
    """Return why a layer has no units that are looked at; empty where it has."""
    if layer.dtype.kind not in "fiub" or not units.count or not units.places:
        return f"gives {layer} for a sample, no numbers"
    if units.count > widest:
        return f"has {units.count:,} units, at most {widest:,} are looked at"
    return ""


def stream(job: Job, widest: int) -> Stream:
    """Return the responses of the layers that a job's parameter `layers` names, at most `widest` units each.

    Where it names none, all layers are read that hold no others. Those without units are left out, unless
    they are named in full.
    """
    if job.dataset is None or job.model is None:
        message = "the runner gives a tool of units a dataset and a model"
        raise ValueError(message)
    patterns = names_in(str(job.parameters["layers"]))
    choose = partial(chosen, patterns, f"tools.{job.name}.parameters.layers")
    found = models.responses(job.model, job.dataset, choose, job.device, job.steps)
    units = _units(found, job.parameters["axis"])
    made = Stream(job, found, frozenset(patterns), dict(units))
    problems = {name: _no_units(found.layers[name], each, widest) for name, each in units.items()}
    left_out = {**found.left_out, **{name: problem for name, problem in problems.items() if problem}}
    if left_out:
        made.leave_out(left_out)
    return made


def chosen(
    patterns: Sequence[str], where: str, layers: Sequence[str], leaves: Sequence[str]
) -> tuple[str, ...]:
    """Return the layers that `patterns` name, in the network's order; `*` stands for any letters."""
    if not patterns:
        return tuple(leaves)
    wanted: set[str] = set()
    for pattern in patterns:
        found = {pattern} & {*layers} or {name for name in layers if fnmatchcase(name, _plain(pattern))}
        if not found:
            check_layer(layers, pattern, where)
        wanted |= found
    return tuple(name for name in layers if name in wanted)


def _plain(pattern: str) -> str:
    return pattern.replace("[", "[[]")  # names hold brackets of their own
