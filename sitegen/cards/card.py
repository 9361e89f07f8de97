"""Reads a card from its page: facts, manifests, measures and sections; says what is missing of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from itertools import pairwise
from typing import Any

from pipelines.contract import Manifest
from sitegen.cards.measures import Measured, read_measures
from sitegen.cards.sections import SECTIONS, Section, section_of
from sitegen.catalog import Catalog, CatalogTable
from sitegen.config import Config
from sitegen.errors import Problems, nearest
from sitegen.facts import Facts
from sitegen.headings import GAP, Heading
from sitegen.listings import absolute
from sitegen.sources import PageSource, Sources
from sitegen.written import as_markdown

_CHART = '<p>Chart in the report: <a href="#{}">{}</a></p>\n'


@dataclass(frozen=True)
class Written:
    """A section of a card, as its page has it."""

    title: str
    anchor: str
    text: str
    """Markdown that stands alone; charts are links to the page."""
    section: Section | None
    """None for one of the author's own."""


@dataclass(frozen=True)
class Card:
    """Everything that a card says, once, for all the forms it takes."""

    kind: str
    """``data`` or ``model``."""
    name: str
    """Of its folder among the exports."""
    url: str
    """Of its page, relative to the site's root."""
    address: str
    """Of its page on the web; empty where the site's is not known."""
    title: str
    description: str
    date: str
    facts: Facts
    intro: str
    """What the page says before its first section."""
    sections: tuple[Written, ...]
    measures: tuple[Measured, ...]
    manifest: Manifest | None
    """Of a run on the dataset, or with the model."""
    tables: tuple[CatalogTable, ...]
    """The tables that the page shows."""
    language: str
    lacks: tuple[str, ...] = ()
    """Facts that it has to say and does not."""
    unsaid: tuple[tuple[str, str], ...] = ()
    """Sections that it has to have, and that are not there or say nothing: titles, and anchors if any."""
    is_finished: bool = True
    """Whether its author calls it so: one that is not is no card for others yet."""

    @property
    def called(self) -> str:
        """What the dataset or model is called."""
        return self.facts.name or self.title

    @property
    def licence(self) -> str:
        """The licence as it is said: its identifier, else what the dataset's source says."""
        own = self.manifest.licence if self.manifest and self.kind == "data" else ""
        return self.facts.licence or own

    @property
    def licence_url(self) -> str:
        """Address of the licence; empty where nobody says one."""
        spdx = f"https://spdx.org/licenses/{self.facts.licence}.html" if self.facts.licence else ""
        return self.facts.licence_url or spdx

    @property
    def citation(self) -> str:
        """How to cite it."""
        own = self.manifest.source if self.manifest and self.kind == "data" else ""
        return self.facts.citation or own

    @property
    def homepage(self) -> str:
        """Where it is published, or its page; empty where neither is known."""
        return self.facts.url or self.address

    @property
    def digest(self) -> str:
        """SHA-256 of the dataset as it was read; empty where no run says it."""
        return self.manifest.inputs.get(f"datasets/{self.facts.dataset}", "") if self.manifest else ""

    @property
    def model(self) -> Mapping[str, Any]:
        """What the run says of its model; empty without one."""
        found = self.manifest.parameters.get("model") if self.manifest else None
        return found if isinstance(found, Mapping) else {}

    @cached_property
    def rows(self) -> int | None:
        """Rows of the dataset; None where no table has one for each."""
        counts = [table.table.rows for table in self.tables if table.table.entity == self.facts.dataset]
        own = [table.rows for table in self.manifest.tables if table.entity] if self.manifest else []
        return max([*counts, *own], default=None)

    def text_of(self, key: str) -> str:
        """Return what a section says; empty where the card has none of this key."""
        return next((one.text for one in self.sections if one.section and one.section.key == key), "")

    @property
    def own(self) -> tuple[Written, ...]:
        """The sections that are the author's own."""
        return tuple(one for one in self.sections if one.section is None)

    def whole(self) -> tuple[Measured, ...]:
        """Return the measures of all the data, those of slices left out."""
        return tuple(one for one in self.measures if not one.slice)


