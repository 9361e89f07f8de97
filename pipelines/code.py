"""The digest of a tool's source: it changes with what the code does, not with its comments."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "pipelines"


@cache
def tool_digest(tool: str) -> str:
    """Return a SHA-256 over the tool's modules and all of this package that they import, however deep."""
    seen: dict[str, str] = {}
    waiting = [f"{PACKAGE}.{tool}.spec", f"{PACKAGE}.{tool}.compute"]
    while waiting:
        module = waiting.pop()
        path = _path(module)
        if module in seen or path is None:
            continue
        tree = ast.parse(path.read_text("utf-8"), str(path))
        seen[module] = meaning(tree)
        waiting += _imported(tree)
    return hashlib.sha256("".join(f"{name}\n{seen[name]}\n" for name in sorted(seen)).encode()).hexdigest()


def meaning(tree: ast.Module) -> str:
    """Return the source as its syntax tree, without comments, docstrings and positions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [item for item in node.body if not _is_text(item)] or [ast.Pass()]
    return ast.dump(tree)


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (item.name for item in node.names if item.name.startswith(f"{PACKAGE}."))
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE:
            yield node.module
            yield from (f"{node.module}.{item.name}" for item in node.names)


def _path(module: str) -> Path | None:
    """Return the module's file; None for a name that is no module, such as an imported function."""
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    is_file = found is not None and found.origin is not None and found.origin.endswith(".py")
    return Path(str(found.origin)) if found is not None and is_file else None
