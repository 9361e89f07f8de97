"""Says what a bag holds: the report as it is on the disk, and the site that was built from it.

The folders keep their places, so that the report can be built again from the bag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines import contract
from sitegen import __version__
from sitegen.archive.bag import AGENT, Bag
from sitegen.archive.citation import citation_file, zenodo_file
from sitegen.archive.crate import CRATE, crate_file
from sitegen.archive.release import Release, read_release
from sitegen.assets import BUILT, Theme
from sitegen.build import Summary, build
from sitegen.cards.exports import card_folder
from sitegen.cards.pages import with_cards
from sitegen.charts import SCHEME
from sitegen.config import Config
from sitegen.drawing import Report
from sitegen.errors import Problems, SitegenError
from sitegen.kept import Drawings
from sitegen.memo import Memo
from sitegen.output import MARK, MARKED, File, Memory
from sitegen.sources import Sources, read_sources

LOCKS = ("requirements.lock", "requirements.txt", "pylock.toml", "uv.lock", "poetry.lock", "pixi.lock")
"""Files that say which libraries a report was made with."""
THEME_PARTS = ("theme.toml", "styles.css", "templates", "languages", BUILT)
"""What a site needs of a theme that was built; the rest is what the theme itself is made from."""
CARDS = "cards"
README = "README.md"


@dataclass(frozen=True)
class Prepared:
    """A bag that can be written."""

    bag: Bag
    summary: Summary
    release: Release
    warnings: tuple[SitegenError, ...]


def prepare(
    config: Config,
    report: Report,
    kept: Drawings | None,
    *,
    today: date,
    is_dated: bool,
    strict: bool = False,
) -> Prepared:
    """Build the site in memory and gather everything; raises all that keeps it from being archived.

    ``today`` is when the bag is made. It ``is_dated`` where somebody said so: then the same report gives the
    same bytes on another day.
    """
    memo, site, problems = Memo(), Memory(), Problems()
    summary = build(config, site, report, strict=strict, memo=memo, kept=kept)
    sources = read_sources(config, memo, problems)
    sources, cards = with_cards(sources, problems)
    dates = [source.page.front.date for source in sources.pages]
    release = read_release(config, dates, today, problems)
    payload = dict(_report_files(config, sources, problems))
    problems.stop()
    payload |= {f"{config.build.output}/{url}": content for url, content in site.files.items()}
    payload[f"{config.build.output}/{MARK}"] = MARKED
    for card in (each for each in cards.values() if each.is_finished):
        found = card_folder(card, lambda table, file: f"../../{_place(config, table.artifact.name)}/{file}")
        payload |= {f"{CARDS}/{card.name}/{name}": content for name, content in found.items()}
    payload |= {"CITATION.cff": citation_file(release), ".zenodo.json": zenodo_file(release)}
    payload[README] = _readme(config, release)
    payload[CRATE] = crate_file(release, config, sources, payload)
    if not (is_dated or config.archive.date or any(dates)):
        what = "nothing dates the report, so the archive is dated today and another day's is other bytes"
        problems.warn(config.file, what, 'write date = "…" in [archive], or set SOURCE_DATE_EPOCH')
    problems.stop(strict=strict)
    day = today if is_dated else release.day
    bag = Bag(payload, _info(release, day), day)
    return Prepared(bag, summary, release, (*summary.warnings, *problems.warnings))


def _info(release: Release, day: date) -> dict[str, str]:
    """Return what ``bag-info.txt`` says."""
    told = {
        AGENT: f"sitegen {__version__}",
        "Bagging-Date": day.isoformat(),
        "Contact-Name": ", ".join(person.shown for person in release.authors),
        "External-Description": ": ".join(dict.fromkeys((release.title, release.description))),
        "External-Identifier": release.doi or release.url,
    }
    return {key: value for key, value in told.items() if value}


def _readme(config: Config, release: Release) -> bytes:
    """Return what tells a person who finds the bag what it is."""
    authors = ", ".join(person.shown for person in release.authors)
    by = f"By {authors}, {release.day.isoformat()}."
    lines = [
        f"# {release.title}",
        "",
        *([release.description, ""] if release.description != release.title else []),
        f"{by} Licence: {release.licence}." if release.licence else by,
        "",
        f"- `{config.build.output}/` is the report: pages for any web server. Serve the folder and open",
        f"  `{config.build.output}/index.html`, for example with `python3 -m http.server`.",
        f"- `{config.build.artifacts}/` holds the numbers behind it: Parquet tables, each with a manifest.",
        f"- `{config.build.content}/`, `{config.file}` and `themes/` are what it was built from:",
        "  `sitegen build` in this folder makes the same site again.",
        f"- `{CARDS}/` holds its model and data cards, `{CRATE}` describes every part to machines,",
        "  `CITATION.cff` says how to cite it.",
        "",
        "`sitegen verify` on the folder above says whether every byte is as it was archived.",
        "",
    ]
    return "\n".join(lines).encode("utf-8")


def _report_files(config: Config, sources: Sources, problems: Problems) -> Iterator[tuple[str, File]]:
    """Yield what the report is made from, by path relative to its folder; notes what lies outside of it."""
    yield _path(config, config.root / config.file), config.root / config.file
    for folder in (config.content, config.snippets, config.artifacts):
        with problems.collected():
            place = _path(config, folder)
            left_out = sources.content.drafts if folder == config.content else frozenset[str]()
            yield from ((f"{place}/{path}", file) for path, file in _files(folder) if path not in left_out)
    yield from _theme_files(sources.theme)
    for name in (config.site.bibliography, *_modules(config, sources)):
        file = config.root / name
        if name and file.is_file():
            yield _path(config, file), file
    yield from _own_tools(config)
    locks = [name for name in LOCKS if (config.root / name).is_file()]
    yield from ((name, config.root / name) for name in locks)
    if not locks:
        what = f"there is no {LOCKS[0]}, so the archive does not say which libraries made the report"
        problems.warn(config.file, what, f"pip freeze > {LOCKS[0]}")


def _path(config: Config, place: Path) -> str:
    """Return a path relative to the report; raises where it lies outside."""
    root, found = config.root.resolve(), place.resolve()
    if not found.is_relative_to(root):
        what = "lies outside of the report's folder, and an archive holds what is inside"
        raise SitegenError(str(place), what, f"move it below the folder of {config.file}")
    return place.absolute().relative_to(config.root.absolute()).as_posix()


def _place(config: Config, artifact: str) -> str:
    return f"{config.build.artifacts}/{artifact}"


def _files(folder: Path, keep: Callable[[str], bool] = lambda _: True) -> Iterator[tuple[str, Path]]:
    """Yield the files of a folder by path, those left out whose name or folder's name starts with a dot."""
    for found in sorted(folder.rglob("*")):
        path = found.relative_to(folder).as_posix()
        is_hidden = any(part.startswith(".") or part == "__pycache__" for part in path.split("/"))
        if found.is_file() and not is_hidden and keep(path):
            yield path, found


