"""Networks of PyTorch: programs from files, and modules that own code builds."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pipelines.architecture import torch_exports
from pipelines.architecture.axes import FIRST, with_axes
from pipelines.architecture.graph import Graph, Notice
from pipelines.architecture.own_models import Given, Sample, sized
from pipelines.architecture.torch_programs import read_program
from pipelines.architecture.torch_steps import folded, size
from pipelines.architecture.torch_traces import Trace, parameters, traced
from pipelines.models.files import readable

MOST_REAL = 500_000_000  # parameters of a network that is computed for real
_SIDES = (224, 256, 64, 32, 28, 299, 512, 96, 8)
_GUESSES: Mapping[str, Callable[[Any], list[Sample]]] = {
    "Conv1d": lambda layer: [Sample((layer.in_channels, size)) for size in (128, 1024, 16_000)],
    "Conv2d": lambda layer: [Sample((layer.in_channels, size, size)) for size in _SIDES],
    "Conv3d": lambda layer: [Sample((layer.in_channels, 16, size, size)) for size in (112, 64, 32)],
    "Linear": lambda layer: [Sample((layer.in_features,)), Sample((16, layer.in_features))],
    "Embedding": lambda _: [Sample((16,), "int64"), Sample((), "int64")],
    **dict.fromkeys(("LSTM", "GRU", "RNN"), lambda layer: [Sample((16, layer.input_size))]),
    "MultiheadAttention": lambda layer: [Sample((16, layer.embed_dim))],
    "LayerNorm": lambda layer: [Sample((16, *layer.normalized_shape)), Sample(tuple(layer.normalized_shape))],
}
_SAY = "say what it takes: shapes = …, such as 3x224x224, or int64:128 for tokens"


def read_file(path: Path, given: Given) -> Graph:
    """Read a program of torch.export, without running anything in it."""
    del given  # a program says the sizes of its inputs
    with readable(path, "a program of torch.export"):
        return with_axes(folded(read_program(path), "torch.export"), FIRST)


def read_object(build: Callable[[], Any], where: str, given: Given) -> Graph:
    """Return the graph of the module that `build` returns; it is called anew where it has to hold numbers.

    A network that cannot be followed to its end gives what comes before, with a notice of where and why.
    """
    del where  # what goes wrong is told as a notice
    module = build().eval()
    device = _device(module)
    entries = _entries(module, given, device)
    if any(nn.parameter.is_lazy(each) for each in (*module.parameters(), *module.buffers())):
        _fits(module, entries, device)  # layers that learn their sizes from what they are first given
    graph = _exported(module, entries, device) if _is_small(module) else None
    if graph is None:
        graph = _traced(build, module, entries, device)
    if entries.guessed:
        what = f"nothing says what it takes: read for {sized([item.shape for item in entries.samples])}"
        graph = replace(graph, notices=(Notice("", what), *graph.notices))
    return with_axes(graph, FIRST)


def _device(module: nn.Module) -> str:
    """Return where a network's tensors are: "meta" where they hold no numbers."""
    tensors = (*module.parameters(), *module.buffers())
    return "meta" if any(each.is_meta for each in tensors) else "cpu"


def _is_small(module: nn.Module) -> bool:
    return sum(1 for _ in module.modules()) <= torch_exports.MOST_MODULES


# What the network is given --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entries:
    """The inputs: `labels` are their names, `named` those of them that are passed by name.

    `filling` is what all of their numbers are.
    """

    labels: tuple[str, ...]
    samples: tuple[Sample, ...]
    named: frozenset[str] = frozenset()
    guessed: bool = False
    filling: int = 0

    def tensors(self, count: int, device: str) -> dict[str, Tensor]:
        """Return what it takes for so many samples."""
        return {
            label: torch.full(
                (count, *item.shape),
                self.filling,
                dtype=getattr(torch, item.dtype or "float32"),
                device=device,
            )
            for label, item in zip(self.labels, self.samples, strict=True)
        }

    def arguments(self, count: int, device: str) -> tuple[Sequence[Any], Mapping[str, Any]]:
        """Return the same as positional and named arguments."""
        made = self.tensors(count, device)
        placed = tuple(value for label, value in made.items() if label not in self.named)
        return placed, {label: value for label, value in made.items() if label in self.named}


def _entries(module: nn.Module, given: Given, device: str) -> _Entries:
    if given.told:
        return _placed(module, given.told)
    if example := _example(module):
        return example
    if given.image:
        height, width, channels = given.image
        return _placed(module, (Sample((_channels(module, channels), height, width)),))
    return _guessed(module, device)


