"""A folder of images by class: `root/class/…`, or `root/split/class/…`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from pipelines.arrow import Exact
from pipelines.errors import ContractError
from pipelines.images import Encoded
from pipelines.roles import SPLITS
from pipelines.sources.files import file_digest
from pipelines.sources.source import Contents, Known, Source, report_path
from pipelines.unreadable import Unreadable

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
HELD_BYTES = 32_000_000  # of encoded images: as much stays in memory between two looks at all of them
FILES_BATCH = 32  # read at once: photographs have megabytes
COLUMNS = {"id": "id", "image": "image", "label": "label", "split": "split"}


def claims(address: str, root: Path) -> bool:
    """Whether the source is a folder that is there."""
    return report_path(address, root).is_dir()


def opened(source: Source, root: Path) -> Contents:
    """Return the folder's images, in the order of their paths; raise `ContractError` when there are none."""
    top = report_path(source.source, root)
    found, broken = _scanned(top)
    if not found:
        hint = (
            f'images are {", ".join(ENDINGS)}, in a folder per class; parts of a table are "folder/*.parquet"'
        )
        raise ContractError(str(top), "holds no images", hint)
    return FolderContents(top, tuple(found), tuple(broken))


@dataclass(frozen=True)
class FolderContents:
    """Image files by their paths in the folder, sorted; a path is a sample's id and is read nowhere else."""

    top: Path
    paths: tuple[str, ...]
    broken: tuple[Unreadable, ...] = ()
    kind: str = "folder of images"
    images: None = None
    exact: Mapping[str, Exact] = field(default_factory=dict)
    held: list[Encoded] = field(default_factory=list, repr=False, compare=False)

    @property
    def where(self) -> str:
        """The folder."""
        return str(self.top)

    @cached_property
    def _parts(self) -> tuple[list[str | None], list[str | None]]:
        return classes_and_splits(self.paths)

    @property
    def schema(self) -> pa.Schema:
        """The columns: id and image, and label and split where folders say them."""
        labels, splits = self._parts
        text = pa.dictionary(pa.int32(), pa.string())
        fields = [pa.field("id", pa.string()), pa.field("image", pa.binary())]
        fields += [pa.field("label", text)] if any(labels) else []
        return pa.schema(fields + ([pa.field("split", text)] if any(splits) else []))

    @property
    def known(self) -> Known:
        """The roles of the columns, which folders give."""
        return Known({role: name for role, name in COLUMNS.items() if name in self.schema.names})

    @property
    def bytes(self) -> int:
        """Size of all images."""
        return sum((self.top / path).stat().st_size for path in self.paths)

    def digest(self) -> str:
        """Return the SHA-256 over each image's path and digest, in order: a moved image changes its class."""
        listed = "".join(f"{path}\0{file_digest(self.top / path)}\n" for path in self.paths)
        left = "".join(f"{item}\n" for item in self.broken)  # counted in the manifest, so they tell apart too
        return hashlib.sha256(f"{listed}{left}".encode()).hexdigest()

    def count(self) -> int:
        """Return the number of images."""
        return len(self.paths)

    def rows(self, columns: Sequence[str]) -> tuple[pa.Table, list[Unreadable]]:
        """Return the named columns, and the files that were not followed."""
        labels, splits = self._parts
        made = {"id": list(self.paths), "label": labels, "split": splits}
        arrays = {name: pa.array(made[name], pa.string()) for name in columns}
        table = pa.table(
            {name: array if name == "id" else array.dictionary_encode() for name, array in arrays.items()}
        )
        return table, list(self.broken)

    def items(self, column: str) -> Iterator[Encoded]:
        """Yield the bytes of each image, some files at a time; few and small ones are read from disk once."""
        if self.held:
            yield from self.held
            return
        read: list[Encoded] = []
        size = 0
        for start in range(0, len(self.paths), FILES_BATCH):
            batch = [_content(f"{self.top}/{path}") for path in self.paths[start : start + FILES_BATCH]]
            size += sum(len(content or b"") for content in batch)
            if size <= HELD_BYTES:
                read.append(batch)
            yield batch
        if size <= HELD_BYTES:
            self.held[:] = read

    def name(self, row: int) -> str:
        """Return an image's path in the folder."""
        return self.paths[row]


def classes_and_splits(paths: Sequence[str]) -> tuple[list[str | None], list[str | None]]:
    """Return the class and the split that each path's folders say.

    The first folder is the class, unless every first folder has the name of a split: then it is that, and
    the second one is the class.
    """
    folders = [path.split("/")[:-1] for path in paths]
    has_splits = all(parts and parts[0].casefold() in SPLITS for parts in folders)
    level = int(has_splits)
    labels = [parts[level] if len(parts) > level else None for parts in folders]
    return labels, [parts[0] if has_splits else None for parts in folders]


def _content(path: str) -> bytes | None:
    """Return a file's bytes; None where it cannot be read, which is named with what cannot be decoded.

    Without Python's own layers: of small images, opening the file takes as long as decoding it.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY), "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return None


# Looking through the folder -----------------------------------------------------------------------


def _scanned(top: Path) -> tuple[list[str], list[Unreadable]]:
    """Return the paths of all images, sorted, and what was not followed."""
    found: list[str] = []
    broken: list[Unreadable] = []
    inside = top.resolve()
    waiting: list[tuple[Path, str, frozenset[Path]]] = [(top, "", frozenset({inside}))]
    while waiting:
        folder, prefix, above = waiting.pop()
        for entry in os.scandir(folder):
            # Texts rather than paths: making those of many small images takes as long as reading them.
            if entry.name.startswith("."):
                continue
            reason = _refused(entry, inside, above)
            if reason:
                broken.append(Unreadable(_shown(Path(entry.path), top), reason))
            elif entry.is_dir():
                path = Path(entry.path)
                waiting.append((path, f"{prefix}{entry.name}/", above | {path.resolve()}))
            elif entry.name.lower().endswith(ENDINGS):
                found.append(prefix + entry.name)
    return sorted(found), sorted(broken, key=str)


def _refused(entry: os.DirEntry[str], inside: Path, above: frozenset[Path]) -> str:
    """Return why an entry is not followed, or ""."""
    if not _is_utf8(entry.name):
        return "has a name that is not UTF-8"
    if not entry.is_symlink():
        return ""
    target = Path(entry.path).resolve()
    if not target.is_relative_to(inside):
        return "is a link that leads out of the folder"
    if not target.exists():
        return "is a link to nothing"
    return "is a link to a folder that holds it" if target in above else ""


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _shown(path: Path, top: Path) -> str:
    return path.relative_to(top).as_posix().encode("utf-8", "replace").decode()
