"""Says a computed value as text, and whether it is what an author expects."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from sitegen.errors import SitegenError

UNDEFINED = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
FORMAT = re.compile(r"\+?,?(?:\.\d{1,2})?[%defg]?")
"""How a number may be written, in signs that Python and d3 share: ``.1%``, ``,``, ``.3g``."""

_PRECISION = 420
"""Digits enough for the greatest of the floating-point numbers, as per cent with 99 decimals."""
_NUMBER = r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?")
_OFF = r"(?:\N{PLUS-MINUS SIGN}|\+-|\+/-)"
_AROUND = re.compile(rf"({_NUMBER}){_OFF}(\d[\d_]*\.?\d*|\.\d+)(%?)")
_AROUND_WHAT = re.compile(rf"{_NUMBER}{_OFF}%?")


def is_number(value: Any) -> bool:
    """Say whether a value is a number, truth values left out."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def is_undefined(value: Any) -> bool:
    """Say whether there is no value: NULL, NaN or an infinity."""
    return value is None or (is_number(value) and not math.isfinite(value))


def check_format(text: str, where: str) -> str:
    """Return a number's format, or raise as of ``where`` when it is none."""
    if not FORMAT.fullmatch(text):
        hint = "such as .1% for 93.8%, a comma for 1,797, .3f, .3g"
        raise SitegenError(where, f'"{text}" is not a format of numbers', hint)
    return text


def format_value(value: Any, form: str = "") -> str:
    """Return a value for a person; without a format whole numbers in full, others to four digits."""
    if is_undefined(value):
        return UNDEFINED
    if isinstance(value, bool):
        return str(value).lower()
    if not is_number(value):
        return str(value)
    text = _formatted(value, form or _usual(value))
    # What rounds to nothing has no sign, as in d3.
    return text.replace("-", "" if not re.search("[1-9]", text) else MINUS)


def _formatted(value: int | float | Decimal, form: str) -> str:
    """Return a number, ties away from zero as in JavaScript and SQL; Python's own go to the even digit."""
    found = re.search(r"\.(\d+)[%f]$|[d%f]$", form)
    if not found:
        return format(value, form)
    places = 0 if form.endswith("d") else int(found.group(1) or 6)
    exact = Decimal(value) if not isinstance(value, Decimal) else value
    step = Decimal(1).scaleb(-places - 2 * form.endswith("%"))
    shown = exact.quantize(step, ROUND_HALF_UP, Context(prec=_PRECISION))
    return format(int(shown), form) if form.endswith("d") else format(shown, form)


def _usual(value: int | float | Decimal) -> str:
    if isinstance(value, int):
        return ",.0f"
    size = abs(float(value))
    return ",.0f" if (value == int(value) and size < 1e15) or 1000 <= size < 1e15 else ".4g"


@dataclass(frozen=True)
class Expectation:
    """What an author says that a value is: a range with both ends, or one value."""

    written: str
    low: float = -math.inf
    high: float = math.inf
    text: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether a number is expected, not a text."""
        return self.low <= self.high

    def holds(self, value: Any) -> bool:
        """Say whether ``value`` is as expected; what is undefined never is."""
        if is_undefined(value):
            return False
        if is_number(value):
            number = float(value)
            return self.low <= number <= self.high or any(
                math.isclose(number, end, rel_tol=1e-9) for end in (self.low, self.high)
            )
        return self.text is not None and format_value(value) == self.text


def read_expectation(written: str, where: str) -> Expectation:
    """Return what ``expect=`` says: ``0.93..0.97``, ``3..``, ``0.95±0.02``, ``1797±1%``, ``1797``, a text."""
    span = _RANGE.fullmatch(written)
    if span:
        low, high = span.groups()
        found = Expectation(written, float(low or "-inf"), float(high or "inf"))
        if found.low > found.high or written == "..":
            raise SitegenError(where, f'"{written}" holds no number', "write the lower end first: 0.9..0.95")
        return found
    around = _AROUND.fullmatch(written)
    if around:
        middle, width = float(around.group(1)), float(around.group(2))
        allowed = abs(middle) * width / 100 if around.group(3) else width
        return Expectation(written, middle - allowed, middle + allowed)
    if _AROUND_WHAT.fullmatch(written):
        what = f'"{written}" does not say how far off the number may be'
        raise SitegenError(where, what, "write it after the sign: 0.94±0.01, or 1797±2%")
    if re.fullmatch(_NUMBER, written):
        number = float(written)
        return Expectation(written, number, number, written)
    return Expectation(written, math.inf, -math.inf, written)
