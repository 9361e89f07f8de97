"""Networks of Keras 3: files, whose configuration is read and not their weights, and models from own code."""

from __future__ import annotations

import json
import math
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.architecture import flops
from pipelines.architecture.axes import LAST, with_axes
from pipelines.architecture.graph import LARGEST_SIZE, Array, Connection, Graph, Layer, Module, Notice
from pipelines.architecture.own_models import Given, Sample
from pipelines.architecture.plain import MOST_TEXT, check_text, plain_value
from pipelines.architecture.vocabulary import category, class_term
from pipelines.errors import ContractError, installed
from pipelines.models.files import brief_reason, readable
from pipelines.models.keras_archive import backend_library, refusal

with installed("a Keras model", "keras"):
    import keras
    from keras.src.ops.function import map_graph

MOST_IN_SEQUENCE = 1_000  # layers: Keras builds a Sequential anew for each one
DEEPEST = 100_000  # calls within calls
MOST_OBJECTS = 50_000  # that name a class: a layer has several
_GUESSES = ((224, 224, 3), (28, 28, 1), (32, 32, 3), (16, 8), (8,))
_SILENT = re.compile(
    r"name|trainable|dtype|\w+_(initializer|regularizer|constraint)|batch_shape|batch_input_shape|sparse|ragged"
    r"|seed|unroll|build_config|registered_name|layer|layers|cell|backward_layer|autocast|optional"
)
_IDS = ("shared_object_id", "seed")  # numbers of Keras's own, which count nothing
Source = tuple[str, int]
"""A layer's key, and which of its outputs."""


def read_file(path: Path, given: Given) -> Graph:
    """Read the configuration of a saved model, or the JSON of one: no code in it runs, no weight is read."""
    with readable(path, "a Keras model"):
        told = json.loads(_text(path))
    _check(told, path)

    def build() -> Any:
        try:
            with readable(path, "a Keras model"):
                return keras.saving.deserialize_keras_object(told, safe_mode=True)
        except ContractError as error:
            raise refusal(path, error) or error from error

    return _read(build, str(path), given)


def read_object(build: Callable[[], Any], where: str, given: Given) -> Graph:
    """Return the graph of the model that `build` returns."""
    return _read(build, where, given)


def _text(path: Path) -> bytes:
    """Return the configuration, of which no more is unpacked than is read."""
    if path.suffix.lower() == ".json":
        with path.open("rb") as file:
            return check_text(file.read(MOST_TEXT + 1), path)
    with zipfile.ZipFile(path) as archive, archive.open("config.json") as file:
        return check_text(file.read(MOST_TEXT + 1), path)


def _check(told: Any, path: Path) -> None:
    """Refuse counts that no network has before Keras builds anything of them."""
    waiting, classes = [told], 0
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            classes += "class_name" in item
            _check_sequence(item, path)
            waiting += [value for key, value in item.items() if key not in _IDS]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, int) and abs(item) > LARGEST_SIZE:
            what = f"holds the number {item:,}"[:80]
            raise ContractError(str(path), f"{what}, more than any size or count of a layer", "it is damaged")
    if classes > MOST_OBJECTS:
        what = f"names {classes:,} objects, at most {MOST_OBJECTS:,} are read"
        raise ContractError(str(path), what, "save a smaller model")


def _check_sequence(item: Mapping[str, Any], path: Path) -> None:
    config = item.get("config")
    layers = config.get("layers") if isinstance(config, Mapping) else None
    is_long = isinstance(layers, list) and len(layers) > MOST_IN_SEQUENCE
    if is_long and item.get("class_name") == "Sequential":
        what = f"holds a Sequential of {len(layers or ()):,} layers, at most {MOST_IN_SEQUENCE:,} are read"
        raise ContractError(str(path), what, "save it as a functional model: keras.Model(inputs, outputs)")


