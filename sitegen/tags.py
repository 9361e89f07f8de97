"""Makes a page for each tag that pages carry, and one that lists the tags."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from urllib.parse import quote

from sitegen.content import FrontMatter, Page
from sitegen.document import Document
from sitegen.headings import Heading
from sitegen.links import page_url, relative_url, slug
from sitegen.sources import PageSource, list_pages
from sitegen.text import plain

FOLDER = "tags"

Say = Callable[[str], str]
"""Says a text of the interface in the site's language."""


def tag_path(tag: str) -> str:
    """Return the path of a tag's page, as if it were a file of the content folder."""
    return f"{FOLDER}/{slug(tag)}.md"


def by_tag(pages: Iterable[PageSource]) -> dict[str, tuple[str, list[PageSource]]]:
    """Return the pages of each tag with its name, by the path of the tag's page, in the order of their names.

    Tags that differ in case or punctuation only are one tag, called as it is written first.
    """
    found: dict[str, tuple[str, list[PageSource]]] = {}
    for source in pages:
        for tag in source.page.front.tags:
            members = found.setdefault(tag_path(tag), (tag, []))[1]
            if source not in members:
                members.append(source)
    return dict(sorted(found.items()))


def with_tags(pages: Sequence[PageSource], say: Say) -> tuple[PageSource, ...]:
    """Return the pages, and those of their tags; as they were where no page has a tag."""
    tags = by_tag(pages)
    if not tags:
        return tuple(pages)
    made = [_tag_page(path, tag, members, say) for path, (tag, members) in tags.items()]
    return (*pages, _all_tags(tags, say), *made)


def _tag_page(path: str, tag: str, members: Sequence[PageSource], say: Say) -> PageSource:
    title = say("Pages about {tag}").replace("{tag}", tag)
    listed = sorted(members, key=lambda one: (one.page.front.order, one.title.casefold()))
    return _page(path, title, list_pages(listed, page_url(path)))


def _all_tags(tags: Mapping[str, tuple[str, list[PageSource]]], say: Say) -> PageSource:
    path = f"{FOLDER}/index.md"
    items = "".join(
        f'<li><a href="{quote(relative_url(page_url(path), page_url(to)))}">{escape(tag)}</a> '
        f'<span class="tag-count">{len(members)}</span></li>\n'
        for to, (tag, members) in tags.items()
    )
    return _page(path, say("Tags"), f'<ul class="pages">\n{items}</ul>\n')


def _page(path: str, title: str, body: str) -> PageSource:
    page = Page(path, path, FrontMatter(title=title, toc=False), plain("", path), template=FOLDER)
    html = f"<h1>{escape(title)}</h1>\n{body}"
    return PageSource(page, Document(html, (), (Heading(1, title, ""),), ()), ())
