"""The one form that every framework's network is brought into, checked and put in order."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipelines.errors import ContractError, counted
from pipelines.types import LARGEST_INTEGER

Shape = tuple[int | None, ...]
"""Sizes of an array; None where any size fits."""

MOST_LAYERS = 50_000
MOST_CONNECTIONS = 500_000
LARGEST_SIZE = 2**31 - 1  # of an axis: the tables and browsers count with 32 bits
LONG_NAME = 200  # letters above which a name is told of
LONGEST_NAME = 100_000
BYTES = {"bool": 1, "uint8": 1, "int8": 1, "float16": 2, "bfloat16": 2, "int16": 2, "uint16": 2}
BYTES |= {"float32": 4, "int32": 4, "uint32": 4, "float64": 8, "int64": 8, "uint64": 8, "complex64": 8}


@dataclass(frozen=True)
class Array:
    """What a layer takes or gives: `sizes` are those for one sample, None where nobody can say.

    `batch_axis` is the axis that grows with the samples.
    """

    shape: Shape
    dtype: str = "float32"
    sizes: Shape = ()
    batch_axis: int | None = None

    @property
    def concrete(self) -> Shape:
        """The sizes for one sample: its shape where that says them all."""
        return self.sizes or self.shape

    @property
    def bytes(self) -> int | None:
        """What it takes in memory for one sample; None where a size is not known."""
        total = BYTES.get(self.dtype, 0)
        for size in self.concrete:
            if size is None:
                return None
            total *= size
        return total


@dataclass(frozen=True)
class Layer:
    """One application of a layer. `key` tells it apart until it has its id; `uses` names what it shares.

    `parameters` are the sizes of its weights by a name that is equal where two layers hold the same ones;
    `frozen` are the names of those that training leaves as they are. `is_weighed` says whether it is known
    which weights it has: else both counts are None.
    """

    key: str
    path: str
    name: str
    module: str
    kind: str
    type: str
    framework_type: str
    category: str
    inputs: tuple[Array, ...] = ()
    outputs: tuple[Array, ...] = ()
    parameters: Mapping[str, int] = field(default_factory=dict)
    frozen: frozenset[str] = frozenset()
    flops: int | None = 0
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    channel_axis: int | None = None
    is_weighed: bool = True
    id: str = ""
    parameter_count: int | None = 0
    trainable_count: int | None = 0
    shared: str | None = None
    use: int = 1


@dataclass(frozen=True)
class Connection:
    """An array that one layer hands to another, by their keys, later by their ids."""

    source: str
    source_output: int
    target: str
    target_input: int
    array: Array


@dataclass(frozen=True)
class Notice:
    """What a reader should know: `is_missing` where a part of the network is not in the graph."""

    place: str
    what: str
    is_missing: bool = False


@dataclass(frozen=True)
class Module:
    """The class of a module that holds layers: its own name, and that with its package."""

    type: str
    framework_type: str = ""


@dataclass(frozen=True)
class Graph:
    """A network: layers in an order in which each follows its inputs, and what connects them.

    `method` says how it was read, `libraries` with what. It is partial where a notice says what is missing.
    """

    framework: str
    method: str
    layers: tuple[Layer, ...]
    connections: tuple[Connection, ...]
    modules: Mapping[str, Module] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    libraries: tuple[str, ...] = ()

    @property
    def is_partial(self) -> bool:
        """Whether a part of the network is not in it."""
        return any(notice.is_missing for notice in self.notices)

    @property
    def parameter_count(self) -> int:
        """All parameters of the layers whose weights are known, each counted once."""
        return sum(layer.parameter_count or 0 for layer in self.layers)

    @property
    def unweighed(self) -> int:
        """How many layers there are whose weights nobody knows."""
        return sum(not layer.is_weighed for layer in self.layers)

    @property
    def flops(self) -> int:
        """Those of all layers of which they are known, for one sample."""
        return sum(layer.flops or 0 for layer in self.layers)


def ordered(graph: Graph, where: str) -> Graph:
    """Return the graph in order, with ids, counts and notices.

    Raise `ContractError` for what no network has: cycles, sizes beyond what can be counted, too many layers.
    """
    _check_size(graph, where)
    order = _order(graph, where)
    layers = _counted(_identified([graph.layers[index] for index in order]))
    ids = {layer.key: layer.id for layer in layers}
    places = {layer.id: index for index, layer in enumerate(layers)}
    connections = sorted(
        (replace(each, source=ids[each.source], target=ids[each.target]) for each in graph.connections),
        key=lambda each: (places[each.target], each.target_input),
    )
    found = replace(graph, layers=tuple(layers), connections=tuple(connections))
    _check_counts(found, where)
    return replace(found, notices=(*graph.notices, *_unusual(found)))


def _check_size(graph: Graph, where: str) -> None:
    hint = "name a smaller network, or a part of it"
    if not graph.layers:
        raise ContractError(where, "holds no layers", "name a file that holds a network")
    for count, most, what in (
        (len(graph.layers), MOST_LAYERS, "layers"),
        (len(graph.connections), MOST_CONNECTIONS, "connections"),
    ):
        if count > most:
            raise ContractError(where, f"has {count:,} {what}, at most {most:,} are read", hint)
    longest = max(len(layer.path) + len(layer.name) for layer in graph.layers)
    if longest > LONGEST_NAME:
        raise ContractError(
            where, f"has a name of {longest:,} letters, at most {LONGEST_NAME:,} are read", hint
        )


def _order(graph: Graph, where: str) -> list[int]:
    """Return the layers' places so that each follows its inputs, otherwise as they were given."""
    index = {layer.key: place for place, layer in enumerate(graph.layers)}
    following: dict[int, list[int]] = {}
    waiting = Counter[int]()
    for each in graph.connections:
        following.setdefault(index[each.source], []).append(index[each.target])
        waiting[index[each.target]] += 1
    ready = [place for place in range(len(graph.layers)) if not waiting[place]]
    order = []
    while ready:
        place = heapq.heappop(ready)
        order.append(place)
        for target in following.get(place, ()):
            waiting[target] -= 1
            if not waiting[target]:
                heapq.heappush(ready, target)
    if len(order) < len(graph.layers):
        stuck = graph.layers[min(set(range(len(graph.layers))) - set(order))]
        what = f'holds a cycle: layer "{stuck.name[:80]}" needs what follows it'
        raise ContractError(where, what, "a network is computed in one direction; export it again")
    return order


