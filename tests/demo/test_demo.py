"""The repository's own report: its build repeats to the byte, and its pages stay light."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zlib
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from sitegen import drawing
from sitegen.build import build
from sitegen.config import load_config
from sitegen.memo import Memo
from sitegen.output import Memory

pytestmark = pytest.mark.slow

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


@pytest.fixture(scope="module")
def addressed() -> dict[str, str]:
    """The site's texts, where it has an address: pages, and the same as Markdown."""
    config, output = load_config(ROOT / "sitegen.toml"), Memory()
    build(replace(config, site=replace(config.site, site_url="https://a.example/r")), output)
    found = {url: output.read(url) for url in output.files if url.endswith((".html", ".md", ".txt"))}
    return {url: body.decode() for url, body in found.items() if body is not None}


NUMBER = re.compile(r"\d[\d,.]*")
CODE = re.compile(r"^ *(`{3,})\n.*?^ *\1$|(`+)[^`].*?\2", re.DOTALL | re.MULTILINE)


def test_every_page_is_markdown_too_without_markup_or_fences_and_with_the_page_s_numbers(
    addressed: dict[str, str], site: dict[str, bytes]
) -> None:
    pages = [url for url in addressed if url.endswith(".html") and url in site]
    assert len(pages) > 40
    for url in pages:
        text, page = addressed[f"{url}.md"], unescape(re.sub(r"<[^>]*>", "", addressed[url]))
        prose = re.sub(r"\]\([^)\n]*\)", "]", CODE.sub("", text))
        assert text.startswith("# "), url
        assert (
            re.findall(r"(?<!\\)<[a-z/!][^>\n]*>|^ *```.*$|\0|class=|data-view", prose, re.MULTILINE) == []
        ), url
        assert {number for number in NUMBER.findall(prose) if number.rstrip(".,") not in page} == set(), url
        titles = re.findall(r'class="view-title"[^>]*>([^<]*)<', addressed[url])
        assert [title for title in titles if unescape(title) not in text.replace("\\", "")] == [], url
        assert len(zlib.compress(text.encode())) < len(zlib.compress(addressed[url].encode())), url


def test_links_of_pages_as_markdown_lead_somewhere(addressed: dict[str, str], site: dict[str, bytes]) -> None:
    address = "https://a.example/r/"
    found = {
        (url, target.partition("#")[0])
        for url, text in addressed.items()
        if url.endswith((".html.md", "llms.txt"))
        for target in re.findall(rf"\]\({address}([^)\s]*)\)", text)
    }
    assert len({target for _, target in found}) > 60
    there = site.keys() | addressed.keys() | {""}
    assert [pair for pair in found if pair[1] not in there and f"{pair[1]}index.html" not in there] == []
    assert {target for url, target in found if url == "llms.txt"} >= {
        url for url in addressed if url.endswith(".html.md")
    }
    assert ".md" not in addressed.get("sitemap.xml", "")


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
