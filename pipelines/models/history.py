"""How a model from elsewhere learned: the log of its training, as the tools write it, made into one table.

Read are a table of one row per epoch and split, and the logs of Keras (`history.json`, `CSVLogger`),
Lightning (`metrics.csv`) and Transformers (`trainer_state.json`), where names hold a split: `val_loss`.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import ContractError, nearest, row_name
from pipelines.malformed import fault_of
from pipelines.models.files import readable
from pipelines.models.model import Model
from pipelines.records import brief

METRICS: Mapping[str, tuple[str, ...]] = {
    "loss": ("loss",),
    "accuracy": (
        *("accuracy", "acc", "categorical_accuracy", "sparse_categorical_accuracy", "binary_accuracy"),
        *("multiclassaccuracy", "binaryaccuracy", "top1", "top_1"),
    ),
    "learning_rate": ("learning_rate", "lr"),
}
"""What is read, and what the tools call it."""
SPLITS: Mapping[str, str] = {
    **{"train": "train", "training": "train"},
    **dict.fromkeys(("val", "valid", "validation", "eval", "dev"), "validation"),
    "test": "test",
}
"""What the name of a column may say of its split."""
MOST_SAID = 10
_EVERY = ""  # the split of a number that is that of all splits: the learning rate


@dataclass(frozen=True)
class _Entry:
    """A row of a log, and where it stands."""

    where: str
    values: Mapping[str, Any]


@dataclass
class _Log:
    """What a file says: the numbers of each epoch, split and metric, and what is wrong with it."""

    path: Path
    found: dict[tuple[int, str], dict[str, list[float]]] = field(default_factory=dict)
    problems: list[ContractError] = field(default_factory=list)

    def refuse(self, where: str, what: str, hint: str = "") -> None:
        """Note something that is wrong."""
        self.problems.append(ContractError(where, what, hint))

    def add(self, epoch: int, split: str, metric: str, value: float) -> None:
        """Keep a number; a log that is written step by step has several for an epoch."""
        self.found.setdefault((epoch, split), {}).setdefault(metric, []).append(value)


def history_path(model: Model) -> Path:
    """Return the file of a model's history; raise `ContractError` when there is none."""
    path = model.root / model.settings.history
    if not path.is_file():
        folder = path.parent
        there = [item.name for item in folder.iterdir() if item.suffix in _READERS] if folder.is_dir() else []
        what = f'history "{model.settings.history}" is not there'
        raise ContractError(model.where, what, nearest(path.name, there))
    return path


def read_history(model: Model) -> pa.Table:
    """Return the training of a model: `epoch` from 1, `split`, and of `loss`, `accuracy` and `learning_rate`
    what the file says, null where it does not.

    Raise `ContractError` with every problem of the file at once.
    """
    path = history_path(model)
    with readable(path, "the history of a training"):
        entries = list(_READERS[path.suffix.lower()](path))
    if not entries:
        raise ContractError(str(path), "holds no epochs", "write a row for each epoch and split")
    log = _Log(path)
    names = list(dict.fromkeys(name for entry in entries for name in entry.values))
    split = next((name for name in names if name.lower() == "split"), "")
    meanings = {name: meaning for name in names if (meaning := _meaning(name, bool(split)))}
    _check_names(log, names, meanings)
    epochs = _epochs(log, entries, names)
    for entry, epoch in zip(entries, epochs, strict=True):
        if epoch is not None:
            _read_entry(log, entry, epoch, split, meanings)
    if log.problems:
        raise ContractError.together(log.problems[:MOST_SAID])
    return _table(log)


# What the files hold -----------------------------------------------------------------------------


def _csv(path: Path) -> Iterator[_Entry]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = file.readline()
        file.seek(0)
        delimiter = max(",;\t", key=head.count)
        reader = csv.DictReader(file, delimiter=delimiter, strict=True)
        for row in reader:
            values = {name.strip(): value for name, value in row.items() if name}
            yield _Entry(f"{path}:{reader.line_num}", values)