def _placed(module: nn.Module, told: Sequence[Sample]) -> _Entries:
    """Return inputs in the order in which `forward` names them, the last by name where it insists on that."""
    keywords = _keywords(module)
    names = [*parameters(module)[: max(0, len(told) - len(keywords))], *keywords]
    labels = [names[at] if at < len(names) else f"input_{at}" for at in range(len(told))]
    first = next(iter(_leaves(module)), None)
    typed = [replace(item, dtype=item.dtype or _dtype(first)) for item in told]
    return _Entries(tuple(labels), tuple(typed), frozenset(keywords) & {*labels})


def _dtype(first: nn.Module | None) -> str:
    return "int64" if isinstance(first, nn.Embedding) else "float32"


def _example(module: nn.Module) -> _Entries | None:
    """Return what the network itself calls an example, as Lightning's and Transformers' do."""
    for name in ("example_input_array", "dummy_inputs"):
        try:
            found: Any = getattr(module, name, None)
        except Exception:  # a property of the network's own code, which may fail as it likes
            continue
        named = isinstance(found, Mapping)
        values = (
            list(found.values()) if named else list(found) if isinstance(found, tuple | list) else [found]
        )
        if values and all(isinstance(value, Tensor) and value.dim() for value in values):
            items = [
                Sample(tuple(value.shape[1:]), str(value.dtype).removeprefix("torch.")) for value in values
            ]
            made = _placed(module, items)
            return replace(made, labels=tuple(found), named=frozenset(found)) if named else made
    return None


def _channels(module: nn.Module, channels: int) -> int:
    first = next(iter(_leaves(module)), None)
    return int(first.in_channels) if isinstance(first, nn.Conv2d) else channels


def _leaves(module: nn.Module) -> Iterator[nn.Module]:
    """Yield the layers that hold parameters, in the order in which they were made."""
    for each in module.modules():
        if next(each.parameters(recurse=False), None) is not None or isinstance(each, nn.RNNBase):
            yield each


def _guessed(module: nn.Module, device: str) -> _Entries:
    """Try inputs that the first layer would take, until the network takes them."""
    first = next((each for each in _leaves(module) if type(each).__name__ in _GUESSES), None)
    candidates = _GUESSES[type(first).__name__](first) if first is not None else [Sample((3, 224, 224))]
    count = max(1, len(_required(module)))
    tried = [replace(_placed(module, (item,) * count), guessed=True) for item in candidates]
    return next((entries for entries in tried if _fits(module, entries, device)), tried[0])


def _required(module: nn.Module) -> list[str]:
    """Return the names of what a network cannot be called without."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    items = inspect.signature(module.forward).parameters.values()
    needed = [item.name for item in items if item.kind in kinds and item.default is inspect.Parameter.empty]
    return [*needed, *_keywords(module)]


def _keywords(module: nn.Module) -> list[str]:
    """Return the names of what a network must be given by name."""
    items = inspect.signature(module.forward).parameters.values()
    return [
        item.name
        for item in items
        if item.kind == inspect.Parameter.KEYWORD_ONLY and item.default is inspect.Parameter.empty
    ]


def _fits(module: nn.Module, entries: _Entries, device: str) -> bool:
    positional, named = entries.arguments(1, device)
    try:
        with torch.no_grad(), torch.device(device), _silent():
            module(*positional, **named)
    except Exception:  # whatever its code raises: these inputs are not its own
        return False
    return True


@contextmanager
def _silent() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


# Reading --------------------------------------------------------------------------------------------


def _exported(module: nn.Module, entries: _Entries, device: str) -> Graph | None:
    """Return what torch.export finds; None where it cannot follow the network."""
    given = entries.tensors(2, device)
    names = tuple(label for label in entries.labels if label not in entries.named)
    try:
        with torch.device(device):
            return folded(torch_exports.exported(module, given, names), "torch.export")
    except (
        Exception
    ):  # of many classes, for all that it does not know: the trace says what is wrong, if anything
        return None


def _traced(build: Callable[[], Any], module: nn.Module, entries: _Entries, device: str) -> Graph:
    found = _trace(module, entries, device)
    total = sum(size(each) or 0 for each in module.parameters())
    # Zeros are no lengths and nothing to divide by; ones are no rows of a table of one.
    for filling in (0, 1):
        is_tried = device == "cpu" and filling == entries.filling
        if found.error is not None and total <= MOST_REAL and not is_tried:
            real = _trace(build().eval(), replace(entries, filling=filling), "cpu")
            found = real if _went_further(real, found) else found
    if found.error is not None and entries.guessed:
        program = found.program
        first = Notice("", f"the sizes of its inputs may be wrong; {_SAY}")
        return folded(replace(program, notices=(first, *program.notices)), "trace")
    return folded(found.program, "trace")


def _went_further(trace: Trace, other: Trace) -> bool:
    return trace.error is None or len(trace.program.steps) >= len(other.program.steps)


def _trace(module: nn.Module, entries: _Entries, device: str) -> Trace:
    with _silent():
        return traced(module, lambda count: entries.arguments(count, device), device)
