"""Finds what is wrong with a report before anything of it is drawn. Pure: reads sources, notes problems."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from sitegen.content import OUTSIDE
from sitegen.document import Document, Link
from sitegen.errors import Problems, SitegenError, nearest
from sitegen.links import Target
from sitegen.sources import PageSource, Sources, by_address

FRONT_PAGE = "index.md"


@dataclass(frozen=True)
class Check:
    """What is looked at in every report, and what is said where it does not hold."""

    name: str
    level: Literal["error", "warning"]
    """An error stops the build; a warning does where it is strict."""
    finds: str
    says: str
    """The message; what differs from case to case stands in braces."""

    @property
    def example(self) -> str:
        """The message with dots for what differs."""
        return re.sub(r"\{\w+\}", "…", self.says)

    def found(self, where: str, hint: str = "", **values: str) -> SitegenError:
        """Return what is to be mended at a place."""
        return SitegenError(where, self.says.format_map(values), hint)

    def note(self, problems: Problems, where: str, hint: str = "", **values: str) -> None:
        """Note what is to be mended, as its level has it."""
        noted = problems.add if self.level == "error" else problems.warn
        noted(where, self.says.format_map(values), hint)


TEMPLATE = Check(
    "template", "error", "a page names a template of the theme", 'the theme has no template "{name}"'
)
UNIQUE_ID = Check(
    "unique-id", "error", "an id stands once in a page", 'the id "{name}" stands twice in the page'
)
LINK = Check(
    "link", "error", "a link leads to a page or file of the report", 'the link "{href}" leads nowhere'
)
ANCHOR = Check(
    "anchor", "error", "a link's anchor is a place of its page", 'the link "{href}" names no place of {page}'
)
LINK_INSIDE = Check(
    "link-inside", "error", "a link stays within the content folder", f'the link "{{href}}" {OUTSIDE}'
)
LINK_TO_MANY = Check(
    "link-to-many",
    "error",
    "a link names one page where a file makes many",
    'the link "{href}" names a file that makes many pages',
)
IMAGE = Check("image", "error", "an image is the report's own", 'the image "{href}" is on another site')
UNIQUE_URL = Check(
    "unique-url",
    "error",
    "a URL is that of one file, also where case is ignored",
    'its URL "{url}" is also that of {owner}',
)
URL_FOLDER = Check(
    "url-folder",
    "error",
    "no file stands where another one needs a folder",
    'its URL "{url}" needs a folder where {owner} is a file',
)
FRONT = Check(
    "front-page", "warning", "the site has a front page", "there is no {page}, so the site has no front page"
)
LINKED = Check(
    "linked", "warning", "every page is linked from another one", "no text links to this page, only a menu"
)

CHECKS = (
    Check("settings", "error", "the settings are TOML", "not TOML: {reason}"),
    Check("settings-keys", "error", "every key of the settings is known", 'unknown key "{key}" in {place}'),
    Check(
        "settings-names",
        "error",
        "datasets, models and tools are as a run takes them",
        "{key} is not known",
    ),
    Check("theme", "error", "the theme is there, and what it names", 'there is no theme "{name}"'),
    Check(
        "front-matter",
        "error",
        "front matter is YAML of known keys",
        'unknown key "{key}" in the front matter',
    ),
    Check(
        "formula",
        "error",
        "a formula is LaTeX that is known",
        'the formula "{text}" cannot be read ({reason})',
    ),
    Check("card", "error", "a card says what no card can do without", "the card has no {what}"),
    Check(
        "card-section",
        "error",
        "a card has every section that one needs, and each says something",
        'the card has no section "{title}"',
    ),
    Check(
        "metric",
        "error",
        "a card's metrics are numbers",
        'the metric "{name}" is no number where slice is {slice}',
    ),
    Check(
        "card-unfinished",
        "warning",
        "a card is finished: it says all that it has to say",
        "the card is unfinished and lacks {what}",
    ),
    Check("card-part", "warning", "a card shows its parts", "the page of the card does not show its {part}"),
    Check("citation", "error", "what a page cites is in the bibliography", '"{key}" is not in {file}'),
    Check("numbered", "error", "what is referred to by number has one", '"{name}" has no number: {rule}'),
    Check(
        "redirect", "error", "old addresses lead somewhere", 'the redirect of "{old}" leads nowhere: "{new}"'
    ),
    Check("value", "error", "values that a page names are known", 'there is no value "{name}"'),
    Check("include", "error", "what a page includes is there", 'there is no file "{name}" to include'),
    Check("container", "error", "three colons begin a known block", 'unknown admonition "{name}"'),
    Check(
        "language", "warning", "a code block is in a known language", 'code in an unknown language "{name}"'
    ),
    Check("address", "error", "no link runs anything", 'the address "{href}" is not followed'),
    Check("drawing", "error", "SVG files are pictures: nothing in them runs", "the drawing holds {part}"),
    TEMPLATE,
    UNIQUE_ID,
    LINK,
    ANCHOR,
    LINK_INSIDE,
    LINK_TO_MANY,
    IMAGE,
    UNIQUE_URL,
    URL_FOLDER,
    FRONT,
    LINKED,
    Check(
        "artifact",
        "error",
        "artifacts are as their manifests say",
        "does not match the manifest's sha256: it was changed",
    ),
    Check("table", "error", "tables that a page names are there", 'no artifact has a table "{name}"'),
    Check(
        "column",
        "error",
        "columns that a view or a chart names are there",
        'column "{name}" is not in table {table}',
    ),
    Check(
        "view",
        "error",
        "a block names a view of the theme",
        'view "{name}" is not offered by theme "{theme}"',
    ),
    Check(
        "view-options",
        "error",
        "a view's options are those it takes",
        'unknown key "{key}" in the info string',
    ),
    Check("filter", "error", "a block's filter is a filter expression", "the filter does not parse"),
    Check("sql", "error", "SQL in a page is one SELECT that the database takes", "the query is no SELECT"),
    Check(
        "sql-repeatable",
        "error",
        "SQL answers alike in every build",
        "{function} would answer otherwise in another build",
    ),
    Check(
        "number", "warning", "a number is what its text expects", "the number is {number}, expected {range}"
    ),
    Check(
        "claim",
        "warning",
        "a claim holds: its numbers are what it expects",
        'the claim "{name}" does not hold: the number is {number}, expected {range}',
    ),
    Check(
        "rows",
        "warning",
        "a table has as many rows as expected",
        "the query answers {rows}, expected {range}",
    ),
)
"""Every check that `sitegen check` makes, in the order in which a report is read."""


def check_sources(sources: Sources, templates: Iterable[str], problems: Problems) -> None:
    """Note everything that can be told without drawing a view."""
    _check_templates(sources, list(templates), problems)
    pages = by_address(sources.pages)
    for source in sources.pages:
        _check_ids(source.document, problems)
        for link in source.document.links:
            if not _leads_to_page(pages, link.target):
                with problems.collected():
                    _check_link(sources, pages, link)
    _check_reachable(sources, problems)


def _check_templates(sources: Sources, templates: list[str], problems: Problems) -> None:
    for source in sources.pages:
        name = source.page.front.template
        if name not in templates:
            TEMPLATE.note(problems, f"{source.page.file}:1", nearest(name, templates), name=name)


def _check_ids(document: Document, problems: Problems) -> None:
    """Note ids that two views or tables of a page share."""
    tables = [(query.table.anchor, query.where(-1)) for query in document.queries if query.table]
    shown = {name for name, _ in tables} | {block.id for block in document.blocks}
    others = [(item.anchor, item.where) for item in document.items if item.anchor not in shown]
    places = [(block.id, block.where()) for block in document.blocks] + tables + others
    places += [(claim.id, claim.where) for claim in document.claims]
    first: dict[str, str] = {}
    for name, where in places:
        if name and first.setdefault(name, where) != where:
            line = first[name].rpartition(":")[2]
            UNIQUE_ID.note(problems, where, f"it is also at line {line}; give one another id=…", name=name)


def _leads_to_page(pages: Mapping[str, PageSource], target: Target | None) -> bool:
    """Say whether a link is as most are: there is nothing to say of it."""
    page = pages.get(target.path) if target else None
    return bool(page and target and (not target.anchor or target.anchor in page.document.anchors))


def _check_link(sources: Sources, pages: Mapping[str, PageSource], link: Link) -> None:
    """Raise unless a link that leads to no place of a page leads to a file, or will lead somewhere."""
    where = link.where
    target = link.target
    if target is None:
        if link.image and urlsplit(link.href).scheme != "data":
            hint = "put the image into the content folder: a site asks no other site for anything"
            raise IMAGE.found(where, hint, href=link.href)
        return
    page = pages.get(target.path)
    if page is None and target.path in sources.content.files:
        return
    if f"{target.path.rpartition('/')[0]}.md" in sources.unmade:
        return
    if page is None and target.path in sources.many:
        hint = f"link to one of them, or list them all: ```pages {target.path}"
        raise LINK_TO_MANY.found(where, hint, href=link.href)
    if page is None and target.path.startswith(".."):
        raise LINK_INSIDE.found(where, "copy what it points at into the content folder", href=link.href)
    if page is None:
        raise LINK.found(where, _nearest_path(sources, target.path), href=link.href)
    hint = nearest(target.anchor, page.document.anchors)
    raise ANCHOR.found(where, hint, href=link.href, page=page.page.path)


def _nearest_path(sources: Sources, path: str) -> str:
    if path in sources.content.drafts:
        return "the page is a draft"
    return nearest(path, [*(source.page.path for source in sources.pages), *sources.content.files])


def _check_reachable(sources: Sources, problems: Problems) -> None:
    """Warn of pages that no text links to, and of a site without a front page."""
    paths = {source.page.path for source in sources.pages}
    if paths and FRONT_PAGE not in paths:
        FRONT.note(problems, sources.config.build.content, page=FRONT_PAGE)
    linked = {FRONT_PAGE}
    for source in sources.pages:
        targets = (link.target for link in source.document.links if link.target)
        linked.update(target.path for target in targets if target.path != source.page.path)
        linked.update(source.listed)
    for source in sources.pages:
        # A page among many is found beside the others, in the navigation of their folder.
        if not source.page.template and not linked & {source.page.path, source.page.url}:
            LINKED.note(problems, source.page.file, "link to it, or mark it draft: true")


def check_collisions(owners: Iterable[tuple[str, str]], problems: Problems) -> None:
    """Note URLs that two files claim, also where case is ignored, and files that stand where a folder must.

    ``owners`` are pairs of a URL and the name of what it is made from; the earlier one keeps a URL.
    """
    claimed: dict[str, tuple[str, str]] = {}
    pairs = list(owners)
    for url, owner in pairs:
        earlier = claimed.setdefault(url.casefold(), (url, owner))
        if earlier[1] != owner:
            UNIQUE_URL.note(problems, owner, "rename one of them", url=url, owner=earlier[1])
    for url, owner in pairs:
        for folder in _folders(url.casefold()):
            if folder in claimed:
                URL_FOLDER.note(problems, owner, url=url, owner=claimed[folder][1])


def _folders(url: str) -> list[str]:
    parts = url.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def site_owners(sources: Sources, files: Iterable[str]) -> list[tuple[str, str]]:
    """Return every URL of the site and what it is made from; ``files`` are the theme's and the data's."""
    content = sources.config.build.content
    return [
        *((url, f"the site's own {url}") for url in files),
        *((source.page.url, source.page.file) for source in sources.pages),
        *((path, f"{content}/{path}") for path in sources.content.files),
    ]
