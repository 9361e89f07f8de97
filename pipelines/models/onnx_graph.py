"""ONNX models, run by ONNX Runtime; any tensor between their operations can be an embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.errors import ContractError, installed
from pipelines.models.files import readable
from pipelines.models.model import Model
from pipelines.models.network import Answered, Array, Batch, Taken, Traits, arrays, matrix

with installed("an ONNX model", "onnx"):
    import onnx
    import onnxruntime

_PROVIDERS = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}
_DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(string)": "text",
}
_ENDINGS = {"Softmax": "softmax", "Sigmoid": "sigmoid"}
_LOGITS = ("Gemm", "MatMul", "Add", "LogSoftmax")
_AXES = {
    **dict.fromkeys(("Conv", "ConvInteger", "QLinearConv", "ConvTranspose"), "first"),
    **dict.fromkeys(("BatchNormalization", "InstanceNormalization", "GroupNormalization", "LRN"), "first"),
    **dict.fromkeys(("MaxPool", "AveragePool", "LpPool"), "first"),
    **dict.fromkeys(("GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool"), "first"),
    **dict.fromkeys(("Gemm", "MatMul", "LayerNormalization", "SimplifiedLayerNormalization"), "last"),
}
"""Which axis after that of samples counts the units of an operation."""
_QUIET = 3  # errors only: they are raised and said here


def devices() -> tuple[str, ...]:
    """Return the devices that the installed ONNX Runtime computes on, the best first."""
    there = onnxruntime.get_available_providers()
    return tuple(name for name, provider in _PROVIDERS.items() if provider in there)


def further_files(path: Path) -> list[Path]:
    """Return the files beside the model's own that hold its weights.

    Raise `ContractError` when it names weights anywhere else.
    """
    graph = _read(path)
    places = {
        entry.value for tensor in _weights(graph) for entry in tensor.external_data if entry.key == "location"
    }
    found: list[Path] = []
    for place in sorted(places):
        beside = path.parent / place
        if not beside.resolve().is_relative_to(path.parent.resolve()):
            what = f'keeps weights in "{place[:80]}", outside its folder'
            raise ContractError(str(path), what, "save it with the weights beside it, or in it")
        if not beside.is_file():
            raise ContractError(str(path), f'keeps weights in "{place[:80]}", which is not there')
        found.append(beside)
    return found


def _read(path: Path) -> Any:
    with readable(path, "an ONNX model"):
        graph = onnx.load(path, load_external_data=False)
        if not graph.graph.node or not graph.graph.output:
            message = "it holds no operations"
            raise ValueError(message)
        return graph


def _weights(graph: Any) -> list[Any]:
    return [*graph.graph.initializer]


def open_model(model: Model, path: Path, device: str) -> Graph:
    """Read a model; raise `ContractError` when it is damaged or takes or gives what no classifier does."""
    del model  # a graph says all that is needed
    further_files(path)
    graph = _read(path)
    made = Graph(path, graph, device)
    with readable(path, "an ONNX model"):
        session = made.session()
    _check(session, path)
    return made


def _check(session: Any, path: Path) -> None:
    strange = [item for item in session.get_inputs() if item.type not in _DTYPES]
    if strange:
        what = f'takes "{strange[0].name}" as {strange[0].type}, which is not given'
        raise ContractError(str(path), what, "numbers and text are")


@dataclass(frozen=True)
class Graph:
    """An ONNX model. A session is made for a choice of layers, and kept until another is asked for."""

    path: Path
    graph: Any
    device: str
    sessions: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def session(self, *layers: str) -> Any:
        """Return a session whose outputs are the model's, and the tensors that `layers` make."""
        if layers not in self.sessions:
            for other in [known for known in self.sessions if known]:
                del self.sessions[other]  # each holds the weights
            self.sessions[layers] = self._session(layers)
        return self.sessions[layers]

    def _session(self, layers: Sequence[str]) -> Any:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _QUIET
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(self.path.parent)
        )
        told = onnx.ModelProto()
        told.CopyFrom(self.graph)
        there = [output.name for output in told.graph.output]
        for tensor in dict.fromkeys(map(self._tensor, layers)):
            if tensor not in there:
                told.graph.output.append(onnx.ValueInfoProto(name=tensor))
        providers = [_PROVIDERS[self.device], _PROVIDERS["cpu"]]
        return onnxruntime.InferenceSession(
            told.SerializeToString(), options, providers=list(dict.fromkeys(providers))
        )

    def _tensor(self, layer: str) -> str:
        """Return the tensor that a layer makes: of that name, or the first of the operation called so."""
        return next((node.output[0] for node in self.graph.graph.node if node.name == layer), layer)

    @cached_property
    def traits(self) -> Traits:
        """What the model says of itself."""
        session = self.session()
        given = session.get_inputs()
        inputs = tuple(_taken(item) for item in given) if len(given) > 1 else ()
        names, shape = tuple(item.name for item in inputs), _taken(given[0]).shape
        count = sum(int(np.prod(tensor.dims)) for tensor in _weights(self.graph))
        ending = self._ending()
        return Traits(
            ("onnx", "onnxruntime"),
            count,
            None if names else shape,
            _DTYPES[given[0].type],
            names,
            inputs=inputs,
            ending=ending,
        )

    def _ending(self) -> str:
        output = self._output()
        last = next((node for node in self.graph.graph.node if output in node.output), None)
        kind = last.op_type if last is not None else ""
        return _ENDINGS.get(kind, "logits" if kind in _LOGITS else "")

    def _output(self) -> str:
        """Return the output of numbers for each class; of several, the first that holds fractions."""
        for item in self.session().get_outputs():
            if item.type in ("tensor(float)", "tensor(double)", "tensor(float16)"):
                return str(item.name)
        types = ", ".join(item.type for item in self.session().get_outputs())
        what = f"gives {types}: no array of fractions"
        raise ContractError(str(self.path), what, "export it with probabilities as an array (zipmap=False)")

    def layers(self) -> Sequence[str]:
        """Return the tensors between its operations, then the operations' own names."""
        tensors = dict.fromkeys(self.leaves())
        names = (node.name for node in self.graph.graph.node)
        return [*tensors, *(name for name in names if name and name not in tensors)]

    def leaves(self) -> Sequence[str]:
        """Return the tensors between its operations, which hold no others."""
        return list(dict.fromkeys(name for node in self.graph.graph.node for name in node.output if name))

    def axis(self, layer: str) -> str:
        """Return the axis of units that the type of an operation says."""
        kinds = (node.op_type for node in self.graph.graph.node if layer in (node.name, *node.output))
        return _AXES.get(next(kinds, ""), "")

    def answer(self, batch: Batch, layers: Sequence[str]) -> Answered:
        """Return outputs and the tensors of layers."""
        session = self.session(*layers)
        wanted = [self._output(), *map(self._tensor, layers)]
        made, *inner = session.run(wanted, self._given(session, batch))
        return made, inner

    def _given(self, session: Any, batch: Batch) -> dict[str, Array]:
        items = session.get_inputs()
        if len(items) == 1:
            kind = _DTYPES[items[0].type]
            values = matrix(batch, kind, str(self.path))
            return {items[0].name: values if kind == "text" else values.astype(kind)}
        found = arrays(batch, self.traits.inputs, str(self.path))
        return {item.name: values for item, values in zip(items, found, strict=True)}

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether a batch was too large for the device."""
        return "Failed to allocate memory" in str(error) or "bad_alloc" in str(error)


def _taken(item: Any) -> Taken:
    shape = tuple(side if isinstance(side, int) else None for side in item.shape)
    return Taken(item.name, shape or None, _DTYPES[item.type])
