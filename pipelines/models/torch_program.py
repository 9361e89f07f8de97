"""Programs of torch.export (`.pt2`), read and run here operation by operation.

PyTorch's own reader may unpickle what the file holds, evaluate its symbolic sizes and execute code made from
its names. This one takes the weights as bytes and the graph as JSON, and calls only operations of ATen.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pipelines.errors import ContractError
from pipelines.models import torch_device
from pipelines.models.files import readable
from pipelines.models.model import Model
from pipelines.models.network import Answered, Batch, Taken, Traits, arrays, first_array, matrix
from pipelines.models.torch_operations import DTYPES, Node, Values, read_node, run_node

_NUMPY = {"bfloat16": "float32"}
HELD = ("weights", "constants")
FORMAT = 8  # the major version of the JSON that PyTorch 2.9 to 2.13 write
_EXPORT = "export it again with PyTorch 2.9 or newer: torch.export.save(torch.export.export(…), …)"
devices = torch_device.devices


def open_model(model: Model, path: Path, device: str) -> Program:
    """Read a program; raise `ContractError` when it is damaged or uses what is not run here."""
    with readable(path, "a program of torch.export"), zipfile.ZipFile(path) as archive:
        told, weights = _contents(archive, path)
        graph, signature = told["graph_module"]["graph"], told["graph_module"]["signature"]
        constants, taken = _inputs(signature, weights, path)
        nodes = [read_node(node, str(path)) for node in graph["nodes"]]
        results = [spec["user_output"]["arg"] for spec in signature["output_specs"] if "user_output" in spec]
        output = str(results[0]["as_tensor"]["name"])
        traits = _traits(model, signature, graph, nodes, output, taken, device, weights)
    placed = {name: tensor.to(device) for name, tensor in constants.items()}
    return Program(str(path), tuple(nodes), placed, taken, output, traits, device)


def _contents(archive: zipfile.ZipFile, path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return the program's JSON and its weights and constants by their names."""
    told, root = read_json(archive, path)
    weights = {
        name: _tensor(archive, f"{root}/data/{folder}/{item['path_name']}", item)
        for folder in HELD
        for name, item in listed(archive, folder).items()
    }
    return told, weights


def read_json(archive: zipfile.ZipFile, path: Path) -> tuple[dict[str, Any], str]:
    """Return the program's JSON and the folder it is in; raise `ContractError` for a format not read here."""
    names = archive.namelist()
    programs = [name for name in names if "/models/" in name and name.endswith(".json")]
    if len(programs) != 1:
        what = f"holds {len(programs)} programs where one is read"
        raise ContractError(str(path), what, _EXPORT)
    told = json.loads(archive.read(programs[0]))
    major = told["schema_version"]["major"]
    if major != FORMAT:
        raise ContractError(str(path), f"has format {major}, read is format {FORMAT}", _EXPORT)
    if _entry(archive, names, "/byteorder", b"little").strip() != b"little":
        raise ContractError(str(path), "was written on a big-endian machine", _EXPORT)
    return told, programs[0].partition("/models/")[0]


def listed(archive: zipfile.ZipFile, folder: str) -> dict[str, Any]:
    """Return what a program says of its weights or its constants, by their names."""
    end = f"/data/{folder}/model_{folder}_config.json"
    found = json.loads(_entry(archive, archive.namelist(), end, b'{"config": {}}'))
    return dict(found["config"])


def _entry(archive: zipfile.ZipFile, names: Sequence[str], end: str, default: bytes) -> bytes:
    found = [name for name in names if name.endswith(end)]
    return archive.read(found[0]) if found else default


def _tensor(archive: zipfile.ZipFile, entry: str, item: Mapping[str, Any]) -> Tensor:
    content = archive.read(entry)
    if item["use_pickle"]:
        loaded = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        if not isinstance(loaded, Tensor):
            message = f"{entry} is no tensor"
            raise ValueError(message)
        return loaded.detach()
    meta = item["tensor_meta"]
    dtype = DTYPES[meta["dtype"]]
    flat = torch.frombuffer(bytearray(content), dtype=dtype) if content else torch.empty(0, dtype=dtype)
    sizes, strides = ([_number(side) for side in meta[key]] for key in ("sizes", "strides"))
    return flat.as_strided(sizes, strides, _number(meta["storage_offset"])).clone()


def _number(size: Mapping[str, Any]) -> int:
    return int(size["as_int"])


def _inputs(
    signature: Mapping[str, Any], weights: Mapping[str, Tensor], path: Path
) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Return the graph's weights by the names it calls them, and the names of the arrays that it takes."""
    constants: dict[str, Tensor] = {}
    given: list[str] = []
    for spec in signature["input_specs"]:
        kind, said = next(iter(spec.items()))
        if kind == "user_input":
            given += [said["arg"]["as_tensor"]["name"]] if "as_tensor" in said["arg"] else []
        elif kind in ("parameter", "buffer", "tensor_constant"):
            constants[said["arg"]["name"]] = weights[said[f"{kind}_name"]]
        elif kind != "constant_input":
            raise ContractError(str(path), f"holds a {kind}, which is not read", "weights and buffers are")
    if not given:
        raise ContractError(str(path), "takes no array", "export a network that is given images or columns")
    return constants, tuple(given)


