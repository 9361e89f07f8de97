"""What the weights in a Keras archive tell of a model whose own code is not in the file: its layers by name.

Only names and sizes are read, no weight, and nothing of the code runs.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.architecture.graph import MOST_LAYERS, Graph, Layer, Module, Notice
from pipelines.errors import ContractError, installed
from pipelines.models.files import readable
from pipelines.models.keras_archive import backend_library

with installed("a Keras model", "keras"):
    import h5py

_FILE, _HELD = "model.weights.h5", "vars"  # names of Keras's own
_MOST_ITEMS = 10 * MOST_LAYERS


def is_own_code(told: Any) -> bool:
    """Whether a configuration is of a model of own code, so that it does not list its layers."""
    if not isinstance(told, Mapping) or not isinstance(told.get("config"), Mapping):
        return False
    package = str(told.get("module") or "").partition(".")[0]
    return isinstance(told.get("class_name"), str) and package != "keras" and "layers" not in told["config"]


def read_weights(told: Mapping[str, Any], path: Path) -> Graph | None:
    """Return the layers that hold weights, with nothing between them; None where the file holds none."""
    with readable(path, "a Keras model"), zipfile.ZipFile(path) as archive:
        if _FILE not in archive.namelist():
            return None
        with archive.open(_FILE) as file, h5py.File(file, "r") as weights:
            held = _held(weights, path)
    if not held:
        return None
    name = str(told["class_name"])
    layers = tuple(_layer(place, sizes) for place, sizes in held.items())
    what = (
        f'is a model of the class "{name[:80]}", whose code is not in the file: shown are the layers that '
        "hold weights, by their names in the code; what leads where, and which other layers there are, is "
        "not known"
    )
    kind = Module(name, str(told.get("registered_name") or name))
    notices = (Notice("", what, is_missing=True),)
    return Graph("keras", "weights", layers, (), {"": kind}, notices, ("keras", *backend_library()))


def _held(weights: Any, path: Path) -> dict[str, list[tuple[int, ...]]]:
    """Return the sizes of the weights by the place of the layer that holds them."""
    found: dict[str, list[tuple[int, ...]]] = {}
    count = 0

    def visit(place: str, item: Any) -> None:
        nonlocal count
        count += 1
        if count > _MOST_ITEMS:
            what = f"names more than {_MOST_ITEMS:,} weights: it is not opened"
            raise ContractError(str(path), what, "save a smaller model")
        layer, _, inner = place.rpartition(f"/{_HELD}/")
        if isinstance(item, h5py.Dataset) and layer and "/" not in inner:
            found.setdefault(layer, []).append(tuple(int(size) for size in item.shape or ()))

    weights.visititems(visit)
    return found


def _layer(place: str, sizes: list[tuple[int, ...]]) -> Layer:
    path = place.replace("/", ".")
    module, _, name = path.rpartition(".")
    held = {f"{path}.{at}": math.prod(shape) for at, shape in enumerate(sizes)}
    told = {"weights": [list(shape) for shape in sizes]}
    kinds = ("layer", "Layer", "Layer", "other")
    return Layer(path, path, name, module, *kinds, parameters=held, flops=None, hyperparameters=told)
