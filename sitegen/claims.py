"""Reads the claims of a page: sentences whose numbers SQL computes, and what is expected of them.

``{claim .1% expect=0.93..0.97}`` before a code span of SQL is a claim of one number; a fence ``claim`` holds
a sentence with numbers. Either may name the view that shows it, and which rows to show there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.contract import fault_of
from sitegen.errors import SitegenError
from sitegen.links import Target, resolve
from sitegen.structured import parse_json, read_info
from sitegen.values import Values, fill_expression, fill_text

NAME = "claim"
"""What a fence begins with, and an inline claim."""
OPTIONS = {
    "id": "the claim's place in its page; `claim-1` and so on when left out",
    "view": "the view that shows it: an id of this page, or a page and an id, `digits.md#accuracy`",
    "where": "a filter expression: the view opens with the rows for which it is true",
    "select": "what is selected in that view, as the view has it in the page's address, in JSON",
}
"""What a claim takes beside what a number takes."""
OFFERED = {
    "summary": "A sentence that is held to the data: each number in it is computed when the site is built, "
    "one at least has `expect=`, and readers can look at the query, the value and the rows, and ask again in "
    "the page. The fence begins with `claim`, without `view` before it, and its body is the sentence; within "
    "a paragraph a claim of one number is `` {claim expect=…}`select …` ``.",
    "options": OPTIONS,
}
"""The block as a theme would describe a view of its own."""

_WORD = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^\s"])+')
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")


@dataclass(frozen=True)
class Claim:
    """A claim, as its author wrote it."""

    id: str
    """Unique in its page; its anchor."""
    where: str
    """``file:line`` at which it begins."""
    queries: tuple[int, ...]
    """Its numbers, by their places among the queries of the page."""
    text: str = ""
    """The sentence without its markup, with a gap for each number."""
    is_block: bool = False
    view: str = ""
    """The view that shows it, as written."""
    target: Target | None = None
    """The same as page and id; None where no view is named."""
    filter: str = ""
    """Which rows that view shows, as an expression; all of them when empty."""
    state: Mapping[str, Any] | None = None
    """What is selected in that view, as its page's address has it."""


def is_claim(info: str) -> bool:
    """Say whether a fence with this first line is a claim."""
    return info.split()[:1] == [NAME]


def split_info(info: str) -> tuple[str, str]:
    """Return what an inline claim says of its number, and what it says as a claim."""
    words = _WORD.findall(info)
    own = [word for word in words if word.partition("=")[0] in OPTIONS and "=" in word]
    return " ".join(word for word in words if word not in own), " ".join(own)


def read_options(info: str, where: str, default_id: str, path: str, values: Values) -> Claim:
    """Return a claim without its numbers, from its ``key=value`` pairs; raises what is wrong with them.

    ``path`` is that of the content file at which addresses start.
    """
    given = read_info(info, where, tuple(OPTIONS))
    name = given.get("id", default_id)
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise SitegenError(where, f'the id "{name}" is not lower-case letters, digits and hyphens')
    view = _address(fill_text(given.get("view", ""), values, where))
    condition = fill_expression(given.get("where", ""), values, where)
    state = _state(given["select"], where) if "select" in given else None
    if state is not None and not view.partition("#")[2]:
        raise SitegenError(where, '"select" says what is selected in no view', "name it: view=ID")
    if condition and not view:
        view = "#"
    target = resolve(path, view) if view else None
    return Claim(name, where, (), view=view, target=target, filter=condition, state=state)


def _address(view: str) -> str:
    """Return the address of a view; one that is named alone stands in the same page."""
    return f"#{view}" if view and "#" not in view and not view.endswith(".md") else view


def _state(written: str, where: str) -> Mapping[str, Any]:
    try:
        found = parse_json(written)
    except (ValueError, RecursionError) as error:
        fault = fault_of(written, error)
        raise SitegenError(where, f'"select" is {fault.what}', f"{fault.hint}\n  {_SELECT}") from error
    if not isinstance(found, dict):
        raise SitegenError(where, '"select" is no object of JSON', _SELECT)
    return found


_SELECT = "select in the page, and copy what its address then says of the view"


def sentence_of(text: str, gap: str) -> str:
    """Return the sentence of a paragraph in which a gap stands."""
    return next((one for one in _SENTENCE_END.split(text) if gap in one), text).strip()
