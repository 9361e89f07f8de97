"""What a reading is told beside the network: the sizes of its inputs, and the object that own code builds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines import own_code
from pipelines.architecture.graph import LARGEST_SIZE, Shape
from pipelines.errors import ContractError
from pipelines.models import python_file
from pipelines.models.files import TRUST
from pipelines.models.model import Model

_ONE = re.compile(r"(?:(\w+):)?(\d+(?:x\d+)*)|(\w+):")
_DTYPES = ("float32", "float64", "float16", "int64", "int32", "uint8", "bool")
_FORM = (
    "write the sizes of one sample: 3x224x224, with commas between several inputs; int64:128 for tokens, "
    "int64: for one number"
)


@dataclass(frozen=True)
class Sample:
    """The sizes of one input for one sample, without the batch, and its numbers; "" where none are told."""

    shape: tuple[int, ...]
    dtype: str = ""


@dataclass(frozen=True)
class Given:
    """What is known of a network's inputs: `told` by somebody, and what a dataset's images would be.

    `image` is (height, width, channels), None without a dataset of images; `classes` are the dataset's.
    """

    told: tuple[Sample, ...] = ()
    image: tuple[int, int, int] | None = None
    classes: int = 0


def samples(text: str, where: str) -> tuple[Sample, ...]:
    """Return the inputs that a text such as `3x224x224, int64:128` tells of; none of an empty one."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(_sample(part, where) for part in parts)


def _sample(text: str, where: str) -> Sample:
    found = _ONE.fullmatch(text)
    if found is None or (found[1] or found[3] or _DTYPES[0]) not in _DTYPES:
        raise ContractError(where, f'shapes names "{text[:80]}", which is no size', _FORM)
    shape = tuple(int(size) for size in found[2].split("x")) if found[2] else ()
    if max(shape, default=0) > LARGEST_SIZE:
        raise ContractError(where, f"shapes names a size of {max(shape):,}", _FORM)
    return Sample(shape, found[1] or found[3] or "")


def builder(model: Model) -> Callable[[], Any]:
    """Return what builds the network: a factory of the report, or `get_model` of a Python file.

    Its module is executed. A factory runs because the report's settings name it; the code of a file only
    where the run trusts it.
    """
    factory = model.settings.factory
    where = f"{model.where}.factory" if factory else str(model.path)
    reference = factory or _trusted(model)
    build = own_code.load_function(reference, model.root, where)
    path = own_code.module_path(reference, model.root, where)

    def call() -> Any:
        with own_code.told(path):
            return build(**model.settings.arguments)

    return call


def _trusted(model: Model) -> str:
    if not model.is_trusted:
        raise ContractError(str(model.path), "is Python code, which runs when it is read", TRUST)
    return python_file.reference(model)


def sized(shapes: Sequence[Shape]) -> str:
    """Return shapes as a person would write them for `shapes`."""
    return ", ".join("x".join(str(size or 1) for size in shape) for shape in shapes)
