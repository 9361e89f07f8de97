"""Programs of torch.export (`.pt2`) as steps: their JSON is read, and nothing in it is run."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pipelines.architecture.graph import Array, Notice
from pipelines.architecture.plain import MOST_TEXT, check_text
from pipelines.architecture.symbols import evaluate, symbol, symbols
from pipelines.architecture.torch_steps import Call, Program, Step, Value, Weight, defaults
from pipelines.models.torch_operations import DTYPES
from pipelines.models.torch_program import listed, read_json

_OPERATION = re.compile(r"torch\.ops\.(\w+)\.(\w+)\.(\w+)")
_NESTED = ("as_tensors", "as_optional_tensors", "as_nested_tensors")
_PLAIN = ("as_int", "as_ints", "as_float", "as_floats", "as_bool", "as_bools", "as_string")


def read_program(path: Path) -> Program:
    """Return a program's steps; raise `ContractError` for what is no program, or of another format."""
    with zipfile.ZipFile(path) as archive:
        _check_size(archive, path)
        told, _ = read_json(archive, path)
        places = {
            name: item["path_name"]
            for folder in ("weights",)
            for name, item in listed(archive, folder).items()
        }
    return _Reading(told["graph_module"], places).program()


def _check_size(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse what would fill the memory: all but the weights, which are not unpacked."""
    for item in archive.infolist():
        if "/data/" not in item.filename or item.filename.endswith(".json"):
            with archive.open(item) as file:
                check_text(file.read(MOST_TEXT + 1), path)


@dataclass
class _Reading:
    told: Mapping[str, Any]
    places: Mapping[str, str]

    def program(self) -> Program:
        graph, signature = self.told["graph"], self.told["signature"]
        specs = [next(iter(spec.items())) for spec in signature["input_specs"]]
        given = [_name(said["arg"]) for kind, said in specs if kind == "user_input"]
        inputs = [name for name in given if name]
        values = graph["tensor_values"]
        self.batch, self.hints = _symbols(values, inputs)
        arrays = {name: self._array(meta) for name, meta in values.items()}
        weights = dict(self._weights(specs, values))
        steps = [step for index, node in enumerate(graph["nodes"]) for step in self._step(index, node)]
        outputs = [
            name
            for spec in signature["output_specs"]
            if "user_output" in spec and (name := _name(spec["user_output"]["arg"]))
        ]
        many = len(outputs) > 1
        return Program(
            steps,
            arrays,
            weights,
            [(name, name) for name in inputs],
            [(name, f"output_{index}" if many else "output") for index, name in enumerate(outputs)],
            notices=self._notices(inputs, values),
        )

    def _array(self, meta: Mapping[str, Any]) -> Array:
        sides = [self._size(side) for side in meta["sizes"]]
        axes = [index for index, (_, _, is_batch) in enumerate(sides) if is_batch]
        dtype = str(DTYPES.get(meta["dtype"], "")).removeprefix("torch.")
        shape, sizes = tuple(side[0] for side in sides), tuple(side[1] for side in sides)
        return Array(shape, dtype, sizes, axes[0] if axes else None)

    def _size(self, side: Mapping[str, Any]) -> tuple[int | None, int | None, bool]:
        """Return a size as it is told, for one sample, and whether it counts samples."""
        if "as_int" in side:
            return int(side["as_int"]), int(side["as_int"]), False
        expression = str(side["as_expr"]["expr_str"])
        return None, evaluate(expression, self.hints), self.batch in symbols(expression)

    def _weights(
        self, specs: Sequence[tuple[str, Any]], values: Mapping[str, Any]
    ) -> Iterator[tuple[str, Weight]]:
        for kind, said in specs:
            if kind not in ("parameter", "buffer", "tensor_constant"):
                continue
            arg, name = said["arg"]["name"], str(said[f"{kind}_name"])
            count = 1
            for side in values[arg]["sizes"]:
                count *= int(side["as_int"])
            is_trained = bool(values[arg].get("requires_grad", True))
            place = self.places.get(name, name)
            yield arg, Weight(name, place, count, is_trained, kind == "parameter")

    def _step(self, index: int, node: Mapping[str, Any]) -> Iterator[Step]:
        target = str(node["target"])
        found = _OPERATION.fullmatch(target)
        made = tuple(name for item in node["outputs"] for name in _names(item))
        if not made or (found is None and not target.startswith("torch.ops.")):
            return  # what computes with sizes
        function = found[2] if found else target.rpartition(".")[2]
        arguments = {item["name"]: _argument(item["arg"]) for item in node["inputs"]}
        stack = tuple(_stack(str(node.get("metadata", {}).get("nn_module_stack", ""))))
        told = f"{found[1]}.{found[2]}.{found[3]}" if found else target
        yield Step(f"step:{index}", function, told, stack, {**_defaults(found), **arguments}, made)

    def _notices(self, inputs: Sequence[str], values: Mapping[str, Any]) -> list[Notice]:
        sizes = [values[name]["sizes"] for name in inputs]
        first = [side[0].get("as_int") for side in sizes if len(side) > 1]
        fixed = [int(size) for size in first if size is not None and int(size) > 1]
        if not fixed or self.batch:
            return []
        what = f"was exported for batches of {fixed[0]}: FLOPs and bytes are those of a whole batch"
        return [Notice("", what)]


def _symbols(values: Mapping[str, Any], inputs: Sequence[str]) -> tuple[str, dict[str, int]]:
    """Return the symbol that counts samples, "" without one, and what the symbols stand for."""
    hints: dict[str, int] = {}
    batch = ""
    for name in inputs:
        for axis, side in enumerate(values[name]["sizes"]):
            told = side.get("as_expr")
            if told is None:
                continue
            hint = told.get("hint") or {}
            if found := symbol(str(told["expr_str"])):
                hints.setdefault(found, int(hint.get("as_int", 1)))
                batch = batch or (found if axis == 0 else "")
    if batch:
        hints[batch] = 1
    return batch, hints


def _name(told: Mapping[str, Any]) -> str:
    """Return the name of the tensor that an argument is, "" for anything else."""
    return str(told["as_tensor"]["name"]) if "as_tensor" in told else ""


def _names(item: Mapping[str, Any]) -> list[str]:
    kind, said = next(iter(item.items()))
    if kind == "as_tensor":
        return [str(said["name"])]
    return [name for each in said for name in _names(_nested(each))] if kind in _NESTED else []


def _nested(item: Any) -> Mapping[str, Any]:
    return item if next(iter(item), "").startswith("as_") else {"as_tensor": item}


def _argument(told: Mapping[str, Any]) -> Any:
    kind, said = next(iter(told.items()))
    if kind == "as_tensor":
        return Value(str(said["name"]))
    if kind in _NESTED:
        return [_argument(_nested(item)) for item in said]
    if kind == "as_optional_tensor":
        return _argument(said) if isinstance(said, Mapping) else None
    if kind == "as_sym_ints":
        return [item.get("as_int") for item in said]
    if kind == "as_sym_int":
        return said.get("as_int")
    return said if kind in _PLAIN else None


def _stack(told: str) -> Iterator[Call]:
    for entry in told.split(";"):
        parts = entry.split(",")
        if len(parts) >= 3 and not parts[1].startswith("_empty_nn_module_stack"):
            yield Call(parts[0], parts[1], parts[2])


def _defaults(found: re.Match[str] | None) -> dict[str, Any]:
    """Return what ATen takes where a program says nothing: strides, dilations."""
    if found is None or found[1] != "aten":
        return {}
    overload = getattr(getattr(torch.ops.aten, found[2], None), found[3], None)
    return defaults(overload)
