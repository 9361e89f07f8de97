"""Python files whose `get_model()` builds a network: it has an architecture, and answers nothing."""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import ContractError
from pipelines.models.model import Model
from pipelines.models.network import Network


def devices() -> tuple[str, ...]:
    """Return the devices that such a network is looked at on: none of its numbers are computed."""
    return ("cpu",)


def open_model(model: Model, path: Path, device: str) -> Network:
    """Refuse to answer: the weights of a network that was just built are those of chance."""
    del model, device
    hint = 'save it as .pt2 or .keras once it was trained; tool = "architecture" reads its layers as it is'
    raise ContractError(str(path), "builds a network that was never trained", hint)
