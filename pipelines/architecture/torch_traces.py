"""A network of PyTorch run once on example inputs, as steps: for what torch.export cannot follow.

Whatever happens inside a layer of PyTorch is that layer's; every other function that gives a tensor is a
step. A forward pass that fails midway leaves the steps before.
"""

from __future__ import annotations

import inspect
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from pipelines.architecture import torch_modules
from pipelines.architecture.graph import Array, Notice
from pipelines.architecture.torch_steps import Call, Program, Step, Value, Weight, weight
from pipelines.architecture.vocabulary import IGNORED
from pipelines.models.files import brief_reason

_POSITIONAL: Mapping[str, Sequence[str]] = {
    "transpose": ("self", "dim0", "dim1"),
    "swapaxes": ("self", "dim0", "dim1"),
    "flatten": ("self", "start_dim", "end_dim"),
    "unflatten": ("self", "dim", "sizes"),
    "unsqueeze": ("self", "dim"),
    "squeeze": ("self", "dim"),
    "softmax": ("self", "dim"),
    "mean": ("self", "dim"),
    "sum": ("self", "dim"),
    "cat": ("tensors", "dim"),
    "stack": ("tensors", "dim"),
    "chunk": ("self", "chunks", "dim"),
    "split": ("self", "split_size", "dim"),
}
_SPREAD: Mapping[str, str] = {"permute": "dims", "view": "shape", "reshape": "shape", "expand": "size"}


@dataclass(frozen=True)
class Trace:
    """What one run showed. `error` is what ended it early, `place` the module where that was."""

    program: Program
    error: Exception | None = None
    place: str = ""


def traced(
    module: nn.Module, given: Callable[[int], tuple[Sequence[Any], Mapping[str, Any]]], device: str
) -> Trace:
    """Return the steps of a forward pass over one sample; a second pass over two tells the batch axis.

    `given` returns the arguments for so many samples.
    """
    first = _run(module, given(1), device)
    if first.error is not None:
        return first
    second = _run(module, given(2), device)
    if second.error is not None or len(second.program.steps) != len(first.program.steps):
        return first
    arrays = {
        name: _with_batch(array, second.program.arrays.get(name, array))
        for name, array in first.program.arrays.items()
    }
    return replace(first, program=replace(first.program, arrays=arrays))


def _with_batch(one: Array, two: Array) -> Array:
    """Return an array whose axes that grow with the samples fit any number of them."""
    if len(one.shape) != len(two.shape):
        return one
    axes = [axis for axis, (few, many) in enumerate(zip(one.shape, two.shape, strict=True)) if few != many]
    shape = tuple(None if axis in axes else size for axis, size in enumerate(one.shape))
    return Array(shape, one.dtype, one.shape, axes[0] if axes else None)


def _run(module: nn.Module, given: tuple[Sequence[Any], Mapping[str, Any]], device: str) -> Trace:
    positional, named = given
    tracer = _Tracer(module)
    inputs = tracer.begin(positional, named)
    error: Exception | None = None
    made: Any = None
    with ExitStack() as stack:
        stack.enter_context(torch.no_grad())
        stack.enter_context(torch.device(device) if device == "meta" else _plain_kernels())
        stack.enter_context(tracer.counter)
        stack.enter_context(tracer.watching())
        stack.enter_context(tracer)
        try:
            made = module(*positional, **named)
        except Exception as problem:  # whatever the network's own code raises ends the trace, and is told
            error = problem
    return Trace(tracer.program(inputs, made, error), error, tracer.place)


