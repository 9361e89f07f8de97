"""A network of PyTorch exported here by torch.export, as steps."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from typing import Any

import torch
from torch import Tensor, nn

from pipelines.architecture import torch_modules
from pipelines.architecture.graph import Array
from pipelines.architecture.symbols import evaluate, symbols
from pipelines.architecture.torch_steps import Call, Program, Step, Value, Weight, defaults, weight

MOST_MODULES = 300
"""Modules above which a network is traced instead: an export takes long, and both find the same layers."""


def exported(module: nn.Module, given: Mapping[str, Tensor], names: Sequence[str]) -> Program:
    """Return a network's steps for example inputs, whose first axis counts samples: two of them at least.

    `given` are passed by name where `names` says nothing, else in the order of `names`. Raise whatever
    torch.export raises for a network that it cannot follow.
    """
    shapes = {name: {0: torch.export.Dim.AUTO} if value.dim() else {} for name, value in given.items()}
    with _quiet():
        program = torch.export.export(
            module,
            tuple(given[name] for name in names),
            {name: value for name, value in given.items() if name not in names},
            # A tuple where inputs are told by their places alone, which may have no names.
            dynamic_shapes=tuple(shapes.values()) if len(names) == len(shapes) else shapes,
        )
    return _program(program, module)


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what torch.export notes on its way: what matters is said as a notice."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _program(program: Any, module: nn.Module) -> Program:
    signature = program.graph_signature
    arrays: dict[str, Array] = {}
    weights: dict[str, Weight] = {}
    held = {name: value for name, value in (*module.named_parameters(remove_duplicate=False),)}
    buffers = {**signature.inputs_to_buffers, **signature.inputs_to_lifted_tensor_constants}
    steps: list[Step] = []
    for node in program.graph.nodes:
        value = node.meta.get("val")
        if isinstance(value, Tensor):
            arrays[node.name] = _array(value)
        if node.op == "placeholder" and node.name in signature.inputs_to_parameters:
            name = signature.inputs_to_parameters[node.name]
            weights[node.name] = weight(name, held[name])
        elif node.op == "placeholder" and node.name in buffers:
            weights[node.name] = Weight(buffers[node.name], node.name, 0, False, False)
        elif node.op == "call_function":
            steps += _step(node)
    paths = torch_modules.modules(module)
    inputs = [name for name in signature.user_inputs if name in arrays]
    return Program(
        steps,
        arrays,
        weights,
        [(name, name) for name in inputs],
        _outputs(program, arrays),
        [weight(name, value) for name, value in held.items()],
        {path: torch_modules.settings(each) for path, each in paths.items()},
        lambda path, kind, rank: (
            torch_modules.term(paths[path], rank) if path in paths else torch_modules.name_term(kind, rank)
        ),
        {path: torch_modules.described(each) for path, each in paths.items()},
    )


def _array(value: Tensor) -> Array:
    sides = [_size(side) for side in value.shape]
    axes = [index for index, (shown, _) in enumerate(sides) if shown is None]
    dtype = str(value.dtype).removeprefix("torch.")
    return Array(
        tuple(side[0] for side in sides), dtype, tuple(side[1] for side in sides), axes[0] if axes else None
    )


def _size(side: Any) -> tuple[int | None, int | None]:
    """Return a size as it is told and for one sample; here only samples are counted by a symbol."""
    if isinstance(side, int):
        return side, side
    expression = str(side.node.expr)
    return None, evaluate(expression, dict.fromkeys(symbols(expression), 1))


def _step(node: Any) -> Iterator[Step]:
    overload = node.target
    made = _made(node)
    if not isinstance(overload, torch._ops.OpOverload) or not made:
        return
    names = [item.name for item in overload._schema.arguments]
    arguments = {**defaults(overload), **dict(zip(names, node.args, strict=False)), **node.kwargs}
    stack = node.meta.get("nn_module_stack", {})
    yield Step(
        node.name,
        overload._schema.name.partition("::")[2],
        str(overload),
        tuple(
            Call(key, path, kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}")
            for key, (path, kind) in stack.items()
            if not path.startswith("_empty_nn_module_stack")
        ),
        {name: _argument(value) for name, value in arguments.items()},
        made,
    )


def _made(node: Any) -> tuple[str, ...]:
    """Return the tensors that a node gives: itself, or the items that others take out of it."""
    value = node.meta.get("val")
    if isinstance(value, Tensor):
        return (node.name,)
    if not isinstance(value, tuple | list):
        return ()
    items = [user for user in node.users if getattr(user.target, "__name__", "") == "getitem"]
    return tuple(user.name for user in sorted(items, key=lambda user: int(user.args[1])))


def _argument(value: Any) -> Any:
    if isinstance(value, torch.fx.Node):
        return Value(value.name) if isinstance(value.meta.get("val"), Tensor) else None
    if isinstance(value, tuple | list):
        return [_argument(item) for item in value]
    return value


def _outputs(program: Any, arrays: Mapping[str, Array]) -> list[tuple[str, str]]:
    """Return the tensors that the network gives, with the names it gives them in a dictionary."""
    found = [
        spec.arg.name for spec in program.graph_signature.output_specs if spec.kind.name == "USER_OUTPUT"
    ]
    labels = _labels(program, len(found))
    return [(name, label) for name, label in zip(found, labels, strict=True) if name in arrays]


def _labels(program: Any, count: int) -> list[str]:
    tree = program.call_spec.out_spec
    keys = tree.context if tree.type is not tuple and isinstance(tree.context, list) else []
    if len(keys) == count and all(isinstance(key, str) for key in keys):
        return [*keys]
    return [f"output_{index}" for index in range(count)] if count > 1 else ["output"]
