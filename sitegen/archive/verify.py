"""Looks through a bag, a folder or a zip file: every byte is as its manifests say, or it is said which not.

Every file is named by manifests of two algorithms, and those by two manifests more; where they disagree, the
one that is alone was changed.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Protocol

from sitegen.archive.bag import UNREADABLE, pack
from sitegen.archive.manifest import (
    ALGORITHMS,
    DECLARATION,
    DECLARED,
    INFO,
    PAYLOAD,
    Line,
    algorithm_of,
    digests_of,
    manifest_name,
    read_manifest,
    write_manifest,
)
from sitegen.errors import Problems, SitegenError

ANOTHER = "take it from another copy of the archive"
Report = Callable[[str], None]


class Held(Protocol):
    """The files of a bag."""

    names: list[str]
    """Relative to the bag, sorted."""

    def open(self, name: str) -> IO[bytes]:
        """Return a file's bytes, as a stream."""

    def strange(self) -> Iterator[tuple[str, str]]:
        """Yield what is no file of a bag: its name, and what it is."""


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found = sorted(folder.rglob("*"))
        self._links = [path for path in found if path.is_symlink()]
        self._odd = [path for path in found if not (path.is_symlink() or path.is_dir() or path.is_file())]
        self._empty = [path for path in found if path.is_dir() and not any(path.iterdir())]
        files = (path for path in found if path.is_file() and not path.is_symlink())
        self.names = sorted(path.relative_to(folder).as_posix() for path in files)

    def open(self, name: str) -> IO[bytes]:
        return (self._folder / name).open("rb")

    def strange(self) -> Iterator[tuple[str, str]]:
        for path in self._links:
            yield path.relative_to(self._folder).as_posix(), "is a link, and a bag has none"
        for path in self._odd:
            what = "is neither a file nor a folder, and a bag has nothing else"
            yield path.relative_to(self._folder).as_posix(), what
        for path in self._empty:
            if not path.is_symlink():
                yield path.relative_to(self._folder).as_posix(), "is an empty folder, and a bag has none"


class _Zip:
    def __init__(self, archive: zipfile.ZipFile, file: Path) -> None:
        self._archive, self._file = archive, file
        entries = [entry.filename for entry in archive.infolist()]
        # The folder that holds the bag: most entries begin with it, whatever happened to one of them.
        roots = Counter(name.partition("/")[0] for name in entries)
        self.root = roots.most_common(1)[0][0] if roots else ""
        self._entries = {name.removeprefix(f"{self.root}/"): name for name in entries}
        self._twice = [name for name, count in Counter(entries).items() if count > 1]
        self.names = sorted(self._entries)

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(self._entries[name])

    def strange(self) -> Iterator[tuple[str, str]]:
        for name in self._twice:
            yield name, "stands twice in the zip file"

    def is_as_written(self, day: date) -> bool:
        """Say whether the zip file is the bytes that packing its files gives."""
        with TemporaryFile(prefix="sitegen-verify-") as again, self._file.open("rb") as file:
            pack(again, self.root, day, self.open, self.names)
            again.seek(0)
            return (
                hashlib.file_digest(again, "sha256").digest() == hashlib.file_digest(file, "sha256").digest()
            )


@contextmanager
def _opened(bag: Path) -> Iterator[_Folder | _Zip]:
    if bag.is_dir():
        yield _Folder(bag)
        return
    if not bag.is_file():
        raise SitegenError(str(bag), "there is no such bag", "name what sitegen archive wrote")
    try:
        archive = zipfile.ZipFile(bag)
    except UNREADABLE as error:
        raise SitegenError(str(bag), f"is no zip file that can be read: {error}", ANOTHER) from error
    with archive:
        yield _Zip(archive, bag)


@dataclass(frozen=True)
class Verified:
    """A bag in which every byte is as it was written."""

    files: int
    """Of the payload."""
    bytes: int


def verify(bag: Path, report: Report = lambda _: None) -> Verified:
    """Look through the bag at ``bag``; raises all that is wrong with it."""
    problems = Problems()
    with _opened(bag) as held:
        looked = _Look(bag, held, report, problems)
        looked.through()
        if isinstance(held, _Zip) and not problems.errors:
            _check_zip(bag, held, looked, problems)
    problems.stop()
    return Verified(looked.files, looked.bytes)


def _check_zip(bag: Path, held: _Zip, looked: _Look, problems: Problems) -> None:
    """Note where the files are whole and the bytes around them are not: names, times and sizes of the zip."""
    try:
        is_same = held.is_as_written(looked.day())
    except UNREADABLE:
        is_same = False
    if not is_same:
        what = "every file in it is whole, but the zip file around them is not as sitegen wrote it"
        problems.add(str(bag), what, f"unpack it and archive again, or {ANOTHER}")