def read_card(source: PageSource, sources: Sources, problems: Problems) -> Card:
    """Return the card that a page is; what is missing or wrong is noted."""
    page, front, config = source.page, source.page.front, sources.config
    shown = {table.name: table for relation in source.relations for table in relation.tables}
    shown |= {table.name: table for table in source.asked}
    # What could not be read is not missing: only the body is asked about then.
    of_front = Problems() if page.unread else problems
    manifest = _manifest(source, sources.catalog, config, of_front)
    intro, sections = _sections(source, _address(config, page.url))
    card = Card(
        kind=front.card,
        name=page.url.removesuffix(".html").replace("/", "-"),
        url=page.url,
        address=_address(config, page.url),
        title=source.title,
        description=front.description,
        date=front.date,
        facts=front.facts,
        intro=intro,
        sections=tuple(sections),
        measures=tuple(_measures(source, problems)),
        manifest=manifest,
        tables=tuple(table for table in shown.values() if _is_about(table, front.facts, front.card)),
        language=config.site.language,
    )
    _check_doubles(card, source, problems)
    # Who begins a card lacks nearly everything: that is one warning, and no flood of errors.
    is_begun = front.unfinished or "unfinished" in page.unread
    noted = Problems() if is_begun else problems
    lacks = tuple(_lacking(card, source, of_front if page.unread else noted))
    unsaid = tuple(_unsaid(card, source, noted))
    if front.unfinished and not page.unread:
        _warn_unfinished([*lacks, *(f'"{title}"' for title, _ in unsaid)], source, problems)
    return replace(card, lacks=lacks, unsaid=unsaid, is_finished=not front.unfinished)


def _measures(source: PageSource, problems: Problems) -> Iterator[Measured]:
    where = source.page.line_of("facts.metrics")
    for metric, found in source.measures:
        yield from read_measures(metric, found, where, problems)


def _warn_unfinished(lacked: Sequence[str], source: PageSource, problems: Problems) -> None:
    what = f"the card is unfinished and lacks {', '.join(lacked)}"
    hint = "write that, then take unfinished: true away"
    if not lacked:
        what, hint = "the card says all that it must, and is called unfinished", "take unfinished: true away"
    problems.warn(source.page.line_of("unfinished"), what, hint)


def _address(config: Config, url: str) -> str:
    return absolute(config.address, url) if config.address else ""


def _is_about(table: CatalogTable, facts: Facts, kind: str) -> bool:
    """Whether a table tells of the card's dataset, or of its model."""
    model = table.artifact.parameters.get("model")
    if kind == "model" and isinstance(model, Mapping):
        return bool(model.get("name") == facts.model)
    return table.artifact.dataset == facts.dataset


def _manifest(source: PageSource, catalog: Catalog, config: Config, problems: Problems) -> Manifest | None:
    """Return the manifest of a run that the card is about: of those that its page shows, else by name."""
    kind, facts = source.page.front.card, source.page.front.facts
    key = "dataset" if kind == "data" else "model"
    wanted, known = getattr(facts, key), config.datasets if kind == "data" else config.models
    if not wanted:
        where = source.page.line_of("card")
        problems.add(where, f"the card says not which {key} it is about", f"write {key}: … below facts:")
        return None
    if known and wanted not in known:
        where = source.page.line_of(f"facts.{key}")
        problems.add(where, f'there is no {key} "{wanted}"', nearest(wanted, known))
        return None
    shown = [table.artifact for relation in source.relations for table in relation.tables]
    shown += [table.artifact for table in source.asked]
    every = [catalog.tables[name].artifact for name in sorted(catalog.tables)]
    for manifest in [*shown, *every]:
        if (manifest.dataset if kind == "data" else _model_name(manifest)) == wanted:
            return manifest
    where = source.page.line_of(f"facts.{key}")
    problems.add(where, f'no artifact tells of the {key} "{wanted}"', "run the tool that does: sitegen run")
    return None


def _model_name(manifest: Manifest) -> str:
    model = manifest.parameters.get("model")
    return str(model.get("name", "")) if isinstance(model, Mapping) else ""


