"""What `sitegen.toml` says of datasets, models and tools, checked whole before anything runs."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from pipelines.contract import ROLES, Input, Name, Parameter, Spec
from pipelines.errors import ContractError, nearest
from pipelines.malformed import fault_of
from pipelines.models.settings import BUNDLED, FILES, ModelSettings, history_problems, settings_problems
from pipelines.places import Places
from pipelines.records import Decoder
from pipelines.registry import Registry
from pipelines.settings import DatasetSettings

FILE = "sitegen.toml"
ARTIFACTS = "artifacts"


@dataclass(frozen=True)
class ToolSettings:
    """`[tools.NAME]`: a tool on a dataset, a model and other tools' tables, named `artifact/table`."""

    tool: str
    dataset: str | None = None
    model: str | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    title: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Config:
    """The report's datasets, models and tools, by name, and the folder of its artifacts."""

    datasets: Mapping[str, DatasetSettings]
    models: Mapping[str, ModelSettings]
    tools: Mapping[str, ToolSettings]
    artifacts: str = ARTIFACTS

    def upstream(self, name: str) -> dict[str, tuple[str, str]]:
        """Return, for each table that the tool called `name` reads, its artifact and table."""
        return {key: _split(value) for key, value in sorted(self.tools[name].inputs.items())}


