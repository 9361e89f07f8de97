"""Charts as a notebook has them: Vega-Lite specs, and charts of Altair, which bring rows along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sitegen.errors import SitegenError
from sitegen.notebook.folder import VEGA_LITE, plain

WHERE = f'report.view("{VEGA_LITE}")'
MOST_OWN_ROWS = 5000
"""Rows that a chart of Altair may bring into the page: as many as Altair itself lets it."""
_NAME = "sitegen"
"""Of the function that Altair hands a chart's rows to, while a chart becomes a spec."""


def spec_of(chart: Any, table: str, is_tables: Callable[[Any], bool]) -> dict[str, Any]:
    """Return a chart's spec, which draws ``table`` where it names no data of its own.

    A chart of Altair draws ``table`` where ``is_tables`` says that its rows are the table's; other rows come
    along. Raise what is no chart, and a chart that brings too many rows.
    """
    if isinstance(chart, Mapping):
        spec = dict(chart)
    elif hasattr(chart, "to_dict") and hasattr(chart, "_schema"):
        spec = _of_altair(chart, table, is_tables)
    else:
        what = f"the spec is {type(chart).__name__}, neither a dictionary nor an Altair chart"
        raise SitegenError(WHERE, what, f'write report.view("{VEGA_LITE}", spec={{…}})')
    spec = plain(spec, WHERE, "the spec is no JSON")
    return {"data": {"name": table}, **spec} if table else spec


def _of_altair(chart: Any, table: str, is_tables: Callable[[Any], bool]) -> dict[str, Any]:
    import altair
    from altair.utils.schemapi import SchemaValidationError

    def taken(rows: Any) -> Any:
        if table and is_tables(rows):
            return {"name": table}
        if len(rows) > MOST_OWN_ROWS:
            raise _too_many(len(rows), table)
        return altair.to_values(rows)

    altair.data_transformers.register(_NAME, taken)
    try:
        with altair.data_transformers.enable(_NAME):
            return dict(chart.to_dict())
    except SchemaValidationError as error:
        raise SitegenError(WHERE, f"Altair refuses the chart: {error}") from error
    finally:
        altair.data_transformers.register(_NAME, None)


def _too_many(rows: int, table: str) -> SitegenError:
    named = f', or draw the report\'s rows: table="{table}"' if table else ""
    what = f"the chart brings {rows:,} rows of its own, and a page takes {MOST_OWN_ROWS:,}"
    return SitegenError(WHERE, what, f"make it of fewer, or a Report of these{named}")
