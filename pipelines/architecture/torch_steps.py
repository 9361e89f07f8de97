"""Operations of PyTorch, as an exported or traced program has them, folded into layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from pipelines.architecture import flops
from pipelines.architecture.graph import Array, Connection, Graph, Layer, Module, Notice
from pipelines.architecture.plain import plain_value
from pipelines.architecture.torch_modules import is_own, name_term
from pipelines.architecture.vocabulary import CONSTANTS, IGNORED, KEEPING, category, function_term

_PARAMETRIZED = ".parametrizations."  # where PyTorch keeps what computes a weight anew each time
_SILENT = frozenset(
    (
        *(
            "alpha",
            "pin_memory",
            "dtype",
            "layout",
            "device",
            "training",
            "cudnn_enabled",
            "inplace",
            "implicit",
        ),
        *("memory_format", "benchmark", "deterministic", "non_blocking", "copy", "momentum", "has_biases"),
        *(
            "scale_grad_by_freq",
            "sparse",
            "half_to_float",
            "keepdim",
            "ceil_mode",
            "transposed",
            "output_padding",
        ),
    )
)
"""Arguments that tell a reader nothing about the network."""


@dataclass(frozen=True)
class Value:
    """A tensor, by its name in the program."""

    name: str


@dataclass(frozen=True)
class Call:
    """A module that was called: `key` tells one call from the next of the same module."""

    key: str
    path: str
    framework_type: str


@dataclass(frozen=True)
class Step:
    """One operation: `arguments` by their names, tensors as `Value`; `made` are the tensors it gives.

    `stack` are the modules in which it happens, the network itself first. `flops` were counted while it ran;
    None where they follow from its arguments.
    """

    key: str
    function: str
    target: str
    stack: tuple[Call, ...]
    arguments: Mapping[str, Any]
    made: tuple[str, ...]
    flops: int | None = None

    def needs(self) -> list[str]:
        """Return the names of the tensors that it takes, in order."""
        return list(_values(self.arguments.values()))


@dataclass(frozen=True)
class Weight:
    """A parameter or buffer. `identity` is equal where two names hold the same numbers.

    `count` is None of one that has no size before its layer is called.
    """

    name: str
    identity: str
    count: int | None
    is_trainable: bool = True
    is_parameter: bool = True


@dataclass(frozen=True)
class Program:
    """A network as steps over named tensors. `details` say what a module was made with, by its path.

    `terms` returns the term of the module at a path, given its class and the rank of what it takes.
    """

    steps: Sequence[Step]
    arrays: Mapping[str, Array]
    weights: Mapping[str, Weight]
    inputs: Sequence[tuple[str, str]]
    outputs: Sequence[tuple[str, str]]
    unused: Sequence[Weight] = ()
    details: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    terms: Callable[[str, str, int], str] = lambda _, kind, rank: name_term(kind, rank)
    classes: Mapping[str, Module] = field(default_factory=dict)
    notices: Sequence[Notice] = ()


def _values(items: Iterable[Any]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Value):
            yield item.name
        elif isinstance(item, list | tuple):
            yield from _values(item)
        elif isinstance(item, Mapping):
            yield from _values(item.values())


@dataclass
class _Group:
    """The steps of one layer."""

    key: str
    call: Call | None
    steps: list[Step] = field(default_factory=list)


def folded(program: Program, method: str) -> Graph:
    """Return a program as a graph: each module that is one layer, and every other operation, is a row."""
    return _Folding(program).graph(method)


class _Folding:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.same: dict[str, str] = {}
        self.constants = {name for name, weight in program.weights.items() if not weight.is_parameter}
        self.called = {call.path for step in program.steps for call in step.stack}
        self.inner = {above for path in self.called for above in _above(path)}
        self.inside = _by_module((*program.weights.values(), *program.unused))
        self.derived: dict[str, list[Weight]] = {}
        self.groups: dict[str, _Group] = {}
        self.makers: dict[str, str] = {}
        self.is_partial = any(notice.is_missing for notice in program.notices)

    def graph(self, method: str) -> Graph:
        for step in self.program.steps:
            self._take(step)
        wanted = {self._now(name) for name, _ in self.program.outputs}
        needed = self._useful(wanted)
        made = {key: self._given(group, wanted) for key, group in self.groups.items()}
        layers = [self._input(name, label) for name, label in self.program.inputs]
        layers += [self._layer(group, needed[key], made[key]) for key, group in self.groups.items()]
        outputs = [self._output(index, *each) for index, each in enumerate(self.program.outputs)]
        layers += [layer for layer, _ in outputs]
        held = {name for layer in layers for name in layer.parameters}
        layers += self._idle(held)
        needed |= {layer.key: names for layer, names in outputs}
        return Graph(
            "torch",
            method,
            tuple(layers),
            tuple(self._connections(needed, made)),
            self._modules(),
            (*self.program.notices, *self._unreached(held)),
            ("torch",),
        )

    # Steps into groups ---------------------------------------------------------------------------

    def _now(self, name: str) -> str:
        """Return the tensor that a name stands for: one handed on, or changed in place, has another."""
        while name in self.same:
            name = self.same[name]
        return name

    def _take(self, step: Step) -> None:
        needs = [self._now(name) for name in step.needs()]
        if not step.made:
            return
        leaf = next((call for call in step.stack if self._is_leaf(call)), None)
        if any(_PARAMETRIZED in f".{call.path}." for call in step.stack):
            leaf = None
        given = [name for name in needs if name not in self.constants]
        is_constant = not given and (leaf is None or not self._parameters(leaf.path))
        if is_constant or (leaf is None and step.function in CONSTANTS):
            self.constants.update(step.made)
            return
        if leaf is None and all(name in self.program.weights or name in self.derived for name in given):
            self._derive(step, given)
            return
        if leaf is None and self._is_idle(step, given[0]):
            self.same |= dict.fromkeys(step.made, given[0])
            return
        key = leaf.key if leaf else step.key
        group = self.groups.setdefault(key, _Group(key, leaf))
        group.steps.append(_resolved(step, self._now))
        self.makers |= dict.fromkeys(step.made, key)
        is_in_place = step.function.endswith("_") and not step.function.endswith("__")
        if is_in_place and needs and needs[0] not in self.constants and needs[0] != step.made[0]:
            self.same[needs[0]] = step.made[0]

    def _derive(self, step: Step, given: Sequence[str]) -> None:
        """Take what is computed from weights alone, as weight normalization does, for weights."""
        found = [weight for name in given for weight in self._behind(name)]
        self.derived |= dict.fromkeys(step.made, found)

    def _behind(self, name: str) -> list[Weight]:
        """Return the parameters that a tensor is or was computed from, where it is no data."""
        weight = self.program.weights.get(name)
        return [weight] if weight is not None else self.derived.get(name, [])

    def _useful(self, wanted: set[str]) -> dict[str, list[str]]:
        """Return what each layer takes, and add it to `wanted`; leave out operations that lead nowhere.

        Those are what code looks at to choose its way. In a program that broke off, everything is kept.
        """
        found: dict[str, list[str]] = {}
        for key, group in reversed(self.groups.items()):
            made = {name for step in group.steps for name in step.made}
            if self.is_partial or group.call or made & wanted or self._held(group):
                found[key] = self._needed(group)
                wanted.update(found[key])
        self.groups = {key: group for key, group in self.groups.items() if key in found}
        return {key: found[key] for key in self.groups}

    def _is_idle(self, step: Step, given: str) -> bool:
        """Whether a step hands on what it is given: in name, or since it cuts nothing off."""
        is_whole = self.program.arrays[given].shape == self.program.arrays[step.made[0]].shape
        return step.function in IGNORED or (is_whole and step.function.strip("_") in KEEPING)

    def _is_leaf(self, call: Call) -> bool:
        return is_own(call.framework_type) or (call.path != "" and call.path not in self.inner)

    def _parameters(self, path: str) -> list[Weight]:
        """Return the parameters of the module at a path and of those inside it."""
        return self.inside.get(path, [])

    def _needed(self, group: _Group) -> list[str]:
        """Return the tensors that a layer takes from others; a module takes each once."""
        own = {name for step in group.steps for name in step.made}
        names = [name for step in group.steps for name in step.needs()]
        found = [
            name
            for name in names
            if name not in own and name not in self.constants and not self._behind(name)
        ]
        return list(dict.fromkeys(found)) if group.call else found

    def _given(self, group: _Group, wanted: set[str]) -> list[str]:
        """Return the tensors that a layer gives: those that others take, and all of several at its end.

        Where nobody takes any, it is the first of the last operation.
        """
        last = group.steps[-1].made
        several = last if len(last) > 1 else ()
        made = [name for step in group.steps for name in step.made if name in wanted or name in several]
        return made or [*last[:1]]

    # Groups into layers --------------------------------------------------------------------------

    def _layer(self, group: _Group, needed: Sequence[str], made: Sequence[str]) -> Layer:
        weights = self._held(group)
        rank = len(self.program.arrays[needed[0]].shape) if needed else 0
        found: dict[str, Any] = (
            self._of_module(group.call, rank) if group.call else self._of_function(group.steps[0], rank)
        )
        main = _main(group.steps, self.program)
        return Layer(
            key=group.key,
            **found,
            inputs=tuple(self.program.arrays[name] for name in needed),
            outputs=tuple(self.program.arrays[name] for name in made),
            **_weighed(weights),
            flops=_total(self._flops(step) for step in group.steps),
            hyperparameters=self._hyperparameters(group, main),
        )

    def _held(self, group: _Group) -> list[Weight]:
        used = [weight for step in group.steps for name in step.needs() for weight in self._behind(name)]
        own = self._parameters(group.call.path) if group.call else []
        return [weight for weight in (*own, *used) if weight.is_parameter]

    def _of_module(self, call: Call, rank: int) -> dict[str, str]:
        kind = self.program.terms(call.path, call.framework_type, rank)
        module, _, name = call.path.rpartition(".")
        return {
            "path": call.path,
            "name": name or kind.lower(),
            "module": module,
            "kind": "layer",
            "type": kind,
            "framework_type": call.framework_type,
            "category": category(kind),
        }

    def _of_function(self, step: Step, rank: int) -> dict[str, str]:
        kind = function_term(step.function, rank)
        family = category(kind)
        joins = len([name for name in step.needs() if name not in self.constants]) > 1
        path = step.stack[-1].path if step.stack else ""
        return {
            "path": path,
            "name": step.function.strip("_").lower() or kind.lower(),
            "module": path,
            "kind": "operation",
            "type": kind,
            "framework_type": step.target,
            "category": "arithmetic" if family == "merge" and not joins else family,
        }

    def _hyperparameters(self, group: _Group, main: Step) -> dict[str, Any]:
        if group.call and group.call.path in self.program.details:
            return dict(self.program.details[group.call.path])
        plain = {name: plain_value(value) for name, value in main.arguments.items()}
        return {
            **_measured(main, self.program.arrays),
            **{name: value for name, value in plain.items() if value is not None and name not in _SILENT},
        }

    def _input(self, name: str, label: str) -> Layer:
        return _end("input", f"input:{name}", label, (), (self.program.arrays[name],))

    def _output(self, index: int, name: str, label: str) -> tuple[Layer, list[str]]:
        array = self.program.arrays[name]
        layer = _end("output", f"output:{index}", label, (array,), (array,))
        found = self._now(name)
        return layer, [found] if found in self.makers or found in dict(self.program.inputs) else []

    def _idle(self, held: set[str]) -> list[Layer]:
        """Return the modules that nothing calls and that hold parameters: they are shown apart."""
        left: dict[str, list[Weight]] = {}
        for weight in (*self.program.weights.values(), *self.program.unused):
            if weight.is_parameter and weight.identity not in held:
                left.setdefault(weight.name.rpartition(".")[0], []).append(weight)
        return [self._uncalled(path, weights) for path, weights in left.items()]

    def _uncalled(self, path: str, weights: Sequence[Weight]) -> Layer:
        known = self.program.classes.get(path)
        kind = known.framework_type if known else "Module"
        term = self.program.terms(path, kind, 0)
        module, _, name = path.rpartition(".")
        return Layer(
            key=f"idle:{path}",
            path=path,
            name=name or "parameters",
            module=module,
            kind="layer",
            type=term,
            framework_type=kind,
            category=category(term),
            **_weighed(weights),
            flops=None if self.is_partial else 0,  # nobody knows whether it would have been called
            hyperparameters=self.program.details.get(path, {}),
        )

    def _unreached(self, held: set[str]) -> list[Notice]:
        if self.is_partial:
            return []  # nobody knows what would have been used
        left = {
            weight.identity: weight
            for weight in (*self.program.weights.values(), *self.program.unused)
            if weight.is_parameter and weight.identity not in held
        }
        tops: dict[str, int] = {}
        for weight in left.values():
            top = weight.name.partition(".")[0]
            tops[top] = tops.get(top, 0) + (weight.count or 0)
        return [
            Notice(top, f"has {count:,} parameters that the forward pass never uses")
            for top, count in tops.items()
        ]

    # Between layers ------------------------------------------------------------------------------

    def _connections(
        self, needed: Mapping[str, Sequence[str]], made: Mapping[str, Sequence[str]]
    ) -> Iterator[Connection]:
        inputs = {name for name, _ in self.program.inputs}
        for key, names in needed.items():
            for place, name in enumerate(names):
                if name in self.makers:
                    source, index = self.makers[name], made[self.makers[name]].index(name)
                elif name in inputs:
                    source, index = f"input:{name}", 0
                else:
                    continue
                yield Connection(source, index, key, place, self.program.arrays[name])

    def _modules(self) -> dict[str, Module]:
        """Return the classes of the modules that hold others, as far as the program names them."""
        told = {call.path: call.framework_type for step in self.program.steps for call in step.stack}
        found = {path: Module(kind.rpartition(".")[2], kind) for path, kind in told.items()}
        return {**self.program.classes, **found}

    def _flops(self, step: Step) -> int | None:
        return counted(step, self.program.arrays)


def _weighed(weights: Sequence[Weight]) -> dict[str, Any]:
    """Return what a layer holds, as the layer says it."""
    return {
        "parameters": {weight.identity: weight.count or 0 for weight in weights},
        "frozen": frozenset(weight.identity for weight in weights if not weight.is_trainable),
        "is_weighed": all(weight.count is not None for weight in weights),
    }


def _above(path: str) -> Iterator[str]:
    """Yield the paths of the modules around one."""
    while path:
        path = path.rpartition(".")[0]
        yield path


def _by_module(weights: Iterable[Weight]) -> dict[str, list[Weight]]:
    """Return the parameters in each module, however deep."""
    found: dict[str, list[Weight]] = {}
    for weight in weights:
        if weight.is_parameter:
            for path in _above(weight.name):
                found.setdefault(path, []).append(weight)
    return found


def _resolved(step: Step, now: Callable[[str], str]) -> Step:
    """Return a step whose tensors have the names that they have by then."""

    def follow(value: Any) -> Any:
        if isinstance(value, Value):
            return Value(now(value.name))
        return [follow(item) for item in value] if isinstance(value, list | tuple) else value

    named = {name: follow(value) for name, value in step.arguments.items()}
    return replace(step, arguments=named)


def _end(kind: str, key: str, label: str, given: tuple[Array, ...], made: tuple[Array, ...]) -> Layer:
    term = kind.title()
    return Layer(key, "", label, "", kind, term, term, kind, given, made)


def _main(steps: Sequence[Step], program: Program) -> Step:
    """Return the step that says what a layer does: the first that has weights, else the last."""
    return next((step for step in steps if any(name in program.weights for name in step.needs())), steps[-1])


def _measured(step: Step, arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Return what the sizes of the weights tell: channels, kernel size, features."""
    weight = step.arguments.get("weight")
    sizes = list(arrays[weight.name].concrete) if isinstance(weight, Value) else []
    if len(sizes) > 2 and "conv" in step.function:
        groups = step.arguments.get("groups", 1)
        first, second = (sizes[0] or 0), (sizes[1] or 0) * (groups if isinstance(groups, int) else 1)
        is_turned = "transpose" in step.function or step.arguments.get("transposed") is True
        taken, given = (sizes[0], (sizes[1] or 0) * groups) if is_turned else (second, first)
        return {"in_channels": taken, "out_channels": given, "kernel_size": sizes[2:]}
    if len(sizes) == 2 and step.function == "linear":
        return {"in_features": sizes[1], "out_features": sizes[0]}
    if len(sizes) == 2 and step.function == "embedding":
        return {"num_embeddings": sizes[0], "embedding_dim": sizes[1]}
    return {}


