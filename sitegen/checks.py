"""Finds what is wrong with a report before anything of it is drawn. Pure: reads sources, notes problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from sitegen.content import OUTSIDE
from sitegen.errors import Problems, SitegenError, nearest
from sitegen.markdown import Document, Link
from sitegen.sources import PageSource, Sources

FRONT_PAGE = "index.md"


def check_sources(sources: Sources, templates: Iterable[str], problems: Problems) -> None:
    """Note everything that can be told without drawing a view."""
    _check_templates(sources, list(templates), problems)
    pages = _by_address(sources)
    for source in sources.pages:
        _check_ids(source.document, problems)
        for link in source.document.links:
            with problems.collected():
                _check_link(sources, pages, link)
    _check_reachable(sources, problems)


def _check_templates(sources: Sources, templates: list[str], problems: Problems) -> None:
    for source in sources.pages:
        name = source.page.front.template
        if name not in templates:
            what = f'the theme has no template "{name}"'
            problems.add(f"{source.page.file}:1", what, nearest(name, templates))


def _check_ids(document: Document, problems: Problems) -> None:
    """Note ids that two views or tables of a page share."""
    tables = [(query.table.anchor, query.where(-1)) for query in document.queries if query.table]
    places = [(block.id, block.where()) for block in document.blocks] + tables
    first: dict[str, str] = {}
    for name, where in places:
        if name and first.setdefault(name, where) != where:
            what = f'the id "{name}" stands twice in the page'
            line = first[name].rpartition(":")[2]
            problems.add(where, what, f"it is also at line {line}; give one another id=…")


def _check_link(sources: Sources, pages: Mapping[str, PageSource], link: Link) -> None:
    """Raise when a link leads nowhere, or when an image would be fetched from another site."""
    where = link.where
    target = link.target
    if target is None:
        if link.image and urlsplit(link.href).scheme != "data":
            hint = "put the image into the content folder: a site asks no other site for anything"
            raise SitegenError(where, f'the image "{link.href}" is on another site', hint)
        return
    page = pages.get(target.path)
    if page is None and target.path in sources.content.files:
        return
    if f"{target.path.rpartition('/')[0]}.md" in sources.unmade:
        return
    if page is None and target.path in sources.many:
        hint = f"link to one of them, or list them all: ```pages {target.path}"
        raise SitegenError(where, f'the link "{link.href}" names a file that makes many pages', hint)
    if page is None and target.path.startswith(".."):
        what = f'the link "{link.href}" {OUTSIDE}'
        raise SitegenError(where, what, "copy what it points at into the content folder")
    if page is None:
        raise SitegenError(
            where, f'the link "{link.href}" leads nowhere', _nearest_path(sources, target.path)
        )
    if target.anchor and target.anchor not in page.document.anchors:
        what = f'the link "{link.href}" names no place of {page.page.path}'
        raise SitegenError(where, what, nearest(target.anchor, page.document.anchors))


def _by_address(sources: Sources) -> dict[str, PageSource]:
    """Return the pages by their path and by their URL: a link may name either."""
    by_url = {source.page.url: source for source in sources.pages}
    return by_url | {source.page.path: source for source in sources.pages}


def _nearest_path(sources: Sources, path: str) -> str:
    if path in sources.content.drafts:
        return "the page is a draft"
    return nearest(path, [*(source.page.path for source in sources.pages), *sources.content.files])


def _check_reachable(sources: Sources, problems: Problems) -> None:
    """Warn of pages that no text links to, and of a site without a front page."""
    paths = {source.page.path for source in sources.pages}
    if paths and FRONT_PAGE not in paths:
        problems.warn(
            sources.config.build.content, f"there is no {FRONT_PAGE}, so the site has no front page"
        )
    linked = {FRONT_PAGE}
    for source in sources.pages:
        targets = (link.target for link in source.document.links if link.target)
        linked.update(target.path for target in targets if target.path != source.page.path)
        linked.update(source.listed)
    for source in sources.pages:
        # A page among many is found beside the others, in the navigation of their folder.
        if not source.page.template and not linked & {source.page.path, source.page.url}:
            problems.warn(source.page.file, "no page links to this one", "link to it, or mark it draft: true")


def check_collisions(owners: Iterable[tuple[str, str]], problems: Problems) -> None:
    """Note URLs that two files claim, also where case is ignored, and files that stand where a folder must.

    ``owners`` are pairs of a URL and the name of what it is made from; the earlier one keeps a URL.
    """
    claimed: dict[str, tuple[str, str]] = {}
    pairs = list(owners)
    for url, owner in pairs:
        earlier = claimed.setdefault(url.casefold(), (url, owner))
        if earlier[1] != owner:
            problems.add(owner, f'its URL "{url}" is also that of {earlier[1]}', "rename one of them")
    for url, owner in pairs:
        for folder in _folders(url.casefold()):
            if folder in claimed:
                problems.add(owner, f'its URL "{url}" needs a folder where {claimed[folder][1]} is a file')


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
