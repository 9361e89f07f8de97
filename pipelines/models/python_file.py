"""Python files whose `get_model()` builds a network: it has an architecture, and answers nothing."""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import ContractError
from pipelines.models.model import Model
from pipelines.models.network import Network

FUNCTION = "get_model"
"""The function in a Python file that returns the network, without any arguments."""


def reference(model: Model) -> str:
    """Return how `own_code` names the file's function; raise `ContractError` where no module is called so."""
    parts = Path(model.settings.source).with_suffix("").parts
    if not all(part.isidentifier() for part in parts):
        what = "has a name that Python cannot import"
        raise ContractError(str(model.path), what, "use letters, digits and underscores: my_net.py")
    return f"{'.'.join(parts)}:{FUNCTION}"


def devices() -> tuple[str, ...]:
    """Return the devices that such a network is looked at on: none of its numbers are computed."""
    return ("cpu",)


def open_model(model: Model, path: Path, device: str) -> Network:
    """Refuse to answer: the weights of a network that was just built are those of chance."""
    del model, device
    hint = 'save it as .pt2 or .keras once it was trained; tool = "architecture" reads its layers as it is'
    raise ContractError(str(path), "builds a network that was never trained", hint)
