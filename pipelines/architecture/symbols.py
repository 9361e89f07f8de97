"""Sizes that are not fixed: expressions of symbols, evaluated without ever running what a file says."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

_LONGEST = 2_000  # letters of an expression
_OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "Max": max,
    "Min": min,
    "Mod": operator.mod,
    "PythonMod": operator.mod,
    "FloorDiv": operator.floordiv,
    "CleanDiv": operator.floordiv,
    "CeilDiv": lambda first, second: -(-first // second),
    "CeilToInt": math.ceil,
    "FloorToInt": math.floor,
    "TruncToInt": math.trunc,
    "ToFloat": float,
    "IntTrueDiv": operator.truediv,
    "FloatTrueDiv": operator.truediv,
    "floor": math.floor,
    "ceiling": math.ceil,
}
_SYMBOL = re.compile(r"\b[su]\d+\b")


def symbols(expression: str) -> set[str]:
    """Return the symbols in an expression of PyTorch, such as s77 in `4*s77`."""
    return set(_SYMBOL.findall(expression[:_LONGEST]))


def evaluate(expression: str, values: Mapping[str, int]) -> int | None:
    """Return the size that an expression stands for, None where it cannot be known from `values`."""
    if len(expression) > _LONGEST:
        return None
    try:
        found = _value(ast.parse(expression, mode="eval").body, values)
        return int(found) if abs(found) < 2**63 else None
    except (SyntaxError, ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        return None


def _value(node: ast.expr, values: Mapping[str, int]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, values)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)) if 0 <= power <= 8:
            return _value(left, values) ** power
        case ast.BinOp(left=left, op=kind, right=right):
            return _OPERATORS[type(kind)](_value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id=name), args=given):
            return _FUNCTIONS[name](*(_value(each, values) for each in given))
        case _:
            message = "is no size"
            raise ValueError(message)
