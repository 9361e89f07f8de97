"""Looks at the bytes of an ONNX file before anything is made of them: how many parts it says it has.

A part of two bytes becomes an object of a hundred, so that a small file could fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.errors import ContractError

MOST_PARTS = 2_000_000
_GRAPH, _NODE, _FUNCTION = 7, 1, 25  # numbers of fields in onnx.proto
_FUNCTION_NODE = 7
Span = tuple[int, int, int]
"""The number of a field, and where its bytes begin and end; the same place where it holds a number."""


def check_parts(path: Path) -> None:
    """Raise `ContractError` for a file that names more parts than a network has, or ends within one."""
    content = memoryview(path.read_bytes())
    parts = 0
    try:
        for number, start, end in _fields(content, 0, len(content)):
            inner = {_GRAPH: _NODE, _FUNCTION: _FUNCTION_NODE}.get(number)
            for _ in _parts(content, start, end, inner) if inner else ():
                parts += 1
                if parts > MOST_PARTS:
                    what = f"names more than {MOST_PARTS:,} parts: it is not opened"
                    raise ContractError(str(path), what, "no network has so many; export the model again")
    except ValueError as error:
        hint = f"it may be cut short, or something else under the name {path.suffix}"
        raise ContractError(str(path), f"is not readable as an ONNX model: {error}", hint) from error


def _parts(content: memoryview, start: int, end: int, node: int) -> Iterator[None]:
    """Yield once for each field of a graph and each field of its nodes."""
    for number, first, last in _fields(content, start, end):
        yield
        if number == node:
            for _ in _fields(content, first, last):
                yield


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
