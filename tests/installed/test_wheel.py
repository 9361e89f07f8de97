"""The wheel in an empty environment: no clone, no Node, no git; the demo is the same site."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sitegen.bundled import DEMO

ROOT = Path(__file__).parents[2]
INSTALL_SECONDS = 900
SECONDS = re.compile(rb"[0-9.]+ (?=s\b|seconds\b)")
"""How long an analysis took is the one thing that two runs do not share."""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the programs of an environment that holds the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    (wheel,) = folder.glob("explainsite-*.whl")
    lock = ["--constraint", ROOT / "requirements.lock"]
    own = [folder / "venv/bin/python", *pip[1:]]
    # What is never imported need not be compiled: the demo takes a small part of these libraries.
    whole = ["install", "--no-compile", *lock, f"{wheel}[all]"]
    subprocess.run([*own, *whole], check=True, timeout=INSTALL_SECONDS)
    return folder / "venv/bin"


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command where nothing else is on the path, and nothing points back to the clone."""
    environment = {"PATH": str(installed), "HOME": str(folder), "TZ": "Asia/Tokyo"}
    # Old BLAS builds compute wrong on some processors unless they are told which kernel to take. How threads
    # wait for each other changes nothing that they compute.
    kept = ("OMP_", "OPENBLAS_")
    environment |= {name: value for name, value in os.environ.items() if name.startswith(kept)}
    return subprocess.run(
        [installed / "sitegen", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


def site(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.slow
@pytest.mark.timeout(INSTALL_SECONDS + 600)
def test_the_demo_is_the_same_site(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    # A clone that is older tells what its tables held before, and its pages show that.
    history = tmp_path / "sitegen-demo/artifacts/history.json"
    if history.read_bytes() != (ROOT / "artifacts/history.json").read_bytes():
        shutil.copyfile(ROOT / "artifacts/history.json", history)
        again = run(installed, tmp_path, "demo")
        assert again.returncode == 0, again.stdout + again.stderr
    here, there = site(ROOT / "site"), site(tmp_path / "sitegen-demo" / "site")
    assert here.keys() == there.keys()
    differing = [name for name in here if SECONDS.sub(b"", here[name]) != SECONDS.sub(b"", there[name])]
    assert differing == []

    doctor = run(installed, tmp_path, "doctor")
    assert doctor.returncode == 0, doctor.stderr
    assert "the default theme is built" in doctor.stdout


def test_the_clones_demo_is_the_one_that_the_wheel_carries() -> None:
    assert (DEMO / "sitegen.toml").is_file()
    assert DEMO == ROOT
