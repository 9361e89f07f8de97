"""The tools a report can name: those built in, those of installed packages, and those of its own folder.

Each is a package with two modules, `spec` and `compute`, and is loaded when it is asked for.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module, invalidate_caches
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from pipelines.code import source_digest
from pipelines.contract import Spec
from pipelines.errors import ContractError, installed, nearest

if TYPE_CHECKING:
    from pipelines.tool import Job, Output

TOOLS = (
    *("architecture", "classification", "comparison", "confusion", "correction", "dataset", "duplicates"),
    *("fairness", "familiarity", "inactive_units", "label_errors", "pfa", "projection", "slices", "summary"),
)
FOLDER = "pipelines"
"""Folder of a report that holds tools of its own, each a folder with `spec.py` and `compute.py`."""
GROUP = "sitegen.tools"
"""Entry points of installed packages: the tool's name, and the package that holds its two modules."""


@dataclass(frozen=True)
class Registry:
    """Tools by name: `packages` says in which package each one's `spec` and `compute` stand."""

    packages: Mapping[str, str] = field(default_factory=lambda: {name: f"pipelines.{name}" for name in TOOLS})

    def __iter__(self) -> Iterator[str]:
        """Yield the tools' names, sorted."""
        return iter(sorted(self.packages))

    def spec(self, name: str) -> Spec:
        """Return a tool's declaration, importing nothing heavy."""
        package = self._package(name)
        module = _import(name, f"{package}.spec")
        spec = getattr(module, "SPEC", None)
        if not isinstance(spec, Spec):
            raise ContractError(_place(module), "has no SPEC", "SPEC = Spec(…) declares the tool")
        if spec.name != name:
            what = f'declares the tool "{spec.name}", and is named "{name}"'
            raise ContractError(_place(module), what, "give both the same name")
        return spec

    def compute(self, name: str) -> Callable[[Job], Output]:
        """Return a tool's computation, importing what it needs."""
        module = _import(name, f"{self._package(name)}.compute")
        compute: Callable[[Job], Output] | None = getattr(module, "compute", None)
        if not callable(compute):
            raise ContractError(
                _place(module), "has no function compute", "def compute(job): return Output(…)"
            )
        return compute

    def digest(self, name: str, *further: str) -> str:
        """Return a SHA-256 of the tool's source and of `further` modules; see `code.source_digest`."""
        return source_digest(self._package(name), *further)

    def _package(self, name: str) -> str:
        if name not in self.packages:
            raise ContractError(name, f'there is no tool "{name}"', nearest(name, self.packages))
        return self.packages[name]


def registry(report: Path | None = None) -> Registry:
    """Return the tools there are for the report in a folder; raise `ContractError` where two share a name."""
    packages: dict[str, str] = {}
    problems: list[ContractError] = []
    places = [*_built_in(), *_installed(), *(_own(report) if report else ())]
    for name, package, where in places:
        if name in packages:
            what = f'there is a tool "{name}" already, in {packages[name]}'
            problems.append(ContractError(where, what, "give it another name"))
        packages.setdefault(name, package)
    if problems:
        raise ContractError.together(problems)
    return Registry(packages)


Place = tuple[str, str, str]
"""A tool's name, its package, and where a person would look for it."""


def _built_in() -> Iterator[Place]:
    for name in TOOLS:
        yield name, f"pipelines.{name}", f"pipelines/{name}"


def _installed() -> Iterator[Place]:
    for point in sorted(entry_points(group=GROUP)):
        yield point.name, point.value, f"entry point {point.name} = {point.value}"


def _own(report: Path) -> Iterator[Place]:
    folder = report / FOLDER
    # In a clone of this project the folder is this very package, whichever copy of it runs.
    if not folder.is_dir() or (folder / Path(__file__).name).is_file():
        return
    found = sorted(path.parent.name for path in folder.glob("*/spec.py"))
    package = _mount(folder) if found else ""
    for name in found:
        yield name, f"{package}.{name}", f"{FOLDER}/{name}"


def _mount(folder: Path) -> str:
    """Make a folder a package under a name of its own, so that it shadows nothing; return the name."""
    place = str(folder.resolve())
    name = f"report_pipelines_{hashlib.sha256(place.encode()).hexdigest()[:12]}"
    # Each look at a report sees its files as they are: a preview outlives many edits.
    for loaded in [key for key in sys.modules if key == name or key.startswith(f"{name}.")]:
        del sys.modules[loaded]
    package = ModuleType(name, f"The tools in {folder}.")
    package.__path__ = [place]
    sys.modules[name] = package
    invalidate_caches()
    return name


def _import(name: str, module: str) -> ModuleType:
    """Import a tool's module; what goes wrong in one that is not ours is said with its file and line."""
    with installed(name):
        if module.startswith("pipelines."):
            return import_module(module)
        try:
            return import_module(module)
        except ModuleNotFoundError as error:
            if error.name and not module.startswith(error.name):
                raise  # a library that the tool needs
            raise ContractError(name, f"cannot be loaded: there is no {error.name}") from error
        except Exception as error:
            raise ContractError(*_failure(name, error)) from error


def _failure(name: str, error: Exception) -> tuple[str, str]:
    """Return where a module failed, and how in one line."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}", f"cannot be loaded: {error.msg}"
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else name
    return where, f"cannot be loaded: {type(error).__name__}: {error}"


def _place(module: ModuleType) -> str:
    return str(module.__file__ or module.__name__)