def load(path: Path) -> dict[str, Any]:
    """Read a TOML file; raise `ContractError` where it is missing or malformed."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise ContractError(str(path), "is missing", "name another with --config") from error
    except UnicodeDecodeError as error:
        raise ContractError(str(path), "is not UTF-8 text", "save the file as UTF-8") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        fault = fault_of(text, error)
        raise ContractError(fault.where(str(path)), fault.what, fault.hint) from error


def places(path: Path) -> Places:
    """Return where the keys of a TOML file stand that can be read."""
    return Places(path.name, path.read_text("utf-8"))


def read(
    values: Mapping[str, Any], registry: Registry, where: str = FILE, places: Places | None = None
) -> Config:
    """Return the checked settings; raise `ContractError` with every problem at once.

    `registry` holds the tools that the report can name; with `places` problems name their lines.
    Top-level tables that others read, such as `site`, are left to them; of `build`, only `artifacts` is read.
    """
    decoder = Decoder(where, defaults=True, places=places)
    sections = {"datasets": DatasetSettings, "models": ModelSettings, "tools": ToolSettings}
    for key in values.keys() - sections.keys():
        if difflib.get_close_matches(key, sections, cutoff=0.8):
            decoder.refuse(key, "is not known", nearest(key, ["site", *sections]))
    build = values.get("build")
    told = build.get("artifacts", ARTIFACTS) if isinstance(build, Mapping) else ARTIFACTS
    folder = decoder.decode(told, str, "build.artifacts")
    found: dict[str, dict[str, Any]] = {}
    written: dict[str, Mapping[str, Any]] = {}
    for section, kind in sections.items():
        named = values.get(section, {})
        if section == "models" and isinstance(named, Mapping):
            named = {name: _folded(table) for name, table in named.items()}
        written[section] = named if isinstance(named, Mapping) else {}
        decoded = decoder.decode(named, dict[str, kind], section) or {}  # type: ignore[valid-type]
        for name in decoded:
            decoder.decode(name, Name, f"the name {section}.{name}")
        found[section] = {name: item for name, item in decoded.items() if item is not None}
    config = _Check(decoder, Config(**found, artifacts=folder), written, registry).config()
    if decoder.problems:
        raise ContractError.together(sorted(decoder.problems, key=_by_line))
    return config


def _by_line(problem: ContractError) -> tuple[int, str]:
    line = problem.where.rpartition(":")[2]
    return int(line) if line.isdigit() else 0, str(problem)


def _folded(table: Any) -> Any:
    """Gather the keys of a bundled model as its parameters; those of a model file have names of their own."""
    if not isinstance(table, Mapping) or table.get("source") not in BUNDLED:
        return table
    kept = ("source", "history") if table["source"] == "columns" else ("source",)
    own = {key: value for key, value in table.items() if key not in kept}
    return {**{key: table[key] for key in kept if key in table}, "parameters": own}


class _Check:
    """Checks what names what, and fills in the defaults of parameters."""

    def __init__(
        self, decoder: Decoder, config: Config, written: Mapping[str, Any], registry: Registry
    ) -> None:
        self.registry = registry
        self.refuse, self.given, self.problems = decoder.refuse, config, decoder.problems
        self.written = written  # also what could not be read: one mistake is said once

    def config(self) -> Config:
        """Return the settings with every parameter filled in."""
        for name, dataset in self.given.datasets.items():
            for role in dataset.roles.keys() - set(ROLES):
                self.refuse(f"datasets.{name}.roles.{role}", "is no role", nearest(role, ROLES))
        models = {name: self._model(name, model) for name, model in self.given.models.items()}
        tools = {name: self._tool(name, tool) for name, tool in self.given.tools.items()}
        found = Config(self.given.datasets, models, tools, self.given.artifacts)
        self._circle(found)
        return found

    def _circle(self, found: Config) -> None:
        """Refuse tools that need each other."""
        needs = {name: {artifact for artifact, _ in found.upstream(name).values()} for name in found.tools}
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            chain = [*reversed(error.args[1])]
            what = f"needs itself: {' → '.join(chain)}"
            self.refuse(f"tools.{chain[0]}.inputs", what, "let one of them read another table")

    def _model(self, name: str, model: ModelSettings) -> ModelSettings:
        path = f"models.{name}"
        if model.source in BUNDLED:
            for key, what, hint in history_problems(model):
                self.refuse(f"{path}.{key}", what, hint)
            return replace(model, parameters=self._filled(path, model.parameters, BUNDLED[model.source]))
        if model.kind is None:
            hint = f"{nearest(model.source, BUNDLED)}, or a file: {', '.join(FILES)}"
            self.refuse(f"{path}.source", f'"{model.source}" is not known', hint)
            return model
        for key, what, hint in settings_problems(model):
            self.refuse(f"{path}.{key}", what, hint)
        return model

    def _tool(self, name: str, tool: ToolSettings) -> ToolSettings:
        path = f"tools.{name}"
        if tool.tool not in self.registry.packages:
            self.refuse(f"{path}.tool", f'"{tool.tool}" is not known', nearest(tool.tool, self.registry))
            return tool
        try:
            spec = self.registry.spec(tool.tool)
        except ContractError as error:  # a tool of the report's own, or of a package, that cannot be loaded
            self.problems.append(error)
            return tool
        self._alternatives(path, tool, spec)
        self._named(path, "dataset", tool.dataset, spec, self.written["datasets"])
        self._named(path, "model", tool.model, spec, self.written["models"])
        self._inputs(path, tool, spec)
        parameters = self._filled(f"{path}.parameters", tool.parameters, spec.parameters)
        return ToolSettings(
            tool.tool, tool.dataset, tool.model, tool.inputs, tool.title or spec.title, parameters
        )

    def _named(self, path: str, kind: str, name: str | None, spec: Spec, known: Mapping[str, Any]) -> None:
        wanted = [item for item in spec.inputs if item.kind == kind]
        if name is None and any(not (item.optional or item.either) for item in wanted):
            self.refuse(f"{path}.{kind}", "is missing", nearest("", known))
        elif name is not None and not wanted:
            self.refuse(f"{path}.{kind}", f"is not read by {spec.name}")
        elif name is not None and name not in known:
            self.refuse(f"{path}.{kind}", f'"{name}" is not known', nearest(name, known))

    def _alternatives(self, path: str, tool: ToolSettings, spec: Spec) -> None:
        """Refuse a tool that is given none or several of the inputs that stand for each other."""
        given = {"dataset": tool.dataset, "model": tool.model}
        groups: dict[str, list[str]] = {}
        for item in spec.inputs:
            if item.either:
                groups.setdefault(item.either, []).append(_key(item))
        for keys in groups.values():
            told = [key for key in keys if given.get(key) or key.removeprefix("inputs.") in tool.inputs]
            if len(told) != 1:
                what = f"names {' and '.join(told)}" if told else "names nothing to read"
                self.refuse(path, what, f"{spec.name} reads one of: {', '.join(keys)}")

    def _inputs(self, path: str, tool: ToolSettings, spec: Spec) -> None:
        wanted = {item.name.rpartition("/")[2]: item for item in spec.inputs if item.kind == "table"}
        for key in tool.inputs.keys() - wanted.keys():
            self.refuse(f"{path}.inputs.{key}", "is not known", nearest(key, wanted))
        for key, item in wanted.items():
            if key in tool.inputs:
                self._table(f"{path}.inputs.{key}", tool.inputs[key], item)
            elif not (item.optional or item.either):
                self.refuse(f"{path}.inputs.{key}", "is missing", f"name a table of a {item.name} run")

    def _table(self, path: str, value: str, wanted: Input) -> None:
        artifact, table = _split(value)
        tool, slash, name = wanted.name.partition("/")
        if artifact not in self.given.tools:
            if artifact not in self.written["tools"]:
                known = [f"{other}/{table or name}" for other in self.given.tools]
                self.refuse(path, f'"{value}" names no tool of this file', nearest(value, known))
        elif not slash:
            self._any_table(path, artifact, table)
        elif self.given.tools[artifact].tool != tool or table != name:
            self.refuse(path, f'"{value}" is not the table {wanted.name}', f'write "{artifact}/{name}"')

    def _any_table(self, path: str, artifact: str, table: str) -> None:
        tool = self.given.tools[artifact].tool
        if tool not in self.registry.packages:
            return  # said where that tool is named
        names = [item.name for item in self.registry.spec(tool).tables]
        if table not in names:
            known = [f"{artifact}/{name}" for name in names]
            what = f'"{artifact}/{table}" is no table that {tool} writes'
            self.refuse(path, what, nearest(f"{artifact}/{table}", known))

    def _filled(
        self, path: str, given: Mapping[str, Any], declared: Sequence[Parameter]
    ) -> dict[str, bool | int | float | str]:
        known = {item.name: item for item in declared}
        for key in given.keys() - known.keys():
            self.refuse(f"{path}.{key}", "is not known", nearest(key, known))
        for key in given.keys() & known.keys():
            if problem := known[key].problem(given[key]):
                self.refuse(f"{path}.{key}", f"does not fit: {problem}", known[key].description)
        return {key: given.get(key, item.default) for key, item in known.items()}


def _key(item: Input) -> str:
    """Return how a tool's settings name an input."""
    return f"inputs.{item.name.rpartition('/')[2]}" if item.kind == "table" else item.kind


def _split(reference: str) -> tuple[str, str]:
    artifact, _, table = reference.partition("/")
    return artifact, table
