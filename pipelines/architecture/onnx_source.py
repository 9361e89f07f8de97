"""Networks in ONNX: operations as layers, initialisers as parameters, names as paths of modules."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipelines.architecture import flops
from pipelines.architecture.axes import FIRST, with_axes
from pipelines.architecture.graph import MOST_LAYERS, Array, Connection, Graph, Layer, Module, Notice
from pipelines.architecture.onnx_wire import check_parts
from pipelines.architecture.own_models import Given
from pipelines.architecture.plain import plain_value
from pipelines.architecture.vocabulary import category, class_term
from pipelines.errors import ContractError, installed
from pipelines.models.files import brief_reason, readable

with installed("an ONNX model", "onnx"):
    import onnx
    from onnx import helper, inliner, shape_inference

_SMALL = 1024  # elements up to which an initialiser may say a shape
_SCOPES, _CLASSES = "pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy"
_LONGEST_SCOPES = 20_000
_SHAPED = ("Shape", "Size")  # operations that look at the shape of what they are given alone
_FLOATS = frozenset(
    (
        *("float32", "float64", "float16", "bfloat16", "int8", "uint8", "int4", "uint4"),
        *("float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "float4e2m1"),
    )
)
"""Numbers that weights are kept in; other initialisers are shapes and indices."""


def read_file(path: Path, given: Given) -> Graph:
    """Read a model; its weights are counted and not looked at."""
    check_parts(path)
    with readable(path, "an ONNX model"):
        model = onnx.load(path, load_external_data=False)
        if not model.graph.node:
            message = "it holds no operations"
            raise ValueError(message)
    return read_object(lambda: model, str(path), given)


def read_object(build: Callable[[], Any], where: str, given: Given) -> Graph:
    """Return the graph of the model that `build` returns."""
    model = _inlined(_checked(build(), where), where)
    kinds, notices = _inferred(model, given)
    return with_axes(_Reading(model, kinds, where, notices).graph(), FIRST)


def _checked(model: Any, where: str) -> Any:
    """Refuse weights of other sizes than their numbers, and let go of the numbers of large ones."""
    for tensor in model.graph.initializer:
        count = flops.product(tensor.dims) or 0
        is_short = tensor.HasField("raw_data") and len(tensor.raw_data) * 8 < count * _bits(tensor.data_type)
        if is_short or min(tensor.dims, default=0) < 0:
            sizes = " x ".join(map(str, tensor.dims))[:80]
            what = f'weight "{tensor.name[:80]}" is said to have {sizes} numbers, which it has not'
            raise ContractError(where, what, "it is damaged: export the model again")
        if count > _SMALL:
            tensor.ClearField("raw_data")
            tensor.ClearField("float_data")
    return model


def _bits(kind: int) -> int:
    try:
        return int(helper.tensor_dtype_to_np_dtype(kind).itemsize) * 8 if "4" not in _dtype(kind)[:5] else 4
    except (KeyError, TypeError, ValueError):
        return 0


def _dtype(kind: int) -> str:
    """Return numpy's name for a kind of number, "" for one that is not known."""
    names = {value: name for name, value in onnx.TensorProto.DataType.items()}
    told = str(names.get(kind, "")).lower()
    return {"float": "float32", "double": "float64"}.get(told, told)


def _inlined(model: Any, where: str) -> Any:
    """Return the model with its own functions written out, unless that makes more of it than is read."""
    if not model.functions:
        return model
    bodies = {(each.domain, each.name): each.node for each in model.functions}
    sizes: dict[tuple[str, str], int] = {}

    def size(nodes: Any, around: tuple[tuple[str, str], ...]) -> int:
        total = 0
        for node in nodes:
            key = (node.domain, node.op_type)
            if key in around:
                raise ContractError(where, f'function "{node.op_type[:80]}" calls itself', "export it again")
            if key in bodies and key not in sizes:
                sizes[key] = size(bodies[key], (*around, key))
            total += sizes.get(key, 1)
        return total

    with readable(Path(where), "an ONNX model"):
        count = size(model.graph.node, ())
        if count <= MOST_LAYERS:
            return inliner.inline_local_functions(model)
    what = f"has functions that make {count:,} operations, at most {MOST_LAYERS:,} are read"
    raise ContractError(where, what, "export a smaller network, or a part of it")


