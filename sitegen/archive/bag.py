"""Writes a bag: payload, manifests and what is said of them, the same bytes on any machine and any day.

Names are sorted, modes and times are the same for all, and nothing in it tells of the machine.
"""

from __future__ import annotations

import io
import os
import shutil
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO

from sitegen.archive.manifest import (
    ALGORITHMS,
    BLOCK,
    DECLARATION,
    DECLARED,
    INFO,
    PAYLOAD,
    digests_of,
    manifest_name,
    write_manifest,
)
from sitegen.errors import Problems, SitegenError
from sitegen.output import File, beside, replacing

FOLDER_MODE, FILE_MODE = 0o755, 0o644
CALL = "sitegen archive --output FOLDER"
ZIP = ".zip"
AGENT = "Bag-Software-Agent"
"""What tells in ``bag-info.txt`` who made a bag."""
UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, struct.error)
"""What reading a damaged zip file raises."""
EARLIEST = date(1980, 1, 1)
"""Before it a zip file knows no time."""


@dataclass(frozen=True)
class Bag:
    """What a bag is to hold."""

    payload: Mapping[str, File]
    """By path in the bag's ``data/``."""
    info: Mapping[str, str]
    """What ``bag-info.txt`` says, in this order."""
    day: date
    """When it was made, as it says."""


@dataclass(frozen=True)
class Written:
    """A bag that was written."""

    files: int
    bytes: int
    """Of the payload."""


def write_bag(bag: Bag, folder: Path) -> Written:
    """Write the bag; it takes the place of an older one at once. Raises where something else stands there."""
    _check_names(bag.payload)
    _refuse_bag_of_others(folder)
    with replacing(folder, DECLARATION, CALL) as new:
        return _fill(new, bag)


def write_zip(bag: Bag, file: Path) -> Written:
    """Write the bag as one file, which holds a folder of its name; an older one is replaced at once.

    Nothing in it is packed, for no two versions of a packer give the same bytes.
    """
    _check_names(bag.payload)
    if file.exists() and not _is_own_zip(file):
        what = "is there already, and is no archive that sitegen wrote"
        raise SitegenError(str(file), what, "name another one: --output FILE")
    with beside(file) as new:
        folder = new / file.stem
        folder.mkdir()
        written = _fill(folder, bag)
        packed = new / file.name
        with packed.open("wb") as sink:
            pack(sink, file.stem, bag.day, lambda name: (folder / name).open("rb"), _names(folder))
        packed.chmod(FILE_MODE)
        packed.replace(file)
    return written


def _refuse_bag_of_others(folder: Path) -> None:
    """Raise where a bag stands that another program wrote."""
    if not (folder / DECLARATION).is_file():
        return
    said = folder / INFO
    if not (said.is_file() and _names_us(said.read_bytes())):
        what = "the folder is a bag that sitegen did not write"
        raise SitegenError(str(folder), what, f"name an empty or new folder: {CALL}")


def _names_us(info: bytes) -> bool:
    return f"{AGENT}: sitegen ".encode() in info


def _is_own_zip(file: Path) -> bool:
    """Say whether a zip file holds one folder, and in it a bag that names us as its maker."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            root = min(names, default="").partition("/")[0]
            if f"{root}/{DECLARATION}" not in names or any(not name.startswith(f"{root}/") for name in names):
                return False
            return _names_us(archive.read(f"{root}/{INFO}"))
    except (*UNREADABLE, KeyError):
        return False  # what cannot be read may be somebody's


def _names(folder: Path) -> list[str]:
    return sorted(found.relative_to(folder).as_posix() for found in folder.rglob("*") if found.is_file())


def pack(
    sink: IO[bytes], folder: str, day: date, source: Callable[[str], IO[bytes]], names: Iterable[str]
) -> None:
    """Write a zip file of files in a folder, in the given order; the same bytes wherever it is written."""
    moment = (*max(day, EARLIEST).timetuple()[:3], 0, 0, 0)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            entry = zipfile.ZipInfo(f"{folder}/{name}", moment)
            entry.create_system, entry.external_attr = 3, (0o100000 | FILE_MODE) << 16
            # Always the long form: whether a file is large is not known before it has been read.
            with source(name) as opened, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(opened, target, BLOCK)


def _fill(folder: Path, bag: Bag) -> Written:
    """Write everything into a new folder."""
    digests: dict[str, dict[str, str]] = {}
    total = 0
    for path, content in sorted(bag.payload.items()):
        name = f"{PAYLOAD}{path}"
        digests[name] = _write(folder / name, content)
        total += (folder / name).stat().st_size
    said = {**bag.info, "Payload-Oxum": f"{total}.{len(digests)}"}
    tags = {DECLARATION: DECLARED, INFO: "".join(f"{key}: {_line(value)}\n" for key, value in said.items())}
    tags |= {manifest_name(one): write_manifest(_of(digests, one)) for one in ALGORITHMS}
    told = {name: _write(folder / name, text.encode("utf-8")) for name, text in tags.items()}
    for one in ALGORITHMS:
        name = manifest_name(one, tags=True)
        _write(folder / name, write_manifest(_of(told, one)).encode("utf-8"))
    _settle(folder, bag.day)
    return Written(len(digests), total)


def _of(digests: Mapping[str, Mapping[str, str]], algorithm: str) -> dict[str, str]:
    return {name: found[algorithm] for name, found in digests.items()}


def _line(value: str) -> str:
    """Return a value on one line, as a bag's information has it."""
    return " ".join(value.split())


def _write(target: Path, content: File) -> dict[str, str]:
    """Write a file and return the digests of the bytes that were written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source: IO[bytes] = content.open("rb") if isinstance(content, Path) else io.BytesIO(content)
    with source, target.open("wb") as sink:
        return digests_of(source, ALGORITHMS, sink)


def _settle(folder: Path, day: date) -> None:
    """Give all files one mode and one time, whatever this machine would give them."""
    seconds = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    for found in sorted(folder.rglob("*"), reverse=True):
        found.chmod(FOLDER_MODE if found.is_dir() else FILE_MODE)
        os.utime(found, (seconds, seconds))
    folder.chmod(FOLDER_MODE)


def _check_names(payload: Mapping[str, File]) -> None:
    """Raise every name that some machine could not keep, and every two that some would take for one."""
    problems, seen = Problems(), dict[str, str]()
    for path in payload:
        if not path.isprintable():
            problems.add(ascii(path), "the name of a file holds what no line can show", "rename the file")
        key = unicodedata.normalize("NFC", path).casefold()
        if seen.setdefault(key, path) != path:
            what = f'differs from "{seen[key]}" in case or accents only, and some machines take them for one'
            problems.add(path, what, "rename one of them")
    problems.stop()
