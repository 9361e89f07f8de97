"""Reads the YAML, JSON and ``key=value`` that stand inside a page, and says the line of what is wrong.

Stricter than the libraries: no duplicate keys, text keys only, no NaN, dates stay text; so that a value
means the same to Python, to the theme's scripts and to whoever reads the page.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Hashable, Sequence
from typing import Any, NoReturn

import yaml

from pipelines.contract import fault_of
from sitegen.errors import SitegenError, nearest


def read_yaml(text: str, file: str, first_line: int) -> dict[str, Any]:
    """Return the mapping that ``text`` is (empty for no text); ``first_line`` is its first line's number."""
    where = f"{file}:{first_line}"
    try:
        value = yaml.load(text, Loader=_Loader)  # a SafeLoader: makes plain values only
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        fault = fault_of(text, error, "YAML")
        raise SitegenError(fault.where(file, first_line), fault.what, fault.hint) from error
    if value is None:
        return {}
    _check_plain(value, where)
    if not isinstance(value, dict):
        raise SitegenError(where, "expected lines of the form key: value")
    return value


def read_json(text: str, file: str, first_line: int) -> dict[str, Any]:
    """Return the object that ``text`` is; ``first_line`` is its first line's number."""
    where = f"{file}:{first_line}"
    try:
        value = parse_json(text)
    except (ValueError, RecursionError) as error:
        fault = fault_of(text, error)
        raise SitegenError(fault.where(file, first_line), fault.what, fault.hint) from error
    _check_plain(value, where)
    if not isinstance(value, dict):
        raise SitegenError(where, "expected a JSON object: {…}")
    return value


def parse_json(text: str) -> Any:
    """Return what ``text`` says in JSON; raises ``ValueError``, for a key that stands twice and NaN, too."""
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)


def _check_plain(value: Any, where: str) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise SitegenError(where, "holds half of a surrogate pair, which no file can") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise SitegenError(where, "holds a value that JSON cannot say") from error


_PAIR = re.compile(r'\s*([A-Za-z][\w-]*)=("(?:[^"\\]|\\.)*"|[^\s"]+)(?=\s|$)')
_LINE_ENDS = {"n": "\n", "r": "\r"}


def read_info(text: str, where: str, known: Sequence[str]) -> dict[str, str]:
    """Return the ``key=value`` pairs of a fence's first line; raises on a key that is not ``known``.

    In quotes ``\\n`` and ``\\r`` end a line, and a backslash leaves any other sign as it is.
    """
    found: dict[str, str] = {}
    rest = text.rstrip()
    while rest:
        pair = _PAIR.match(rest)
        if pair is None:
            raise SitegenError(
                where, f'"{rest.strip()}" is not key=value', 'quote what holds spaces: title="…"'
            )
        key, value = pair.groups()
        if key not in known:
            raise SitegenError(where, f'unknown key "{key}" in the info string', nearest(key, known))
        if key in found:
            raise SitegenError(where, f'"{key}" stands twice in the info string')
        found[key] = _unquoted(value) if value.startswith('"') else value
        rest = rest[pair.end() :]
    return found


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: _LINE_ENDS.get(found[1], found[1]), value[1:-1])


def line_of(text: str, path: str, first_line: int) -> int:
    """Return the line of ``text`` where the dotted ``path`` of keys ends, as far as it can be followed.

    A key is looked for among the lines that are indented below the one before it, the outermost first.
    """
    lines = text.splitlines()
    found, inside = 0, range(len(lines))
    for key in path.split("."):
        if key.isdigit():
            continue
        places = [(place, number) for number in inside if (place := _place_of(lines[number], key)) >= 0]
        if not places:
            break
        place, found = min(places)
        inside = _inside(lines, found, place)
    return first_line + found


def _place_of(line: str, key: str) -> int:
    """Return where in a line a key of that name stands; -1 for nowhere."""
    name = re.escape(key)
    told = re.search(rf"""(?:^\s*(?:-\s+)*|[{{,]\s*)(?P<key>{name}|"{name}"|'{name}')\s*:(?!\S)""", line)
    told = told or re.search(rf'(?P<key>"{name}")\s*:', line)
    return told.start("key") if told else -1


def _inside(lines: Sequence[str], number: int, place: int) -> range:
    """Return the lines that a key at a place of a line holds: its own, and those indented further.

    Items of a list may stand as far out as their key, and so may the brackets that close.
    """
    line = lines[number]
    indent = place if re.fullmatch(r"[\s-]*", line[:place]) else len(line) - len(line.lstrip())
    # A value that begins in the key's own line may have its keys there; else the key would be found again.
    first = number if re.search(r"[{\[]", line[place:]) else number + 1
    end = first
    for end in range(number + 1, len(lines) + 1):
        if end < len(lines) and _leaves(lines[end], indent):
            break
    return range(first, end)


def _leaves(line: str, indent: int) -> bool:
    bare = line.lstrip()
    depth = len(line) - len(bare)
    return bool(bare) and (depth < indent or (depth == indent and not bare.startswith(("- ", "}", "]"))))


class _Loader(yaml.SafeLoader):
    """Safe YAML without dates, duplicate keys, other keys than text, NaN and infinities."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (the library's own attribute)
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = self.construct_object(key)
            if not isinstance(name, str):
                what = f"the key {name!r} is not text; put it in quotes"
                raise yaml.constructor.ConstructorError(None, None, what, key.start_mark)
            if name in seen:
                what = f'the key "{name}" stands twice'
                raise yaml.constructor.ConstructorError(None, None, what, key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)

    def construct_finite(self, node: yaml.ScalarNode) -> float:
        """Return a number, refusing those that JSON cannot say."""
        number = self.construct_yaml_float(node)
        if not math.isfinite(number):
            what = f"{node.value} is not a finite number"
            raise yaml.constructor.ConstructorError(None, None, what, node.start_mark)
        return number


_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_finite)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f'the key "{twice}" stands twice'
        raise ValueError(message)
    return found


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not a finite number"
    raise ValueError(message)