Kinds = Mapping[str, Any]
"""What is known of each tensor's type and sizes, by its name."""


def _inferred(model: Any, given: Given) -> tuple[list[Kinds], list[Notice]]:
    """Return what follows of every tensor from the inputs, for one sample, and where it may differ for two.

    Of what goes wrong on the way a notice tells.
    """
    _fix_inputs(model, given)
    batch = _batch(_inputs(model))
    try:
        return [_kinds(_for_samples(model, batch, count)) for count in ((1, 2) if batch else (1,))], []
    except Exception as error:  # of the classes of a library in C++, for whatever does not fit
        return [_told_kinds(model)], [
            Notice("", f"sizes between its operations are not known: {brief_reason(error)}")
        ]


def _for_samples(model: Any, batch: str, count: int) -> Any:
    """Return a copy of the model for so many samples."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    for item in (*made.graph.input, *made.graph.value_info, *made.graph.output):
        for dim in item.type.tensor_type.shape.dim:
            if batch and dim.dim_param == batch:
                dim.dim_value = count
            elif batch and batch in re.findall(r"\w+", dim.dim_param):
                dim.ClearField("dim_param")  # an expression: it follows from the inputs
    return made


def _kinds(model: Any) -> Kinds:
    return _told_kinds(shape_inference.infer_shapes(model, data_prop=True))


def _told_kinds(model: Any) -> Kinds:
    items = (*model.graph.input, *model.graph.value_info, *model.graph.output)
    return {item.name: item.type.tensor_type for item in items}


def _inputs(model: Any) -> list[Any]:
    held = {tensor.name for tensor in model.graph.initializer}
    return [item for item in model.graph.input if item.name not in held]


def _array(name: str, kinds: Sequence[Kinds]) -> Array:
    """Return a tensor as its kinds for one and two samples have it; they differ where samples are counted."""
    found = [each[name] for each in kinds if name in each]
    if not found or not all(each.HasField("shape") for each in found):
        return Array((), _dtype(found[0].elem_type) if found else "", (None,))
    one, two = (
        [int(dim.dim_value) if dim.HasField("dim_value") else None for dim in each.shape.dim]
        for each in (found[0], found[-1])
    )
    if len(one) != len(two):
        return Array((), _dtype(found[0].elem_type), (None,))
    axes = [axis for axis, (few, many) in enumerate(zip(one, two, strict=True)) if few != many]
    shape = tuple(None if axis in axes else size for axis, size in enumerate(one))
    return Array(shape, _dtype(found[0].elem_type), tuple(one), axes[0] if axes else None)


def _fix_inputs(model: Any, given: Given) -> None:
    """Write the sizes that are told into the inputs, where the file leaves them open."""
    inputs = _inputs(model)
    if len(given.told) != len(inputs):
        return
    for item, told in zip(inputs, given.told, strict=True):
        dims = item.type.tensor_type.shape.dim
        for dim, size in zip(list(dims)[1:], told.shape, strict=False):
            if not dim.HasField("dim_value"):
                dim.dim_value = size


# Operations into layers -----------------------------------------------------------------------------


@dataclass
class _Reading:
    model: Any
    kinds: Sequence[Kinds]
    where: str
    notices: list[Notice]
    layers: list[Layer] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    env: dict[str, tuple[str, int]] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    wanted: list[tuple[str, list[str]]] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)
    foreign: Counter[str] = field(default_factory=Counter)

    def graph(self) -> Graph:
        """Return the operations as layers."""
        told = self.model.graph
        self.weights = {tensor.name: tensor for tensor in told.initializer}
        self.constants: dict[str, tuple[str, ...]] = {name: (name,) for name in self.weights}
        self.arrays = {name: _array(name, self.kinds) for name in self.kinds[0]}
        for item in _inputs(self.model):
            self._input(item.name)
        nodes = list(told.node)
        places = [self._place(node) for node in nodes]
        self.alone, repeated = (
            _alone(places),
            {place for place, count in Counter(places).items() if count > 1},
        )
        for node, place in zip(nodes, places, strict=True):
            # What an exporter made of one call has one name: its operators tell the parts apart.
            self._register(node, (place[0], node.op_type) if place in repeated else place)
        for index, item in enumerate(told.output):
            self._output(index, item.name)
        made = self._connected()
        return Graph(
            "onnx", "ONNX", made, tuple(self.connections), self.modules, tuple(self.notices), ("onnx",)
        )

    def _input(self, name: str) -> None:
        key = f"input:{name}"
        made = (self.arrays[name],)
        self.layers.append(Layer(key, "", name, "", "input", "Input", "Input", "input", (), made))
        self.env[name] = (key, 0)

    def _output(self, index: int, name: str) -> None:
        key, arrays = f"output:{index}", (self.arrays.get(name, Array(())),)
        self.layers.append(Layer(key, "", name, "", "output", "Output", "Output", "output", arrays, arrays))
        self.wanted.append((key, [name]))

    def _register(self, node: Any, place: tuple[str, str]) -> None:
        """Add an operation, unless what it gives follows from constants."""
        # What an operation holds others for may use what stands outside without taking it as an input.
        given = [*(name for name in node.input if name), *_captured(node)]
        held = tuple(name for each in given for name in self.constants.get(each, ()))
        if node.op_type == "Constant" or node.op_type in _SHAPED or (given and self._are_constant(given)):
            self._keep_constant(node, held)
            return
        if node.op_type == "Identity" and given:
            self.same[node.output[0]] = given[0]
            return
        key = f"node:{len(self.layers)}"
        taken = [name for name in given if name not in self.constants]
        self.layers.append(self._layer(node, key, place, taken, held))
        self.wanted.append((key, taken))
        for index, name in enumerate(node.output):
            if name in self.env:
                what = f'holds two operations that make "{name[:80]}"'
                raise ContractError(self.where, what, "it is damaged: export the model again")
            if name:
                self.env[name] = (key, index)
        self._tell(node, place)

    def _tell(self, node: Any, place: tuple[str, str]) -> None:
        """Tell of operations inside of others, and of those that are not ONNX's own: the first of a kind."""
        inner = sum(len(graph.node) for graph in _inside(node))
        if inner:
            what = f"{node.op_type} chooses among or repeats {inner:,} operations, which are not shown"
            self.notices.append(Notice(node.name[:200] or node.op_type, what, is_missing=True))
        told = f"{node.domain}.{node.op_type}"
        self.foreign[told] += not _is_known(node)
        if not _is_known(node) and self.foreign[told] == 1:
            what = f'is an operation "{told[:80]}", which ONNX does not define'
            what = f"{what}: what it gives and costs is not known"
            self.notices.append(Notice(".".join(each for each in place if each)[:200], what))

    def _are_constant(self, names: Sequence[str]) -> bool:
        return all(name in self.constants for name in names)

    def _keep_constant(self, node: Any, held: tuple[str, ...]) -> None:
        value = next((each.t for each in node.attribute if each.name == "value"), None)
        if node.op_type == "Constant" and value is not None and node.output:
            self.weights[node.output[0]] = value
            held = (node.output[0],)
        names = held if node.op_type not in _SHAPED else ()
        self.constants |= {name: names for name in node.output if name}

    def _connected(self) -> tuple[Layer, ...]:
        """Connect the layers, and return them with the arrays that they are given."""
        given: dict[str, tuple[Array, ...]] = {}
        shown = {layer.key: f"{layer.module}.{layer.name}".lstrip(".") for layer in self.layers}
        for key, names in self.wanted:
            found = [self._now(name) for name in names]
            given[key] = tuple(self.arrays.get(name, Array((), "", (None,))) for name in found)
            for place, name in enumerate(found):
                if name in self.env:
                    self.connections.append(Connection(*self.env[name], key, place, given[key][place]))
                elif name not in self.constants:
                    what = f'takes "{name[:80]}", which nothing makes'
                    self.notices.append(Notice(shown[key][:200], what, is_missing=True))
        return tuple(replace(layer, inputs=given.get(layer.key, layer.inputs)) for layer in self.layers)

    def _now(self, name: str) -> str:
        seen = set()
        while name in self.same and name not in seen:
            seen.add(name)
            name = self.same[name]
        return name

    def _layer(
        self, node: Any, key: str, place: tuple[str, str], taken: Sequence[str], held: Sequence[str]
    ) -> Layer:
        path, name = place
        given = [self._sizes(each) for each in node.input]
        made = tuple(self.arrays.get(each, Array((), "", (None,))) for each in node.output if each)
        kind = self._term(node, len(given[0]) if given else 0)
        family = category(kind)
        weights = {each: count for each in held if (count := self._count(each))} | self._within(node, key)
        is_layer = path in self.alone
        module, _, own = path.rpartition(".") if is_layer else (path, "", name)
        return Layer(
            key,
            path,
            own or name,
            module,
            "layer" if is_layer else "operation",
            kind,
            f"{node.domain}.{node.op_type}".lstrip("."),
            "arithmetic" if family == "merge" and len(taken) < 2 else family,
            (),
            made,
            weights,
            frozenset(self._frozen(node)),
            _counted(node, given, made),
            _settings(node, given),
        )

    def _sizes(self, name: str) -> flops.Sizes:
        if name in self.weights:
            return tuple(self.weights[name].dims)
        return self.arrays[self._now(name)].concrete if self._now(name) in self.arrays else (None,)

    def _term(self, node: Any, rank: int) -> str:
        """Return the term of an operation: with weights a product is a dense layer, a choice an embedding."""
        weighted = [bool(name and self.constants.get(name)) for name in node.input]
        if node.op_type == "MatMul" and weighted[1:2] == [True]:
            return "Linear"
        if node.op_type == "Gather" and weighted == [True, False] and self._count(node.input[0]):
            return "Embedding"
        return class_term(node.op_type, rank)

    def _count(self, name: str) -> int:
        """Return how many parameters a constant is: none where it is a setting, a shape or an index."""
        return _counted_numbers(self.weights[name])

    def _within(self, node: Any, key: str) -> dict[str, int]:
        """Return the parameters of operations that an operation chooses among or repeats."""
        return {
            f"{key}/{index}/{tensor.name}": count
            for index, graph in enumerate(_inside(node))
            for tensor in graph.initializer
            if (count := _counted_numbers(tensor))
        }

    def _frozen(self, node: Any) -> list[str]:
        """Return the statistics of a normalization, which no training step changes."""
        last = node.input[3:5] if node.op_type == "BatchNormalization" else ()
        return [name for each in last for name in self.constants.get(each, ())]

    def _place(self, node: Any) -> tuple[str, str]:
        """Return the path of the module around an operation, and the operation's own name."""
        told = {item.key: item.value for item in node.metadata_props if item.key in (_SCOPES, _CLASSES)}
        scopes = _listed(told.get(_SCOPES, ""))
        if len(scopes) > 1:
            classes = _listed(told.get(_CLASSES, ""))
            kinds = zip(scopes[:-1], classes, strict=False)
            self.modules |= {
                scope: Module(kind.rpartition(".")[2], kind) for scope, kind in kinds if "." in kind
            }
            return scopes[-2], scopes[-1] or node.op_type
        *around, last = [part for part in node.name.split("/") if part] or [node.op_type]
        return ".".join(_shortened(around)), last