@contextmanager
def _plain_kernels() -> Iterator[None]:
    """Compute without fused kernels, whose operations nobody counts."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with warnings.catch_warnings(), sdpa_kernel(SDPBackend.MATH):
            warnings.simplefilter("ignore")  # the switch itself notes what other processors have
            with torch.backends.mkldnn.flags(enabled=False):
                yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


@dataclass
class _Names:
    """The names of tensors, each of which is kept so that no other takes its place in memory."""

    known: dict[int, str] = field(default_factory=dict)
    kept: list[Tensor] = field(default_factory=list)
    arrays: dict[str, Array] = field(default_factory=dict)

    def give(self, tensor: Tensor, name: str) -> str:
        self.known[id(tensor)] = name
        self.kept.append(tensor)
        self.arrays[name] = Array(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
        return name


class _Tracer(TorchFunctionMode):
    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        self.names = _Names()
        self.weights: dict[str, Weight] = {}
        self.steps: list[Step] = []
        self.stack: list[Call] = []
        self.entered: list[tuple[Sequence[Any], Mapping[str, Any], int, dict[int, int]]] = []
        self.calls: dict[str, int] = {}
        self.inside = 0
        self.place = ""
        self.counter = FlopCounterMode(display=False)
        self._own(module)

    def _own(self, module: nn.Module) -> None:
        for name, value in module.named_parameters(remove_duplicate=False):
            key = f"parameter:{name}"
            if id(value) not in self.names.known and not nn.parameter.is_lazy(value):
                self.names.give(value, key)
            self.weights[key] = weight(name, value)
        for name, buffer in module.named_buffers():
            if nn.parameter.is_lazy(buffer):
                continue
            key = self.names.give(buffer, f"buffer:{name}")
            self.weights[key] = Weight(name, key, 0, False, False)

    def begin(self, positional: Sequence[Any], named: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Name the inputs as the network's `forward` does."""
        labels = parameters(self.module)
        told = [*zip([*labels, *(f"input_{n}" for n in range(len(positional)))], positional, strict=False)]
        found = []
        for label, value in [*told, *named.items()]:
            for index, tensor in enumerate(_tensors(value)):
                shown = label if isinstance(value, Tensor) else f"{label}_{index}"
                found.append((self.names.give(tensor, f"given:{shown}"), shown))
        return found

    # What happens ---------------------------------------------------------------------------------

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        named = kwargs or {}
        if self.inside:
            return func(*args, **named)
        before, versions = self.counter.get_total_flops(), _versions([args, named])
        name = _function_name(func)
        made = func(*args, **named)
        made = made if name in IGNORED else _apart(made, versions)
        if name == "setitem":
            self._step(name, func, args, named, [args[0]], before)
        elif tensors := list(_tensors(made)):
            self._step(name, func, args, named, tensors, before)
        return made

    def _step(
        self,
        name: str,
        func: Any,
        args: Sequence[Any],
        named: Mapping[str, Any],
        made: Sequence[Tensor],
        before: int,
    ) -> None:
        arguments = {key: self._argument(value) for key, value in _arguments(name, func, args, named).items()}
        target = f"torch.{getattr(func, '__qualname__', name)}"
        self._record(name, target, arguments, made, self.counter.get_total_flops() - before)

    def _record(
        self, name: str, target: str, arguments: Mapping[str, Any], made: Sequence[Tensor], flops: int
    ) -> None:
        key = f"step:{len(self.steps)}"
        names = tuple(self.names.give(tensor, f"{key}:{index}") for index, tensor in enumerate(made))
        self.steps.append(Step(key, name, target, tuple(self.stack), arguments, names, flops))

    def _argument(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            if id(value) not in self.names.known:  # made before, outside of what is watched
                key = self.names.give(value, f"constant:{len(self.names.kept)}")
                self.weights[key] = Weight(key, key, 0, False, False)
            return Value(self.names.known[id(value)])
        if isinstance(value, tuple | list):
            return [self._argument(item) for item in value]
        if isinstance(value, Mapping):
            return [self._argument(item) for item in value.values()]
        return value

    # Modules --------------------------------------------------------------------------------------

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Follow which module is called, and take each layer of PyTorch as one step."""
        with ExitStack() as hooks:
            # A module that stands in several places is known by the first.
            for path, module in self.module.named_modules():
                for handle in self._hooks(path, module):
                    hooks.callback(handle.remove)
            yield

    def _hooks(self, path: str, module: nn.Module) -> Iterator[Any]:
        kind = torch_modules.described(module).framework_type
        is_layer = torch_modules.is_own(kind) and not isinstance(module, nn.Identity)

        def enter(_: nn.Module, args: Any, named: Any) -> None:
            self.calls[path] = self.calls.get(path, 0) + 1
            self.stack.append(Call(f"{path}@{self.calls[path]}", path, kind))
            self.entered.append((args, named, self.counter.get_total_flops(), _versions([args, named])))
            self.inside += is_layer

        def leave(_: nn.Module, __: Any, ___: Any, made: Any) -> Any:
            given, further, before, versions = self.entered.pop()
            made = _apart(made, versions) if is_layer else made
            self.inside -= is_layer
            if is_layer and not self.inside:
                arguments = {"given": self._argument([*given, *further.values()])}
                flops = self.counter.get_total_flops() - before
                self._record("module", kind, arguments, list(_tensors(made)), flops)
            self.stack.pop()
            return made

        yield module.register_forward_pre_hook(enter, with_kwargs=True)
        yield module.register_forward_hook(leave, with_kwargs=True)

    # What came of it ------------------------------------------------------------------------------

    def program(self, inputs: Sequence[tuple[str, str]], made: Any, error: Exception | None) -> Program:
        """Return the steps; of a run that failed, with a notice of where and why."""
        self.place = self.stack[-1].path if self.stack and error else ""
        paths = torch_modules.modules(self.module)
        notices = []
        if error is not None:
            place = f"the forward pass fails here{_line(error)}"
            what = f"{place}, and what follows is not known: {brief_reason(error)}"
            notices.append(Notice(self.place, what, is_missing=True))
        return Program(
            self.steps,
            self.names.arrays,
            self.weights,
            inputs,
            self._outputs(made),
            (),
            {path: torch_modules.settings(each) for path, each in paths.items()},
            lambda path, kind, rank: (
                torch_modules.term(paths[path], rank)
                if path in paths
                else torch_modules.name_term(kind, rank)
            ),
            {path: torch_modules.described(each) for path, each in paths.items()},
            notices,
        )

    def _outputs(self, made: Any) -> list[tuple[str, str]]:
        found = [(label, tensor) for label, tensor in _labelled(made) if id(tensor) in self.names.known]
        return [(self.names.known[id(tensor)], label) for label, tensor in found]


def _line(error: Exception) -> str:
    """Return the file and line of the network's own code that raised an error; "" where it has none."""
    line = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        is_own = str(frame.f_globals.get("__name__", "")).partition(".")[0] != "torch"
        first = frame.f_locals.get(next(iter(frame.f_code.co_varnames), ""))
        if is_own and isinstance(first, nn.Module):
            line = f", in {Path(frame.f_code.co_filename).name}:{number}"
    return line


def parameters(module: nn.Module) -> list[str]:
    """Return the names of what a network's `forward` is given by position."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [item.name for item in inspect.signature(module.forward).parameters.values() if item.kind in kinds]


def _labelled(made: Any) -> list[tuple[str, Tensor]]:
    if isinstance(made, Tensor):
        return [("output", made)]
    named = (
        made.items()
        if isinstance(made, Mapping)
        else enumerate(made if isinstance(made, tuple | list) else ())
    )
    found = []
    for key, value in named:
        label = str(key) if isinstance(key, str) else f"output_{key}"
        tensors = list(_tensors(value))
        found += [(label if len(tensors) == 1 else f"{label}_{at}", each) for at, each in enumerate(tensors)]
    return found


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _tensors(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _tensors(item)


def _versions(given: Any) -> dict[int, int]:
    """Return how often each tensor was written to so far."""
    return {id(tensor): tensor._version for tensor in _tensors(given)}


def _apart(made: Any, versions: Mapping[int, int]) -> Any:
    """Return what was made; a tensor that was handed on untouched, as dropout does, as one of its own."""
    if isinstance(made, Tensor) and versions.get(id(made)) == made._version:
        return torch.ops.aten.alias(made)
    return made


def _function_name(func: Any) -> str:
    """Return the bare name of a function; of a property such as `x.T`, the property's."""
    name = str(getattr(func, "__name__", "function"))
    if name == "__get__":
        return str(getattr(getattr(func, "__self__", None), "__name__", "property")).lower()
    return name.strip("_") if name.startswith("__") else name


def _arguments(name: str, func: Any, args: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments by their names, as far as these are known."""
    if name in _SPREAD and len(args) > 1:
        spread = args[1] if isinstance(args[1], tuple | list) else args[1:]
        return {"self": args[0], _SPREAD[name]: list(spread), **named}
    known = _POSITIONAL.get(name.rstrip("_")) or _signature(func)
    labels = [*known[: len(args)], *(f"argument_{at}" for at in range(len(known), len(args)))]
    return {**dict(zip(labels, args, strict=True)), **named}


def _signature(func: Any) -> Sequence[str]:
    if not inspect.isfunction(func):
        return ()
    return [
        item.name for item in inspect.signature(func).parameters.values() if item.kind != item.VAR_POSITIONAL
    ]
