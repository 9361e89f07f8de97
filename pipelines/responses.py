"""What the units of a model's layers give for each sample: which layers, and which axis counts units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipelines import models
from pipelines.errors import ContractError
from pipelines.models.network import check_layer
from pipelines.subgroups import names_in
from pipelines.tool import Job

Values: TypeAlias = NDArray[Any]
"""Responses of shape (samples, units, places): a dense layer has one place, a feature map each pixel."""


@dataclass
class Stream:
    """The responses of a job's model, a few samples at a time.

    `left_out` says why a layer that nobody named was not looked at; it is known once a batch was read.
    """

    job: Job
    responses: models.Responses
    widest: int
    is_named: bool
    left_out: dict[str, str] = field(default_factory=dict)

    def batches(self) -> Iterator[Mapping[str, Values]]:
        """Yield the responses of each layer for the next samples, in the dataset's order.

        Raise `ContractError` for a named layer that has no units, and for what is not finite.
        """
        done = 0
        with self.job.steps.step("responses", self.responses.samples) as advance:
            for parts in self.responses.batches():
                named = dict(zip(self.responses.layers, parts, strict=True))
                if done == 0:
                    self._sort_out(named)
                found = {
                    layer: self._finite(layer, self._units(values), done)
                    for layer, values in named.items()
                    if values is not None and layer not in self.left_out
                }
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

    def _sort_out(self, named: Mapping[str, Values | None]) -> None:
        """Leave out the layers that have no units, or refuse them where somebody named them."""
        self.left_out |= {
            layer: problem for layer, values in named.items() if (problem := self._problem(values))
        }
        if self.left_out and (self.is_named or len(self.left_out) == len(named)):
            where, hint = f"tools.{self.job.name}.parameters.layers", "name other layers: layers = …"
            problems = [
                ContractError(where, f'layer "{layer}" {problem}', hint)
                for layer, problem in self.left_out.items()
            ]
            raise ContractError.together(problems)

    def _problem(self, values: Values | None) -> str:
        if values is None:
            return "gives nothing for each sample: it takes no part, or its first axis is another"
        if values.dtype.kind not in "fiub" or not values.size:
            return f"gives {values.dtype} of shape {values.shape}, no numbers"
        units = self._units(values).shape[1]
        return f"has {units:,} units, at most {self.widest:,} are looked at" if units > self.widest else ""

    def _units(self, values: Values) -> Values:
        """Return responses as (samples, units, places)."""
        if values.ndim < 3:
            return values.reshape(len(values), -1, 1)
        asked = self.job.parameters["axis"]
        # Of a sequence the features come last, whichever framework; of a feature map that is its own habit.
        is_last = asked == "last" or (asked == "auto" and (self.responses.channels_last or values.ndim == 3))
        moved = np.moveaxis(values, -1, 1) if is_last else values
        return moved.reshape(len(moved), moved.shape[1], -1)

    def _finite(self, layer: str, values: Values, done: int) -> Values:
        is_finite = np.isfinite(values).all(axis=(1, 2))
        if is_finite.all():
            return values
        what = f'layer "{layer}" gives NaN or infinity, first for row {done + int(is_finite.argmin())}'
        where = f"tools.{self.job.name}"
        raise ContractError(where, what, "leave these samples out, or mend the model")


def stream(job: Job, widest: int) -> Stream:
    """Return the responses of the layers that a job's parameter `layers` names, at most `widest` units each.

    Where it names none, all layers are read that hold no others, and those without units are left out.
    """
    if job.dataset is None or job.model is None:
        message = "the runner gives a tool of units a dataset and a model"
        raise ValueError(message)
    patterns = names_in(str(job.parameters["layers"]))
    choose = partial(chosen, patterns, f"tools.{job.name}.parameters.layers")
    found = models.responses(job.model, job.dataset, choose, job.device, job.steps)
    return Stream(job, found, widest, bool(patterns))


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
