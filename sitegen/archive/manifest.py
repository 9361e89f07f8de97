"""The words of a bag (BagIt 1.0, RFC 8493): names of its files, lines of its manifests, their digests.

Writing and verifying share it, so that what is written is what is understood.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

DECLARATION = "bagit.txt"
DECLARED = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
INFO = "bag-info.txt"
PAYLOAD = "data/"
ALGORITHMS = ("sha256", "sha512")
BLOCK = 1 << 20
"""Bytes that are read at once: a file may be larger than the memory."""

_NAME = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt")
_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(.+)")
_ESCAPES = {"%": "%25", "\n": "%0A", "\r": "%0D"}


def manifest_name(algorithm: str, *, tags: bool = False) -> str:
    """Return the name of a manifest: of the payload, or of the files that describe it."""
    return f"{'tag' if tags else ''}manifest-{algorithm}.txt"


def algorithm_of(name: str, *, tags: bool = False) -> str | None:
    """Return the algorithm of the manifest called ``name``; None where it is no such manifest."""
    found = _NAME.fullmatch(name)
    return found.group(2) if found and bool(found.group(1)) == tags else None


@dataclass(frozen=True)
class Line:
    """A line of a manifest."""

    number: int
    digest: str
    name: str


def write_manifest(digests: Mapping[str, str]) -> str:
    """Return a manifest of digests by name, in the order of the names."""
    lines = (f"{digest}  {_escaped(name)}\n" for name, digest in sorted(digests.items()))
    return "".join(lines)


def read_manifest(text: str) -> Iterator[Line | int]:
    """Yield the lines of a manifest; of one that cannot be read its number."""
    for number, line in enumerate(text.split("\n"), start=1):
        found = _LINE.fullmatch(line.removesuffix("\r"))
        if found:
            yield Line(number, found.group(1).lower(), _unescaped(found.group(2)))
        elif line:
            yield number


def digests_of(
    source: IO[bytes], algorithms: tuple[str, ...], sink: IO[bytes] | None = None
) -> dict[str, str]:
    """Return the digests of what is read, by algorithm, copying it into ``sink`` on the way."""
    hashes = {algorithm: hashlib.new(algorithm) for algorithm in algorithms}
    while block := source.read(BLOCK):
        for each in hashes.values():
            each.update(block)
        if sink:
            sink.write(block)
    return {algorithm: each.hexdigest() for algorithm, each in hashes.items()}


def _escaped(name: str) -> str:
    return "".join(_ESCAPES.get(sign, sign) for sign in name)


def _unescaped(name: str) -> str:
    for sign, said in reversed(_ESCAPES.items()):
        name = re.sub(said, sign, name, flags=re.IGNORECASE)
    return name
