"""Shows readers what a page claims, as verified or not: mark, query, value, data, and the view that shows it.

Comes last of what is read: a claim may lead to any page, with a filter that the theme's script writes into
the link, and it can be asked again in the page where the site holds its data.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sitegen.catalog import CatalogTable, Relation, column_sql, join, quote
from sitegen.errors import Problems
from sitegen.filters import Start
from sitegen.languages import Words
from sitegen.links import relative_url
from sitegen.memo import Memo
from sitegen.numbers import MINUS, format_value, is_number, is_undefined
from sitegen.sources import CheckedClaim, ClaimedNumber, PageSource, Sources, by_address
from sitegen.statements import body_of

VERIFIED = "Verified against the data"
FAILS = "Does not hold"
SHOW = "Show it"
TITLE = "Claims of this page"
VALUE, EXACTLY, EXPECTED, ROWS, DATA, BUILT = "Value", "Exactly", "Expected", "Rows", "Data", "Built"
WORDS = (VERIFIED, FAILS, SHOW, TITLE, VALUE, EXACTLY, EXPECTED, ROWS, DATA, BUILT)
"""What is said in the site's language."""
DIGEST_SHOWN = 12
PIECE = "claims"
"""The part of the theme's live module that asks claims again."""

Say = Callable[[str], str]


def verify_claims(sources: Sources, start: Start, memo: Memo, problems: Problems) -> Sources:
    """Return the sources with the marks of their claims; what is wrong with a claim's link is noted."""
    if not any(source.claims for source in sources.pages):
        return sources
    pages = by_address(sources.pages)
    shown = sources.shown

    def verified(source: PageSource) -> PageSource:
        links = []
        for checked in source.claims:
            links.append("")
            with problems.collected():
                links[-1] = _link(source, checked, pages, start, memo)
        return _verified(source, links, pages, shown, sources)

    return replace(
        sources, pages=tuple(verified(source) if source.claims else source for source in sources.pages)
    )


def _verified(
    source: PageSource,
    links: list[str],
    pages: Mapping[str, PageSource],
    shown: Mapping[str, CatalogTable],
    sources: Sources,
) -> PageSource:
    words, built = sources.words, sources.config.built
    say = words.say
    places = [_place(checked, pages) for checked in source.claims]
    named = list(zip(source.claims, links, places, strict=True))
    marks = [_mark(number, *one, say) for number, one in enumerate(named, start=1)]
    told = "".join(_told(*one, words, built) for one in named)
    listed = (
        f'<section class="claims" aria-label="{html.escape(say(TITLE))}">\n'
        f'<p class="claims-title" aria-hidden="true">{html.escape(say(TITLE))}</p>\n'
        f'<ol class="claims-list">\n{told}</ol>\n</section>\n'
    )
    claimed = tuple(_further(source, shown))
    return replace(source, document=source.document.verified(marks, listed), claimed=claimed)


# The link to the view that shows it -----------------------------------------------------------------


def _link(
    source: PageSource, checked: CheckedClaim, pages: Mapping[str, PageSource], start: Start, memo: Memo
) -> str:
    """Return the address, from the claim's page, of the view that shows it as it is claimed; or nothing."""
    claim = checked.claim
    page = pages.get(claim.target.path) if claim.target else None
    if claim.target is None or page is None or "table" in page.page.unread:
        return ""  # what leads nowhere is noted by a check
    anchor = claim.target.anchor
    place = f"#{anchor}" if anchor else ""
    if claim.filter or claim.state is not None:
        request = _request(page, anchor, claim.filter, claim.state)
        views = start()
        ask = partial(views.link, claim.where, request)
        place = memo.recall(("claim", source.page.url, claim.id), (views.script, claim.where, request), ask)
    same = page.page.url == source.page.url
    return place if same else f"{relative_url(source.page.url, page.page.url)}{place}"


def _request(
    page: PageSource, anchor: str, condition: str, state: Mapping[str, Any] | None
) -> dict[str, Any]:
    view = next((request for block, request in page.requests() if block.id == anchor), None)
    return {"anchor": anchor, "filter": condition, "state": state, "view": view, "tables": page.tables()}


def _place(checked: CheckedClaim, pages: Mapping[str, PageSource]) -> str:
    """Return what the view is called, or its page."""
    target = checked.claim.target
    page = pages.get(target.path) if target else None
    return (page.document.name_of(target.anchor) or page.title) if target and page else ""


# What readers see -----------------------------------------------------------------------------------


def _mark(number: int, checked: CheckedClaim, link: str, place: str, say: Say) -> str:
    """Return the button that opens what is told of a claim, after its number; for a sentence with a link."""
    claim = checked.claim
    state, said = ("holds", say(VERIFIED)) if checked.holds else ("fails", say(FAILS))
    is_short = checked.holds and not claim.is_block
    words = f'<span class="{"visually-hidden" if is_short else "claim-state"}">{html.escape(said)}</span>'
    button = (
        f'<button type="button" class="claim-mark" data-claim="{claim.id}" data-state="{state}" '
        f'popovertarget="{claim.id}-told">{words}<span class="claim-order" aria-hidden="true">{number}</span>'
        "</button>"
    )
    return f"{button} {_anchor(link, place, say)}" if link and claim.is_block else button


def _anchor(link: str, place: str, say: Say) -> str:
    label = html.escape(f"{say(SHOW)}: {place}")
    return f'<a class="claim-link" href="{html.escape(link)}" title="{label}">{html.escape(say(SHOW))}</a>'