def _read(build: Callable[[], Any], where: str, given: Given) -> Graph:
    with _unfilled():
        model = build()
        inputs, outputs, nodes = _functional(model, where, given)
        walk = _Walk()
        ends = [walk.input(tensor, name) for tensor, name in inputs]
        env = {id(tensor): source for (tensor, _), source in zip(inputs, ends, strict=True)}
        walk.nodes(nodes, env, "")
        for index, (tensor, name) in enumerate(outputs):
            walk.output(index, tensor, name, env.get(id(tensor)))
        walk.idle(model)
    graph = Graph(
        "keras",
        "configuration" if where.endswith((".keras", ".json")) else "functional",
        tuple(walk.layers),
        tuple(walk.connections),
        {"": Module(type(model).__name__, _full_name(model)), **walk.modules},
        tuple(walk.notices),
        ("keras", *backend_library()),
    )
    return with_axes(graph, LAST)


@contextmanager
def _unfilled() -> Iterator[None]:
    """Build layers without numbers, so that the largest network takes no memory."""
    keras.utils.clear_session(
        free_memory=False
    )  # names are counted from 1, so that ids are the same each time
    before = sys.getrecursionlimit()
    # Keras follows a network from its end by calls within calls, one for each layer.
    sys.setrecursionlimit(max(before, DEEPEST))
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        sys.setrecursionlimit(before)
        # Else Keras would fill what was left empty with numbers the next time that it can.
        keras.utils.clear_session(free_memory=False)


Named = list[tuple[Any, str]]


def _functional(model: Any, where: str, given: Given) -> tuple[Named, Named, Sequence[Any]]:
    """Return the inputs and outputs of a model with their names, and its nodes in order.

    A model that says nothing of its inputs is called with those that are told or guessed.
    """
    if isinstance(model, keras.Sequential) and not getattr(model, "inputs", None):
        _built(model, where, given)
    if getattr(model, "inputs", None):
        model = _fixed(model, given)
        inputs = list(zip(model.inputs, _names(model.inputs, "input"), strict=True))
        outputs = list(zip(model.outputs, _names(model.outputs, "output", model), strict=True))
        return inputs, outputs, _nodes(model.inputs, model.outputs)
    tensors, made = _built(model, where, given)
    flat = keras.tree.flatten(made)
    ends = [(tensor, f"output_{at}" if len(flat) > 1 else "output") for at, tensor in enumerate(flat)]
    return list(zip(tensors, _names(tensors, "input"), strict=True)), ends, _nodes(tensors, flat)


def _fixed(model: Any, given: Given) -> Any:
    """Return the model for inputs of the sizes that are told, where it takes any."""
    told = given.told or _as_image(model, given)
    is_open = any(None in tensor.shape[1:] for tensor in model.inputs)
    if not is_open or len(told) != len(model.inputs):
        return model
    tensors = [
        keras.Input(item.shape, dtype=tensor.dtype, name=tensor.name)
        for item, tensor in zip(told, model.inputs, strict=True)
    ]
    return keras.models.clone_model(model, input_tensors=tensors)


def _as_image(model: Any, given: Given) -> tuple[Sample, ...]:
    shape = model.inputs[0].shape
    fits = len(shape) == 4 and given.image is not None and shape[3] in (None, given.image[2])
    return (Sample(given.image),) if given.image and fits else ()


def _built(model: Any, where: str, given: Given) -> tuple[list[Any], Any]:
    """Call a model that does not know its inputs; return them and what it makes of them."""
    problems: list[Exception] = []
    for shapes in _shapes(model, given):
        tensors = [keras.Input(shape, dtype=dtype) for shape, dtype in shapes]
        try:
            whole = tensors[0] if len(tensors) == 1 else tensors
            call = model if isinstance(model, keras.Sequential) else model.call
            return tensors, call(whole)
        except Exception as error:  # whatever its code raises: these inputs are not its own
            problems.append(error)
    what = f"cannot be called: {brief_reason(problems[0])}"
    hint = "say what it takes: shapes = …, such as 224x224x3; or build it with keras.Input"
    raise ContractError(where, what, hint)


def _shapes(model: Any, given: Given) -> list[list[tuple[tuple[int | None, ...], str]]]:
    if given.told:
        return [[(item.shape, item.dtype or "float32") for item in given.told]]
    try:
        known = (model.get_build_config() or {}).get("input_shape")
    except Exception:  # of own code, which may fail as it likes
        known = None
    first = [tuple(known[1:])] if known and isinstance(known[0], int | None) else []
    shown = [given.image] if given.image else []
    return [[(shape, "float32")] for shape in (*first, *shown, *_GUESSES)]


