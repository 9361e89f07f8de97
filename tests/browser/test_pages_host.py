"""The demo, pushed to a repository and served from there as GitHub Pages serves: live all the same."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser.conftest import oracle_of
from tests.browser.driver import ROOT, TYPES, OpenTab, answering

pytestmark = pytest.mark.slow

PREFIX = "/report/"
PACKED = {".html", ".js", ".css", ".wasm", ".svg", ".txt", ".parquet", ".json", ".xml"}
"""What Pages compresses, by its media type: tables go as octet-stream, which is among them."""


class Pages(BaseHTTPRequestHandler):
    """Answers as GitHub Pages does: below a path, no headers of ours, packed, with ranges of the packed."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, folder: Path, served: list[tuple[str, int, str]]) -> None:
        self._folder = folder
        self._served = served
        super().__init__(*arguments)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        name = path.removeprefix(PREFIX)
        file = self._folder / (f"{name}index.html" if not name or name.endswith("/") else name)
        is_there = path.startswith(PREFIX) and file.is_file() and ".git" not in file.parts
        body = (file if is_there else self._folder / "404.html").read_bytes()
        suffix = file.suffix if is_there else ".html"
        status = HTTPStatus.OK if is_there else HTTPStatus.NOT_FOUND
        headers = {
            "Content-Type": TYPES.get(suffix, "text/html; charset=utf-8"),
            "Cache-Control": "max-age=600",
            "Access-Control-Allow-Origin": "*",
            "Accept-Ranges": "bytes",
            "Vary": "Accept-Encoding",
        }
        if suffix in PACKED and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        if (asked := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))) and is_there:
            # Of the compressed bytes: what a reader of ranges cannot make sense of.
            start, end = int(asked[1]), int(asked[2] or len(body) - 1)
            headers["Content-Range"] = f"bytes {start}-{min(end, len(body) - 1)}/{len(body)}"
            body, status = body[start : end + 1], HTTPStatus.PARTIAL_CONTENT
        self._served.append((name, status, headers.get("Content-Encoding", "")))
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Keep silent."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo as it stands in the branch that it was pushed to, checked out."""
    place = tmp_path_factory.mktemp("pages")
    host, out = place / "host.git", place / "out"
    settings = (ROOT / "sitegen.toml").read_text("utf-8")
    named = settings.replace("[site]\n", '[site]\nsite_url = "https://example.org/report/"\n', 1)
    named += '\n[redirects]\n"old/digits" = "digits.md"\n'
    report = place / "demo"
    report.mkdir()
    (report / "sitegen.toml").write_text(named, "utf-8")
    for name in ("content", "artifacts", "charts.py"):
        (report / name).symlink_to(ROOT / name)
    subprocess.run(["git", "init", "--quiet", "--bare", str(host)], check=True)
    command = [sys.executable, "-m", "sitegen", "-C", str(report), "publish", str(host)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    subprocess.run(["git", "clone", "--quiet", "--branch", "gh-pages", str(host), str(out)], check=True)
    return out


@pytest.fixture
def served(published: Path) -> Iterator[tuple[str, list[tuple[str, int, str]]]]:
    """Where the published site is, and what was asked of it."""
    asked: list[tuple[str, int, str]] = []
    with answering(partial(Pages, folder=published, served=asked)) as address:
        yield f"{address}{PREFIX}", asked


def test_a_published_page_cross_filters_as_pages_serves_it(
    served: tuple[str, list[tuple[str, int, str]]], published: Path, open_tab: OpenTab
) -> None:
    url, asked = served
    tab = open_tab(f"{url}digits.html").live()
    rows = oracle_of(published, "digits.html").relations["digits"]
    tab.filter("datum.label == '8'")
    expected = int((rows["label"] == "8").sum())
    shown = {passing for passing, whole in tab.counts().values() if whole == len(rows)}
    assert shown == {expected}
    assert (tab.failures, tab.messages) == ([], [])
    packed = {PurePosixPath(name).suffix for name, _, encoding in asked if encoding == "gzip"}
    assert {".wasm", ".parquet", ".js", ".css", ".html"} <= packed
    assert [name for name, status, _ in asked if status == HTTPStatus.PARTIAL_CONTENT] == []


def test_an_old_link_to_a_filtered_page_still_opens_it(
    served: tuple[str, list[tuple[str, int, str]]], published: Path, open_tab: OpenTab
) -> None:
    url, _ = served
    rows = oracle_of(published, "digits.html").relations["digits"]
    tab = open_tab("about:blank")
    tab.page.goto(f"{url}old/digits/#~filter=datum.label%20%3D%3D%20'8'")
    tab.page.wait_for_url("**/report/digits.html*")
    tab.live()
    assert int((rows["label"] == "8").sum()) in {passing for passing, _ in tab.counts().values()}


def test_an_address_that_is_not_there_shows_the_sites_own_page(
    served: tuple[str, list[tuple[str, int, str]]], open_tab: OpenTab
) -> None:
    url, asked = served
    tab = open_tab("about:blank")
    # This is not the host of site_url, and the page is whole all the same.
    tab.page.goto(f"{url}no/such/place.html")
    assert tab.texts("h1") == ["There is no such page"]
    assert tab.page.evaluate("[...document.styleSheets].map(each => each.cssRules.length > 100)") == [True]
    assert [name for name, status, _ in asked if status == HTTPStatus.NOT_FOUND] == ["no/such/place.html"]
    tab.page.click(".not-found a")
    tab.page.wait_for_url(f"{url}index.html")
