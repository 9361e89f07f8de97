"""Says in words what a report is made of, and what one page is made from. Pure: prints nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sitegen.catalog import CatalogTable
from sitegen.config import Config
from sitegen.errors import SitegenError, counted, nearest, size_in_words
from sitegen.numbers import is_number, is_undefined
from sitegen.queries import Query
from sitegen.sources import CheckedClaim, ClaimedNumber, PageSource, Sources
from sitegen.values import Value, say

COMMAND = "sitegen explain"
DIGEST_SHOWN = 12
LONGEST = 300
"""Letters of one thing that was read from a model: a file may have names of thousands."""
WIDEST = 40
"""Letters to which a column is filled up: one long cell does not push what follows out of all other rows."""


def read_from_model(parameters: Mapping[str, Any]) -> str:
    """Return what a run read from its model because settings did not say it; empty where that is nothing."""
    model = parameters.get("model")
    inferred = model.get("inferred", []) if isinstance(model, Mapping) else []
    if not model or not inferred:
        return ""
    told = (f"{key} = {_brief(_inner(model, key))}" for key in inferred)
    return f"read from model {model['name']}: {', '.join(told)}"


def _inner(model: Mapping[str, Any], key: str) -> object:
    section, _, name = key.rpartition(".")
    return (model.get(section, {}) if section else model.get("input", {}) | model).get(name)


def _brief(value: object) -> str:
    if not isinstance(value, list):
        return _cut(str(value))
    return f"[{', '.join(_cut(str(each)) for each in value[:3])}{', …' if len(value) > 3 else ''}]"


def _cut(text: str) -> str:
    """Leave out the middle of what a file calls something by thousands of letters."""
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]}…{text[-half:]}"


def list_report(sources: Sources) -> Iterator[str]:
    """Yield what the report has: pages, tools, datasets, models, and the tables that pages may show."""
    config = sources.config
    yield from _section("pages", (_page_row(source) for source in sources.pages))
    yield from _section("drafts", ([path] for path in sorted(sources.content.drafts)))
    yield from _section("tools", (_tool_row(config, sources, name) for name in config.tools))
    yield from _section("datasets", ([name, str(table["source"])] for name, table in config.datasets.items()))
    yield from _section("models", ([name, str(table["source"])] for name, table in config.models.items()))
    yield from _section("tables", (_table_row(table) for _, table in sorted(sources.catalog.tables.items())))


def explain_page(sources: Sources, name: str) -> Iterator[str]:
    """Yield what the page called ``name`` (its file or its URL) is made from; raises when there is none."""
    source = _find(sources, name)
    page = source.page
    yield f"{source.title}: {page.file} → {page.url}"
    yield from _section("frame", _frame_rows(source))
    yield from _section("views", (_view_row(source, block.id) for block in source.document.blocks))
    yield from _section("numbers and tables in the text", map(_query_row, source.document.queries))
    yield from _section("claims", map(_claim_row, source.claims))
    for relation in source.relations:
        yield from _section(
            f"relation {relation.name}: {counted(relation.rows, 'row')}", map(_origin_row, relation.tables)
        )
        yield f"  {relation.create_sql}"
    yield from _section("links to", ([target] for target in _targets(source)))
    yield from _section("linked from", ([one] for one in _linking(sources, source)))


def list_claims(sources: Sources) -> Iterator[str]:
    """Yield every claim of the report with its numbers, and whether it holds; then how many do."""
    claims = [claim for source in sources.pages for claim in source.claims]
    for checked in claims:
        yield f"{'holds' if checked.holds else 'FAILS'}  {checked.claim.where}  {checked.claim.id}"
        yield f"       {checked.sentence}"
        yield from (f"       {_number_line(number)}" for number in checked.numbers)
    failing = sum(not checked.holds for checked in claims)
    yield (
        f"{counted(len(claims), 'claim')}, {failing} of them do not hold"
        if failing
        else (f"{counted(len(claims), 'claim')}, all hold" if claims else "there are no claims")
    )


def claims_data(sources: Sources) -> list[dict[str, Any]]:
    """Return every claim of the report as plain data, in the order of pages."""
    return [
        {
            "page": source.page.path,
            "id": checked.claim.id,
            "where": checked.claim.where,
            "sentence": checked.sentence,
            "holds": checked.holds,
            "numbers": [_number_data(number) for number in checked.numbers],
        }
        for source in sources.pages
        for checked in source.claims
    ]


def _number_data(number: ClaimedNumber) -> dict[str, Any]:
    value = number.said.value
    is_plain = isinstance(value, bool | int | str) or (is_number(value) and not is_undefined(value))
    return {
        "sql": number.sql,
        "value": (float(value) if isinstance(value, Decimal) else value) if is_plain else None,
        "text": number.said.text,
        "expected": number.query.expect.written if number.query.expect else None,
        "rows": number.said.rows,
        "holds": number.holds,
        "tables": [table.name for table in number.tables],
    }


def _number_line(number: ClaimedNumber) -> str:
    expected = f", expected {number.query.expect.written}" if number.query.expect else ""
    rows, exact = number.said.rows, number.said.value
    of = f", of {counted(rows, 'row')}" if rows not in (None, exact) else ""
    full = f" ({exact})" if is_number(exact) and str(exact) != number.said.text.replace(",", "") else ""
    return f"{number.said.text}{full}{expected}{of}: {' '.join(number.sql.split())}"


def _section(title: str, rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a title over aligned rows; nothing when there are none."""
    found = [list(row) for row in rows]
    if not found:
        return
    widths = [min(max(map(len, column)), WIDEST) for column in zip(*found, strict=True)]
    yield f"\n{title}"
    for row in found:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _page_row(source: PageSource) -> list[str]:
    views = len(source.document.blocks)
    made = f", one of {source.page.template}" if source.page.template else ""
    state = "draft" if source.page.front.draft else counted(views, "view") if views else "text"
    return [source.page.path, source.page.url, f"{state}{made}", source.title]


