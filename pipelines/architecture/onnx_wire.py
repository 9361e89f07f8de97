"""Looks at the bytes of an ONNX file before anything is made of them: how many parts it says it has.

A part of two bytes becomes an object of a hundred, so that a small file could fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pipelines.errors import ContractError

MOST_PARTS = 1_000_000
_MESSAGES: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 11: "value", 12: "value", 13: "value", 15: "sparse"},
    "function": {7: "node", 11: "attribute", 12: "value"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "value": {2: "type"},
    "type": {1: "shaped", 8: "shaped"},
    "shaped": {2: "shape"},
}
"""The messages of onnx.proto that hold others, by the numbers of their fields."""

Span = tuple[int, int, int]
"""The number of a field, and where its bytes begin and end; the same place where it holds a number."""


def check_parts(path: Path) -> None:
    """Raise `ContractError` for a file that names more parts than a network has, or ends within one."""
    content = memoryview(path.read_bytes())
    try:
        for count, _ in enumerate(_parts(content)):
            if count >= MOST_PARTS:
                what = f"names more than {MOST_PARTS:,} parts: it is not opened"
                raise ContractError(str(path), what, "no network has so many; export the model again")
    except ValueError as error:
        hint = f"it may be cut short, or something else under the name {path.suffix}"
        raise ContractError(str(path), f"is not readable as an ONNX model: {error}", hint) from error


def _parts(content: memoryview) -> Iterator[None]:
    """Yield once for each field of each message, however deep."""
    waiting = [("model", 0, len(content))]
    while waiting:
        kind, start, end = waiting.pop()
        known = _MESSAGES.get(kind, {})
        for number, first, last in _fields(content, start, end):
            yield
            if number in known and last > first:
                waiting.append((known[number], first, last))


def _fields(content: memoryview, start: int, end: int) -> Iterator[Span]:
    """Yield the fields of a message in Protocol Buffers; raise `ValueError` where it breaks off."""
    place = start
    while place < end:
        key, place = _number(content, place, end)
        match key & 7:
            case 0:
                _, place = _number(content, place, end)
                yield key >> 3, place, place
            case 1 | 5 as kind:
                place += 8 if kind == 1 else 4
                yield key >> 3, place, place
            case 2:
                size, first = _number(content, place, end)
                place = first + size
                if place <= end:
                    yield key >> 3, first, place
            case kind:
                message = f"a field is of kind {kind}"
                raise ValueError(message)
        if place > end:
            message = "it ends in the middle of a field"
            raise ValueError(message)


def _number(content: memoryview, place: int, end: int) -> tuple[int, int]:
    """Return a number of variable length, and the place after it."""
    found = 0
    for step in range(10):
        if place + step >= end:
            break
        byte = content[place + step]
        found |= (byte & 127) << (7 * step)
        if byte < 128:
            return found, place + step + 1
    message = "a number has no end"
    raise ValueError(message)
