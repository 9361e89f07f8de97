"""A report to measure: seeded rows in the manner of flight records, and three histograms of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipelines.contract import (
    Column,
    ContractError,
    Manifest,
    Rows,
    TableSpec,
    read_manifest,
    write_artifact,
)

SEED = 7
COLUMNS = (
    Column("delay", "int16", unit="min", description="Arrival delay"),
    Column("distance", "int16", unit="mi", description="Distance flown"),
    Column("time", "float32", unit="h", description="Hour of departure"),
)
BINS = {
    "delay": {"start": -60, "stop": 180, "step": 10},
    "distance": {"start": 0, "stop": 5000, "step": 200},
    "time": {"start": 0, "stop": 24, "step": 1},
}


def records(rows: int) -> pa.Table:
    """Return seeded records: delays grow through the day and are larger on short flights."""
    random = np.random.default_rng(SEED)
    time = np.clip(random.normal(13.5, 4.5, rows), 0, 23.99).round(2).astype(np.float32)
    distance = np.clip(random.lognormal(6.5, 0.6, rows), 50, 4999).astype(np.int16)
    spread = random.gamma(2.0, 14 + time, rows) - 32 - distance / 400
    delay = np.clip(spread, -60, 180).astype(np.int16)
    return pa.table({"delay": delay, "distance": distance, "time": time})


def write_report(folder: Path, rows: int, theme: str) -> None:
    """Write a report whose one page is three histograms of ``rows`` records; keep an artifact found there."""
    artifact = folder / "artifacts" / "flights"
    if not _is_there(artifact):
        facts = Manifest(name="flights", tool="bench", title="Flights", seed=SEED)
        write_artifact(artifact, facts, [Rows(TableSpec("records", "Flights", COLUMNS), records(rows))])
    settings = f'[site]\ntitle = "Flights"\ntheme = "{theme}"\n'
    (folder / "sitegen.toml").write_text(settings)
    (folder / "content").mkdir(exist_ok=True)
    blocks = "\n".join(_block(name) for name in BINS)
    (folder / "content" / "index.md").write_text(f"---\ntitle: Flights\n---\n\n{blocks}")


def _is_there(artifact: Path) -> bool:
    """Whether an artifact of today's format stands there."""
    try:
        read_manifest(artifact)
    except ContractError:
        return False
    return True


def _block(name: str) -> str:
    step = BINS[name]["step"]
    x = {"field": name, "type": "quantitative", "bin": {"step": step}}
    encoding = {"x": x, "y": {"aggregate": "count", "type": "quantitative"}}
    spec = {"data": {"name": "flights/records"}, "mark": "bar", "encoding": encoding}
    return f"```vega-lite id={name} width=4 height=240\n{json.dumps(spec)}\n```\n"


def write_columns(folder: Path, rows: int) -> dict[str, str]:
    """Write each column as little-endian float32; return the file of each column."""
    table = records(rows)
    for name in table.column_names:
        (folder / f"{name}.bin").write_bytes(table[name].to_numpy().astype("<f4").tobytes())
    return {name: f"{name}.bin" for name in table.column_names}