def _counted_numbers(tensor: Any) -> int:
    if not tensor.dims or _dtype(tensor.data_type) not in _FLOATS:
        return 0
    return flops.product(tuple(tensor.dims)) or 0


def _inside(node: Any) -> Iterator[Any]:
    """Yield the graphs that an operation chooses among or repeats, and those inside of them."""
    for each in node.attribute:
        for graph in (*([each.g] if each.HasField("g") else []), *each.graphs):
            yield graph
            for inner in graph.node:
                yield from _inside(inner)


def _captured(node: Any) -> list[str]:
    """Return the tensors of the graph around it that the operations inside of an operation use."""
    graphs = list(_inside(node))
    own = {name for graph in graphs for inner in graph.node for name in inner.output}
    own |= {item.name for graph in graphs for item in (*graph.input, *graph.initializer)}
    used = (name for graph in graphs for inner in graph.node for name in inner.input)
    given = {*node.input}
    return list(dict.fromkeys(name for name in used if name and name not in own and name not in given))


def _is_known(node: Any) -> bool:
    return bool(onnx.defs.has(node.op_type, "" if node.domain == "ai.onnx" else node.domain))


def _batch(inputs: Sequence[Any]) -> str:
    """Return the name of the size that counts samples: that of the first axis of the first input."""
    for item in inputs:
        dims = item.type.tensor_type.shape.dim
        if dims and dims[0].dim_param:
            return str(dims[0].dim_param)
    return ""