def _total(counts: Iterable[int | None]) -> int | None:
    found = list(counts)
    return None if any(count is None for count in found) else sum(count or 0 for count in found)


def weight(name: str, value: torch.Tensor) -> Weight:
    """Return a parameter; two names of one tensor have the same identity."""
    return Weight(name, str(id(value)), size(value), value.requires_grad)


def size(value: torch.Tensor) -> int | None:
    """Return how many numbers a parameter holds; None of one that waits for what its layer is first given."""
    return None if torch.nn.parameter.is_lazy(value) else value.numel()


def defaults(overload: Any) -> dict[str, Any]:
    """Return the arguments that an operation has when nothing else is said, by their names."""
    if not isinstance(overload, torch._ops.OpOverload):
        return {}
    return {
        item.name: item.default_value
        for item in overload._schema.arguments
        if item.has_default_value() and item.default_value is not None
    }


# Operations -----------------------------------------------------------------------------------------


def counted(step: Step, arrays: Mapping[str, Array]) -> int | None:
    """Return the floating-point operations of a step, by the shapes of what it takes and gives."""
    if step.flops is not None:
        return step.flops
    name = step.function.rstrip("_")
    rule = _attention if name.startswith("_scaled_dot_product") else _RULES.get(name)
    return rule(_Sizes(step, arrays)) if rule else 0


