"""Reads what is compared: a run (an artifact, a folder of them, a report) or a site that was built."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipelines import contract
from sitegen.config import FILE, load_config
from sitegen.difference.editions import RUNS, Edition, EditionTable, Sheet
from sitegen.difference.published import read_site
from sitegen.errors import SitegenError
from sitegen.output import MARK


def read_edition(path: str) -> Edition:
    """Read a run or a site; raises when the folder is neither, or cannot be read."""
    folder = Path(path)
    if not folder.is_dir():
        raise SitegenError(path, "there is no such folder", "name a run's folder of artifacts, or a site")
    if (folder / FILE).is_file():
        config = load_config(folder / FILE)
        return replace(_read_runs(path, config.artifacts), language=config.site.language)
    if (folder / contract.MANIFEST).is_file():
        return _read_run(path, [folder], is_single=True)
    if (folder / MARK).is_file() or (folder / "index.html").is_file():
        return read_site(path, folder)
    return _read_runs(path, folder)


def _read_runs(path: str, folder: Path) -> Edition:
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    artifacts = [one for one in found if (one / contract.MANIFEST).is_file() and not one.name.startswith(".")]
    if not artifacts:
        hint = f"a run has {contract.MANIFEST} in it, or folders that have; a site has index.html"
        raise SitegenError(path, "is neither a run nor a site", hint)
    return _read_run(path, artifacts, is_single=False)


def _read_run(path: str, folders: list[Path], *, is_single: bool) -> Edition:
    manifests = {folder.name: contract.read_manifest(folder) for folder in folders}
    tables = {}
    for folder in folders:
        manifest = manifests[folder.name]
        for table in manifest.tables:
            found = _table(folder, manifest, table)
            tables[found.name] = found
    named = {manifest.name: manifest for manifest in manifests.values()}
    return Edition(path, RUNS, tables, named, is_single=is_single)


def _table(folder: Path, manifest: contract.Manifest, table: contract.Table) -> EditionTable:
    files = tuple(folder / part.file for part in table.files)
    for file in files:
        if not file.is_file():
            raise SitegenError(str(file), "is missing", "run the tool again")
    has_images = any(column.role == "sheet" for column in table.columns)
    sheets = (Sheet(folder / one.file, (one.tile_width, one.tile_height)) for one in manifest.media)
    return EditionTable(
        name=f"{manifest.name}/{table.name}",
        files=files,
        columns=table.columns,
        rows=table.rows,
        digest="".join(part.sha256 for part in table.files),
        is_samples=table.entity is not None,
        sheets=tuple(sheets) if has_images else (),
    )
