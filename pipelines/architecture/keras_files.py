"""Models of Keras from the configuration in their files: no code in it runs, no weight is read.

A layer whose code is not Keras's own is kept as one layer of which only the arrays around it are known.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.architecture.graph import LARGEST_SIZE
from pipelines.architecture.plain import MOST_TEXT, check_text
from pipelines.errors import ContractError, installed
from pipelines.models.files import readable
from pipelines.models.keras_archive import refusal

with installed("a Keras model", "keras"):
    import keras

MOST_OBJECTS = 50_000  # that name a class: a layer has several
_IDS = ("shared_object_id", "seed")  # numbers of Keras's own, which count nothing
_FOREIGN, _SEQUENCE = "architecture>ForeignLayer", "architecture>Sequential"  # as Keras registers classes
CODE = "Lambda"
Shape = tuple[int | None, ...]
Arrays = tuple[Shape | None, str]
"""The shape of an array, None where nobody says it, and its type of numbers."""


def read_configuration(path: Path) -> Any:
    """Return what a file says of its model; raise `ContractError` for what no model is."""
    with readable(path, "a Keras model"):
        told = json.loads(_text(path))
    _check(told, path)
    _replace(told)
    return told


def built(told: Any, path: Path) -> Any:
    """Return the model of a configuration, built without weights; raise `ContractError` where it has none."""
    try:
        with (
            readable(path, "a Keras model"),
            keras.saving.custom_object_scope({_FOREIGN: ForeignLayer, _SEQUENCE: _Sequential}),
        ):
            made = keras.saving.deserialize_keras_object(told, safe_mode=True)
    except ContractError as error:
        raise refusal(path, error) or error from error
    if not isinstance(made, keras.Layer):
        raise ContractError(str(path), "describes no model of Keras", "name a file that model.save() wrote")
    return made


def _text(path: Path) -> bytes:
    """Return the configuration, of which no more is unpacked than is read."""
    if path.suffix.lower() == ".json":
        with path.open("rb") as file:
            return check_text(file.read(MOST_TEXT + 1), path)
    with zipfile.ZipFile(path) as archive, archive.open("config.json") as file:
        return check_text(file.read(MOST_TEXT + 1), path)


def _check(told: Any, path: Path) -> None:
    """Refuse counts that no network has before Keras builds anything of them."""
    classes = 0
    for item in _items(told):
        if isinstance(item, Mapping):
            classes += "class_name" in item
        elif isinstance(item, int) and abs(item) > LARGEST_SIZE:
            what = f"holds the number {item:,}"[:80]
            raise ContractError(str(path), f"{what}, more than any size or count of a layer", "it is damaged")
    if classes > MOST_OBJECTS:
        what = f"names {classes:,} objects, at most {MOST_OBJECTS:,} are read"
        raise ContractError(str(path), what, "save a smaller model")


def _items(told: Any) -> Iterator[Any]:
    """Yield all that is in JSON, however deep."""
    waiting = [told]
    while waiting:
        item = waiting.pop()
        yield item
        if isinstance(item, Mapping):
            waiting += [value for key, value in item.items() if key not in _IDS]
        elif isinstance(item, list):
            waiting += item


# What Keras itself would not read, or not in time ---------------------------------------------------


class _Sequential(keras.Sequential):  # type: ignore[misc]
    """A sequence of layers that is built once, at its end: Keras builds one that it reads anew for each."""

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Add a layer, whose name nothing else has: the model that comes of it checks that."""
        del rebuild
        if self._layers:
            self._layers.append(layer)
        else:
            super().add(layer, rebuild=False)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Any = None) -> Any:
        """Return the sequence that a configuration describes."""
        made = super().from_config(config, custom_objects)
        if not made.built:
            made._maybe_rebuild()
        return made


_Sequential.__name__ = _Sequential.__qualname__ = "Sequential"  # what readers know it by
_Sequential.__module__ = keras.Sequential.__module__