def _listed(text: str) -> list[str]:
    """Return the texts in a list as Python writes it; none where it is anything else."""
    try:
        found = ast.literal_eval(text) if 0 < len(text) <= _LONGEST_SCOPES else []
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [str(each) for each in found] if isinstance(found, list) else []


def _shortened(parts: Sequence[str]) -> Iterator[str]:
    """Yield the parts of a path; PyTorch writes `layer1.0` inside of `layer1`, of which `0` is its own."""
    before = ""
    for part in parts:
        yield part.removeprefix(f"{before}.") if before else part
        before = part


def _alone(places: Sequence[tuple[str, str]]) -> set[str]:
    """Return the paths of modules that are one operation and hold no others."""
    counts = Counter(path for path, _ in places)
    around = {path.rpartition(".")[0] for path in counts}
    return {path for path, count in counts.items() if count == 1 and path and path not in around}


def _settings(node: Any, given: Sequence[flops.Sizes]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in node.attribute:
        if each.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS, onnx.AttributeProto.TENSOR):
            continue
        value = helper.get_attribute_value(each)
        value = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        value = list(value) if isinstance(value, list | tuple) else value
        if (plain := plain_value(value)) is not None:
            found[each.name] = plain
    if node.op_type in ("Conv", "ConvTranspose") and len(given) > 1 and len(given[1]) > 2:
        found.setdefault("kernel_shape", list(given[1][2:]))
    return found