def _tool_row(config: Config, sources: Sources, name: str) -> list[str]:
    written = any(table.artifact.name == name for table in sources.catalog.tables.values())
    state = "broken" if name in sources.catalog.broken else "written" if written else "not run yet"
    return [name, str(config.tools[name]["tool"]), state]


def _table_row(table: CatalogTable) -> list[str]:
    columns = ", ".join(column.name for column in table.table.columns)
    return [table.name, counted(table.table.rows, "row"), columns]


def _find(sources: Sources, name: str) -> PageSource:
    wanted = name.removeprefix("./").removeprefix(f"{sources.config.build.content}/")
    for source in sources.pages:
        if wanted in (source.page.path, source.page.url, source.page.path.removesuffix(".md")):
            return source
    if wanted in sources.content.drafts:
        raise SitegenError(COMMAND, f'"{name}" is a draft', "add --drafts")
    hint = nearest(wanted, (source.page.path for source in sources.pages))
    raise SitegenError(COMMAND, f'there is no page "{name}"', hint)


def _frame_rows(source: PageSource) -> Iterator[list[str]]:
    front = source.page.front
    yield ["template", front.template]
    if front.description:
        yield ["description", front.description]
    if front.table:
        yield ["table of views that name none", front.table]
    yield ["headings", str(len(source.document.headings))]
    for file in source.page.text.files:
        if file != source.page.file:
            yield ["includes", file]
    if source.page.template:
        yield ["one of the pages of", source.page.template]
    for name, value in _own_values(source):
        yield [f"{{{{ {name} }}}}", say(value)]


def _own_values(source: PageSource) -> Iterator[tuple[str, Value]]:
    """Yield the values that are the page's own, without those of the whole site."""
    found = source.page.values.items()
    return ((name, value) for name, value in found if not name.startswith("site."))


def _query_row(query: Query) -> list[str]:
    expected = f"expected {query.expect.written}" if query.expect else ""
    return [query.where(), " ".join(query.sql.split()), expected]


def _claim_row(checked: CheckedClaim) -> list[str]:
    state = "holds" if checked.holds else "does not hold"
    return [checked.claim.id, state, checked.claim.where, checked.sentence]


def _view_row(source: PageSource, identifier: str) -> list[str]:
    block = next(block for block in source.document.blocks if block.id == identifier)
    shown = source.table_of(block) or "the whole page"
    kept = f" where {block.filter}" if block.filter else ""
    return [block.id, block.view, shown + kept, block.where(), block.title or ""]


def _origin_row(table: CatalogTable) -> list[str]:
    """Return where a table's numbers come from: tool, its version, device, seed, and the data's digest."""
    manifest = table.artifact
    made = f"{manifest.tool} {manifest.tool_version} on {manifest.device}, seed {manifest.seed}"
    size = f"{counted(table.table.rows, 'row')}, {size_in_words(table.table.bytes)}"
    digests = ", ".join(part.sha256[:DIGEST_SHOWN] for part in table.table.files)
    return [table.name, size, made, digests]


def _targets(source: PageSource) -> list[str]:
    named = (link for link in source.document.links if not link.href.startswith("#"))
    return sorted({link.target.path if link.target else link.href for link in named})


def _linking(sources: Sources, target: PageSource) -> list[str]:
    named = {target.page.path, target.page.url}
    others = (source for source in sources.pages if source is not target)
    return [source.page.path for source in others if named & set(_targets(source))]