class ForeignLayer(keras.Layer):  # type: ignore[misc]
    """Stands for a layer whose code is not Keras's own: it gives the arrays that others are given."""

    def __init__(self, name: str, told: Mapping[str, Any], made: Mapping[int, Sequence[Arrays]]) -> None:
        super().__init__(name=name)
        self.class_name = str(told["class_name"])
        self.module = str(told.get("module") or "")
        self.settings = told["config"]
        self.arrays = made
        self.calls = 0
        self.built = True

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Return the layer; its settings are told and never used."""
        return cls(**config)

    @property
    def what(self) -> str:
        """Say why nothing is known of what is in it."""
        if self.class_name == CODE:
            return "is Python code, which is not run: what it computes is not known"
        kind = f'is a layer of the class "{self.class_name[:80]}", which is not Keras\'s own'
        return f"{kind}: what is in it is not known"

    def call(self, *given: Any, **named: Any) -> Any:
        """Refuse to compute anything."""
        raise NotImplementedError

    def compute_output_spec(self, *_: Any, **__: Any) -> Any:
        """Return the arrays of this call, as far as they are told."""
        found = self.arrays.get(self.calls) or [(None, "float32")]
        self.calls += 1
        made = [_array(*each) for each in found]
        return made[0] if len(made) == 1 else made


def _array(shape: Shape | None, dtype: str) -> Any:
    made = keras.KerasTensor((None, None) if shape is None else shape, dtype)
    made.is_unknown = shape is None
    return made


def _replace(told: Any) -> None:
    """Write what Keras cannot read, or only in a time that grows with the square, as what stands for it."""
    models = [item for item in _items(told) if isinstance(item, dict) and isinstance(_listed(item), list)]
    for model in models:
        if model.get("class_name") == "Sequential":
            model["registered_name"] = _SEQUENCE
        layers = [layer for layer in _listed(model) if isinstance(layer, dict)]
        foreign = [layer for layer in layers if _is_foreign(layer)]
        _name(foreign, layers)
        made = _made(layers) if foreign else {}
        for layer in foreign:
            _stand_in(layer, made)
    if isinstance(told, dict):
        told.pop("compile_config", None)  # what trains a model is not drawn


def _listed(model: Mapping[str, Any]) -> Any:
    config = model.get("config")
    return config.get("layers") if isinstance(config, dict) else None


def _is_foreign(layer: Mapping[str, Any]) -> bool:
    package = str(layer.get("module") or "keras").partition(".")[0]
    is_whole = isinstance(layer.get("class_name"), str) and isinstance(layer.get("config"), dict)
    is_registered = (
        ">" in str(layer.get("registered_name") or "") and layer.get("registered_name") != _SEQUENCE
    )
    return is_whole and (package != "keras" or is_registered or layer["class_name"] == CODE)


def _called(layer: Mapping[str, Any]) -> str:
    """Return the name of a layer, "" of one whose code does not tell it."""
    config = layer.get("config")
    return str(layer.get("name") or (config.get("name") if isinstance(config, dict) else "") or "")


def _name(foreign: Sequence[dict[str, Any]], layers: Sequence[Mapping[str, Any]]) -> None:
    """Name layers that have no name as Keras would: after their class, and numbered where that is taken."""
    taken = {_called(layer) for layer in layers}
    for layer in foreign:
        first = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", layer["class_name"]).lower()
        names = (first, *(f"{first}_{at}" for at in range(1, len(layers) + 1)))
        layer["name"] = _called(layer) or next(name for name in names if name not in taken)
        taken.add(layer["name"])


def _stand_in(layer: dict[str, Any], made: Mapping[str, Mapping[int, Sequence[Arrays]]]) -> None:
    name = _called(layer)
    own = {key: layer.get(key) for key in ("class_name", "module", "config")}
    layer |= {"class_name": "ForeignLayer", "module": None, "registered_name": _FOREIGN}
    layer["config"] = {"name": name, "told": own, "made": made.get(name, {})}
    layer.pop("build_config", None)


def _made(layers: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, list[Arrays]]]:
    """Return the arrays that layers give by their names and calls, as those say that take them."""
    found: dict[str, dict[int, dict[int, Arrays]]] = {}
    for before, layer in zip((None, *layers), layers, strict=False):
        for (name, call, index), array in _taken(layer):
            found.setdefault(name, {}).setdefault(call, {})[index] = array
        shape = _shape((layer.get("build_config") or {}).get("input_shape"))
        if before is not None and shape and not layer.get("inbound_nodes"):
            found.setdefault(_called(before), {}).setdefault(0, {}).setdefault(0, (shape, "float32"))
    return {
        name: {
            call: [arrays.get(index, (None, "float32")) for index in range(max(arrays) + 1)]
            for call, arrays in calls.items()
        }
        for name, calls in found.items()
    }


_MOST_ARRAYS = 64
"""Arrays that one layer gives at most."""


def _taken(layer: Mapping[str, Any]) -> Iterator[tuple[tuple[str, int, int], Arrays]]:
    """Yield what a layer is called with: which array of which layer, and its shape."""
    for item in _items(layer.get("inbound_nodes")):
        if not isinstance(item, Mapping) or item.get("class_name") != "__keras_tensor__":
            continue
        config = item.get("config")
        if not isinstance(config, Mapping):
            continue
        match config.get("keras_history"):
            case [str(name), int(call), int(index)] if 0 <= index < _MOST_ARRAYS:
                yield (
                    (name, call, index),
                    (_shape(config.get("shape")), str(config.get("dtype") or "float32")),
                )


def _shape(told: Any) -> Shape | None:
    is_shape = isinstance(told, list) and all(size is None or isinstance(size, int) for size in told)
    return tuple(told) if is_shape else None
