"""Applying a patch of labels: the corrected dataset beside the old one, and settings that retrain on it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import config, corrected, datasets
from pipelines.corrected import Corrected
from pipelines.datasets import Dataset
from pipelines.engine import readable
from pipelines.errors import ContractError, nearest
from pipelines.models.settings import BUNDLED
from pipelines.places import Places
from pipelines.registry import registry
from pipelines.settings import DatasetSettings
from pipelines.sources import open_source
from pipelines.sources.source import Contents, Source

FORMAT, VERSION = "label patch", 1
ACTIONS = ("confirm", "relabel", "delete", "unsure")
COLUMNS = ("id", "old", "new", "action", "who", "when", "why")
FOLDER = "data"
"""Where the corrected dataset of a source that is no file of the report is written."""
MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Patch:
    """Decisions on labels, and the table of the page that they were made on."""

    table: str
    entries: list[dict[str, Any]]


@dataclass(frozen=True)
class Applied:
    """What was written: paths relative to the report, and settings to add, with the tool that retrains.

    `tool` is "" where no model can be trained again.
    """

    dataset: str
    corrected: str
    changes: str
    settings: str
    tool: str
    truth: str
    changed: int
    deleted: int
    decided: int


def read_patch(path: Path) -> Patch:
    """Return a patch from a JSON or Parquet file; raise `ContractError` where it is none."""
    with readable(path, "patch of labels"):
        start = path.read_bytes()[:4]
    found = _from_parquet(path) if start == b"PAR1" else _from_json(path)
    _refuse(_unfit(path, found))
    if not found.entries:
        raise ContractError(str(path), "decides of nothing", "decide of some labels in the page first")
    return found


def _refuse(problems: Iterator[ContractError]) -> None:
    """Raise the first problems together, if there are any; no more are looked for."""
    if first := list(islice(problems, MOST_PROBLEMS)):
        raise ContractError.together(first)


def _from_parquet(path: Path) -> Patch:
    with readable(path, "Parquet"):
        table = pq.read_table(path)
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise ContractError(str(path), f"is no patch of labels: it lacks {', '.join(missing)}")
    told = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    return Patch(told.get("table", ""), table.select(list(COLUMNS)).to_pylist())


def _from_json(path: Path) -> Patch:
    try:
        told = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ContractError(str(path), "is neither JSON nor Parquet", "export it again") from error
    is_patch = isinstance(told, dict) and told.get("format") == FORMAT
    if not is_patch or not isinstance(told.get("entries"), list):
        raise ContractError(str(path), "is no patch of labels", "a page with a label review exports one")
    if told.get("version") != VERSION:
        raise ContractError(str(path), f"has version {told.get('version')}, and {VERSION} is known here")
    entries = [entry if isinstance(entry, dict) else {} for entry in told["entries"]]
    return Patch(
        str(told.get("table", "")), [{name: entry.get(name) for name in COLUMNS} for entry in entries]
    )


def _unfit(path: Path, patch: Patch) -> Iterator[ContractError]:
    seen: set[str] = set()
    for number, entry in enumerate(patch.entries, 1):
        where = f"{path}: entry {number}"
        if not isinstance(entry["id"], str | int) or isinstance(entry["id"], bool):
            yield ContractError(where, "has no id")
            continue
        if str(entry["id"]) in seen:
            yield ContractError(
                where, f'decides of "{entry["id"]}" a second time', "merge the patches in the page"
            )
        seen.add(str(entry["id"]))
        if entry["action"] not in ACTIONS:
            yield ContractError(where, f'has the action "{entry["action"]}"', f"one of: {', '.join(ACTIONS)}")
        if any(entry[name] is not None and not isinstance(entry[name], str) for name in COLUMNS[1:]):
            yield ContractError(where, "holds something else than text")


def apply(settings: Mapping[str, Any], root: Path, path: Path, places: Places | None = None) -> Applied:
    """Write what a patch makes of its dataset beside it, and return the settings that retrain.

    Raise `ContractError` where the patch does not fit the dataset; nothing is then written.
    """
    patch = read_patch(path)
    checked = config.read(settings, registry(root), places=places)
    artifact = patch.table.partition("/")[0]
    tool = checked.tools.get(artifact)
    if tool is None or tool.dataset is None:
        what = f'is of the table "{patch.table}", and there is no such tool with a dataset'
        raise ContractError(str(path), what, nearest(artifact, checked.tools))
    told = checked.datasets[tool.dataset]
    source = Source(tool.dataset, **{**vars(told), "largest_clip": sys.maxsize})  # no sound is left out
    contents = open_source(source, root)
    dataset = corrected.of_source(datasets.read(source, contents), contents)
    made = _corrected(path, dataset, contents, patch)
    model = tool.model if tool.model and BUNDLED.get(checked.models[tool.model].source) else ""
    own = root / told.source
    file, number = corrected.write(made, own.parent if own.is_file() else root / FOLDER)
    beside = file.with_name(f"{tool.dataset}-changes{number}.parquet")
    corrected.write_table(_changes_table(dataset, patch), beside)
    names = _Names(tool.dataset, number, model or "", str(tool.parameters.get("truth", "")))
    paths = [each.relative_to(root).as_posix() for each in (file, beside)]
    added = names.settings(settings, made, told, paths[0], paths[1])
    is_changed = [entry for entry in patch.entries if entry["action"] in ("relabel", "delete")]
    deleted = sum(entry["action"] == "delete" for entry in patch.entries)
    changed = sum(entry["new"] != entry["old"] for entry in is_changed)
    return Applied(
        dataset=tool.dataset,
        corrected=paths[0],
        changes=paths[1],
        settings=added,
        tool=f"{tool.dataset}-correction{number}" if model else "",
        truth=names.truth,
        changed=changed,
        deleted=deleted,
        decided=len(patch.entries),
    )


def _corrected(path: Path, dataset: Dataset, contents: Contents, patch: Patch) -> Corrected:
    """Return the dataset with corrected labels; refuse what does not fit, problems together."""
    if "label" not in dataset.roles:
        raise ContractError(str(path), f'dataset "{dataset.name}" has no labels')
    ids = [str(each) for each in dataset.rows[dataset.roles["id"]].to_pylist()]
    row_of = {each: row for row, each in enumerate(ids)}
    labels: list[str | None] = dataset.rows[dataset.roles["label"]].cast(pa.string()).to_pylist()
    _refuse(_misfits(str(path), dataset, patch, row_of, labels))
    made, kept = list(labels), np.ones(len(labels), bool)
    for entry in patch.entries:
        row = row_of[str(entry["id"])]
        if entry["action"] == "relabel":
            made[row] = entry["new"]
        elif entry["action"] == "delete":
            kept[row] = False
    corrected = Corrected(dataset, pa.array(made, pa.string()), kept, tuple(contents.schema.names))
    _check_rest(str(path), corrected)
    return corrected


def _misfits(
    where: str, dataset: Dataset, patch: Patch, row_of: Mapping[str, int], labels: Sequence[str | None]
) -> Iterator[ContractError]:
    """Yield what of a patch does not fit the dataset."""
    some = list(islice(row_of, 1000))
    for entry in patch.entries:
        row = row_of.get(str(entry["id"]))
        if row is None:
            what = f'dataset "{dataset.name}" has no sample "{entry["id"]}"'
            yield ContractError(where, what, nearest(str(entry["id"]), some))
        elif entry["old"] != labels[row]:
            what = f'sample "{entry["id"]}" is labelled "{labels[row]}", and the patch found "{entry["old"]}"'
            yield ContractError(where, what, "make the patch of this version of the data")
        elif entry["action"] == "relabel" and entry["new"] not in dataset.classes:
            what = f'sample "{entry["id"]}" is given "{entry["new"]}", which is no class'
            yield ContractError(where, what, nearest(str(entry["new"]), dataset.classes))


def _check_rest(where: str, corrected: Corrected) -> None:
    """Refuse to take all labels of a split: a model has to learn from some and to be judged by others."""
    split = corrected.dataset.role("split")
    parts = np.array([""] if split is None else split.cast(pa.string()).to_pylist(), object)
    before = corrected.dataset.codes("label") >= 0
    after = corrected.kept & before
    for name in sorted(set(map(str, parts))):
        inside = np.broadcast_to(parts == name, before.shape)
        if before[inside].any() and not after[inside].any():
            of = f' of the split "{name}"' if split is not None else ""
            raise ContractError(where, f"leaves no labelled sample{of}", "delete fewer")


def _changes_table(dataset: Dataset, patch: Patch) -> pa.Table:
    """Return the decisions; ids have the type that the dataset's have."""
    ids = dataset.rows[dataset.roles["id"]]
    by_text = {str(each): each for each in ids.to_pylist()}
    columns = {"id": pa.array([by_text[str(entry["id"])] for entry in patch.entries], ids.type)}
    for name in COLUMNS[1:]:
        columns[name] = pa.array([entry[name] for entry in patch.entries], pa.string())
    return pa.table(columns)


