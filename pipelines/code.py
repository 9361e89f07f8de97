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
def source_digest(package: str, *further: str) -> str:
    """Return a SHA-256 over a tool's modules and what they import, of its own and of ours, however deep.

    `package` holds the tool's `spec` and `compute`. Names of modules are taken from where the tool's own code
    begins, so that the digest is the same wherever a report stands. `further` are modules that they load by
    name.
    """
    own = package.partition(".")[0]
    seen: dict[str, str] = {}
    paths: dict[str, Path | None] = {}
    waiting = [f"{package}.spec", f"{package}.compute", *further]
    while waiting:
        module = waiting.pop()
        above = paths.get(module.rpartition(".")[0])
        # Looking for a module within one that is no package would load that one, and TensorFlow with it.
        if module in paths or (above is not None and above.name != "__init__.py"):
            continue
        paths[module] = path = _path(module)
        if path is None:
            continue
        changed = path.stat()
        seen[module], imported = _read(module, path, changed.st_mtime_ns, changed.st_size)
        waiting += [name for name in imported if name.partition(".")[0] in (own, PACKAGE)]
    prefix = "" if own == PACKAGE else f"{own}."
    told = sorted((name.removeprefix(prefix), text) for name, text in seen.items())
    return hashlib.sha256("".join(f"{name}\n{text}\n" for name, text in told).encode()).hexdigest()


@cache
def _read(module: str, path: Path, _changed: int, _size: int) -> tuple[str, tuple[str, ...]]:
    """Return what a module does and what it imports; tools have most of their modules in common."""
    tree = ast.parse(path.read_text("utf-8"), str(path))
    return meaning(tree), tuple(_imported(tree, module, path))


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


def _imported(tree: ast.Module, module: str, path: Path) -> Iterator[str]:
    """Yield what a module imports; of `from a import b` first `a.b`, which may be one, and then `a`."""
    around = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (item.name for item in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = importlib.util.resolve_name("." * node.level + (node.module or ""), around)
            yield from (f"{source}.{item.name}" for item in node.names)
            yield source


def _path(module: str) -> Path | None:
    """Return the module's file; None for a name that is no module, such as an imported function."""
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    is_file = found is not None and found.origin is not None and found.origin.endswith(".py")
    return Path(str(found.origin)) if found is not None and is_file else None