def _names(tensors: Sequence[Any], word: str, model: Any = None) -> list[str]:
    told = getattr(model, "output_names", None) if word == "output" else [each.name for each in tensors]
    is_made_up = any(str(name).startswith("keras_tensor") for name in told or ())
    if told and len(told) == len(tensors) and not is_made_up:
        return [str(name) for name in told]
    return [f"{word}_{at}" if len(tensors) > 1 else word for at in range(len(tensors))]


def _nodes(inputs: Sequence[Any], outputs: Sequence[Any]) -> list[Any]:
    """Return the calls of layers between tensors, each after those that it needs."""
    _, by_depth, _, _ = map_graph(list(inputs), list(outputs))
    return [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]]


# From nodes to layers -------------------------------------------------------------------------------


@dataclass
class _Walk:
    """Follows the calls of layers, those of models inside models, too."""

    layers: list[Layer] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    modules: dict[str, Module] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    met: set[int] = field(default_factory=set)

    def input(self, tensor: Any, name: str) -> Source:
        """Add what the network is given."""
        key = f"input:{len(self.layers)}"
        self.layers.append(
            Layer(key, "", name, "", "input", "Input", "Input", "input", (), (_array(tensor),))
        )
        return key, 0

    def output(self, index: int, tensor: Any, name: str, source: Source | None) -> None:
        """Add what the network gives."""
        key, arrays = f"output:{index}", (_array(tensor),)
        self.layers.append(Layer(key, "", name, "", "output", "Output", "Output", "output", arrays, arrays))
        if source:
            self.connections.append(Connection(*source, key, 0, arrays[0]))

    def nodes(self, nodes: Sequence[Any], env: dict[int, Source], path: str) -> None:
        """Add the layers of calls; `env` says where each tensor comes from, and learns of those they make."""
        for node in nodes:
            if node.is_input or all(id(tensor) in env for tensor in node.output_tensors):
                continue
            taken = [tensor for tensor in node.arguments.keras_tensors if id(tensor) in env]
            made = self._call(node, taken, env, path)
            env.update({id(tensor): source for tensor, source in zip(node.output_tensors, made, strict=True)})

    def _call(self, node: Any, taken: Sequence[Any], env: dict[int, Source], path: str) -> list[Source]:
        operation = node.operation
        self.met.add(id(operation))
        inner = f"{path}.{_part(operation.name)}" if path else _part(operation.name)
        if _is_opened(operation) and (found := self._inside(node, env, inner)):
            self.modules[inner] = Module(type(operation).__name__, _full_name(operation))
            return found
        key = f"layer:{len(self.layers)}"
        self.layers.append(_layer(operation, node, key, path, inner))
        for place, tensor in enumerate(taken):
            self.connections.append(Connection(*env[id(tensor)], key, place, _array(tensor)))
        return [(key, index) for index in range(len(node.output_tensors))]

    def _inside(self, node: Any, env: dict[int, Source], path: str) -> list[Source]:
        """Add what is in a model that is called as a layer; return where its outputs come from."""
        operation = node.operation
        try:
            inputs, outputs, nodes = _opened(operation, node)
        except Exception as error:  # of own code that works with more than Keras's operations
            what = f"is shown as one layer, since its code cannot be followed: {brief_reason(error)}"
            self.notices.append(Notice(path, what, is_missing=True))
            return []
        local = {
            id(own): env[id(given)]
            for own, given in zip(inputs, node.arguments.keras_tensors, strict=False)
            if id(given) in env
        }
        self.nodes(nodes, local, path)
        found = [local.get(id(tensor)) for tensor in outputs]
        return [] if None in found else [source for source in found if source]

    def idle(self, model: Any) -> None:
        """Add the layers that nothing calls and that hold parameters."""
        held = {name for layer in self.layers for name in layer.parameters}
        for layer in model._flatten_layers(include_self=False, recursive=True):
            weights = _weights(layer) if not list(layer._flatten_layers(False, False)) else {}
            if weights and not held & weights.keys():
                name = _part(layer.name)
                self.layers.append(_of(layer, f"idle:{id(layer)}", "", name, (), (), 0))
                held |= weights.keys()