@dataclass(frozen=True)
class _Names:
    """The names under which a correction stands in the settings."""

    dataset: str
    number: str
    model: str
    truth: str

    def settings(
        self, given: Mapping[str, Any], made: Corrected, told: DatasetSettings, file: str, changes: str
    ) -> str:
        """Return the sections that are not there yet, as TOML."""
        name, number = self.dataset, self.number
        sections = {
            ("datasets", f"{name}-corrected{number}"): [
                _line("source", file),
                f"classes = {_listed(made.dataset.classes)}",
                f"roles = {_inline(made.roles)}",
                *([f"largest_clip = {told.largest_clip}"] if "audio" in made.roles else []),
                *([_line("licence", told.licence)] if told.licence else []),
                *([_line("citation", told.citation)] if told.citation else []),
            ],
            ("datasets", f"{name}-changes{number}"): [
                _line("source", changes),
                f"roles = {_inline({'id': 'id'})}",
            ],
            ("tools", f"{name}-changes{number}"): [
                _line("tool", "dataset"),
                _line("dataset", f"{name}-changes{number}"),
            ],
        }
        if self.model:
            sections[("tools", f"{name}-correction{number}")] = [
                _line("tool", "correction"),
                _line("dataset", name),
                _line("model", self.model),
                f"inputs = {_inline({'samples': f'{name}-changes{number}/samples'})}",
                *([f"parameters = {_inline({'truth': self.truth})}"] if self.truth else []),
            ]
        fresh = {key: lines for key, lines in sections.items() if key[1] not in given.get(key[0], {})}
        return "".join(
            f"\n[{kind}.{key}]\n" + "\n".join(lines) + "\n" for (kind, key), lines in fresh.items()
        )


def _line(key: str, value: str) -> str:
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"


def _listed(values: tuple[str, ...]) -> str:
    return f"[{', '.join(json.dumps(value, ensure_ascii=False) for value in values)}]"


def _inline(pairs: Mapping[str, str]) -> str:
    return "{ " + ", ".join(_line(key, value) for key, value in pairs.items()) + " }"
