"""Running tools: in the order of their inputs, only what changed, each artifact replaced whole."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines import config, contract, datasets, models
from pipelines.config import Config
from pipelines.contract import Declaration, Manifest, Rows, Spec, Table
from pipelines.errors import ContractError, installed, nearest
from pipelines.folders import exclusive, sweep
from pipelines.history import day_of, read_history, remember
from pipelines.models import Model
from pipelines.models.settings import BUNDLED
from pipelines.places import Places
from pipelines.progress import CACHED, Progress, Steps
from pipelines.registry import Registry, registry
from pipelines.sources import open_source
from pipelines.sources.source import Contents, Source
from pipelines.tool import Job, Output

UNFINISHED = ".unfinished"
"""Folder beside the artifacts: what runs had done that were cut off."""
DEVICES = ("auto", "cpu", "cuda", "mps")


def run(
    settings: Mapping[str, Any],
    root: Path,
    names: Sequence[str] = (),
    *,
    device: str = "auto",
    force: bool = False,
    trust: bool = False,
    clock: Callable[[], float] = time.perf_counter,
    today: Callable[[], str] = lambda: day_of(time.time()),
    report: Callable[[Progress], None] = lambda _: None,
    places: Places | None = None,
) -> list[Manifest]:
    """Run the named tools of a report (all when none is named) and what they need; return their manifests, in
    order.

    `settings` is the parsed `sitegen.toml`, `root` its folder; with `places` of its keys, what is wrong with
    one names its line. A tool whose key is that of its artifact is not run again unless `force` asks for the
    named ones. Only with `trust` may reading a model's file run code that is in it. What the tables are like
    is kept beside the artifacts, with the day that `today` says. Raise `ContractError` for what a person can
    put right; every artifact that was there stays.
    """
    tools = registry(root)
    checked = config.read(settings, tools, places=places)
    order = ordered(checked, names)
    runner = _Runner(checked, tools, root, device, trust, clock, report, places)
    _check_device(device, (runner.devices(name) for name in order))
    parent = root / checked.artifacts
    with exclusive(parent):
        sweep(parent)
        kept = read_history(parent)
        manifests = [runner.artifact(name, force and name in (names or order)) for name in order]
        remember(parent, manifests, today(), kept)
    return manifests


def ordered(settings: Config, names: Sequence[str]) -> list[str]:
    """Return the named tools (all when none is named) and those they need, inputs first; refuse cycles."""
    tools = settings.tools
    unknown = [name for name in names if name not in tools]
    if unknown:
        problems = [
            ContractError(config.FILE, f"there is no tools.{name}", nearest(name, tools)) for name in unknown
        ]
        raise ContractError.together(problems)
    needs: dict[str, list[str]] = {}
    waiting = sorted(names or tools, reverse=True)
    while waiting:
        name = waiting.pop()
        if name not in needs:
            needs[name] = sorted({artifact for artifact, _ in settings.upstream(name).values()})
            waiting += needs[name]
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        chain = " → ".join(reversed(error.args[1]))
        raise ContractError(config.FILE, f"tools need each other in a circle: {chain}") from error


@dataclass(frozen=True)
class _Runner:
    settings: Config
    tools: Registry
    root: Path
    device: str
    trust: bool
    clock: Callable[[], float]
    report: Callable[[Progress], None]
    places: Places | None = None
    opened: dict[str, Contents] = field(default_factory=dict)
    trained: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def artifact(self, name: str, force: bool) -> Manifest:
        """Return the manifest of a tool's artifact, running the tool when it is not there as it should be."""
        try:
            return self._artifact(name, force)
        except ContractError as error:
            if self.places is None:
                raise
            raise self.places.located(error, name) from error

    def _artifact(self, name: str, force: bool) -> Manifest:
        facts = self._facts(name)
        folder = self._folder(name)
        there = None if force else _current(folder, facts.key)
        if there:
            self.report(Progress(name, CACHED, 1, 1, 0.0))
            return there
        _check_replaceable(folder)
        steps = Steps(name, self.clock, self.report)
        unfinished = self._unfinished(name, facts.key)
        output = self._compute(name, steps, unfinished)
        spec = self.tools.spec(facts.tool)
        _check_output(name, spec, output.tables)
        facts = replace(
            facts,
            device=self._device(name),
            classes=output.classes or facts.classes,
            skipped=output.skipped,
            notes=output.notes,
            parameters=_with_model(facts.parameters, output.model),
            libraries={library: metadata.version(library) for library in sorted(output.libraries)},
            seconds=steps.seconds,
        )
        written = contract.write_artifact(folder, facts, output.tables, output.sheets)
        shutil.rmtree(unfinished.parent, ignore_errors=True)
        return written

    def _unfinished(self, name: str, key: str) -> Path:
        """Return the folder of what a cut off run with this key has done; remove what others have."""
        parent = self.root / self.settings.artifacts / UNFINISHED / name
        for other in parent.glob("*"):
            if other.name != key:
                shutil.rmtree(other)
        return parent / key

    def _facts(self, name: str) -> Manifest:
        """Return all of the manifest that is known before running, the key among it."""
        tool = self.settings.tools[name]
        spec, inputs = self.tools.spec(tool.tool), self._digests(name)
        code = self.tools.digest(tool.tool, *models.modules(self.model(name)))
        model = self.settings.models[tool.model] if tool.model else None
        source = self._source(tool.dataset) if tool.dataset else None
        told = [name, tool.title, spec.name, spec.version, code, tool.parameters, inputs]
        told += [tool.model, asdict(model) if model else None, asdict(source) if source else None]
        key = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
        seed = int(tool.parameters.get("seed", model.parameters.get("seed", 0) if model else 0))
        parameters = {
            **tool.parameters,
            **({"model": models.said(tool.model, model)} if tool.model and model else {}),
        }
        facts = Manifest(name, spec.name, spec.version, tool.title, parameters, inputs, code, key, seed=seed)
        return replace(facts, declarations=self._declarations(name), **self._about(name))

    def _declarations(self, name: str) -> tuple[Declaration, ...]:
        """Return what the tool's parameters and its model's are by default and mean."""
        tool = self.settings.tools[name]
        model = BUNDLED.get(self.settings.models[tool.model].source, ()) if tool.model else ()
        own = [(item.name, item) for item in self.tools.spec(tool.tool).parameters]
        declared = own + [(f"model.{item.name}", item) for item in model]
        return tuple(Declaration(label, item.default, item.description) for label, item in declared)

    def _about(self, name: str) -> dict[str, Any]:
        """Return what the manifest says of the dataset: the tool's own, or that of the tables it reads."""
        tool = self.settings.tools[name]
        if tool.dataset:
            source = self._source(tool.dataset)
            known = self._contents(tool.dataset).known
            licence, citation = source.licence or known.licence, source.citation or known.citation
            return {"dataset": tool.dataset, "licence": licence, "source": citation}
        for artifact, _ in self.settings.upstream(name).values():
            above = contract.read_manifest(self._folder(artifact))
            about = {"dataset": above.dataset, "licence": above.licence, "source": above.source}
            return {**about, "classes": above.classes}
        return {}

    def _digests(self, name: str) -> dict[str, str]:
        tool = self.settings.tools[name]
        digests = {}
        if tool.dataset:
            digests[f"datasets/{tool.dataset}"] = self._contents(tool.dataset).digest()
        digests |= models.digests(self.model(name))
        for artifact, table in self.settings.upstream(name).values():
            digests[f"{artifact}/{table}"] = _table_digest(self._described(artifact, table))
        return digests

    def _compute(self, name: str, steps: Steps, unfinished: Path) -> Output:
        tool = self.settings.tools[name]
        compute = self.tools.compute(tool.tool)
        dataset = None
        if tool.dataset:
            contents = self._contents(tool.dataset)
            with steps.step("load", contents.count()) as advance:
                dataset = datasets.read(self._source(tool.dataset), contents, advance)
        above = self.settings.upstream(name)
        tables = {key: self._table(artifact, table) for key, (artifact, table) in above.items()}
        columns = {key: self._described(artifact, table).columns for key, (artifact, table) in above.items()}
        device = self._device(name)
        job = Job(
            name, dataset, self.model(name), tables, tool.parameters, device, steps, columns, unfinished
        )
        with installed(name):
            output: Output = compute(job)
        return replace(output, notes=dataset.notes) if dataset else output

    def _described(self, artifact: str, table: str) -> Table:
        return contract.read_manifest(self._folder(artifact)).table(table)

    def _table(self, artifact: str, table: str) -> pa.Table:
        return contract.read_table(self._folder(artifact), self._described(artifact, table))

    def model(self, name: str) -> Model | None:
        """Return the model that a tool uses, not yet read."""
        model = self.settings.tools[name].model
        if model is None:
            return None
        return Model(model, self.settings.models[model], self.root, self.trust, self.trained)

    def _source(self, name: str) -> Source:
        settings = self.settings.datasets[name]
        return Source(name, **asdict(settings))

    def _contents(self, name: str) -> Contents:
        """Return a dataset's contents, opened once in a run: a report's own function is called once."""
        if name not in self.opened:
            self.opened[name] = open_source(self._source(name), self.root)
        return self.opened[name]

    def _folder(self, name: str) -> Path:
        return self.root / self.settings.artifacts / name

    def devices(self, name: str) -> tuple[str, ...]:
        """Return the devices that a tool can compute on here, the best first."""
        if model := self.model(name):
            return models.devices(model)
        spec = self.tools.spec(self.settings.tools[name].tool)
        return models.torch_devices() if spec.accelerated and self.device != "cpu" else ("cpu",)

    def _device(self, name: str) -> str:
        if model := self.model(name):
            return models.choose_device(model, self.device)
        here = self.devices(name)
        return self.device if self.device in here else here[0] if self.device == "auto" else "cpu"