@dataclass(frozen=True)
class _Sizes:
    """The sizes of what a step takes, by the argument's name, and of what it gives."""

    step: Step
    arrays: Mapping[str, Array]

    def of(self, argument: str) -> flops.Sizes:
        value = self.step.arguments.get(argument)
        return self.arrays[value.name].concrete if isinstance(value, Value) else ()

    @property
    def made(self) -> flops.Sizes:
        return self.arrays[self.step.made[0]].concrete


def _convolution(sizes: _Sizes) -> int | None:
    weight, given = sizes.of("weight"), sizes.of("input")
    is_turned = "transpose" in sizes.step.function or sizes.step.arguments.get("transposed") is True
    places = given if is_turned else sizes.made
    axes = len(weight) - 2
    samples = given[:1] if len(given) == axes + 2 else ()
    return flops.applied((*samples, *places[len(places) - axes :]), flops.product(weight) or 0)


def _matrices(first: str) -> Callable[[_Sizes], int | None]:
    """Return the rule for a product whose first factor is the argument of this name."""
    return lambda sizes: flops.matrix_product(sizes.of(first), sizes.made)


def _attention(sizes: _Sizes) -> int | None:
    return flops.attention(sizes.of("query"), sizes.of("key"), sizes.of("value"))


def _recurrent(sizes: _Sizes) -> int | None:
    """Each matrix of a recurrent layer is applied to every step of every sample."""
    given = sizes.of("input") or sizes.of("data")
    named = [sizes.step.arguments.get(name) for name in ("params", "w_ih", "w_hh")]
    shapes = [sizes.arrays[name].concrete for name in _values(named)]
    weights = sum(flops.product(shape) or 0 for shape in shapes if len(shape) == 2)
    return flops.applied(given[:-1], weights)


def _einsum(sizes: _Sizes) -> int | None:
    operands = [sizes.arrays[name].concrete for name in sizes.step.needs()]
    return flops.einsum(str(sizes.step.arguments.get("equation", "")), operands)


_RULES: Mapping[str, Callable[[_Sizes], int | None]] = {
    **dict.fromkeys(("convolution", "_convolution", "conv1d", "conv2d", "conv3d"), _convolution),
    **dict.fromkeys([f"conv_transpose{axes}d" for axes in (1, 2, 3)], _convolution),
    "linear": _matrices("input"),
    "addmm": _matrices("mat1"),
    **dict.fromkeys(("baddbmm", "addbmm"), _matrices("batch1")),
    **dict.fromkeys(("mm", "bmm", "matmul", "mv", "dot"), _matrices("self")),
    "scaled_dot_product_attention": _attention,
    **dict.fromkeys(("lstm", "gru", "rnn_tanh", "rnn_relu"), _recurrent),
    **dict.fromkeys(("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"), _recurrent),
    "einsum": _einsum,
}
