"""PyTorch weights: a state_dict, read without running code, in the network that a report's factory builds."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pipelines import own_code
from pipelines.errors import ContractError, installed
from pipelines.models import torch_device
from pipelines.models.files import TRUST, brief_reason, readable
from pipelines.models.model import Model
from pipelines.models.network import Answered, Batch, Taken, Traits, arrays, first_array, matrix

Weights = dict[str, Tensor]
_HOLDERS = ("state_dict", "model_state_dict", "model")  # what checkpoints call the weights in them
_AXES: dict[str, tuple[type[nn.Module], ...]] = {
    "first": (
        *(nn.modules.conv._ConvNd, nn.modules.batchnorm._NormBase, nn.GroupNorm),
        *(nn.modules.pooling._MaxPoolNd, nn.modules.pooling._AvgPoolNd, nn.modules.pooling._LPPoolNd),
        *(nn.modules.pooling._AdaptiveMaxPoolNd, nn.modules.pooling._AdaptiveAvgPoolNd),
    ),
    "last": (
        *(nn.Linear, nn.Bilinear, nn.LayerNorm, nn.RMSNorm, nn.Embedding, nn.RNNBase, nn.MultiheadAttention),
        *(nn.TransformerEncoderLayer, nn.TransformerDecoderLayer),
    ),
}
"""Modules whose units are the first axis after that of samples, and those whose units are the last."""
devices = torch_device.devices


def open_model(model: Model, path: Path, device: str) -> WeightedNetwork:
    """Build the network with the report's factory and load its weights; raise `ContractError` for misfits."""
    weights, where = _weights(model, path), f"{model.where}.factory"
    build = own_code.load_function(model.settings.factory, model.root, where)
    with own_code.told(own_code.module_path(model.settings.factory, model.root)):
        module = build(**model.settings.arguments)
    if not isinstance(module, nn.Module):
        what = f"returned {type(module).__name__}, not a torch.nn.Module"
        raise ContractError(where, what)
    _load(module, weights, path, model)
    numbers = torch_device.precision(device, model.settings.precision)
    return WeightedNetwork(module.eval().to(device), model.where, device, numbers, path.suffix.lower())


def _weights(model: Model, path: Path) -> Weights:
    if path.suffix.lower() == ".safetensors":
        with installed(model.where, "safetensors"):
            from safetensors.torch import load_file
        with readable(path, "safetensors"):
            return load_file(path)
    try:
        loaded: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of many classes, for damage and for what is no tensor
        if isinstance(error, pickle.UnpicklingError) and "GLOBAL" in str(error):  # it names what is no tensor
            return _trusted(model, path, error)
        hint = "it may be cut short, or something else under this name"
        raise ContractError(str(path), f"is not readable as weights: {brief_reason(error)}", hint) from error
    return _state(loaded, path)


def _trusted(model: Model, path: Path, error: Exception) -> Weights:
    """Return the weights of a file that holds more than tensors, if the run trusts it."""
    if not model.is_trusted:
        what = "holds more than weights, and reading that may run code"
        hint = f"save model.state_dict() alone; {TRUST}"
        raise ContractError(str(path), what, hint) from error
    with readable(path, "a PyTorch file"):
        loaded = torch.load(path, map_location="cpu", weights_only=False)
    return _state(loaded.state_dict() if isinstance(loaded, nn.Module) else loaded, path)


def _state(loaded: Any, path: Path) -> Weights:
    """Return the weights in what was loaded: a state_dict, or a checkpoint that holds one."""
    for key in _HOLDERS:
        if isinstance(loaded, Mapping) and isinstance(loaded.get(key), Mapping):
            loaded = loaded[key]
    tensors = (
        {str(key): value for key, value in loaded.items() if isinstance(value, Tensor)}
        if isinstance(loaded, Mapping)
        else {}
    )
    if not tensors:
        raise ContractError(str(path), "holds no weights", "save them with torch.save(model.state_dict(), …)")
    if all(key.startswith("module.") for key in tensors):  # as DataParallel names them
        return {key.removeprefix("module."): value for key, value in tensors.items()}
    return tensors


