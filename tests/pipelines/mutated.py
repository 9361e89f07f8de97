"""Asks skops files in which random numbers were changed, in a process of its own: FOLDER FIRST CASES.

Prints a line for each file before it is asked, and how that ended. A number that leads compiled code out of
its arrays would end the process, and the last line names the file.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io

from pipelines.errors import ContractError
from pipelines.models.batches import Batches
from pipelines.models.model import Model
from pipelines.models.settings import ModelSettings
from pipelines.models.sklearn_estimator import open_model

ODD = (-(10**9), -2, -1, 0, 1, 2, 3, 7, 8, 255, 256, 10**6, 2**31 - 1, 2**32 - 1)
Place = tuple[Any, str | int, np.ndarray[Any, Any]]


def refusals_of_changed(folder: Path, cases: int) -> list[str]:
    """Return the lines of the files that were refused, of so many that were changed; all came to an end.

    Compiled code would take the process with it, so the files are asked in another.
    """
    command = [sys.executable, "-W", "ignore", "-m", "tests.pipelines.mutated", str(folder), "0", str(cases)]
    asked = subprocess.run(command, capture_output=True, text=True)
    ends = asked.stdout.splitlines()[1:]
    assert asked.returncode == 0, f"{ends[-1]}\n{asked.stderr[-2000:]}"
    assert len(ends) == cases
    return [end for end in ends if ": refused: " in end]


def main(folder: Path, first: int, cases: int) -> None:
    """Change and ask the files of a folder in turn."""
    files = sorted(folder.glob("*.skops"))
    frame = pd.read_csv(folder / "data.csv")
    for seed in range(first, first + cases):
        path = files[seed % len(files)]
        print(f"\n{path.name} changed by {seed}:", end=" ", flush=True)
        print(_outcome(path, frame, random.Random(seed)), end="", flush=True)


def _outcome(path: Path, frame: pd.DataFrame, chance: random.Random) -> str:
    fitted = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    changed = path.with_suffix(".changed")
    for _ in range(chance.randint(1, 2)):
        _change(fitted, chance)
    skops.io.dump(fitted, changed)
    settings = ModelSettings(path.name, features=tuple(frame.columns))
    try:
        network = open_model(
            Model("net", settings, path.parent), changed.rename(path.parent / "asked.skops"), "cpu"
        )
        batches = Batches(network, [], "models.net", "cpu")
        list(batches.answers(iter([{name: frame[name].to_numpy() for name in frame}])))
    except ContractError as error:
        return f"refused: {str(error).splitlines()[0]}"
    return "answered"


def _change(fitted: Any, chance: random.Random) -> None:
    kinds: dict[str, list[Place]] = {}
    for holder, key, values in _arrays(fitted, set()):
        kinds.setdefault(str(key), []).append((holder, key, values))
    holder, key, values = chance.choice(kinds[chance.choice(sorted(kinds))])
    made = values.copy()
    if chance.random() < 0.3:
        of_another_kind = made.view(np.uint8) if made.dtype.names else made.astype(np.float64)
        made = chance.choice([made[:-1], made[:0], of_another_kind, made.reshape(-1)])
    elif made.size:
        _write(made, chance)
    if isinstance(holder, dict | list):
        holder[key] = made
    elif hasattr(holder, "__setstate__") and not hasattr(holder, "__dict__"):
        state = holder.__getstate__()
        if made.dtype == values.dtype and made.shape == values.shape:  # else it refuses to be made
            holder.__setstate__({**state, key: made})


def _write(values: np.ndarray[Any, Any], chance: random.Random) -> None:
    at = tuple(chance.randrange(size) for size in values.shape)
    view = values[chance.choice(values.dtype.names)] if values.dtype.names else values
    if view.dtype.kind in "iufb":
        with np.errstate(all="ignore"):
            view[at] = np.array(chance.choice(ODD)).astype(view.dtype)


def _arrays(item: Any, seen: set[int]) -> Iterator[Place]:
    """Yield the arrays of numbers that an estimator holds, each with what holds it and under which name."""
    if id(item) in seen or isinstance(item, type):
        return
    seen.add(id(item))
    holder = item if isinstance(item, dict | list) else getattr(item, "__dict__", None)
    if holder is None and hasattr(item, "node_count"):  # a compiled tree
        state = item.__getstate__()
        yield from ((item, name, state[name]) for name in ("nodes", "values"))
    if isinstance(item, tuple) or (isinstance(item, np.ndarray) and item.dtype.hasobject):
        for each in item if isinstance(item, tuple) else item.ravel().tolist():
            yield from _arrays(each, seen)
    for key, value in list(enumerate(holder) if isinstance(holder, list) else (holder or {}).items()):
        if isinstance(value, np.ndarray) and value.ndim and not value.dtype.hasobject:
            yield (holder, key, value)
        else:
            yield from _arrays(value, seen)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