def _identified(layers: Sequence[Layer]) -> list[Layer]:
    """Give each layer an id: its path, numbered where that was taken; inputs and outputs yield to layers."""
    inner = {_wanted(layer) for layer in layers if layer.kind not in ("input", "output")}
    taken: set[str] = set()
    seen = Counter[str]()
    found = []
    for layer in layers:
        wanted = _wanted(layer)
        if layer.kind in ("input", "output") and wanted in inner:
            wanted = f"{layer.kind}:{wanted}"
        made = wanted
        while made in taken:
            seen[wanted] += 1
            made = f"{wanted}@{seen[wanted] + 1}"
        taken.add(made)
        found.append(replace(layer, id=made))
    return found


def _wanted(layer: Layer) -> str:
    return f"{layer.module}.{layer.name}" if layer.module else layer.name


def _counted(layers: Iterable[Layer]) -> list[Layer]:
    """Count each parameter in the first layer that holds it, and say which layers share."""
    holder: dict[str, str] = {}
    first: dict[str, str] = {}
    uses = Counter[str]()
    found = []
    for layer in layers:
        own = {name: size for name, size in layer.parameters.items() if name not in holder}
        shared = next((holder[name] for name in layer.parameters if name in holder), None)
        if layer.kind == "layer":
            shared = shared or first.get(layer.path)
            first.setdefault(layer.path, layer.id)
            uses[layer.path] += 1
        holder |= dict.fromkeys(own, layer.id)
        trainable = sum(size for name, size in own.items() if name not in layer.frozen)
        counts = (sum(own.values()), trainable) if layer.is_weighed else (None, None)
        weighed = replace(layer, parameter_count=counts[0], trainable_count=counts[1])
        found.append(replace(weighed, shared=shared, use=uses[layer.path] or 1))
    return found


def _check_counts(graph: Graph, where: str) -> None:
    hint = "it is damaged, or made to do harm"
    for layer in graph.layers:
        arrays = (*layer.inputs, *layer.outputs)
        sizes = [size or 0 for array in arrays for size in (*array.shape, *array.concrete)]
        numbers = [layer.flops or 0, layer.parameter_count or 0, *(array.bytes or 0 for array in arrays)]
        for found, most, what in ((sizes, LARGEST_SIZE, "an axis"), (numbers, LARGEST_INTEGER, "a count")):
            if found and max(found) > most:
                what = f'layer "{layer.id[:80]}" has {what} of {_brief(max(found))}, more than can be counted'
                raise ContractError(where, what, hint)
            if found and min(found) < 0:
                raise ContractError(where, f'layer "{layer.id[:80]}" has {what} below zero', hint)
    for total in (graph.parameter_count, graph.flops):
        if total > LARGEST_INTEGER:
            raise ContractError(where, f"has {_brief(total)} in all, more than can be counted", hint)


def _brief(number: int) -> str:
    return f"{number:,}" if number < 10**15 else f"about 10^{(number.bit_length() - 1) * 30103 // 100000}"


def _unusual(graph: Graph) -> list[Notice]:
    """Tell of layers that a figure would lose or crowd: unconnected ones, empty arrays, long names."""
    connected = connected_ids(graph)
    found: list[Notice] = []
    open_ones: list[str] = []
    for layer in graph.layers:
        # Where nothing at all is connected, one notice says why.
        if connected and layer.id not in connected and len(graph.layers) > 1:
            found.append(Notice(layer.id, "is not connected to any other layer"))
        if any(0 in array.shape for array in layer.outputs):
            found.append(Notice(layer.id, "gives an array without elements: one of its sizes is 0"))
        if any(None in array.concrete for array in layer.outputs):
            open_ones.append(layer.id)
        if len(layer.name) > LONG_NAME:
            found.append(Notice(layer.id, f"has a name of {len(layer.name):,} letters"))
    if open_ones:
        of = f"of {counted(len(open_ones), 'layer')}"
        what = f"{of} sizes are not fixed, so that FLOPs or bytes are not known"
        found.append(Notice(open_ones[0], what))
    if unknown := [layer.id for layer in graph.layers if not layer.is_weighed]:
        what = f"nobody can say how many parameters are in {counted(len(unknown), 'layer')} from here on"
        found.append(Notice(unknown[0], f"{what}: sums count the others alone"))
    return found


def connected_ids(graph: Graph) -> set[str]:
    """Return the ids of the layers that some connection leads to or away from."""
    return {end for each in graph.connections for end in (each.source, each.target)}
