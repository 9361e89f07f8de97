"""The tools there are: one visible list, each loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from pipelines.contract import Spec
from pipelines.errors import ContractError, installed, nearest

if TYPE_CHECKING:
    from pipelines.tool import Job, Output

TOOLS = ("classification", "projection")


def load_spec(name: str) -> Spec:
    """Return a tool's declaration, importing nothing heavy."""
    _check(name)
    spec: Spec = import_module(f"pipelines.{name}.spec").SPEC
    return spec


def load_compute(name: str) -> Callable[[Job], Output]:
    """Return a tool's computation, importing what it needs."""
    _check(name)
    with installed(name):
        compute: Callable[[Job], Output] = import_module(f"pipelines.{name}.compute").compute
    return compute


def _check(name: str) -> None:
    if name not in TOOLS:
        raise ContractError(name, f'there is no tool "{name}"', nearest(name, TOOLS))