class _Look:
    """One look through a bag: what its manifests say, what is there, and how they differ."""

    def __init__(self, bag: Path, held: Held, report: Report, problems: Problems) -> None:
        self._bag, self._held, self._report, self._problems = bag, held, report, problems
        self.files = self.bytes = 0

    def through(self) -> None:
        """Look at everything."""
        names = self._held.names
        if DECLARATION not in names:
            self._note("", f"has no {DECLARATION}, so it is no bag", "name what sitegen archive wrote")
            return
        if self._text(DECLARATION) != DECLARED:
            self._note(DECLARATION, "does not declare a bag of BagIt 1.0 in UTF-8", ANOTHER)
        for name, what in self._held.strange():
            self._note(name, what, "remove it, or make the archive again")
        payload = [name for name in names if name.startswith(PAYLOAD)]
        tags = [name for name in names if not name.startswith(PAYLOAD)]
        listed = [name for name in tags if algorithm_of(name, tags=True) not in ALGORITHMS]
        self._compare(self._manifests(tags, tags=True), listed)
        self._compare(self._manifests(tags, tags=False), payload)
        self.files = len(payload)

    def day(self) -> date:
        """Return when the bag was made, as it says; raises `ValueError` where it says nothing."""
        said = dict(line.split(": ", 1) for line in self._text(INFO).splitlines() if ": " in line)
        return date.fromisoformat(said.get("Bagging-Date", ""))

    def _note(self, name: str, what: str, hint: str, line: int = 0) -> None:
        where = f"{self._bag}/{name}" if name else str(self._bag)
        self._problems.add(f"{where}:{line}" if line else where, what, hint)

    def _text(self, name: str) -> str:
        try:
            with self._held.open(name) as source:
                return source.read().decode("utf-8", "replace")
        except UNREADABLE:
            return ""

    def _manifests(self, names: Iterable[str], *, tags: bool) -> dict[str, dict[str, Line]]:
        """Return what each manifest says, by its name and the names of files; notes what it does not say."""
        found = {name: self._lines(name) for name in names if algorithm_of(name, tags=tags) in ALGORITHMS}
        for algorithm in ALGORITHMS:
            name = manifest_name(algorithm, tags=tags)
            if name not in found:
                self._note(name, "is missing", ANOTHER)
        for name, lines in found.items() if tags else ():
            # No manifest says how this one reads, so it has to read exactly as one is written.
            digests = {line.name: line.digest for line in lines.values()}
            if self._text(name) != write_manifest(digests):
                self._note(name, "was changed: it is not written as a manifest of a bag is", ANOTHER)
        return found

    def _lines(self, name: str) -> dict[str, Line]:
        lines: dict[str, Line] = {}
        for line in read_manifest(self._text(name)):
            if isinstance(line, int):
                self._note(name, "is no digest and name of a file", ANOTHER, line)
            elif line.name in lines:
                self._note(name, f'names "{line.name}" twice', ANOTHER, line.number)
            else:
                lines[line.name] = line
        return lines

    def _compare(self, manifests: Mapping[str, Mapping[str, Line]], names: Iterable[str]) -> None:
        """Note how the files that are there differ from what the manifests say of them."""
        there = set(names)
        gone: list[tuple[str, Mapping[str, Line]]] = []
        new: list[str] = []
        for name in sorted(there.union(*manifests.values())):
            telling = {manifest: lines[name] for manifest, lines in manifests.items() if name in lines}
            silent = [manifest for manifest in manifests if manifest not in telling]
            if name not in there and silent and telling:
                self._note_odd(name, telling)
            elif name not in there:
                gone.append((name, telling))
            elif not telling:
                new.append(name)
            else:
                for manifest in silent:
                    self._note(manifest, f'was changed: it does not name "{name}"', ANOTHER)
                self._check_digests(name, telling)
        self._note_moved(gone, new)

    def _note_odd(self, name: str, telling: Mapping[str, Line]) -> None:
        for manifest, line in telling.items():
            what = f'was changed: it names "{name}", which is not there and in no other manifest'
            self._note(manifest, what, ANOTHER, line.number)

    def _check_digests(self, name: str, telling: Mapping[str, Line]) -> None:
        found = self._digests(name)
        wrong = {
            manifest: line
            for manifest, line in telling.items()
            if found.get(_algorithm(manifest)) != line.digest
        }
        if len(wrong) == len(telling):
            self._note(name, f"was changed: its digests are not those of {' and '.join(telling)}", ANOTHER)
            return
        for manifest, line in wrong.items():
            right = " and ".join(one for one in telling if one not in wrong)
            what = (
                f'was changed: its digest of "{name}" is not the one of that file, which {right} says rightly'
            )
            self._note(manifest, what, ANOTHER, line.number)

    def _note_moved(self, gone: list[tuple[str, Mapping[str, Line]]], new: list[str]) -> None:
        """Note files that are missing and files that are too many, as one where they hold the same."""
        added = {name: self._digests(name) for name in new}
        for name, telling in gone:
            said = {_algorithm(manifest): line.digest for manifest, line in telling.items()}
            moved = next((other for other, found in added.items() if found == said), None)
            if moved:
                added.pop(moved)
                self._note(name, f'was renamed to "{moved}"', "give it its name again")
            else:
                self._note(name, "is missing", ANOTHER)
        for name in added:
            self._note(name, "was added: no manifest names it", "remove it, or make the archive again")

    def _digests(self, name: str) -> dict[str, str]:
        """Return the digests of a file, by algorithm; none where it cannot be read."""
        self._report(f"verify {name}")
        try:
            with self._held.open(name) as source:
                found, size = digests_of(source, ALGORITHMS), source.tell()
        except UNREADABLE:
            return {}
        self.bytes += size if name.startswith(PAYLOAD) else 0
        return found


def _algorithm(manifest: str) -> str:
    """Return the algorithm of a manifest of either kind."""
    return algorithm_of(manifest, tags=manifest.startswith("tag")) or ""
