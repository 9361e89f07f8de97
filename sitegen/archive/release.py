"""What an archive says of its report: who made it, when, under which licence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sitegen.config import Config
from sitegen.errors import Problems
from sitegen.people import Person, people_in


@dataclass(frozen=True)
class Release:
    """A report at one moment, as it is cited."""

    title: str
    description: str
    authors: tuple[Person, ...]
    licence: str
    """SPDX identifier; empty where the report names none."""
    version: str
    day: date
    """Of the release."""
    language: str
    url: str
    """Where it is published; empty where the report does not say."""
    doi: str
    keywords: tuple[str, ...]

    @property
    def licence_url(self) -> str:
        """Address of the licence; empty without one."""
        return f"https://spdx.org/licenses/{self.licence}" if self.licence else ""


def read_release(config: Config, dates: Iterable[str], today: date, problems: Problems) -> Release:
    """Return what the settings say; ``dates`` are those of the pages, ``today`` stands in for a missing one.

    Notes what nobody who cites the report could do without.
    """
    said, site = config.archive, config.site
    authors = said.authors or people_in(site.author)
    if not authors:
        problems.add(
            config.file, "nobody is named as the report's author", 'write authors = ["…"] in [archive]'
        )
    if not said.licence:
        what = "the archive has no licence, so nobody knows what it may be used for"
        problems.warn(config.file, what, 'write licence = "CC-BY-4.0" in [archive]')
    day = said.date or max((one for one in dates if one), default="")
    return Release(
        title=site.title,
        description=site.description or site.title,
        authors=authors,
        licence=said.licence,
        version=site.version,
        day=date.fromisoformat(day) if day else today,
        language=site.language,
        url=config.address,
        doi=said.doi,
        keywords=said.keywords,
    )
