"""Every folder of tests/broken is a report with something to mend; its error.txt is exactly what is said."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.contract import digest
from sitegen.cli import main

BROKEN = Path(__file__).parent.parent / "broken"
CASES = sorted(folder.name for folder in BROKEN.iterdir())


def refit(folder: Path, content: bytes) -> None:
    """Put other bytes into the table's file and make the manifest agree with them."""
    file, manifest = folder / "samples.parquet", folder / "manifest.json"
    text = manifest.read_text().replace(digest(file.read_bytes()), digest(content))
    text = re.sub(r'"bytes": \d+', f'"bytes": {len(content)}', text)
    file.write_bytes(content)
    manifest.write_text(text)


def other_table() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": [1, 2], "name": ["a", "b"]}), sink)
    return bytes(sink.getvalue())


def change_one_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "truncated-parquet": lambda folder: refit(folder, (folder / "samples.parquet").read_bytes()[:-20]),
    "foreign-named-parquet": lambda folder: refit(folder, b"%PDF-1.7 is not Parquet at all"),
    "foreign-parquet": lambda folder: refit(folder, other_table()),
    "other-format": lambda folder: (folder / "manifest.json").write_text('{"format": 99}'),
    "malformed-manifest": lambda folder: (folder / "manifest.json").write_text('{"format": 2, "seed": "x"}'),
    "digest-mismatch": lambda folder: change_one_byte(folder / "samples.parquet"),
    "missing-file": lambda folder: (folder / "samples.parquet").unlink(),
}


@pytest.mark.parametrize("case", CASES)
def test_says_what_to_mend(
    case: str, copied: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = copied(BROKEN / case)
    damage = BROKEN / case / "damage.txt"
    if damage.is_file():
        DAMAGE[damage.read_text().strip()](settings.parent / "artifacts" / "digits")

    status = main(["-C", str(settings.parent), "build"])

    said = capsys.readouterr().err
    assert status == 1
    assert not (settings.parent / "site").exists(), "something was written"
    expected = BROKEN / case / "error.txt"
    if not expected.is_file() and "CI" not in os.environ:
        expected.write_text(said, encoding="utf-8")
        pytest.fail(f"{expected} was missing and is written now; read it, then commit it")
    assert said == expected.read_text(encoding="utf-8")
