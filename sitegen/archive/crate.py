"""Describes an archive to machines: an RO-Crate 1.2, which names its parts, their digests, and the runs that
made each artifact.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from pipelines.contract import MANIFEST, Manifest
from sitegen import __version__
from sitegen.archive.release import Release
from sitegen.config import Config
from sitegen.output import File
from sitegen.people import Person
from sitegen.sources import Sources

CRATE = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.2/context"
PROFILE = "https://w3id.org/ro/crate/1.2"
PARQUET = "application/vnd.apache.parquet"
TYPES = {
    ".cff": "text/yaml",
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".lock": "text/plain",
    ".md": "text/markdown",
    ".parquet": PARQUET,
    ".png": "image/png",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
}
"""Kinds of files, by how their names end."""
SOFTWARE = "#sitegen"
PACKAGE = "pkg:pypi/explainsite"
"""The package URL of sitegen: its name wherever packages are kept."""

Node = dict[str, Any]


def crate_file(release: Release, config: Config, sources: Sources, payload: Mapping[str, File]) -> bytes:
    """Return the crate of what is in ``payload``, by path."""
    crate = _Crate(release, config, payload)
    manifests = {table.artifact.name: table.artifact for table in sources.catalog.tables.values()}
    graph = crate.graph([manifests[name] for name in sorted(manifests)])
    text = json.dumps({"@context": CONTEXT, "@graph": graph}, indent=1, ensure_ascii=False)
    return (text + "\n").encode("utf-8")


class _Crate:
    """A crate while it is written."""

    def __init__(self, release: Release, config: Config, payload: Mapping[str, File]) -> None:
        self._release, self._config, self._payload = release, config, payload
        self._artifacts = config.build.artifacts

    def graph(self, manifests: list[Manifest]) -> list[Node]:
        """Return every entity, flat."""
        parts = list(self._parts())
        runs = [node for manifest in manifests for node in self._run(manifest)]
        nodes = [
            _without_empty(node)
            for node in [
                self._descriptor(),
                self._root(parts, manifests),
                *parts,
                *runs,
                *self._within(),
                *self._around(manifests),
            ]
        ]
        # What is told first holds: the front page and Croissant say more than that they are in a folder.
        return list({node["@id"]: node for node in reversed(nodes)}.values())[::-1]

    def _descriptor(self) -> Node:
        return {
            "@id": CRATE,
            "@type": "CreativeWork",
            "name": "What the archive holds, for machines",
            "about": {"@id": "./"},
            "conformsTo": {"@id": PROFILE},
        }

    def _root(self, parts: list[Node], manifests: list[Manifest]) -> Node:
        release = self._release
        artifacts = [_reference(self._folder(manifest)) for manifest in manifests]
        front = f"{self._config.build.output}/index.html"
        return {
            "@id": "./",
            "@type": "Dataset",
            "name": release.title,
            "description": release.description,
            "datePublished": release.day.isoformat(),
            "license": _reference(release.licence_url or "#licence"),
            "author": [_reference(_person_id(person)) for person in release.authors],
            "publisher": _reference(_person_id(release.authors[0])),
            "version": release.version,
            "inLanguage": release.language,
            "keywords": list(release.keywords),
            "url": release.url,
            "identifier": f"https://doi.org/{release.doi}" if release.doi else "",
            "hasPart": [_reference(part["@id"]) for part in parts] + artifacts,
            "mainEntity": _reference(front) if front in self._payload else None,
            "mentions": [_reference(_run_id(manifest)) for manifest in manifests],
        }

    def _parts(self) -> Iterator[Node]:
        """Yield the files at the top, and the folders with theirs; artifacts are told elsewhere."""
        folders: dict[str, list[str]] = {}
        for path in sorted(self._payload):
            folder, slash, _ = path.partition("/")
            if slash and not path.startswith(f"{self._artifacts}/"):
                folders.setdefault(folder, []).append(path)
            elif not slash:
                yield self._file(path, _SAID.get(path, f"A file of the report: {path}"))
        front = f"{self._config.build.output}/index.html"
        if front in self._payload:
            yield self._file(front, "The front page of the report")
        for path in sorted(self._payload):
            if path.endswith("/croissant.json") and path.startswith("cards/"):
                yield self._file(path, "A dataset, in Croissant") | {"conformsTo": _reference(CROISSANT)}
        said = self._said()
        for folder, files in folders.items():
            yield {
                "@id": f"{quote(folder)}/",
                "@type": "Dataset",
                "name": said.get(folder, folder),
                "description": f"{said.get(folder, folder)} ({len(files)} files)",
                "hasPart": [_reference(quote(path)) for path in files],
            }

    def _within(self) -> Iterator[Node]:
        """Yield the files in folders, but for those of artifacts."""
        said = self._said()
        for path in sorted(self._payload):
            folder, slash, rest = path.partition("/")
            if slash and not path.startswith(f"{self._artifacts}/"):
                yield self._file(path, f"{said.get(folder, folder)}: {rest}")

    def _said(self) -> dict[str, str]:
        build = self._config.build
        return {
            build.output: "The site: the report's pages, for any web server",
            build.content: "The pages as they were written, in Markdown",
            build.snippets: "Text that several pages include",
            "cards": "Model and data cards, as other systems read them",
            "themes": "The theme: templates, styles and scripts that draw",
            "pipelines": "Analyses that the report brings itself",
        }

    def _folder(self, manifest: Manifest) -> str:
        return f"{self._artifacts}/{manifest.name}/"

    def _run(self, manifest: Manifest) -> Iterator[Node]:
        """Yield an artifact, its files, and the run that made it."""
        folder = self._folder(manifest)
        files = [self._file(f"{folder}{MANIFEST}", "What the artifact holds and how it was made")]
        for table in manifest.tables:
            for part in table.files:
                told = {"contentSize": str(part.bytes), "sha256": part.sha256}
                files.append(self._file(f"{folder}{part.file}", table.description) | told)
        for media in manifest.media:
            told = {"contentSize": str(media.bytes), "sha256": media.sha256}
            files.append(self._file(f"{folder}{media.file}", "Images of samples, side by side") | told)
        yield {
            "@id": folder,
            "@type": "Dataset",
            "name": manifest.title or manifest.name,
            "description": f'What the tool "{manifest.tool}" wrote as "{manifest.name}"',
            "creditText": manifest.source,
            "usageInfo": manifest.licence,
            "hasPart": [_reference(file["@id"]) for file in files],
        }
        yield from files
        yield {
            "@id": _run_id(manifest),
            "@type": "CreateAction",
            "name": f'Run of "{manifest.tool}" for "{manifest.name}"',
            "description": f"Seed {manifest.seed}, on {manifest.device}; key {manifest.key}",
            "instrument": _reference(_tool_id(manifest)),
            "object": [_reference(_input_id(name, self._artifacts)) for name in sorted(manifest.inputs)],
            "result": _reference(folder),
        }

    def _around(self, manifests: Iterable[Manifest]) -> Iterator[Node]:
        """Yield whom and what the others refer to: people, the licence, software, what runs read."""
        for person in self._release.authors:
            yield from _person(person)
        yield self._licence()
        yield {"@id": PROFILE, "@type": "CreativeWork", "name": "RO-Crate 1.2", "version": "1.2"}
        yield {
            "@id": CROISSANT,
            "@type": ["CreativeWork", "Profile"],
            "name": "Croissant 1.1",
            "version": "1.1",
        }
        yield {
            "@id": SOFTWARE,
            "@type": "SoftwareApplication",
            "name": "sitegen",
            "description": "The program that built the site and wrote this archive",
            "version": __version__,
            "softwareVersion": __version__,
            "url": f"{PACKAGE}@{__version__}",
        }
        for manifest in manifests:
            libraries = ", ".join(f"{name} {version}" for name, version in sorted(manifest.libraries.items()))
            yield {
                "@id": _tool_id(manifest),
                "@type": "SoftwareApplication",
                "name": manifest.tool,
                "description": f'The tool "{manifest.tool}", computed with {libraries or "no library"}',
                "version": str(manifest.tool_version),
                "softwareVersion": str(manifest.tool_version),
                "url": self._tool_url(manifest),
                "identifier": f"sha256:{manifest.code}" if manifest.code else "",
                "isPartOf": _reference(SOFTWARE),
            }
            for name, digest in sorted(manifest.inputs.items()):
                yield from self._input(name, digest)

    def _tool_url(self, manifest: Manifest) -> str:
        """Return where a tool's source is: in the archive if it is the report's own, else in the package."""
        own = f"pipelines/{manifest.tool}/spec.py"
        return own if own in self._payload else f"{PACKAGE}#pipelines/{manifest.tool}"

    def _input(self, name: str, digest: str) -> Iterator[Node]:
        place = _input_id(name, self._artifacts)
        if place.startswith("#"):
            kind, _, called = name.rpartition("/")
            is_model = kind == "models"
            said = f'The {"model" if is_model else "dataset"} "{called}" of the settings, sha256 {digest}'
            yield {
                "@id": place,
                "@type": "CreativeWork" if is_model else "Dataset",
                "name": called,
                "description": said,
                "identifier": f"sha256:{digest}",
            }

    def _licence(self) -> Node:
        release = self._release
        if release.licence:
            said = f"The licence of the report, {release.licence} as SPDX calls it"
            told = {"@id": release.licence_url, "@type": "CreativeWork", "name": release.licence}
            return {**told, "description": said}
        said = "The report names no licence: ask its authors before using it"
        return {"@id": "#licence", "@type": "CreativeWork", "name": "No licence", "description": said}

    def _file(self, path: str, said: str) -> Node:
        content = self._payload.get(path)
        size = (
            content.stat().st_size
            if isinstance(content, Path)
            else len(content)
            if content is not None
            else None
        )
        return {
            "@id": quote(path),
            "@type": "File",
            "name": PurePosixPath(path).name,
            "description": said,
            "encodingFormat": TYPES.get(PurePosixPath(path).suffix, "application/octet-stream"),
            "contentSize": str(size) if size is not None else "",
        }


CROISSANT = "http://mlcommons.org/croissant/1.1"
_SAID = {
    ".zenodo.json": "How Zenodo describes the report",
    "CITATION.cff": "How the report is cited",
    "README.md": "What the archive holds, for people",
    "sitegen.toml": "The report's settings: its datasets, models and tools",
}


def _reference(name: str) -> Node:
    return {"@id": name}


def _person_id(person: Person) -> str:
    return person.url or f"#{quote(person.name)}"


def _person(person: Person) -> Iterator[Node]:
    """Yield somebody, and where questions go where that is said."""
    contact = f"mailto:{person.email}" if person.email else ""
    node: Node = {
        "@id": _person_id(person),
        "@type": "Person" if person.family else "Organization",
        "name": person.shown,
        "url": person.website or person.url,
        "contactPoint": _reference(contact) if contact else None,
    }
    if person.family:
        node |= {"familyName": person.family, "givenName": person.given, "affiliation": person.affiliation}
    yield node
    if contact:
        told = {"@id": contact, "@type": "ContactPoint", "name": f"Questions to {person.shown}"}
        yield {**told, "contactType": "questions", "email": person.email}


def _run_id(manifest: Manifest) -> str:
    return f"#run-{manifest.name}"


def _tool_id(manifest: Manifest) -> str:
    return f"#tool-{manifest.tool}-{manifest.tool_version}-{manifest.code[:12]}"


def _input_id(name: str, artifacts: str) -> str:
    """Return what a run read, as the crate calls it: a dataset or model of the settings, or an artifact."""
    first, _, rest = name.partition("/")
    return f"#{first}-{rest}" if first in ("datasets", "models") else f"{artifacts}/{first}/"


def _without_empty(node: Node) -> Node:
    """Return an entity without what is empty; a list of one is that one."""
    kept = {key: value for key, value in node.items() if value not in ("", [], None)}
    return {
        key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in kept.items()
    }