# Sections -----------------------------------------------------------------------------------------


def _sections(source: PageSource, address: str) -> tuple[str, list[Written]]:
    """Return what stands before the first section, and the sections: headings of levels 2 and 3.

    A heading of level 3 is a section where a card has one of that name, else part of the one above.
    """
    document, kind = source.document, source.page.front.card
    # A chart is drawn on the page alone; elsewhere its title stands for it, and leads there.
    links = {
        block.id: _CHART.format(block.id, escape(block.title or block.view)) for block in document.blocks
    }
    html = GAP.sub("", document.fill(links))
    starts: list[tuple[int, Heading]] = []
    for heading in document.headings:
        is_own = heading.level == 3 and section_of(kind, heading.anchor) is not None
        found = re.search(
            rf'<h{heading.level} id="{re.escape(heading.anchor)}"[^>]*>.*?</h{heading.level}>',
            html,
            re.DOTALL,
        )
        if found and (heading.level == 2 or is_own):
            starts.append((found.start(), heading))
    starts.append((len(html), Heading(2, "", "")))
    intro = re.sub(r"<h1\b.*?</h1>", "", html[: starts[0][0]], flags=re.DOTALL)
    written = []
    for (start, heading), (end, following) in pairwise(starts):
        text = as_markdown(re.sub(r"^<h[23]\b.*?</h[23]>", "", html[start:end], flags=re.DOTALL), address)
        # A heading that only stands above others of a card says nothing itself.
        if text or heading.level == following.level or heading.level == 3:
            written.append(Written(heading.text, heading.anchor, text, section_of(kind, heading.anchor)))
    return as_markdown(intro, address), written


UNWRITTEN = "*Write here "
"""How a starter asks for a section's text: one that still begins so says nothing."""


def _check_doubles(card: Card, source: PageSource, problems: Problems) -> None:
    """Note sections that are the same one of a card."""
    seen: dict[str, Written] = {}
    for one in card.sections:
        other = seen.setdefault(one.section.key, one) if one.section else one
        if other is not one:
            what = f'"{one.title}" and "{other.title}" are the same section of a card'
            problems.add(_heading_line(source, one.title), what, "write it in one place")


def _unsaid(card: Card, source: PageSource, problems: Problems) -> Iterator[tuple[str, str]]:
    """Note and yield sections that say nothing, and required ones that are not there."""
    for one in card.sections:
        if one.section and (not one.text or one.text.startswith(UNWRITTEN)):
            what = f'the section "{one.title}" of the card says nothing'
            problems.add(_heading_line(source, one.title), what, f"write {one.section.asks}")
            yield one.title, one.anchor
    written = {one.section.key for one in card.sections if one.section}
    for section in SECTIONS[card.kind]:
        if section.is_required and section.key not in written:
            what = f'the card has no section "{section.title}"'
            problems.add(f"{source.page.file}:1", what, f"write ## {section.title}: {section.asks}")
            yield section.title, ""


def _heading_line(source: PageSource, title: str) -> str:
    """Return ``file:line`` of a heading."""
    for number, line in enumerate(source.page.text.body.splitlines()):
        if line.startswith("##") and title in line:
            return source.page.text.where(number)
    return source.page.file


def _lacking(card: Card, source: PageSource, problems: Problems) -> Iterator[str]:
    """Note and yield what no card can do without."""
    needed = {
        "description": (card.description, "description: … in the front matter"),
        "date": (card.date, "date: 2026-11-26 in the front matter"),
        "authors": (card.facts.authors, 'authors: ["…"] below facts:'),
        "licence": (card.licence or card.facts.licence_url, "licence: CC-BY-4.0 below facts:"),
        "version": (card.facts.version, 'version: "1.0.0" below facts:'),
    }
    if card.kind == "data":
        needed["citation"] = (card.citation, "citation: … below facts:")
        needed["url"] = (card.homepage, "url: https://… below facts:, or site_url in [site]")
    for name, (value, hint) in needed.items():
        if not value:
            problems.add(source.page.line_of("card"), f"the card has no {name}", f"write {hint}")
            yield name
