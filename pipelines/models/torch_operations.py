"""The operations of an exported PyTorch program: read from JSON, checked, and called one at a time."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from pipelines.errors import ContractError

Values = dict[str, Any]
"""What a program has computed so far, by name: tensors, and the numbers that sizes are."""

DTYPES: Mapping[int, torch.dtype] = {
    1: torch.uint8,
    2: torch.int8,
    3: torch.int16,
    4: torch.int32,
    5: torch.int64,
    6: torch.float16,
    7: torch.float32,
    8: torch.float64,
    12: torch.bool,
    13: torch.bfloat16,
}
"""The types of numbers, by what the format calls them."""

_MEMORY = {1: "contiguous_format", 2: "channels_last", 3: "channels_last_3d", 4: "preserve_format"}
_ATEN = re.compile(r"torch\.ops\.(aten|prims)\.(\w+)\.(\w+)")
_REFUSED = ("from_file", "save", "load")  # these reach files
_ASSERTIONS = (
    "_assert",
    "sym_constrain",
)  # of sizes and types, which the device and precision chosen here change
_SCALAR = re.compile(r"(_operator|math|torch)\.(\w+)")
_SCALARS: Mapping[str, Callable[..., Any]] = {
    **{
        f"_operator.{name}": getattr(operator, name)
        for name in ("add", "sub", "mul", "floordiv", "truediv", "mod", "neg", "pow", "getitem")
    },
    **{
        f"_operator.{name}": getattr(operator, name)
        for name in ("eq", "ne", "lt", "le", "gt", "ge", "and_", "or_")
    },
    **{f"math.{name}": getattr(math, name) for name in ("ceil", "floor", "trunc", "sqrt")},
    **{
        f"torch.{name}": getattr(torch, name)
        for name in ("sym_int", "sym_float", "sym_max", "sym_min", "sym_not", "sym_ite")
    },
}
"""What computes with sizes."""


@dataclass(frozen=True)
class Node:
    """One operation: `needs` and `made` name values, `modules` are paths of the modules around it."""

    target: str
    arguments: tuple[Mapping[str, Any], ...]
    outputs: tuple[Mapping[str, Any], ...]
    needs: tuple[str, ...]
    made: tuple[str, ...]
    modules: tuple[str, ...]


def read_node(told: Mapping[str, Any], where: str) -> Node:
    """Return a node of the format's JSON; raise `ContractError` when its operation is not run here."""
    target = str(told["target"])
    _function(target, where)
    arguments, outputs = tuple(told["inputs"]), tuple(told["outputs"])
    needs = tuple(name for item in arguments for name in _names(item["arg"]))
    made = tuple(name for item in outputs for name in _names(item))
    stack = told.get("metadata", {}).get("nn_module_stack", "")
    paths = (entry.split(",")[1] for entry in stack.split(";") if entry.count(",") >= 2)
    modules = tuple(path for path in paths if path and not path.startswith("_empty_nn_module_stack"))
    return Node(target, arguments, outputs, needs, made, modules)


def _function(target: str, where: str) -> Callable[..., Any] | None:
    """Return what a target calls, None for an assertion; raise `ContractError` for what is not run here."""
    if target in _SCALARS:
        return _SCALARS[target]
    found = _ATEN.fullmatch(target)
    name = found.group(2) if found else ""
    if found and name.startswith(_ASSERTIONS):
        return None
    packet = (
        getattr(getattr(torch.ops, found.group(1)), name, None) if found and name not in _REFUSED else None
    )
    overload = getattr(packet, found.group(3), None) if found and packet else None
    if not isinstance(overload, torch._ops.OpOverload):
        what = f'uses the operation "{target[:80]}", which is not among those of ATen that are run here'
        hint = "export a plain network, or give its state_dict with a factory"
        raise ContractError(where, what, hint)
    return overload


def _names(value: Any) -> list[str]:
    """Return the names of values in an argument or output."""
    if isinstance(value, list):
        return [name for item in value for name in _names(item)]
    if not isinstance(value, Mapping):
        return []
    kind, said = next(iter(value.items()))
    if kind in ("as_tensor", "as_custom_obj"):
        return [said["name"]]
    if kind == "as_tensors":
        return [item["name"] for item in said]
    if kind == "as_name":
        return [said]
    return _names(said) if kind.startswith(("as_sym_", "as_optional_")) else []


def run_node(node: Node, values: Values, device: str, where: str) -> None:
    """Run one operation and keep what it makes in `values`."""
    function = _function(node.target, where)
    if function is None:
        return
    positional = [
        _value(item["arg"], values, device, where) for item in node.arguments if item.get("kind") != 2
    ]
    named = {
        item["name"]: _value(item["arg"], values, device, where)
        for item in node.arguments
        if item.get("kind") == 2
    }
    made = function(*positional, **named)
    several = made if len(node.outputs) > 1 else [made]
    for output, value in zip(node.outputs, several, strict=True):
        _keep(output, value, values)


def _keep(output: Mapping[str, Any], made: Any, values: Values) -> None:
    kind, said = next(iter(output.items()))
    if kind == "as_tensors":
        values.update({item["name"]: value for item, value in zip(said, made, strict=True)})
    elif kind != "as_none" and made is not None:
        values.update(dict.fromkeys(_names(output), made))


def _value(told: Mapping[str, Any], values: Values, device: str, where: str) -> Any:
    """Return an argument: a value computed before, or a constant."""
    kind, said = next(iter(told.items()))
    match kind:
        case "as_none":
            return None
        case "as_tensor":
            return values[said["name"]]
        case "as_tensors":
            return [values[item["name"]] for item in said]
        case "as_name":
            return values[said]
        case "as_device":
            return torch.device(device)  # the one chosen here, not the one it was exported on
        case "as_scalar_type":
            return DTYPES[said]
        case "as_memory_format":
            return getattr(torch, _MEMORY[said])
        case "as_layout":
            return torch.strided
        case _:
            return _plain(kind, said, values, device, where)


def _plain(kind: str, said: Any, values: Values, device: str, where: str) -> Any:
    if kind in ("as_sym_int", "as_sym_float", "as_sym_bool", "as_optional_tensor"):
        return _value(said, values, device, where)
    if kind in ("as_sym_ints", "as_sym_floats", "as_sym_bools", "as_optional_tensors"):
        return [_value(item, values, device, where) for item in said]
    if kind in ("as_int", "as_ints", "as_float", "as_floats", "as_bool", "as_bools", "as_string"):
        return said
    raise ContractError(
        where, f"holds an argument of the kind {kind}, which is not read", "export a plain network"
    )
