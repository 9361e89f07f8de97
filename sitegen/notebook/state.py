"""The state of a report's page, as a link holds it on the site: filter, group, what is selected in views."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

State = Mapping[str, Any]
"""``{"filter": …, "group": …, "whole": false, "views": {figure: {…}}}``; group and whole may be left out."""
Id = str | int | float

EMPTY: State = {"filter": "", "views": {}}
SELECTING = ("samples", "table", "scatter")
"""Views that select rows by their ids, those that show them best first."""
MOST_WRITTEN = 250_000
"""Characters that selected ids may take in a query of a view, which the kernel bounds."""


def selected(state: State, figures: Collection[str]) -> list[Id]:
    """Return the ids that are selected in these figures, each once, in order."""
    listed = (view.get("ids") for name, view in state.get("views", {}).items() if name in figures)
    return list(dict.fromkeys(one for ids in listed if isinstance(ids, list) for one in ids))


def with_filter(state: State, expression: str) -> State:
    """Return the state with another filter."""
    return {**state, "filter": expression}


def with_group(state: State, column: str) -> State:
    """Return the state split by a column; by none when empty."""
    rest = {key: value for key, value in state.items() if key != "group"}
    return {**rest, "group": column} if column else rest


def with_selected(state: State, ids: Iterable[Id], figure: str, figures: Collection[str]) -> State:
    """Return the state with these ids selected in one of the figures, and in none of the others."""
    listed = list(ids)
    views = {
        name: kept
        for name, view in state.get("views", {}).items()
        if (kept := {key: value for key, value in view.items() if key != "ids" or name not in figures})
    }
    if listed:
        views[figure] = {**views.get(figure, {}), "ids": listed}
    return {**state, "views": views}


def is_too_much(ids: Iterable[Id]) -> bool:
    """Say whether ids are more than a view can ask for."""
    return sum(len(str(one)) + 4 for one in ids) > MOST_WRITTEN


def plain_ids(ids: Iterable[Any]) -> list[Id]:
    """Return ids as a page knows them; numbers of NumPy and pandas are plain ones."""
    return [one.item() if hasattr(one, "item") else one for one in ids]
