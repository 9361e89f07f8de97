"""A table of samples, and a page of a report as the kernel knows it."""

from __future__ import annotations

from queue import Queue
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sitegen.notebook import Report

ROWS = 120

Heard = tuple[dict[str, Any], list[bytes]]


def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    label = random.choice(["cat", "dog", "<b>"], ROWS)
    wrong = random.random(ROWS) < 0.25
    prediction = np.where(wrong, random.choice(["cat", "dog", "<b>"], ROWS), label)
    return pd.DataFrame({"label": label, "prediction": prediction, "amount": random.random(ROWS).round(3)})


def figure(report: Report, view: str) -> str:
    """Return the id of the only figure of a view."""
    (found,) = (each["id"] for each in report._channel.widget.payload["views"] if each["view"] == view)
    return str(found)


class Page:
    """A page of a report, as the kernel knows it."""

    def __init__(self, report: Report, reader: str = "tab") -> None:
        self.widget = report._channel.widget
        self.reader = reader
        self.heard: Queue[Heard] = Queue()

    def _hear(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.heard.put((content, buffers))

    def ask(self, kind: str, **question: Any) -> Heard:
        self.widget.send = self._hear
        message = {"kind": kind, "number": 7, "reader": self.reader, **question}
        self.widget._handle_custom_msg(message, [])
        content, buffers = self.heard.get(timeout=10)
        assert (content["number"], content["reader"]) == (7, self.reader)
        return content, buffers

    def query(self, sql: str) -> pd.DataFrame:
        content, (stream,) = self.ask("query", sql=sql, generation=self.widget.payload["generation"])
        assert "problem" not in content
        return pa.ipc.open_stream(stream).read_all().to_pandas()
