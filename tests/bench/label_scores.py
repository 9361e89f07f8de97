"""``python -m tests.bench.label_scores METHOD FOLDER RESULT``: score one file, alone in its process."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Found = list[Any]
Score = Callable[[Any, Any], Found]


def _ours() -> Score:
    from pipelines.label_errors import joint, scores

    def score(held: Any, labels: Any) -> Found:
        limits = joint.thresholds(held, labels)
        joint.calibrated(joint.confident(held, labels, limits)[1], labels)
        shares = np.ones(len(limits))
        found = scores.scores(held, labels, scores.Usual(limits, shares, np.eye(len(limits))))
        return [found[name] for name in NAMES]

    return score


def _everything() -> Score:
    from pipelines.label_errors import scores

    def score(held: Any, labels: Any) -> Found:
        found = scores.scores(held, labels, scores.usual(held, labels))
        return [found[name] for name in NAMES]

    return score


def _cleanlab() -> Score:
    from cleanlab.count import compute_confident_joint, get_confident_thresholds
    from cleanlab.rank import get_label_quality_scores

    def score(held: Any, labels: Any) -> Found:
        compute_confident_joint(labels, held, thresholds=get_confident_thresholds(labels, held))
        return [
            get_label_quality_scores(
                labels,
                held,
                method=name.removeprefix("adjusted_"),
                adjust_pred_probs=name.startswith("adjusted"),
            )
            for name in NAMES
        ]

    return score


def _nothing() -> Score:
    import pipelines.label_errors.scores  # noqa: F401

    return lambda _held, _labels: []


NAMES = (
    *("self_confidence", "normalized_margin", "confidence_weighted_entropy"),
    *("adjusted_self_confidence", "adjusted_normalized_margin"),
)
METHODS = {
    "sitegen": _ours,
    "everything": _everything,
    "cleanlab": _cleanlab,
    "nothing": _nothing,
    "nothing, mapped": _nothing,
}


def main(method: str, folder: str, result: str) -> None:
    """Score, and write what was found with the seconds and the memory that it took."""
    score = METHODS[method]()
    labels = np.load(Path(folder) / "labels.npy")
    held = np.load(Path(folder) / "held.npy", mmap_mode="r")
    # What fits is read at once, as who calls either library would have it.
    held = held if held.nbytes > 1 << 30 or method.endswith("mapped") else np.array(held)
    watch = _Watch()
    started = time.perf_counter()
    found = score(held, labels)
    seconds = time.perf_counter() - started
    peak = watch.stopped()
    place = Path(result).with_suffix(".npy")
    place.unlink(missing_ok=True)
    if found:
        np.save(place, np.stack(found))
    Path(result).with_suffix(".json").write_text(json.dumps({"seconds": seconds, "peak": peak}))


class _Watch(threading.Thread):
    """Looks every few milliseconds at the memory that is the process's own: pages of mapped files are not."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self.ended = 0, threading.Event()
        self.start()

    def run(self) -> None:
        """Look until it is over."""
        while not self.ended.wait(0.002):
            self.peak = max(self.peak, _own())

    def stopped(self) -> int:
        """Return the most that was seen, in bytes."""
        self.ended.set()
        self.join()
        return max(self.peak, _own())


def _own() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    (anonymous,) = (line for line in lines if line.startswith("RssAnon"))
    return int(anonymous.split()[1]) * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
