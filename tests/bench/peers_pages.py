"""The same thousand pages for Pelican and MkDocs, each as its guide says, in an environment of its own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.bench.environments import programs

PACKAGES = {"pelican": ["pelican[markdown]==4.12.0"], "mkdocs": ["mkdocs==1.6.1", "mkdocs-material==9.8.2"]}
PELICAN = """SITENAME = "A thousand pages"
PATH = "content"
TIMEZONE = "UTC"
DEFAULT_DATE = (2026, 1, 1)
STATIC_PATHS = ["dot.png"]
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = None
"""
MKDOCS = "site_name: A thousand pages\ndocs_dir: content\ntheme: {name: material, font: false}\n"


@dataclass(frozen=True)
class Peer:
    """A generator: how it builds everything, and how it builds again after one edit."""

    name: str
    cold: list[str]
    again: list[str]


def write_peers(report: Path, folder: Path) -> list[Peer]:
    """Copy the report's pages into a folder for each peer and install it; return the peers."""
    pelican, mkdocs = folder / "pelican", folder / "mkdocs"
    for copy in (pelican, mkdocs):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(report / "content", copy / "content")
    (pelican / "pelicanconf.py").write_text(PELICAN)
    (mkdocs / "mkdocs.yml").write_text(MKDOCS)
    for page in pelican.glob("content/**/*.md"):
        page.write_text(f"Title: {page.stem}\nSlug: the-{page.stem}\n\n{page.read_text('utf-8')}", "utf-8")
    site = [_program(folder, "pelican"), str(pelican / "content"), "--output", str(pelican / "site")]
    site += ["--settings", str(pelican / "pelicanconf.py"), "--quiet"]
    book = [_program(folder, "mkdocs"), "build", "--quiet", "--config-file", str(mkdocs / "mkdocs.yml")]
    return [Peer("Pelican", site, site), Peer("MkDocs + Material", book, [*book, "--dirty"])]


def _program(folder: Path, name: str) -> str:
    """Return a peer's command, installed at the first call."""
    return str(programs(folder, name, *PACKAGES[name]) / name)
