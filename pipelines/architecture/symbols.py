"""Sizes that are not fixed: expressions of symbols, evaluated without ever running what a file says.

PyTorch writes them as `4*s77`, and in files as `Mul(Integer(4), Symbol('s77'))`.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

_LONGEST = 2_000  # letters of an expression
_LARGEST = 2**63
_LARGEST_POWER = 8
_OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "Integer": int,
    "Add": lambda *parts: sum(parts),
    "Mul": lambda *parts: math.prod(parts),
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


def _power(base: Any, power: Any) -> Any:
    if not 0 <= power <= _LARGEST_POWER:
        message = "is no power of a size"
        raise ValueError(message)
    return base**power


def symbols(expression: str) -> set[str]:
    """Return the symbols in an expression of PyTorch, such as s77 in `4*s77`."""
    return set(_SYMBOL.findall(expression[:_LONGEST]))


def symbol(expression: str) -> str:
    """Return the symbol that an expression is and nothing more; "" for any other."""
    found = symbols(expression)
    is_plain = len(found) == 1 and all(evaluate(expression, dict.fromkeys(found, n)) == n for n in (7, 11))
    return found.pop() if is_plain else ""


def evaluate(expression: str, values: Mapping[str, int]) -> int | None:
    """Return the size that an expression stands for, None where it cannot be known from `values`."""
    if len(expression) > _LONGEST:
        return None
    try:
        found = _value(ast.parse(expression, mode="eval").body, values)
        return int(found)
    except (SyntaxError, ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        return None


def _value(node: ast.expr, values: Mapping[str, int]) -> Any:
    """Return what a part stands for; raise `OverflowError` before numbers grow beyond any size."""
    found = _computed(node, values)
    if abs(found) >= _LARGEST:
        message = "is larger than any size"
        raise OverflowError(message)
    return found


def _computed(node: ast.expr, values: Mapping[str, int]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, values)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left, values), _value(right, values))
        case ast.BinOp(left=left, op=kind, right=right):
            return _OPERATORS[type(kind)](_value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id="Symbol"), args=[ast.Constant(value=str() as name), *_]):
            return values[name]
        case ast.Call(func=ast.Name(id="Pow"), args=[base, ast.Constant() | ast.Call() as power]):
            return _power(_value(base, values), _value(power, values))
        case ast.Call(func=ast.Name(id=name), args=given):
            return _FUNCTIONS[name](*(_value(each, values) for each in given))
        case _:
            message = "is no size"
            raise ValueError(message)
