"""Frozen dataclasses as JSON: one description gives the reader and the published JSON Schema.

A field's type hint may be `Annotated` with a description, a pattern of its strings, a least value and a tuple
of choices.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple

from pipelines.errors import ContractError, nearest
from pipelines.places import Places

LATER = "later"
"""Metadata key of a field that records written before it was there lack; it then has its default."""


class _Hint(NamedTuple):
    """A type hint taken apart: its plain type, what is said of it, and what its values must keep to."""

    plain: Any
    said: str = ""
    pattern: re.Pattern[str] | None = None
    least: int | None = None
    choices: tuple[str, ...] = ()


def _parts(hint: Any) -> _Hint:
    if typing.get_origin(hint) is not Annotated:
        return _Hint(hint)
    plain, *notes = typing.get_args(hint)
    said = [note for note in notes if isinstance(note, str)]
    pattern = next((note for note in notes if isinstance(note, re.Pattern)), None)
    least = next((note for note in notes if isinstance(note, int)), None)
    choices = next((note for note in notes if isinstance(note, tuple)), ())
    return _Hint(plain, said[-1] if said else "", pattern, least, choices)


def _fields(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return {item.name: hints[item.name] for item in dataclasses.fields(kind)}


_hints = cache(_fields)
"""A table has a record for each column, all of one kind."""


def schema_of(hint: Any, defaults: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of a dataclass or of one field's type hint.

    With `defaults` the keys of a dataclass that have one may be missing, and the schema says it.
    """
    parts = _parts(hint)
    schema = _plain_schema(parts.plain)
    if parts.pattern:
        schema["pattern"] = f"^({parts.pattern.pattern})$"
    if parts.least is not None:
        schema["minimum"] = parts.least
    if parts.choices:
        schema["enum"] = list(parts.choices)
    if defaults and dataclasses.is_dataclass(parts.plain):
        _allow_defaults(schema, parts.plain)
    return {"description": parts.said, **schema} if parts.said else schema


def _allow_defaults(schema: dict[str, Any], kind: Any) -> None:
    for item in dataclasses.fields(kind):
        if item.name not in _needed(kind, defaults=True) and not item.metadata.get(LATER):
            schema["required"].remove(item.name)
            has_value = item.default is not dataclasses.MISSING
            default = item.default if has_value else typing.cast(Any, item.default_factory)()
            plain = list(default) if isinstance(default, tuple) else default
            schema["properties"][item.name]["default"] = plain


def _needed(kind: Any, defaults: bool) -> set[str]:
    """Return the fields that a value must have: all but later ones; with `defaults` those without one."""
    missing = dataclasses.MISSING
    return {
        item.name
        for item in dataclasses.fields(kind)
        if not item.metadata.get(LATER)
        and (not defaults or (item.default is missing and item.default_factory is missing))
    }


def _plain_schema(plain: Any) -> dict[str, Any]:
    if dataclasses.is_dataclass(plain):
        properties = {name: schema_of(hint) for name, hint in _fields(plain).items()}
        required = [item.name for item in dataclasses.fields(plain) if not item.metadata.get(LATER)]
        told = {"type": "object", "properties": properties, "required": required}
        return {**told, "additionalProperties": False}
    origin, arguments = typing.get_origin(plain), typing.get_args(plain)
    if origin is tuple:
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if isinstance(plain, types.UnionType):
        return {"type": [_plain_schema(member)["type"] for member in arguments]}
    names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    return {"type": names[plain]} if plain in names else {}


_KINDS: Mapping[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    tuple: "a list",
    dict: "an object",
}
"""What people call the types of values."""


class Decoder:
    """Turns parsed JSON or TOML into the dataclasses, noting every problem instead of stopping at the first.

    With `defaults` a missing key takes its field's default, as a person writing by hand expects. With
    `places` each problem names its line.
    """

    def __init__(self, where: str, defaults: bool = False, places: Places | None = None) -> None:
        self.where, self.defaults, self.places = where, defaults, places
        self.problems: list[ContractError] = []

    def refuse(self, path: str, what: str, hint: str = "") -> None:
        """Note a problem of the value at `path`."""
        where = self.places.where(path.rpartition(" ")[2]) if self.places else self.where
        self.problems.append(ContractError(where, f"{path} {what}", hint))

    def decode(self, value: object, hint: Any, path: str) -> Any:
        """Return `value` as the type of `hint`; what does not fit is noted and comes back as None."""
        plain, _, pattern, least, choices = _parts(hint)
        decoded = self._plain(value, plain, path)
        if pattern and isinstance(decoded, str) and not pattern.fullmatch(decoded):
            self.refuse(path, f"is {brief(decoded)}, which is not allowed there")
        if choices and isinstance(decoded, str) and decoded not in choices:
            self.refuse(path, f"is {brief(decoded)}, which is not allowed there", nearest(decoded, choices))
        if least is not None and isinstance(decoded, int) and decoded < least:
            self.refuse(path, f"is {decoded}, less than {least}")
        return decoded

    def _plain(self, value: object, plain: Any, path: str) -> Any:
        if dataclasses.is_dataclass(plain):
            return self._record(value, plain, path)
        origin, arguments = typing.get_origin(plain), typing.get_args(plain)
        if origin is tuple and isinstance(value, list):
            return tuple(
                self.decode(item, arguments[0], f"{path}[{index}]") for index, item in enumerate(value)
            )
        if origin is dict and isinstance(value, dict):
            return {key: self.decode(item, arguments[1], f"{path}.{key}") for key, item in value.items()}
        if plain is Any:
            return value
        if plain is float and type(value) is int:
            return float(value)
        if type(value) in (arguments if isinstance(plain, types.UnionType) else (plain,)):
            return value
        wanted = _KINDS.get(origin or plain, str(plain))
        self.refuse(path, f"is {brief(value)}, not {wanted}")
        return None

    def _record(self, value: object, kind: Any, path: str) -> Any:
        if not isinstance(value, dict):
            hint = "" if path else "run the tool again, or remove this folder"
            return self.refuse(path or "the manifest", f"is {brief(value)}, not an object", hint)
        hints, prefix = _hints(kind), f"{path}." if path else ""
        for key in value.keys() - hints.keys():
            self.refuse(f"{prefix}{key}", "is not known", nearest(key, hints))
        needed = _needed(kind, self.defaults)
        for key in needed - value.keys():
            self.refuse(f"{prefix}{key}", "is missing")
        known = {
            key: self.decode(value[key], hint, prefix + key) for key, hint in hints.items() if key in value
        }
        return kind(**known) if needed <= known.keys() else None


def brief(value: object) -> str:
    """Return `value` as JSON for a message, cut to 60 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"