def _theme_files(theme: Theme) -> Iterator[tuple[str, File]]:
    """Yield the theme and those that it inherits from: of a built one what was built, of others all."""
    for folder in theme.folders:
        is_built = (folder / BUILT).is_dir()

        def is_needed(path: str, is_built: bool = is_built) -> bool:
            parts = path.split("/")
            return "node_modules" not in parts and (not is_built or parts[0] in THEME_PARTS)

        yield from ((f"themes/{folder.name}/{path}", file) for path, file in _files(folder, is_needed))


def _modules(config: Config, sources: Sources) -> Iterator[str]:
    """Yield the Python files of the report that its settings and charts name, as ``module:function``."""
    told = [str(one.get(key, "")) for key in ("source", "factory") for one in _named(config)]
    told += [block.source.removeprefix(SCHEME) for page in sources.pages for block in page.document.blocks]
    for each in dict.fromkeys(told):
        module, colon, _ = each.partition(":")
        if colon and all(part.isidentifier() for part in module.split(".")):
            yield f"{module.replace('.', '/')}.py"


def _named(config: Config) -> list[Mapping[str, object]]:
    return [*config.datasets.values(), *config.models.values()]


def _own_tools(config: Config) -> Iterator[tuple[str, File]]:
    """Yield the folders of the report's own pipelines; those that sitegen brings are none of them."""
    folder = config.root / "pipelines"
    if folder.resolve() == Path(contract.__file__).parent.resolve():
        return
    yield from ((f"pipelines/{path}", file) for path, file in _files(folder))
