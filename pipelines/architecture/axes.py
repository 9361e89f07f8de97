"""Which axis of an array counts features, and which samples: without it no figure tells width from height."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipelines.architecture.graph import Array, Graph, Layer

FIRST, LAST = "channels_first", "channels_last"
_PLACED = re.compile(
    r".*Conv(Transpose)?(\dd)?|(Batch|Instance|Group)Norm(\dd)?|.*Pool(\dd)?|Upsample\w*|ConvLSTM\dd"
    r"|PixelShuffle|Pixel\w*shuffle|Dropout[23]d|LRN|LocalResponseNorm|Pad|.*Pad\dd|Cropping\dd|GridSample"
)
_LAST = re.compile(
    r"Linear|LayerNorm|RMSNorm|Embedding|(LSTM|GRU|RNN)(Cell)?|.*[Aa]ttention|Bidirectional|MatMul|Rescaling"
)


def with_axes(graph: Graph, habit: str) -> Graph:
    """Return the graph with the channel axis of each layer's first output.

    A layer that works on places says it itself, by its framework's `habit` where it has no `channel_axis`;
    one that does not takes over what its first input has. Layers come in order.
    """
    arrays = _with_batches(graph)
    given: dict[str, list[str]] = {}
    for each in graph.connections:
        given.setdefault(each.target, []).append(each.source)
    habits = _habits(graph, habit)
    known: dict[str, int | None] = {}
    layers = {layer.key: layer for layer in graph.layers}
    made: dict[str, Layer] = {}
    for key in _in_order(list(layers), given):
        layer = arrays[key]
        sources = [source for source in given.get(key, ()) if source in known]
        before = _before(layer, [(known[source], made[source]) for source in sources])
        known[key] = _channel_axis(layer, before, habits.get(key, habit))
        made[key] = replace(layer, channel_axis=known[key])
    return replace(graph, layers=tuple(made[layer.key] for layer in graph.layers))


def _habits(graph: Graph, habit: str) -> dict[str, str]:
    """Return where the channels of inputs are by what takes them: a convolution, or steps of a sequence."""
    layers = {layer.key: layer for layer in graph.layers}
    found: dict[str, str] = {}
    for each in graph.connections:
        taker = layers[each.target]
        if layers[each.source].kind != "input":
            continue
        if _PLACED.fullmatch(taker.type):
            found.setdefault(each.source, FIRST if taker.channel_axis == 1 else habit)
        elif _LAST.fullmatch(taker.type):
            found.setdefault(each.source, LAST)
    return found


def _in_order(keys: Sequence[str], given: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the keys so that each follows what it is given, as far as there is no cycle."""
    done: dict[str, None] = {}
    for start in keys:
        waiting = [start]
        entered: set[str] = set()
        while waiting:
            key = waiting[-1]
            left = [source for source in given.get(key, ()) if source not in done and source not in entered]
            entered.add(key)
            if left:
                waiting += left
            else:
                done.setdefault(waiting.pop())
    return list(done)


def _with_batches(graph: Graph) -> dict[str, Layer]:
    """Give arrays their batch axis where the source did not: the first, of the same size as the inputs'."""
    inputs = [layer.outputs[0] for layer in graph.layers if layer.kind == "input" and layer.outputs]
    told = any(array.batch_axis is not None for layer in graph.layers for array in layer.outputs)
    first = {array.shape[0] for array in inputs if len(array.shape) > 1}

    def batched(array: Array) -> Array:
        is_first = len(array.shape) > 0 and array.shape[0] in first
        return replace(array, batch_axis=0) if is_first else array

    if told:
        return {layer.key: layer for layer in graph.layers}
    return {
        layer.key: replace(
            layer, inputs=tuple(map(batched, layer.inputs)), outputs=tuple(map(batched, layer.outputs))
        )
        for layer in graph.layers
    }


def _before(layer: Layer, sources: Sequence[tuple[int | None, Layer]]) -> tuple[int | None, Array | None]:
    """Return the channel axis and the array of the input that the layer's own array is like."""
    rank = len(layer.outputs[0].shape) if layer.outputs else 0
    arrays = [(axis, source.outputs[0]) for axis, source in sources if source.outputs]
    alike = [(axis, array) for axis, array in arrays if len(array.shape) == rank and axis is not None]
    return (alike or arrays or [(None, None)])[0]


def _channel_axis(layer: Layer, before: tuple[int | None, Array | None], habit: str) -> int | None:
    if not layer.outputs:
        return None
    array = layer.outputs[0]
    rank = len(array.shape)
    if layer.channel_axis is not None:
        return layer.channel_axis % rank if rank else None
    if rank < 2 or (rank == 2 and not _PLACED.fullmatch(layer.type)):
        return rank - 1 if rank and array.batch_axis != rank - 1 else None
    if layer.kind == "input":
        return 1 if habit == FIRST else rank - 1
    if _PLACED.fullmatch(layer.type) and layer.type != "Pad":
        return 1 if habit == FIRST else rank - 1
    if _LAST.fullmatch(layer.type):
        return rank - 1
    return _inherited(layer, before, array, habit)


def _inherited(layer: Layer, before: tuple[int | None, Array | None], array: Array, habit: str) -> int | None:
    axis, given = before
    rank = len(array.shape)
    if axis is None or given is None:
        return rank - 1 if rank < 4 or habit == LAST else 1
    if layer.type == "Permute" and len(given.shape) == rank:
        return _permuted(layer, axis, given, array)
    if len(given.shape) == rank:
        return axis
    return _reshaped(axis, given, array)


def _permuted(layer: Layer, axis: int, given: Array, array: Array) -> int:
    """Follow the channels through a change of axes, by its order or the two axes that it swaps."""
    rank = len(array.shape)
    told = layer.hyperparameters
    order = next(
        (told[name] for name in ("dims", "axes", "perm") if isinstance(told.get(name), list | tuple)), None
    )
    if order and len(order) == rank:
        return [place % rank for place in order].index(axis) if _is_order(order, rank) else rank - 1
    pair = [told.get(name) for name in ("dim0", "dim1")]
    if all(isinstance(place, int) for place in pair):
        first, second = (int(place or 0) % rank for place in pair)
        return {first: second, second: first}.get(axis, axis)
    same = [place for place, size in enumerate(array.shape) if size == given.shape[axis]]
    return same[-1] if same else rank - 1


def _is_order(order: Sequence[int], rank: int) -> bool:
    return sorted(place % rank for place in order) == list(range(rank))


def _reshaped(axis: int, given: Array, array: Array) -> int:
    """Return where as many channels are as before, the same axis first; else the last."""
    size, rank = given.concrete[axis], len(array.shape)
    from_end = rank - (len(given.shape) - axis)
    for place in (axis, from_end):
        if 0 < place < rank and array.concrete[place] == size:
            return place
    same = [place for place in range(1, rank) if array.concrete[place] == size]
    return same[0] if same else rank - 1


def layout(layer: Layer) -> str:
    """Return where the channels of the first output stand among its places; "" without any places."""
    if layer.channel_axis is None or not layer.outputs:
        return ""
    array = layer.outputs[0]
    places = [axis for axis in range(len(array.shape)) if axis not in (array.batch_axis, layer.channel_axis)]
    if not places:
        return ""
    return FIRST if layer.channel_axis < min(places) else LAST


def resolution(array: Array, channel_axis: int | None) -> list[int]:
    """Return the sizes of an array's places in their order, 0 where any fits."""
    return [
        size or 0 for axis, size in enumerate(array.shape) if axis not in (array.batch_axis, channel_axis)
    ]
