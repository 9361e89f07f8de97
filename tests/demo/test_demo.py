"""The repository's own report: its build repeats to the byte, and its pages stay light."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIGHT = 200_000
"""Bytes of a page and its styles, compressed, before data."""


def built(folder: Path, **environment: str) -> dict[str, bytes]:
    command = [sys.executable, "-m", "sitegen", "-C", str(ROOT), "build", "--strict", "--output", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return built(tmp_path_factory.mktemp("first") / "site", TZ="UTC", PYTHONHASHSEED="1")


def test_two_builds_are_byte_identical_wherever_they_run(site: dict[str, bytes], tmp_path: Path) -> None:
    again = built(tmp_path / "site", TZ="Pacific/Kiritimati", PYTHONHASHSEED="2", LC_ALL="C")
    assert again.keys() == site.keys()
    assert [name for name in site if site[name] != again[name]] == []


def test_every_page_is_light_before_its_data(site: dict[str, bytes]) -> None:
    styles = sum(len(zlib.compress(body)) for name, body in site.items() if name.endswith(".css"))
    pages = {name: len(zlib.compress(body)) for name, body in site.items() if name.endswith(".html")}
    assert {name: size for name, size in pages.items() if size + styles > LIGHT} == {}


def test_no_page_carries_an_inline_style_or_script(site: dict[str, bytes]) -> None:
    for name, body in site.items():
        if name.endswith(".html"):
            text = body.decode()
            assert " style=" not in text, name
            inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text)
            assert [tag for tag in inline if 'type="application/json"' not in tag] == [], name


def test_the_licences_of_what_the_site_ships_are_in_it(site: dict[str, bytes]) -> None:
    text = site["LICENSES.txt"].decode()
    assert text.startswith("sitegen (MIT)")
    for package in ("@duckdb/duckdb-wasm", "@fontsource-variable/inter", "@uwdata/mosaic-core", "vega-lite"):
        assert re.search(rf"^{re.escape(package)} [0-9]", text, flags=re.MULTILINE), package