def _opened(operation: Any, node: Any) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
    """Return the inputs, outputs and calls inside a model, or inside a layer of own code."""
    held = getattr(operation, "_functional", None) or operation
    if getattr(held, "inputs", None):
        return held.inputs, held.outputs, _nodes(held.inputs, held.outputs)
    given = node.arguments
    made = keras.tree.flatten(operation.call(*given.args, **given.kwargs))
    return given.keras_tensors, made, _nodes(given.keras_tensors, made)


def _is_opened(operation: Any) -> bool:
    """Whether a layer holds others that are shown: a model, or a layer of own code."""
    if isinstance(operation, keras.Model):
        return True
    is_own = type(operation).__module__.partition(".")[0] != "keras"
    return (
        is_own and isinstance(operation, keras.Layer) and bool(list(operation._flatten_layers(False, False)))
    )


def _part(name: str) -> str:
    """Return a name as a part of a dotted path."""
    return str(name).replace(".", "_").replace("/", "_")


def _full_name(made: Any) -> str:
    kind = type(made)
    package = "keras.layers" if kind.__module__.startswith("keras.src.layers") else kind.__module__
    return f"{package.replace('keras.src.', 'keras.')}.{kind.__qualname__}"


def _array(tensor: Any) -> Array:
    shape = tuple(None if side is None else int(side) for side in tensor.shape)
    is_batch = bool(shape) and shape[0] is None
    sizes = (1, *shape[1:]) if is_batch else shape
    return Array(shape, str(tensor.dtype), sizes, 0 if is_batch else None)


def _layer(operation: Any, node: Any, key: str, path: str, own: str) -> Layer:
    given = tuple(_array(tensor) for tensor in node.arguments.keras_tensors)
    made = tuple(_array(tensor) for tensor in node.output_tensors)
    counted = _counted(operation, node, [array.concrete for array in given], made)
    if isinstance(operation, keras.Layer):
        return _of(operation, key, path, own, given, made, counted)
    kind = class_term(type(operation).__name__, len(given[0].shape) if given else 0)
    name, family = str(operation.name), category(kind)
    family = "arithmetic" if family == "merge" and len(given) < 2 else family
    told = {
        name: plain for name, value in vars(operation).items() if (plain := _told(name, value)) is not None
    }
    kinds = ("operation", kind, _full_name(operation), family)
    return Layer(key, path, name, path, *kinds, given, made, flops=counted, hyperparameters=told)


def _of(
    layer: Any,
    key: str,
    path: str,
    own: str,
    given: tuple[Array, ...],
    made: tuple[Array, ...],
    counted: int | None,
) -> Layer:
    kind = class_term(type(layer).__name__, len(given[0].shape) if given else 0)
    if kind == "Activation":
        kind = class_term(str(layer.get_config().get("activation", "")).title(), 0) or kind
    frozen = frozenset(str(id(variable)) for variable in layer.non_trainable_weights)
    kinds = ("layer", kind, _full_name(layer), category(kind))
    return Layer(
        key,
        own,
        str(layer.name),
        path,
        *kinds,
        given,
        made,
        _weights(layer),
        frozen,
        counted,
        _settings(layer),
        _channel_axis(layer, made),
    )


def _weights(layer: Any) -> dict[str, int]:
    return {str(id(variable)): math.prod(variable.shape) for variable in layer.weights}


def _settings(layer: Any) -> dict[str, Any]:
    try:
        told = layer.get_config()
    except NotImplementedError:  # of own code that was never meant to be saved
        return {}
    found = {name: plain for name, value in told.items() if (plain := _told(name, value)) is not None}
    inner = getattr(layer, "forward_layer", None) or getattr(layer, "layer", None)
    if isinstance(inner, keras.Layer):  # of a wrapper, such as Bidirectional
        found = {**_settings(inner), **found, "layer": type(inner).__name__}
    return found


def _told(name: str, value: Any) -> Any:
    """Return a setting that tells a reader something of the layer, None for others."""
    return None if _SILENT.fullmatch(name) or name.startswith("_") else plain_value(value)