# Floating-point operations --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Operation:
    """An operation with the sizes of what it takes and of its first output."""

    node: Any
    given: Sequence[flops.Sizes]
    made: flops.Sizes

    def attribute(self, name: str) -> Any:
        found = next((each for each in self.node.attribute if each.name == name), None)
        return None if found is None else helper.get_attribute_value(found)


def _counted(node: Any, given: Sequence[flops.Sizes], made: Sequence[Array]) -> int | None:
    rule = _RULES.get(node.op_type)
    if node.op_type in ("If", "Loop", "Scan") or not _is_known(node):
        return None
    if rule is None or not made or len(given) < 2:
        return 0
    return rule(_Operation(node, given, made[0].concrete))


def _convolution(each: _Operation) -> int | None:
    weight = each.given[3] if each.node.op_type == "QLinearConv" and len(each.given) > 3 else each.given[1]
    places = each.given[0] if each.node.op_type == "ConvTranspose" else each.made
    return flops.product((2, *places[:1], *places[2:], *weight))


def _matrix(each: _Operation) -> int | None:
    first = each.given[0][::-1] if each.attribute("transA") else each.given[0]
    return flops.matrix_product(first, each.made)


def _recurrent(each: _Operation) -> int | None:
    matrices = [flops.product(sizes) for sizes in each.given[1:3]]
    total = None if None in matrices else sum(count or 0 for count in matrices)
    return flops.product((2, *each.given[0][:-1], total))


def _einsum(each: _Operation) -> int | None:
    equation = each.attribute("equation") or b""
    return flops.einsum(equation.decode("utf-8", "replace"), each.given)


def _attention(each: _Operation) -> int | None:
    has_heads = len(each.given) > 2 and len(each.given[0]) == 4
    return flops.attention(*each.given[:3]) if has_heads else None


_RULES: Mapping[str, Callable[[_Operation], int | None]] = {
    **dict.fromkeys(("Conv", "ConvTranspose", "ConvInteger", "QLinearConv"), _convolution),
    **dict.fromkeys(("MatMul", "MatMulInteger", "Gemm"), _matrix),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), _recurrent),
    "Einsum": _einsum,
    "Attention": _attention,
}
