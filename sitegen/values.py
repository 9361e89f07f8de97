"""Values that a page may name: ``{{ site.title }}``, a constant, the class that one of many pages is about.

A value is data. It is put in as text where text stands, as a literal where an expression stands, and as a
parameter where SQL stands; nowhere is it read as Markdown, as an expression or as SQL.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sitegen.errors import Consequence, SitegenError, nearest

Value = str | int | float | bool | None
Values = Mapping[str, Value]


class PartialValues(dict[str, Value]):
    """Values of a page of which some could not be read: one that is missing may be among those."""


MARK = re.compile(r"\{\{[ \t]*([A-Za-z_][\w.-]*)[ \t]*\}\}")
"""A value, named. Anything else between braces is text."""

QUERY = re.compile(r"\{sql(?:[ \t\n]+((?:[^`{}]|\{\{[^{}`]*\}\})*))?\}(`+)(.+?)(?<!`)\2(?!`)", re.DOTALL)
"""A number that SQL computes, in a text: its format and expectation, backticks, the statement."""

CLAIM = re.compile(
    r'\{claim(?:[ \t\n]+((?:"(?:[^"\\`]|\\.)*"|[^`{}"]|\{\{[^{}`]*\}\})*))?\}(`+)(.+?)(?<!`)\2(?!`)',
    re.DOTALL,
)
"""The same, which is a claim: readers see that it was checked, and against what. Quotes may hold braces."""

_TEXT_PART = re.compile(rf"{QUERY.pattern}|{MARK.pattern}", re.DOTALL)

EXPRESSIONS = {"filter", "calculate", "test", "expr", "init", "update", "signal", "labelExpr"}
"""Keys of a view or of a Vega-Lite spec whose text is an expression."""

TEXTS = {"title", "help", "table", "id", "name", "text", "description"}
"""Keys whose value is text, also when it is a number."""

_EXPRESSION_PART = re.compile(rf"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|{MARK.pattern}""", re.DOTALL)
_SQL_PART = re.compile(
    rf"""('(?:[^']|'')*'|\$(\w*)\$.*?\$\2\$)|("(?:[^"]|"")*")|(--[^\n]*|/\*.*?\*/)|{MARK.pattern}""",
    re.DOTALL,
)


def is_value(value: object) -> bool:
    """Say whether ``value`` is plain: text, a finite number, true, false or nothing."""
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str | int)


def is_day(text: str) -> bool:
    """Say whether a text is a day as 2026-11-26."""
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text) and date.fromisoformat(text))
    except ValueError:
        return False


def joined(values: Values, more: Values) -> Values:
    """Return both; ``more`` wins where a name is in both."""
    both = {**values, **more}
    return PartialValues(both) if isinstance(values, PartialValues) else both


def say(value: Value) -> str:
    """Return a value as it is read; nothing is a dash."""
    if value is None:
        return "\N{EN DASH}"
    return str(value).lower() if isinstance(value, bool) else printable(str(value))


def one_line(text: str) -> str:
    """Return a text without line ends and what else no line of a file of texts may hold."""
    return " ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split())


def printable(text: str) -> str:
    """Return a text without NUL, which Markdown has none of, and which marks places in a page being made."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def find(values: Values, name: str, where: str) -> Value:
    """Return the value called ``name``; raises, as of ``where``, when there is none, offering the nearest."""
    if name not in values and isinstance(values, PartialValues):
        raise Consequence(where, f'the value "{name}" could not be read')
    if name not in values:
        raise SitegenError(where, f'there is no value "{name}"', nearest(name, values))
    return values[name]


def fill_text(text: str, values: Values, where: str) -> str:
    """Return ``text`` with its values said; those in SQL are left, for they are parameters there."""

    def fill(part: re.Match[str]) -> str:
        name = part.group(4)
        return say(find(values, name, where)) if name else part.group()

    return _TEXT_PART.sub(fill, text)


def fill_expression(text: str, values: Values, where: str) -> str:
    """Return an expression with its values as literals; raises where one stands inside quotes."""

    def fill(part: re.Match[str]) -> str:
        quoted, name = part.groups()
        if quoted:
            _refuse_quoted(quoted, where)
            return str(quoted)
        return json.dumps(find(values, name, where))

    return _EXPRESSION_PART.sub(fill, text)


def fill_sql(text: str, values: Values, where: str) -> tuple[str, dict[str, Value]]:
    """Return SQL with a parameter in the place of every value, and the parameters.

    Inside a quoted identifier a value is part of the name; inside a quoted text it is refused.
    """
    parameters: dict[str, Value] = {}

    def fill(part: re.Match[str]) -> str:
        quoted, _, identifier, comment, name = part.groups()
        if quoted:
            _refuse_quoted(quoted, where)
        if identifier:
            return MARK.sub(lambda mark: _in_identifier(values, mark.group(1), where), identifier)
        if quoted or comment:
            return part.group()
        parameter = f"value_{len(parameters)}"
        parameters[parameter] = find(values, name, where)
        return f"${parameter}"

    return _SQL_PART.sub(fill, text), parameters


_PARAMETER = re.compile(
    r"""('(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/)|\$(value_\d+)\b""",
    re.DOTALL,
)


def inlined(sql: str, parameters: Mapping[str, Value]) -> str:
    """Return a statement of ``fill_sql`` with its values as literals, where no parameters are taken."""

    def literal(part: re.Match[str]) -> str:
        name = part.group(3)
        return _literal(parameters[name]) if name in parameters else part.group()

    return _PARAMETER.sub(literal, sql)


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else str(value).lower()


def _in_identifier(values: Values, name: str, where: str) -> str:
    return say(find(values, name, where)).replace('"', '""')


def _refuse_quoted(quoted: str, where: str) -> None:
    mark = MARK.search(quoted)
    if mark:
        what = f"the value {mark.group()} stands inside quotes"
        raise SitegenError(where, what, f"write {mark.group()} alone; it brings its own quotes")


def fill_options(value: Any, values: Values, where: Callable[[str], str], path: str = "") -> Any:
    """Return what a block holds with its values put in; a text that is one value alone becomes that value.

    ``where`` says the place of a dotted path of keys.
    """
    if isinstance(value, dict):
        inner = ((key, fill_options(item, values, where, _below(path, key))) for key, item in value.items())
        return dict(inner)
    if isinstance(value, list):
        return [
            fill_options(item, values, where, _below(path, str(index))) for index, item in enumerate(value)
        ]
    if not isinstance(value, str) or not MARK.search(value):
        return value
    key = path.rpartition(".")[2]
    if key in EXPRESSIONS:
        return fill_expression(value, values, where(path))
    whole = None if key in TEXTS else MARK.fullmatch(value)
    if not whole:
        return fill_text(value, values, where(path))
    found = find(values, whole.group(1), where(path))
    return printable(found) if isinstance(found, str) else found


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def safe_in_script(json_text: str) -> str:
    """Return JSON that cannot end the script element that it stands in."""
    return json_text.replace("<", "\\u003c")
