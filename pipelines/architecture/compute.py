"""Computes `architecture`: reads the network as a graph and writes it as tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from pipelines.architecture.axes import layout, resolution
from pipelines.architecture.graph import Array, Graph, Layer, Module, connected_ids
from pipelines.architecture.own_models import Given, samples
from pipelines.architecture.reading import read_model
from pipelines.architecture.spec import CONNECTIONS, LAYERS, MODULES, NOTICES
from pipelines.contract import Rows
from pipelines.tool import Job, Output


def compute(job: Job) -> Output:
    """Return the network's layers, their connections, the modules around them, and what is to be known."""
    if job.model is None:
        message = "the runner gives this tool a model"
        raise ValueError(message)
    told = samples(str(job.parameters["shapes"]), f"tools.{job.name}.parameters.shapes")
    with job.steps.step("read model"):
        graph = read_model(job.model, Given(told, *_of_dataset(job)))
    skipped = job.dataset.skipped if job.dataset else 0
    libraries = ("pyarrow", *graph.libraries)
    return Output(tables(graph), libraries=libraries, skipped=skipped, model=facts(graph))


def _of_dataset(job: Job) -> tuple[tuple[int, int, int] | None, int]:
    """Return the shape of the dataset's images, None without any, and how many classes it has."""
    if job.dataset is None:
        return None, 0
    images = job.dataset.images
    return images.shape if images else None, len(job.dataset.classes) if "label" in job.dataset.roles else 0


def facts(graph: Graph) -> dict[str, Any]:
    """Return what the manifest says of the network."""
    trainable = sum(layer.trainable_count or 0 for layer in graph.layers)
    unweighed = {"layers_of_unknown_weights": graph.unweighed} if graph.unweighed else {}
    missing = [f"{each.place or 'the network'}: {each.what}" for each in graph.notices if each.is_missing]
    return {
        "framework": graph.framework,
        "read_by": graph.method,
        "is_partial": graph.is_partial,
        "parameter_count": graph.parameter_count,
        "trainable_count": trainable,
        "flops": graph.flops,
        **unweighed,
        **({"missing": missing} if missing else {}),
        "inferred": [
            *("framework", "parameter_count", "flops"),
            *unweighed,
            *(["missing"] if missing else []),
        ],
    }


def tables(graph: Graph) -> tuple[Rows, ...]:
    """Return a graph in order as the tool's tables."""
    return (
        Rows(LAYERS, _table(LAYERS.columns, _layers(graph))),
        Rows(CONNECTIONS, _table(CONNECTIONS.columns, _connections(graph))),
        Rows(MODULES, _table(MODULES.columns, _modules(graph))),
        Rows(NOTICES, _table(NOTICES.columns, _notices(graph))),
    )


def _table(columns: Any, rows: list[dict[str, Any]]) -> pa.Table:
    arrays = {column.name: _array(column.type, [row[column.name] for row in rows]) for column in columns}
    return pa.table(arrays)


def _array(kind: str, values: list[Any]) -> pa.Array:
    if kind == "dictionary":
        return pa.array(values, pa.string()).dictionary_encode()
    types = {"string": pa.string(), "bool": pa.bool_(), "list<int32>": pa.list_(pa.int32())}
    return pa.array(values, types.get(kind) or pa.type_for_alias(kind))


def _layers(graph: Graph) -> list[dict[str, Any]]:
    connected = connected_ids(graph)
    known = {layer.id: layer for layer in graph.layers}
    sources = {each.target: known[each.source] for each in reversed(graph.connections)}
    return [
        {
            "id": layer.id,
            "position": position,
            "name": layer.name,
            "path": layer.path,
            "module": layer.module,
            "kind": layer.kind,
            "type": layer.type,
            "framework_type": layer.framework_type,
            "category": layer.category,
            "parameter_count": layer.parameter_count,
            "trainable_count": layer.trainable_count,
            "is_trainable": any(name not in layer.frozen for name in layer.parameters),
            "flops": layer.flops,
            "activation_bytes": _bytes(layer),
            "input_shapes": _shapes(layer.inputs),
            "output_shapes": _shapes(layer.outputs),
            **_axes(layer, sources.get(layer.id)),
            "hyperparameters": _json(layer.hyperparameters),
            "shared": layer.shared,
            "use": layer.use,
            "is_connected": layer.id in connected,
        }
        for position, layer in enumerate(graph.layers)
    ]


def _axes(layer: Layer, source: Layer | None) -> dict[str, Any]:
    """Return what the axes of the first output and the first input mean, these as the source has them."""
    made = layer.outputs[0] if layer.outputs else Array(())
    given = layer.inputs[0] if layer.inputs else made
    axis = source.channel_axis if source and layer.inputs else layer.channel_axis
    features = None if layer.channel_axis is None or not layer.outputs else made.shape[layer.channel_axis]
    return {
        "dtype": made.dtype if layer.outputs else "",
        "batch_axis": made.batch_axis,
        "channel_axis": layer.channel_axis,
        "layout": layout(layer),
        "features": features,
        "input_resolution": resolution(given, axis),
        "output_resolution": resolution(made, layer.channel_axis),
    }


def _bytes(layer: Layer) -> int | None:
    sizes = [array.bytes for array in layer.outputs] if layer.kind != "output" else []
    return None if any(size is None for size in sizes) else sum(size or 0 for size in sizes)


def _shapes(arrays: tuple[Array, ...]) -> str:
    return _json([array.shape for array in arrays])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _connections(graph: Graph) -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "source": each.source,
            "source_output": each.source_output,
            "target": each.target,
            "target_input": each.target_input,
            "shape": _json(each.array.shape),
            "dtype": each.array.dtype,
        }
        for position, each in enumerate(graph.connections)
    ]


def _modules(graph: Graph) -> list[dict[str, Any]]:
    held: dict[str, list[Layer]] = {"": []}
    for layer in graph.layers:
        for path in _around(layer.module):
            held.setdefault(path, []).append(layer)
    return [_module(position, path, held[path], graph.modules) for position, path in enumerate(held)]


def _around(path: str) -> list[str]:
    """Return the paths of a module and those around it, the network's first."""
    parts = path.split(".") if path else []
    return [".".join(parts[:depth]) for depth in range(len(parts) + 1)]


def _module(position: int, path: str, layers: list[Layer], modules: Mapping[str, Module]) -> dict[str, Any]:
    parent, _, name = path.rpartition(".")
    known = modules.get(path, Module(""))
    return {
        "path": path,
        "position": position,
        "name": name,
        "parent": parent if path else None,
        "depth": path.count(".") + 1 if path else 0,
        "type": known.type,
        "framework_type": known.framework_type,
        "layers": len(layers),
        "parameter_count": _sum(layers, lambda layer: layer.parameter_count or 0),
        "flops": _sum(layers, lambda layer: layer.flops or 0),
    }


def _sum(layers: list[Layer], of: Callable[[Layer], int]) -> int:
    return sum(map(of, layers))


def _notices(graph: Graph) -> list[dict[str, Any]]:
    return [
        {"place": each.place, "kind": "missing" if each.is_missing else "notice", "what": each.what}
        for each in graph.notices
    ]