def _channel_axis(layer: Any, made: Sequence[Array]) -> int | None:
    """Return the channel axis that a layer names itself."""
    axis = getattr(layer, "axis", None)
    if type(layer).__name__ == "BatchNormalization" and isinstance(axis, int):
        return axis
    rank = len(made[0].shape) if made else 0
    placed = {"channels_last": rank - 1, "channels_first": 1}
    return placed.get(str(getattr(layer, "data_format", ""))) if rank > 2 else None


# Operations -----------------------------------------------------------------------------------------


def _counted(operation: Any, node: Any, given: Sequence[flops.Sizes], made: Sequence[Array]) -> int | None:
    """Return the floating-point operations of a call; None where a layer of own code holds matrices."""
    name = type(operation).__name__
    sizes = made[0].concrete if made else ()
    if name in ("Matmul", "Dot", "Tensordot"):
        axes = getattr(operation, "axes", -1)
        axis = axes if isinstance(axes, int) else axes[0] if isinstance(axes, list | tuple) else -1
        return flops.product((2, *sizes, given[0][axis if isinstance(axis, int) else -1]))
    if name == "Einsum":
        return flops.einsum(str(operation.subscripts), given)
    if name in ("Attention", "AdditiveAttention", "DotProductAttention"):
        return flops.attention(given[0], given[-1], given[1])
    if not isinstance(operation, keras.Layer) or not operation.weights:
        return 0
    return _of_weights(operation, name, given, sizes, node)


def _of_weights(
    layer: Any, name: str, given: Sequence[flops.Sizes], made: flops.Sizes, node: Any
) -> int | None:
    kernels = [(variable.path.rpartition("/")[2], tuple(variable.shape)) for variable in layer.weights]
    matrices = [tuple(variable.shape) for variable in layer.weights if len(variable.shape) > 1]
    total = sum(math.prod(shape) for name, shape in kernels if name.endswith("kernel"))
    if name == "MultiHeadAttention":
        return _of_heads(layer, given)
    if name == "EinsumDense":
        return flops.einsum(str(layer.equation), [given[0], dict(kernels)["kernel"]])
    if name == "TimeDistributed":
        inner = [(*sizes[:1], *sizes[2:]) for sizes in given]
        each = _of_weights(layer.layer, type(layer.layer).__name__, inner, (*made[:1], *made[2:]), node)
        return flops.product((each, given[0][1]))
    if "Conv" in name:
        is_turned = "Transpose" in name
        places = _places(layer, given[0] if is_turned else made)
        steps = given[0][1:2] if name.startswith("ConvLSTM") else ()
        return flops.applied((*given[0][:1], *steps, *places), total)
    if name in ("Dense", "LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional"):
        return flops.applied(given[0][:-1], total)
    is_known = category(class_term(name, 0)) in ("normalization", "embedding", "activation", "shape")
    return 0 if is_known or not matrices else None


def _places(layer: Any, sizes: flops.Sizes) -> flops.Sizes:
    """Return the sizes of the places of an array, which its first axes and its channels are not."""
    rank = int(getattr(layer, "rank", None) or layer.cell.rank if hasattr(layer, "cell") else layer.rank)
    return sizes[-rank:] if layer.data_format == "channels_first" else sizes[-1 - rank : -1]


def _of_heads(layer: Any, given: Sequence[flops.Sizes]) -> int | None:
    """Return those of attention with its four projections; keys are the values where none are given."""
    query, value = given[0], given[1] if len(given) > 1 else given[0]
    key = given[2] if len(given) > 2 and len(given[2]) == len(value) else value
    told = layer.get_config()
    heads, width = int(told["num_heads"]), int(told["key_dim"])
    wide = int(told.get("value_dim") or width)
    places = {"query": query, "key": key, "value": value, "attention_output": query}
    counts = [
        flops.applied(places[name][:-1], math.prod(variable.shape))
        for variable in layer.weights
        if (name := _projection(variable.path)) in places and variable.path.endswith("kernel")
    ]
    steps = [sizes[-2] for sizes in (query, key, value)]
    mixed = flops.attention((*query[:1], heads, steps[0], width), (steps[1], width), (steps[2], wide))
    found = [*counts, mixed]
    return None if None in found else sum(count or 0 for count in found)


def _projection(path: str) -> str:
    parts = path.split("/")
    return parts[-2] if len(parts) > 1 else ""
