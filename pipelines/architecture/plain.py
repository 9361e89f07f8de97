"""What JSON holds: files that are read without trust in their size, and settings as it has them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from pipelines.errors import ContractError
from pipelines.types import LARGEST_INTEGER

MOST_TEXT = 32 << 20  # bytes of a file
MOST_PARTS = 4_000_000  # objects, lists and values in it
LONGEST_TEXT = 200  # letters of a setting
LONGEST_LIST = 64


def check_text(content: bytes, path: Path) -> bytes:
    """Return the JSON that describes a network; raise `ContractError` where it would fill the memory."""
    parts = sum(content.count(each) for each in (b"{", b"[", b","))
    for count, most, what in ((len(content), MOST_TEXT, "bytes"), (parts, MOST_PARTS, "parts")):
        if count > most:
            what = f"describes a network in {count:,} {what}, at most {most:,} are read"
            raise ContractError(str(path), what, "save a smaller network, or a part of it")
    return content


def plain_value(value: Any) -> Any:
    """Return a number, a short text or a short list of them as JSON has it; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST_INTEGER else None
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else None
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, tuple | list) and len(value) <= LONGEST_LIST:
        items = [plain_value(item) for item in value]
        return None if any(item is None for item in items) else items
    return None