def _json(path: Path) -> Iterator[_Entry]:
    told = _parsed(path, path.read_text("utf-8-sig"))
    for key in ("history", "log_history"):
        told = told[key] if isinstance(told, dict) and isinstance(told.get(key), dict | list) else told
    if isinstance(told, dict):
        yield from _lists(path, told)
        return
    if not isinstance(told, list) or not all(isinstance(item, dict) for item in told):
        hint = 'write lists by name, as Keras does: {"loss": […]}, or a list of objects, one for each epoch'
        raise ContractError(str(path), "is no history", hint)
    yield from (_Entry(f"{path}: entry {number}", item) for number, item in enumerate(told, start=1))


def _lists(path: Path, told: Mapping[str, Any]) -> Iterator[_Entry]:
    """Yield the entries of lists by name, as Keras's History holds them; without epochs they are counted."""
    lists = {name: values for name, values in told.items() if isinstance(values, list)}
    lengths = {name: len(values) for name, values in lists.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ContractError(str(path), f"has lists of different lengths: {said}", "give each epoch a value")
    names = {name.lower() for name in lists}
    for place in range(next(iter(lengths.values()), 0)):
        counted = {} if "epoch" in names else {"epoch": place + 1}
        values = {name: listed[place] for name, listed in lists.items()}
        yield _Entry(f"{path}: epoch {place + 1}", {**counted, **values})


def _json_lines(path: Path) -> Iterator[_Entry]:
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        where, told = f"{path}:{number}", _parsed(path, line, number)
        if not isinstance(told, dict):
            what = f"is {brief(told)}, not an object"
            hint = 'write an object in each line: {"epoch": 1, "loss": 0.5}'
            raise ContractError(where, what, hint)
        yield _Entry(where, told)


def _parsed(path: Path, text: str, first_line: int = 1) -> Any:
    """Return what a text in JSON says; raise `ContractError` with the place and what to do."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        fault = fault_of(text, error)
        raise ContractError(fault.where(str(path), first_line), fault.what, fault.hint) from error


def _parquet(path: Path) -> Iterator[_Entry]:
    rows = pq.read_table(path).to_pylist()
    yield from (_Entry(f"{path}: {row_name(number)}", row) for number, row in enumerate(rows))


_READERS: Mapping[str, Callable[[Path], Iterator[_Entry]]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".json": _json,
    ".jsonl": _json_lines,
    ".parquet": _parquet,
}


# What they mean ----------------------------------------------------------------------------------


def _meaning(name: str, has_split: bool) -> tuple[str, str] | None:
    """Return split and metric that a column is about; None for one that is not read.

    `loss` alone is that of the row's split, or of the training where rows have none.
    """
    plain = name.strip().lower().removesuffix("_epoch")
    if plain.startswith("lr-"):  # one of Lightning's LearningRateMonitor, by its optimizer
        return _EVERY, "learning_rate"
    for metric, known in METRICS.items():
        if plain in known:
            return (_EVERY if has_split or metric == "learning_rate" else "train"), metric
    found = re.fullmatch(r"([a-z]+)[/_. -](.+)", plain) or re.fullmatch(r"(.+)[/_. -]([a-z]+)", plain)
    for split, rest in (found.groups(), found.groups()[::-1]) if found and not has_split else ():
        metric = next((metric for metric, known in METRICS.items() if rest in known), "")
        if split in SPLITS and metric:
            return SPLITS[split], metric
    return None


def _check_names(log: _Log, names: Sequence[str], meanings: Mapping[str, tuple[str, str]]) -> None:
    """Refuse a file without epochs or without anything to show, and two columns of one meaning."""
    if not any(name.lower() == "epoch" for name in names):
        raise ContractError(str(log.path), 'has no column "epoch"', nearest("epoch", names))
    if not any(metric in ("loss", "accuracy") for _, metric in meanings.values()):
        hint = f"call them loss and accuracy, or train_loss, val_loss …; there is {', '.join(names)}"
        raise ContractError(str(log.path), "has neither loss nor accuracy", hint)
    first: dict[tuple[str, str], str] = {}
    for name, meaning in meanings.items():
        if meaning[1] != "learning_rate" and first.setdefault(meaning, name) != name:
            said = f"{meaning[1]} of {meaning[0] or 'a row'}"
            what = f'columns "{first[meaning]}" and "{name}" both say the {said}'
            log.refuse(str(log.path), what, "leave one of them out")


def _epochs(log: _Log, entries: Sequence[_Entry], names: Sequence[str]) -> list[int | None]:
    """Return the epoch of each entry, from 1; an entry without one belongs to that which follows."""
    column = next(name for name in names if name.lower() == "epoch")
    written = [_number(log, entry, column) for entry in entries]
    for entry, epoch in zip(entries, written, strict=True):
        if epoch is not None and epoch < 0:
            log.refuse(entry.where, f"epoch is {epoch:g}", "count epochs from 1, or from 0")
    later: float | None = None
    for place in range(len(written) - 1, -1, -1):
        later = written[place] = later if written[place] is None else written[place]
    told = [epoch for epoch in written if epoch is not None]
    if not told:
        log.refuse(str(log.path), "says no epoch", "give each row the epoch that it is about")
    is_whole = all(epoch == int(epoch) for epoch in told)
    # Keras's and Lightning's logs count from 0; with fractions, 0.5 is inside of the first.
    shift = 1 if is_whole and 0 in told else 0
    return [None if epoch is None else math.ceil(epoch) + shift for epoch in written]


def _read_entry(
    log: _Log, entry: _Entry, epoch: int, split: str, meanings: Mapping[str, tuple[str, str]]
) -> None:
    own = str(entry.values.get(split) or "").strip() if split else ""
    if split and not own:
        log.refuse(entry.where, "says no split", "name the part of the data that was evaluated")
        return
    if split and (epoch, own) in log.found:
        log.refuse(entry.where, f'is a second row of epoch {epoch} and split "{own}"', "keep one of them")
        return
    for name, (told, metric) in meanings.items():
        value = _number(log, entry, name)
        if value is not None and _is_possible(log, entry, name, metric, value):
            log.add(epoch, own or told, metric, value)


def _number(log: _Log, entry: _Entry, name: str) -> float | None:
    """Return a number; None where there is none, or none that is finite. What is no number is noted."""
    value = entry.values.get(name)
    text = value.strip() if isinstance(value, str) else value
    if text is None or text == "":
        return None
    try:
        number = float("" if isinstance(text, bool) else text)
    except (TypeError, ValueError):
        log.refuse(entry.where, f'{name} is "{str(value)[:40]}", not a number')
        return None
    return number if math.isfinite(number) else None


def _is_possible(log: _Log, entry: _Entry, name: str, metric: str, value: float) -> bool:
    if metric == "accuracy" and not 0 <= value <= 1:
        hint = "an accuracy is a share: 0.87 for 87 percent"
        log.refuse(entry.where, f"{name} is {value:g}, which is not from 0 to 1", hint)
        return False
    if metric == "learning_rate" and value < 0:
        log.refuse(entry.where, f"{name} is {value:g}, and a step is not negative")
        return False
    return True


def _table(log: _Log) -> pa.Table:
    """Return the rows by epoch, the training split first; several numbers of an epoch as their mean."""
    splits = sorted({split: None for _, split in log.found if split}, key=lambda split: split != "train")
    rates = {epoch: told["learning_rate"][-1] for (epoch, split), told in log.found.items() if not split}
    keys = sorted((key for key in log.found if key[1]), key=lambda key: (key[0], splits.index(key[1])))
    columns: dict[str, list[float | None]] = {metric: [] for metric in METRICS}
    for epoch, split in keys:
        told = log.found[epoch, split]
        for metric in ("loss", "accuracy"):
            columns[metric].append(fmean(told[metric]) if metric in told else None)
        columns["learning_rate"].append(told.get("learning_rate", [rates.get(epoch)])[-1])
    epochs, names = [epoch for epoch, _ in keys], [split for _, split in keys]
    table = {"epoch": pa.array(epochs, pa.int32()), "split": pa.array(names).dictionary_encode()}
    said = {name: values for name, values in columns.items() if any(value is not None for value in values)}
    return pa.table({**table, **{name: pa.array(values, pa.float32()) for name, values in said.items()}})
