"""Networks of Keras 3: files, whose configuration is read and not their weights, and models from own code."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.architecture import flops, keras_files, keras_weights
from pipelines.architecture.axes import LAST, with_axes
from pipelines.architecture.graph import Array, Connection, Graph, Layer, Module, Notice
from pipelines.architecture.keras_calls import called, is_holder, nodes_between, part, unfilled, walked
from pipelines.architecture.keras_files import ForeignLayer
from pipelines.architecture.own_models import Given
from pipelines.architecture.plain import plain_value
from pipelines.architecture.vocabulary import category, class_term
from pipelines.errors import installed
from pipelines.models.files import brief_reason
from pipelines.models.keras_archive import backend_library

with installed("a Keras model", "keras"):
    import keras

_SILENT = re.compile(
    r"name|trainable|dtype|\w+_(initializer|regularizer|constraint)|batch_shape|batch_input_shape|sparse|ragged"
    r"|seed|unroll|build_config|registered_name|layer|layers|cell|backward_layer|autocast|optional"
)
Source = tuple[str, int]
"""A layer's key, and which of its outputs."""


def read_file(path: Path, given: Given) -> Graph:
    """Read the configuration of a saved model, or the JSON of one: no code in it runs, no weight is read."""
    told = keras_files.read_configuration(path)
    if keras_weights.is_own_code(told) and path.suffix.lower() != ".json":
        graph = keras_weights.read_weights(told, path)
        if graph:
            return graph
    return _read(lambda: keras_files.built(copy.deepcopy(told), path), str(path), given)


def read_object(build: Callable[[], Any], where: str, given: Given) -> Graph:
    """Return the graph of the model that `build` returns."""
    return _read(build, where, given)


def _read(build: Callable[[], Any], where: str, given: Given) -> Graph:
    with unfilled():
        found = called(build, given)
        walk = _Walk(notices=found.notices)
        ends = [walk.input(tensor, name) for tensor, name in found.inputs]
        env = {id(tensor): source for (tensor, _), source in zip(found.inputs, ends, strict=True)}
        walk.nodes(found.nodes, env, "")
        for index, (tensor, name) in enumerate(found.outputs):
            walk.output(index, tensor, name, env.get(id(tensor)))
        walk.rest(found.model, is_whole=not found.notices)
    graph = Graph(
        "keras",
        "configuration" if where.endswith((".keras", ".json")) else "functional",
        tuple(walk.layers),
        tuple(walk.connections),
        {"": Module(_class_name(found.model), _full_name(found.model)), **walk.modules},
        tuple(walk.notices),
        ("keras", *backend_library()),
    )
    return with_axes(graph, LAST)


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
        inner = f"{path}.{part(operation.name)}" if path else part(operation.name)
        if is_holder(operation) and (found := self._inside(node, env, inner)):
            self.modules[inner] = Module(type(operation).__name__, _full_name(operation))
            return found
        if isinstance(operation, ForeignLayer):
            self.notices.append(Notice(inner, operation.what, is_missing=True))
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

    def rest(self, model: Any, is_whole: bool) -> None:
        """Add the layers that nothing calls and that hold parameters; of a model that broke off, all."""
        shown = {layer.path for layer in self.layers} - self.modules.keys()
        held = {name for layer in self.layers for name in layer.parameters}
        for path, layer in walked(model):
            if id(layer) in self.met or any(path.startswith(f"{each}.") for each in shown):
                continue
            if is_holder(layer):
                self.modules[path] = Module(_class_name(layer), _full_name(layer))
                continue
            weights = _weights(layer)
            if (weights or not is_whole) and not held & weights.keys():
                module = path.rpartition(".")[0]
                made = _of(layer, f"idle:{id(layer)}", module, path, (), (), 0 if is_whole else None)
                self.layers.append(made)
                held |= weights.keys()


def _opened(operation: Any, node: Any) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
    """Return the inputs, outputs and calls inside a model, or inside a layer of own code."""
    held = getattr(operation, "_functional", None) or operation
    if getattr(held, "inputs", None):
        return held.inputs, held.outputs, nodes_between(held.inputs, held.outputs)
    given = node.arguments
    made = keras.tree.flatten(operation.call(*given.args, **given.kwargs))
    return given.keras_tensors, made, nodes_between(given.keras_tensors, made)


def _class_name(made: Any) -> str:
    return made.class_name if isinstance(made, ForeignLayer) else type(made).__name__


def _full_name(made: Any) -> str:
    kind = type(made)
    if isinstance(made, ForeignLayer):
        return f"{made.module}.{made.class_name}".lstrip(".")
    package = "keras.layers" if kind.__module__.startswith("keras.src.layers") else kind.__module__
    return f"{package.replace('keras.src.', 'keras.')}.{kind.__qualname__}"


def _array(tensor: Any) -> Array:
    if getattr(tensor, "is_unknown", False):
        return Array((), str(tensor.dtype), (None,))
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
    kind = class_term(_class_name(layer), len(given[0].shape) if given else 0)
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
        _is_weighed(layer),
    )


def _weights(layer: Any) -> dict[str, int]:
    return {str(id(variable)): math.prod(variable.shape) for variable in layer.weights}


def _is_weighed(layer: Any) -> bool:
    """Whether it is known which weights a layer has: most are made for what it is first called with."""
    if isinstance(layer, ForeignLayer):
        return layer.class_name == keras_files.CODE
    return bool(layer.built)


def _settings(layer: Any) -> dict[str, Any]:
    try:
        told = layer.settings if isinstance(layer, ForeignLayer) else layer.get_config()
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
    if isinstance(operation, ForeignLayer):
        return None
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
