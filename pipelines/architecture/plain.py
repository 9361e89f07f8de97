"""Settings of layers as JSON has them."""

from __future__ import annotations

import math
from typing import Any

from pipelines.types import LARGEST_INTEGER

LONGEST_TEXT = 200  # letters of a setting
LONGEST_LIST = 64


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