def _traits(
    model: Model,
    signature: Mapping[str, Any],
    graph: Mapping[str, Any],
    nodes: Sequence[Node],
    output: str,
    taken: Sequence[str],
    device: str,
    weights: Mapping[str, Tensor],
) -> Traits:
    names = [spec["parameter"]["parameter_name"] for spec in signature["input_specs"] if "parameter" in spec]
    inputs = tuple(_taken(name, graph["tensor_values"][name]) for name in taken)
    return Traits(
        ("torch",),
        sum(weights[name].numel() for name in names),
        inputs[0].shape,
        inputs[0].dtype,
        names=tuple(taken) if len(taken) > 1 else (),
        inputs=inputs if len(taken) > 1 else (),
        ending=_ending(nodes, output),
        precision=torch_device.precision(device, model.settings.precision),
    )


def _taken(name: str, meta: Mapping[str, Any]) -> Taken:
    return Taken(
        name,
        tuple(side.get("as_int") for side in meta["sizes"]),
        str(DTYPES[meta["dtype"]]).removeprefix("torch."),
    )


def _ending(nodes: Sequence[Node], output: str) -> str:
    last = next((node for node in nodes if output in node.made), None)
    name = "" if last is None else last.target.split(".")[-2]
    endings = {"softmax": "softmax", "_softmax": "softmax", "sigmoid": "sigmoid"}
    return endings.get(name, "logits" if name in ("linear", "addmm", "add", "log_softmax") else "")


_AXES = {
    "first": re.compile(r"conv|(native_)?(_?batch_norm|group_norm)|instance_norm|.*_pool[123]d"),
    "last": re.compile(r"linear|addmm|(native_)?layer_norm|rms_norm|embedding$|lstm|gru|rnn_"),
}
"""Operations whose units are the first axis after that of samples, and those whose units are the last."""


def _axis(node: Node) -> str:
    name = node.target.split(".")[-2] if node.target.startswith("torch.ops.") else ""
    return next((axis for axis, names in _AXES.items() if names.match(name)), "")


@dataclass(frozen=True)
class Program:
    """An exported program: operations in order, over named values."""

    where: str
    nodes: tuple[Node, ...]
    constants: Mapping[str, Tensor]
    taken: tuple[str, ...]
    output: str
    traits: Traits
    device: str

    def layers(self) -> Sequence[str]:
        """Return the paths of the modules it was exported from, then the names of its operations."""
        modules = dict.fromkeys(path for node in self.nodes for path in node.modules)
        return [*modules, *(node.made[0] for node in self.nodes if node.made and node.made[0] not in modules)]

    def leaves(self) -> Sequence[str]:
        """Return the innermost modules that its operations came from."""
        return list(dict.fromkeys(node.modules[-1] for node in self.nodes if node.modules))

    def axis(self, layer: str) -> str:
        """Return the axis of units that the last telling operation of a layer says."""
        inside = [node for node in self.nodes if layer in node.modules or layer in node.made]
        return next((axis for node in reversed(inside) if (axis := _axis(node))), "")

    def answer(self, batch: Batch, layers: Sequence[str]) -> Answered:
        """Return outputs and those of layers: of a module, what its last operation made."""
        wanted = [self._value(layer) for layer in layers]
        with torch_device.inference(self.device, self.traits.precision):
            values: Values = {**self.constants, **self._given(batch)}
            self._run(values, {self.output, *wanted})
        made, *inner = (first_array(values.get(name)) for name in (self.output, *wanted))
        # Sizes are values, too.
        found = [torch_device.to_numpy(value) if isinstance(value, Tensor) else None for value in inner]
        return torch_device.to_numpy(made), found

    def _given(self, batch: Batch) -> dict[str, Tensor]:
        """Return the tensors that the graph takes, by their names."""
        inputs = self.traits.inputs or (Taken(self.taken[0], self.traits.shape, self.traits.dtype),)
        if self.traits.inputs:
            # numpy has no bfloat16: such an input gets its type on the device.
            known = [replace(item, dtype=_NUMPY.get(item.dtype, item.dtype)) for item in inputs]
            found = arrays(batch, known, self.where)
        else:
            found = [matrix(batch, "float32", self.where)]
        return {
            item.name: torch_device.on_device(values, self.device, getattr(torch, item.dtype))
            for item, values in zip(inputs, found, strict=True)
        }

    def _value(self, layer: str) -> str:
        """Return the name of the value that a layer makes."""
        inside = [node.made[0] for node in self.nodes if node.made and layer in node.modules]
        return inside[-1] if inside else layer

    def _run(self, values: Values, kept: set[str]) -> None:
        """Run every operation, and let go of what no later one needs."""
        last: dict[str, int] = {}
        for index, node in enumerate(self.nodes):
            last.update(dict.fromkeys((*node.needs, *node.made), index))
        for index, node in enumerate(self.nodes):
            run_node(node, values, self.device, self.where)
            for name in kept.intersection(node.made):
                # A copy: a later operation in place would write over it.
                values[name] = _copied(values[name])
            for name in (*node.needs, *node.made):
                if last[name] == index and name not in kept:
                    values.pop(name, None)

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether a batch was too large for the device."""
        return torch_device.is_out_of_memory(error)


def _copied(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_copied(each) for each in value]
    return value.clone() if isinstance(value, Tensor) else value