def _load(module: nn.Module, weights: Weights, path: Path, model: Model) -> None:
    try:
        missing, unexpected = module.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        what = f"does not fit the network of {model.settings.factory}: {brief_reason(error)}"
        raise ContractError(str(path), what, "build it with the arguments it was trained with") from error
    if missing or unexpected:
        told = [
            f"{len(names)} {word} ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"
            for names, word in ((missing, "missing"), (unexpected, "unknown"))
            if names
        ]
        what = f"does not fit the network of {model.settings.factory}: weights {' and '.join(told)}"
        raise ContractError(str(path), what, "build it with the arguments it was trained with")


def _keeping(kept: dict[str, Tensor], layer: str) -> Callable[[nn.Module, Any, Any], None]:
    """Return a hook that keeps what a module makes; of one that is used several times the last."""

    def keep(module: nn.Module, given: Any, made: Any) -> None:
        del module, given
        found = first_array(made)
        if isinstance(found, Tensor):
            # A copy: a later operation in place would write over what this layer made.
            kept[layer] = found.detach().clone()

    return keep


def _asked_for(module: nn.Module) -> list[str]:
    """Return the names of what a network has to be given, in the order of its `forward`."""
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    said = inspect.signature(module.forward).parameters.values()
    return [item.name for item in said if item.kind in positional and item.default is item.empty]


@dataclass(frozen=True)
class WeightedNetwork:
    """A network of the report's own code with weights from a file."""

    module: nn.Module
    where: str
    device: str
    numbers: str
    suffix: str

    @property
    def traits(self) -> Traits:
        """What it says of itself: its size and what its inputs are called, and nothing of their shapes."""
        count = sum(parameter.numel() for parameter in self.module.parameters())
        libraries = ("torch", *(("safetensors",) if self.suffix == ".safetensors" else ()))
        inputs = tuple(Taken(name, None, "") for name in _asked_for(self.module))
        if len(inputs) < 2:
            return Traits(libraries, count, precision=self.numbers)
        names = tuple(taken.name for taken in inputs)
        return Traits(libraries, count, names=names, inputs=inputs, precision=self.numbers)

    def layers(self) -> Sequence[str]:
        """Return the paths of its modules."""
        return [name for name, _ in self.module.named_modules() if name]

    def leaves(self) -> Sequence[str]:
        """Return the paths of the modules that hold no others."""
        return [name for name, module in self.module.named_modules() if name and not any(module.children())]

    def axis(self, layer: str) -> str:
        """Return the axis of units that the type of a module says, of one with parts that of the last."""
        inside = [*self.module.get_submodule(layer).modules()]
        said = (axis for part in reversed(inside) for axis, kinds in _AXES.items() if isinstance(part, kinds))
        return next(said, "")

    def answer(self, batch: Batch, layers: Sequence[str]) -> Answered:
        """Return outputs and the outputs of the modules at the paths `layers`."""
        kept: dict[str, Tensor] = {}
        given = self._given(batch)
        with ExitStack() as hooks, torch_device.inference(self.device, self.numbers):
            for layer in layers:
                handle = self.module.get_submodule(layer).register_forward_hook(_keeping(kept, layer))
                hooks.callback(handle.remove)
            made = first_array(self.module(*given))
        inner = [torch_device.to_numpy(kept[layer]) if layer in kept else None for layer in layers]
        return torch_device.to_numpy(made), inner

    def _given(self, batch: Batch) -> list[Tensor]:
        dtype = next((item.dtype for item in self.module.parameters()), torch.float32)
        inputs = self.traits.inputs
        found = arrays(batch, inputs, self.where) if inputs else [matrix(batch, "float32", self.where)]
        return [torch_device.on_device(values, self.device, dtype) for values in found]

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether a batch was too large for the device."""
        return torch_device.is_out_of_memory(error)
