"""Says what is published: a finished site, and the files that its host wants beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as dates
from pathlib import Path

from sitegen.build import Summary, build
from sitegen.config import Config
from sitegen.drawing import Report
from sitegen.errors import Problems, SitegenError
from sitegen.kept import Drawings
from sitegen.output import MARK, MARKED, File, Memory, refuse_inside, write_file
from sitegen.publish import hosts, versions
from sitegen.publish.branch import DOMAIN
from sitegen.publish.preflight import ANY, PAGES, check_site, size_of
from sitegen.publish.versions import Read, Together

BRANCH = "branch"
"""The way that pushes a branch, as GitHub Pages serves it; the others hand over files."""

Tell = Callable[[Sequence[SitegenError]], None]


@dataclass(frozen=True)
class Publication:
    """A site that has passed every check."""

    config: Config
    """The report, as it was built."""
    files: Mapping[str, File]
    """By address, relative to the site's root."""
    summary: Summary

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(map(size_of, self.files.values()))


def prepare(
    config: Config, to: str, report: Report, tell: Tell, kept: Drawings | None, *, strict: bool = False
) -> Publication:
    """Build the site in memory and look through it; raises all that its host would refuse, at once.

    ``tell`` is given all warnings before that: who mends the errors is to see them, too.
    """
    if config.publish.versions:
        _check_way(config, to)
        config = versions.versioned(config)
    site = Memory()
    summary = build(config, site, report, strict=strict, kept=kept)
    problems = Problems()
    limits = PAGES if to == BRANCH else ANY
    check_site(site.files, summary.pages, config.root, limits, problems)
    if not config.address:
        what = "no site_url, so the site has no canonical links, sitemap, feed, pictures for links, 404 page"
        problems.warn(config.file, what, 'write site_url = "https://…" in [site]')
    if not strict:
        tell((*summary.warnings, *problems.warnings))
    problems.stop(strict=strict)
    return Publication(config, site.files, summary)


def check_target(config: Config, to: str, target: str) -> None:
    """Raise where files would be written into the report itself."""
    if to != "rsync" or hosts.is_path(target):
        refuse_inside(config, Path(target), f"sitegen publish --to {to} FOLDER")


def _check_way(config: Config, to: str) -> None:
    if to not in (BRANCH, "folder"):
        what = f"--to {to} cannot keep versions side by side: it does not know those that are there"
        raise SitegenError(config.file, what, "publish them to a folder, and hand that over")


def at_root(made: Publication, to: str, there: Collection[str], read: Read) -> Together:
    """Return what is written at the root of a host, and what stays there.

    ``there`` names what the host holds now, and ``read`` returns files of it.
    """
    config = made.config
    beside = _for_pages(config) if to == BRANCH else {}
    if not config.is_beside:
        return Together({**made.files, **beside}, frozenset())
    today = dates.today().isoformat()
    found = versions.together(config, made.files, there, read, today)
    return Together({**found.files, **beside}, found.kept - beside.keys())


def _for_pages(config: Config) -> dict[str, File]:
    """Return what tells GitHub Pages how to serve the files, under which name, and us that they are ours."""
    files: dict[str, File] = {".nojekyll": b"", MARK: MARKED}
    if config.publish.domain:
        files[DOMAIN] = f"{config.publish.domain}\n".encode()
    return files


def hand_over(made: Publication, to: str, target: str, *, replaces: bool = False) -> None:
    """Write the site as files, as ``to`` names; what rsync finds stays, unless a site or ``replaces``."""
    ways: dict[str, Callable[[], None]] = {
        "folder": lambda: hosts.to_folder(_in_folder(made, Path(target)), Path(target)),
        "rsync": lambda: hosts.to_rsync(made.files, target, replaces=replaces),
        "s3": lambda: hosts.to_s3(made.files, Path(target)),
        "netlify": lambda: hosts.to_netlify(made.files, made.summary.redirects, Path(target)),
    }
    ways[to]()


def _in_folder(made: Publication, folder: Path) -> dict[str, File]:
    """Return what a folder will hold; what stays in it is read from where it is."""
    if not made.config.is_beside:
        return dict(made.files)
    there = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}

    def read(paths: Sequence[str]) -> dict[str, bytes]:
        return {path: (folder / path).read_bytes() for path in paths if path in there}

    root = at_root(made, "folder", there, read)
    return {**root.files, **{path: folder / path for path in root.kept}}


def add_file(file: Path, text: str, *, replaces: bool = False) -> None:
    """Write a file of the report; raises where it is there already and is another one."""
    if file.is_file() and file.read_text(encoding="utf-8") != text and not replaces:
        raise SitegenError(str(file), "is there already, and differs", "remove it, or add --force")
    file.parent.mkdir(parents=True, exist_ok=True)
    write_file(file, text.encode("utf-8"))
