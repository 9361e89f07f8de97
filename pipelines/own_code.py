"""A report's own functions, named `module:function` in its settings and loaded by path.

The report's folder becomes a package of a private name, so that its modules never stand in the way of an
installed one and may import each other relatively (`from .layers import …`).
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from pipelines.errors import ContractError, nearest

Function = Callable[..., Any]
_SHAPE = 'write "module:function": the function in module.py of the report\'s folder'


def load_function(reference: str, root: Path, where: str = "") -> Function:
    """Return the function that `reference`, such as "networks:small", names in the folder `root`.

    The module is executed, each time anew. Raise `ContractError`, as of `where`, when the reference has
    another form, when there is no such module or function, and when the module itself fails.
    """
    path, name = _split(reference, root, where or reference)
    package = _package(root)
    module = path.relative_to(root).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    with _fresh(package, root), told(path):
        loaded = importlib.import_module(f"{package}.{module}")
    found = getattr(loaded, name, None)
    if not callable(found):
        own = [key for key, value in vars(loaded).items() if callable(value) and not key.startswith("_")]
        raise ContractError(where or reference, f'{path.name} has no function "{name}"', nearest(name, own))
    function: Function = found
    return function


def source_digest(reference: str, root: Path, where: str = "") -> str:
    """Return a SHA-256 over the module that `reference` names and those of the report that it imports."""
    path, name = _split(reference, root, where or reference)
    seen: dict[str, str] = {}
    waiting = [path]
    while waiting:
        file = waiting.pop()
        key = file.relative_to(root).as_posix()
        if key not in seen and file.is_file():
            content = file.read_bytes()
            seen[key] = hashlib.sha256(content).hexdigest()
            waiting += _siblings(content, file, root)
    listed = "".join(f"{key} {seen[key]}\n" for key in sorted(seen))
    return hashlib.sha256(f"{name}\n{listed}".encode()).hexdigest()


def module_path(reference: str, root: Path, where: str = "") -> Path:
    """Return the file of the module that `reference` names; raise `ContractError` when there is none."""
    return _split(reference, root, where or reference)[0]


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn whatever the report's own code in `path` raises into a `ContractError` that says the line."""
    try:
        yield
    except ContractError:
        raise
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if _is_in(frame, path)]
        line = error.lineno if isinstance(error, SyntaxError) else (lines or [None])[-1]
        what = f"fails with {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        place = f"{path}:{line}" if line else str(path)
        raise ContractError(place, what, "this is the report's own code; mend it there") from error


def _is_in(frame: traceback.FrameSummary, path: Path) -> bool:
    return Path(frame.filename).resolve() == path.resolve()


def _split(reference: str, root: Path, where: str) -> tuple[Path, str]:
    """Return the module's file and the function's name."""
    module, _, name = reference.partition(":")
    parts = module.split(".")
    if not name.isidentifier() or not all(part.isidentifier() for part in parts):
        raise ContractError(where, f'"{reference}" names no function', _SHAPE)
    stem = root.joinpath(*parts)
    for path in (stem.with_name(f"{stem.name}.py"), stem / "__init__.py"):
        if path.is_file():
            return path, name
    modules = sorted(path.stem for path in stem.parent.glob("*.py"))
    missing = stem.with_name(f"{stem.name}.py").relative_to(root).as_posix()
    raise ContractError(where, f"there is no file {missing} in the report", nearest(parts[-1], modules))


def _package(root: Path) -> str:
    return f"_report_{hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]}"


@contextmanager
def _fresh(package: str, root: Path) -> Iterator[None]:
    """Make the report's folder an empty package, and leave no compiled files in it."""
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]
    made = ModuleType(package, "A report's own code.")
    made.__path__ = [str(root.resolve())]
    sys.modules[package] = made
    importlib.invalidate_caches()
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _siblings(content: bytes, file: Path, root: Path) -> Iterator[Path]:
    """Yield the files of the report that a module imports relatively; none where it is no Python."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return  # loading it says so, with its line
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and node.level
            and node.level <= len(file.relative_to(root).parts)
        ):
            base = file.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            for stem in (base, *(base / alias.name for alias in node.names)):
                yield stem.with_name(f"{stem.name}.py")
                yield stem / "__init__.py"