def _told(checked: CheckedClaim, link: str, place: str, words: Words, built: str) -> str:
    """Return all that is known of a claim: a popover where the page is read, a note at its end on paper."""
    claim, say = checked.claim, words.say
    state, said = ("holds", say(VERIFIED)) if checked.holds else ("fails", say(FAILS))
    numbers = "".join(_number(number, words) for number in checked.numbers)
    tables = {table.name: table for number in checked.numbers for table in number.tables}
    made = "; ".join(_made(table) for table in tables.values())
    facts = [(say(DATA), made), *([(say(BUILT), html.escape(built))] if built else [])]
    shown = (
        f'<p class="claim-shown">{say(SHOW)}: <a href="{html.escape(link)}">{html.escape(place)}</a></p>\n'
    )
    return (
        f'<li class="claim-told" id="{claim.id}-told" popover>\n'
        f'<p class="claim-said">{html.escape(checked.sentence, quote=False)}</p>\n'
        f'<p class="claim-verdict" data-state="{state}">{html.escape(said)}</p>\n'
        f"{numbers}{_facts(facts)}"
        f'<p class="claim-now" data-claim="{claim.id}" role="status"></p>\n{shown if link else ""}</li>\n'
    )


def _number(number: ClaimedNumber, words: Words) -> str:
    said, query, say = number.said, number.query, words.say
    exact = str(said.value) if is_number(said.value) and not is_undefined(said.value) else ""
    shown = format_value(said.value, query.format)
    is_rounded = exact not in ("", shown.replace(",", "").replace(MINUS, "-"))
    facts = [(say(VALUE), said.text), *([(say(EXACTLY), words.number(exact))] if is_rounded else [])]
    if query.expect:
        expected = query.expect.written.replace("..", "\N{EN DASH}")
        facts.append((say(EXPECTED), words.number(expected) if query.expect.is_number else expected))
    if said.rows is not None and said.rows != said.value:
        facts.append((say(ROWS), words.number(f"{said.rows:,}")))
    escaped = [(name, html.escape(value)) for name, value in facts]
    sql = html.escape(number.sql.strip(), quote=False)
    return f'{_facts(escaped)}<pre class="claim-query" tabindex="0"><code>{sql}</code></pre>\n'


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    pairs = "".join(f"<div><dt>{html.escape(name)}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f'<dl class="claim-facts">{pairs}</dl>\n'


def _made(table: CatalogTable) -> str:
    """Return a table's name, what made it, and the first digits of its digest, as HTML."""
    manifest = table.artifact
    made = f"{table.name}, {manifest.tool} {manifest.tool_version}"
    return f"{html.escape(made)} <code>{digest_of(table)}</code>"


def digest_of(table: CatalogTable) -> str:
    """Return the first digits of the SHA-256 of a table's data."""
    return table.digest[:DIGEST_SHOWN]


# What the page asks again ---------------------------------------------------------------------------


def _further(source: PageSource, shown: Mapping[str, CatalogTable]) -> Iterator[Relation]:
    """Yield the tables of claims that another page shows: no others leave the report for a claim."""
    here = {table.name for relation in source.relations for table in relation.tables}
    asked = {table.name: table for table in _tables(source) if table.name in shown and table.name not in here}
    for table in asked.values():
        (relation,) = join((table,), source.page.file)
        yield replace(relation, name=f"claim:{table.name}")


def _tables(source: PageSource) -> Iterator[CatalogTable]:
    return (table for claim in source.claims for number in claim.numbers for table in number.tables)


def asked_again(source: PageSource) -> dict[str, Any]:
    """Return what the page's scripts need to ask its claims again: tables, and numbers with SQL and value."""
    relations = {
        table.name: relation for relation in (*source.claimed, *source.relations) for table in relation.tables
    }
    tables = {
        name: {"relation": relation.name, "select": _select(name, relation)}
        for name, relation in relations.items()
        if name in {table.name for table in _tables(source)}
    }
    return {
        "tables": tables,
        "claims": [
            {"id": claim.claim.id, "numbers": [_asked(number, tables) for number in claim.numbers]}
            for claim in source.claims
        ],
    }


def _select(name: str, relation: Relation) -> str:
    """Return a SELECT of a table's own rows and columns from the page's relation, with a condition last."""
    table = next(table for table in relation.tables if table.name == name)
    columns = []
    for column in table.table.columns:
        found = column.name
        is_id = found == table.id_column and len(relation.tables) > 1
        written = str(relation.tables[0].id_column) if is_id else relation.column(name, found)
        columns.append(column_sql(replace(column, name=written, type=""), name=found))
    member = relation.member(name)
    rows = quote(member) if member else "true"
    return f"SELECT {', '.join(columns)} FROM main.{quote(relation.name)} WHERE {rows}"


def _asked(number: ClaimedNumber, tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return a number as the page asks it again; without its SQL where the site does not hold its data."""
    query, said = number.query, number.said
    expect = query.expect
    names = [table.name for table in number.tables]
    is_held = all(name in tables for name in names)
    is_finite = is_number(said.value) and not is_undefined(said.value)
    return {
        "sql": (said.sql or body_of(number.sql).strip()) if is_held else None,
        "tables": names,
        "value": float(said.value) if is_finite else said.written,
        "text": said.text,
        "unit": said.unit,
        "format": query.format,
        "expect": None
        if expect is None
        else {"low": _end(expect.low), "high": _end(expect.high), "text": expect.text},
    }


def _end(number: float) -> float | None:
    return number if math.isfinite(number) else None
