"""Finds where the text of a block stands in its file, so that a reader's edit can be sent back as a patch.

A patch needs the lines of the file as they are, a few around the block included, and is made in the browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from sitegen.blocks import Block

CONTEXT = 3
"""Lines around a block that a patch shows, as many as tools expect."""

_ENDS_OF_LINES = re.compile(r"(?<=\n)")
_CLOSING = re.compile(r"([\s>]*)(?:`{3,}|~{3,})\s*$")


@dataclass(frozen=True)
class Source:
    """The lines of a file that hold a block; empty, with the reason, where no patch can be made of them."""

    file: str = ""
    """Path of the file from the report's folder."""
    line: int = 0
    """Number of the first line of ``before``."""
    before: tuple[str, ...] = ()
    """Lines above the block's text, its opening fence last; as all lines here with their ends."""
    lines: tuple[str, ...] = ()
    """The block's text."""
    after: tuple[str, ...] = ()
    """Lines below the text, its closing fence first."""
    indent: str = ""
    """What stands before each line of the text, for the fence stands in a list or a quotation."""
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Of YAML: first line of each key in the text, from 0, and the line after its value."""
    problem: str = ""
    """Why no patch can be made."""


def find_source(block: Block, root: Path, folders: Iterable[Path]) -> Source:
    """Return where a block stands; ``folders`` are those that its file may be in, below ``root``."""
    folder, _, path = block.file.partition("/")
    for base in folders:
        file = (base / path).resolve()
        if base.name == folder and file.is_file() and file.is_relative_to(root.resolve()):
            lines = _ENDS_OF_LINES.split(file.read_bytes().decode("utf-8", "replace"))
            found = _found(block, lines, file.relative_to(root.resolve()).as_posix())
            if found:
                return found
    return Source(problem="The block's lines are not as they stand in its file.")


def _found(block: Block, lines: Sequence[str], file: str) -> Source | None:
    """Return the block's place among the lines of a file; None where its text does not stand there."""
    lines = [line for line in lines if line]
    start, text = block.line, block.text.split("\n")[:-1] if block.text else []
    raw = lines[start : start + len(text)]
    starts = _starts(raw, text)
    if not 0 < start <= len(lines) or len(raw) < len(text) or starts is None:
        return None
    end = start + len(text)
    first = max(0, start - CONTEXT)
    before, after = tuple(lines[first:start]), tuple(lines[end : end + CONTEXT])
    closing = _CLOSING.match(after[0]) if after else None
    if closing is None:
        return Source(problem="The block has no closing fence.")
    if len(starts) > 1:
        return Source(problem="The lines of the block do not all begin alike in their file.")
    indent = next(iter(starts), closing.group(1))
    return Source(file, first + 1, before, tuple(raw), after, indent, _keys(block.text))


def _starts(raw: Sequence[str], text: Sequence[str]) -> set[str] | None:
    """Return what stands before the lines of a text in its file; None where they are not its lines."""
    pairs = [(line.rstrip("\r\n"), said) for line, said in zip(raw, text, strict=False)]
    if not all(line.endswith(said) for line, said in pairs):
        return None
    return {line.removesuffix(said) for line, said in pairs if said.strip()}


def _keys(text: str) -> dict[str, tuple[int, int]]:
    """Return the lines of each key of a block's YAML; none where the text is not a key a line."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return {}
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        return {}
    # A text may look like YAML whose keys are lists: [paper]: https://…
    if not all(isinstance(key, yaml.ScalarNode) for key, _ in node.value):
        return {}
    return {key.value: _lines(key, value) for key, value in node.value}


def _lines(key: yaml.Node, value: yaml.Node) -> tuple[int, int]:
    # A list of a line each ends, for the parser, where the next key begins: comments between are not its own.
    while isinstance(value, yaml.SequenceNode) and not value.flow_style and value.value:
        value = value.value[-1]
    end = value.end_mark
    return key.start_mark.line, max(key.start_mark.line + 1, end.line + (end.column > 0))