def _with_model(parameters: Mapping[str, Any], learned: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with what the run learned of its model."""
    return {**parameters, "model": {**parameters["model"], **learned}} if learned else dict(parameters)


def _check_device(asked: str, found: Iterable[Sequence[str]]) -> None:
    """Refuse a device that is not known, or that none of the tools can compute on here."""
    where = "device"
    if asked not in DEVICES:
        raise ContractError(where, f'"{asked}" is not known', nearest(asked, DEVICES))
    if asked in ("auto", "cpu"):
        return
    here = {"cpu"}.union(*found)
    if asked not in here:
        listed = ", ".join(sorted(here))
        raise ContractError(where, f'there is no device "{asked}" here', f"use one of: auto, {listed}")


def _current(folder: Path, key: str) -> Manifest | None:
    """Return the artifact's manifest when it has this key and its files are whole."""
    try:
        manifest = contract.read_manifest(folder)
    except ContractError:
        return None  # missing, damaged or of another format: in each case the run writes it anew
    return manifest if manifest.key == key and not contract.verify(folder, manifest) else None


def _check_replaceable(folder: Path) -> None:
    """Refuse to replace a folder that no run wrote: it may be somebody's work."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / contract.MANIFEST).exists():
        what = f"holds files and no {contract.MANIFEST}: it is no artifact and is not replaced"
        raise ContractError(str(folder), what, "move it away, or give the tool another name")


def _check_output(name: str, spec: Spec, tables: Sequence[Rows]) -> None:
    made = {rows.spec.name for rows in tables}
    problems = [
        ContractError(name, f'table "{table.name}" is declared and was not made')
        for table in spec.tables
        if table.name not in made and not table.optional
    ]
    known = {table.name for table in spec.tables}
    problems += [ContractError(name, f'table "{extra}" is not declared') for extra in sorted(made - known)]
    if problems:
        raise ContractError.together(problems)


def _table_digest(table: Table) -> str:
    return contract.digest("".join(file.sha256 for file in table.files).encode())


def known_artifacts(parent: Path) -> list[Path]:
    """Return the artifact folders in `parent`, sorted."""
    return sorted(path.parent for path in parent.glob(f"[!.]*/{contract.MANIFEST}"))
