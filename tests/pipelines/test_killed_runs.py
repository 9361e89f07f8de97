"""A run that is killed at any moment leaves the last good artifact, and the next run leaves nothing of it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines import config, contract, runner

ROWS = 3000
TOML = """
[datasets.told]
source = "told.csv"
[models.own]
source = "columns"
[tools.told]
tool = "classification"
dataset = "told"
model = "own"
"""
# Forks runs from a process that has run once, so that a kill hits the run and not the imports.
SERVER = """
import os, signal, sys, time
from pathlib import Path
from pipelines import config, folders, runner

root, way = Path(sys.argv[1]), sys.argv[2]
if way == "two renames":
    folders._exchange = lambda first, second: False
settings = config.load(root / "sitegen.toml")
for _ in range(2):
    start = time.perf_counter()
    runner.run(settings, root, force=True)
print(time.perf_counter() - start, flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        while True:
            runner.run(settings, root, force=True)
    time.sleep(float(line))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print("killed", flush=True)
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    rows = "".join(f"{index},{index % 7},{index % 5}\n" for index in range(ROWS))
    (tmp_path / "told.csv").write_text(f"id,label,prediction\n{rows}")
    (tmp_path / "sitegen.toml").write_text(TOML)
    runner.run(config.load(tmp_path / "sitegen.toml"), tmp_path)
    return tmp_path


def check(report: Path) -> None:
    folder = report / "artifacts" / "told"
    manifest = contract.read_manifest(folder)
    assert contract.verify(folder, manifest) == []
    assert contract.read_table(folder, manifest.tables[0])["id"].to_pylist() == list(range(ROWS))


def check_nothing_is_left(report: Path) -> None:
    runner.run(config.load(report / "sitegen.toml"), report, force=True)
    assert sorted(path.name for path in (report / "artifacts").iterdir()) == [".lock", "history.json", "told"]
    check(report)


@pytest.mark.parametrize("way", ["one step", "two renames"])
def test_fifty_kills_lose_nothing(report: Path, way: str) -> None:
    moments = random.Random(50)
    command = [sys.executable, "-c", SERVER, str(report), way]
    folders: set[int] = set()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        longest = 5 * float(
            server.stdout.readline()
        )  # so that some kills hit a first run and some a later one
        for _ in range(50):
            server.stdin.write(f"{moments.uniform(0.0, longest)}\n")
            server.stdin.flush()
            assert server.stdout.readline() == "killed\n"
            check(report)
            written = (report / "artifacts" / "told").stat().st_ctime_ns
            # On a machine that has become slower a run needs more time before it writes.
            longest *= 1.1 if written in folders else 1
            folders.add(written)
        server.stdin.close()
    assert len(folders) > 5  # else nothing was being written when it was killed
    check_nothing_is_left(report)


def test_killed_commands_lose_nothing(report: Path) -> None:
    moments = random.Random(3)
    command = [sys.executable, "-m", "pipelines", "run", "--force", "--config", str(report / "sitegen.toml")]
    for _ in range(3):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            time.sleep(moments.uniform(0.1, 0.8))
            process.kill()
        check(report)
    check_nothing_is_left(report)


def test_reader_always_finds_a_whole_artifact(report: Path) -> None:
    command = [sys.executable, "-c", SERVER, str(report), "one step"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        server.stdin.write("1.0\n")
        server.stdin.close()
        reads = 0
        while server.poll() is None:
            assert contract.read_manifest(report / "artifacts" / "told").tables[0].rows == ROWS
            reads += 1
    assert reads > 10
