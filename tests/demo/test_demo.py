"""The repository's own report: its build repeats to the byte, and its pages stay light."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from sitegen import drawing
from sitegen.build import build
from sitegen.config import load_config
from sitegen.memo import Memo
from sitegen.output import Memory

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


def test_pages_drawn_side_by_side_are_those_drawn_one_after_another(
    site: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    config, one, many = load_config(ROOT / "sitegen.toml"), Memory(), Memory()
    for engines, output in ((1, one), (4, many)):
        monkeypatch.setattr(drawing, "MOST_ENGINES", engines)
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
        build(config, output)
    pages = [name for name in site if name.endswith(".html")]
    assert [name for name in pages if not one.read(name) == many.read(name) == site[name]] == []


def test_a_page_drawn_anew_is_the_page_of_a_first_build(site: dict[str, bytes], tmp_path: Path) -> None:
    report = tmp_path / "report"
    shutil.copytree(ROOT / "content", report / "content")
    for name in ("sitegen.toml", "charts.py"):
        shutil.copy(ROOT / name, report / name)
    (report / "artifacts").symlink_to(ROOT / "artifacts")
    config, output, memo = load_config(report / "sitegen.toml"), Memory(), Memo()
    page = report / "content" / "digits.md"
    written = page.read_text("utf-8")
    page.write_text(written.replace("How confident is it?", "How sure is it of each?"), "utf-8")
    build(config, output, memo=memo)
    page.write_text(written, "utf-8")
    build(config, output, memo=memo)
    assert output.read("digits.html") == site["digits.html"]


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
            assert [tag for tag in inline if not re.search('type="application/(ld\\+)?json"', tag)] == [], (
                name
            )


def test_the_licences_of_what_the_site_ships_are_in_it(site: dict[str, bytes]) -> None:
    text = site["LICENSES.txt"].decode()
    assert text.startswith("sitegen (MIT)")
    for package in ("@duckdb/duckdb-wasm", "@fontsource-variable/inter", "@uwdata/mosaic-core", "vega-lite"):
        assert re.search(rf"^{re.escape(package)} [0-9]", text, flags=re.MULTILINE), package
