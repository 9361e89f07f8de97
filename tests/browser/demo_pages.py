"""The pages of the built demo, and which of them a test looks at."""

from __future__ import annotations

import os
import re
from pathlib import Path

IS_WHOLE = bool(os.environ.get("SITEGEN_CHECK_SITE"))
"""Whether `make check-site` asks: of pages that are alike `make test` looks at one."""
VIEW = re.compile(r'<figure\b[^>]*\bclass="view\b[^>]*\bid="([^"]+)"')


def pages(site: Path) -> list[str]:
    """Return the addresses of all pages, relative to the site."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


def pages_looked_at(site: Path) -> list[str]:
    """Return all pages; in `make test`, of pages made of one file for each class the first alone."""
    found: dict[object, str] = {}
    for page in pages(site):
        views = tuple(VIEW.findall((site / page).read_text("utf-8")))
        found.setdefault(page if IS_WHOLE or not views else (page.rpartition("/")[0], views), page)
    return list(found.values())


def pages_of_each_kind(site: Path) -> list[str]:
    """Return the front page, and pages that together have every view and every file that pages ask for."""
    found: set[str] = set()
    kept = ["index.html"]
    for page in pages(site):
        html = (site / page).read_text("utf-8")
        kinds = {f"depth {page.count('/')}", *re.findall(r'data-view="[\w-]+"|assets/[\w./-]+', html)}
        if page not in kept and kinds - found:
            kept.append(page)
        found |= kinds
    return kept
