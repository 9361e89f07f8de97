"""What PyTorch's modules are: which count as one layer, and what they were made with."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from torch import nn

from pipelines.architecture.graph import Module
from pipelines.architecture.plain import plain_value
from pipelines.architecture.vocabulary import category, class_term

_HOLDERS = frozenset(
    ("torch.nn.modules.container", "torch.nn.modules.transformer", "torch.nn.modules.module")
)
MODULE = "torch.nn.modules."


def is_own(framework_type: str) -> bool:
    """Whether a class is a layer of PyTorch itself, which is never looked into."""
    package = framework_type.rpartition(".")[0]
    return framework_type.startswith((MODULE, "torch.ao.nn.")) and package not in _HOLDERS


def described(module: nn.Module) -> Module:
    """Return the class of a module; of one that extends a layer of PyTorch, under that layer's name."""
    own = type(module)
    return Module(own.__name__, f"{own.__module__}.{own.__qualname__}")


def lineage(module: nn.Module) -> list[str]:
    """Return the classes that a module's own is made from, with their packages, its own first."""
    kinds = [kind for kind in type(module).__mro__ if issubclass(kind, nn.Module)]
    return [f"{kind.__module__}.{kind.__qualname__}" for kind in kinds]


def term(module: nn.Module, rank: int) -> str:
    """Return the field's term for a module: that of the nearest class which has one."""
    own = name_term(type(module).__qualname__, rank)
    found = [name_term(name, rank) for name in lineage(module) if is_own(name)]
    return found[0] if found and category(own) == "other" else own


def name_term(framework_type: str, rank: int) -> str:
    """Return the term for a class of which only the name is known."""
    return class_term(framework_type.rpartition(".")[2] or framework_type, rank)


def settings(module: nn.Module) -> dict[str, Any]:
    """Return what a module was made with: the arguments of its class that it still has, where plain."""
    try:
        names = inspect.signature(type(module).__init__).parameters
    except (TypeError, ValueError):
        return {}
    skipped = ("self", "args", "kwargs", "device", "dtype", "inplace")
    found: dict[str, Any] = {}
    for name in names:
        value = getattr(module, name, None)
        if name in skipped or value is None or isinstance(value, nn.Module):
            continue
        if name == "bias":
            found[name] = value is not False
        elif (plain := plain_value(value)) is not None:
            found[name] = plain
    if isinstance(getattr(module, "_parameters", {}).get("bias"), type(None)) and "bias" in names:
        found["bias"] = bool(getattr(module, "bias", None) is True)
    return found


def modules(root: nn.Module) -> Mapping[str, nn.Module]:
    """Return all modules by their paths, one that stands in several places under each of them."""
    return dict(root.named_modules(remove_duplicate=False))
