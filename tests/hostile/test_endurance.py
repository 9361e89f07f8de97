"""`sitegen serve` under thousands of requests and edits: it answers all of them, and its memory stays."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.generator.reports import Report
from tests.hostile.cases import EDITS, REQUESTS

pytestmark = pytest.mark.slow

PAGES = 20
PATIENCE = 60
"""Seconds to wait for the build that follows an edit."""
WARM = 10
"""Edits and requests per page before memory is looked at: caches fill, the allocator takes what it needs."""
GROWTH_MEGABYTES = 24
"""What memory may grow from then on, however many requests and edits there are."""


@pytest.fixture
def written(report: Report) -> Report:
    links = "\n".join(f"- [page {number}](page-{number}.md)" for number in range(PAGES))
    report.write("content/index.md", f"# Front\n\n{links}\n")
    report.artifact("digits", {"samples": {"id": [1, 2, 3], "label": ["a", "b", "b"]}})
    for number in range(PAGES):
        view = "```view count\ntable: digits/samples\ncolumn: label\n```\n"
        count = '{sql}`select count(*) from "digits/samples"`'
        report.write(f"content/page-{number}.md", f"# Page {number}\n\n{count} samples.\n\n{view}")
    return report


class Serving:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.port = port

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def megabytes(self) -> float:
        """Return the memory that the process holds."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found
        return int(found.group(1)) / 1000

    def threads(self) -> int:
        """Return how many threads the process has."""
        found = re.search(r"Threads:\s+(\d+)", Path(f"/proc/{self._process.pid}/status").read_text())
        assert found
        return int(found.group(1))


@contextmanager
def serving(report: Report) -> Iterator[Serving]:
    command = [sys.executable, "-u", "-m", "sitegen", "-C", str(report.folder), "serve", "--port", "0"]
    said = report.folder.parent / "said.txt"
    with said.open("w") as out, subprocess.Popen(command, stdout=out, text=True) as process:
        try:
            while not (port := re.search(r"serving http://127\.0\.0\.1:(\d+)/", said.read_text())):
                assert process.poll() is None
                time.sleep(0.05)
            yield Serving(process, int(port.group(1)))
        finally:
            process.terminate()


class Events:
    """A page that is told of every build."""

    def __init__(self, served: Serving) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        self._connection.request("GET", "/.sitegen/events")
        self._answer = self._connection.getresponse()

    def next(self) -> dict[str, object]:
        """Wait for what is told next."""
        last = time.monotonic() + PATIENCE
        while not (line := self._answer.readline()).startswith(b"data: "):
            assert time.monotonic() < last, "no build followed an edit"
        told: dict[str, object] = json.loads(line[6:])
        return told

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


@pytest.mark.timeout(3600)
def test_requests_and_edits_leave_memory_as_it_was(written: Report) -> None:
    with serving(written) as served:
        events = Events(served)
        version = events.next()["version"]
        start = 0.0
        for edit in range(WARM + EDITS):
            number = edit % PAGES
            is_broken = edit % 10 == 9
            text = "[nowhere](nowhere.md)" if is_broken else f"Edit {edit}."
            view = "```view count\ntable: digits/samples\ncolumn: label\n```\n"
            written.write(f"content/page-{number}.md", f"# Page {number}\n\n{text}\n\n{view}")
            told = events.next()
            assert bool(told["error"]) is is_broken
            if is_broken:
                written.write(f"content/page-{number}.md", f"# Page {number}\n\n{view}")
                told = events.next()
            assert told["version"] != version
            version = told["version"]
            if edit == WARM - 1:
                ask(served, WARM * PAGES)
                start = served.megabytes()
        ask(served, REQUESTS)
        events.close()
        grown = served.megabytes() - start
        print(f"{REQUESTS} requests, {EDITS} edits: from {start:.0f} MB, grown by {grown:.1f} MB")
        assert grown < GROWTH_MEGABYTES, f"{start:.0f} MB grew by {grown:.0f} MB"
        assert served.threads() < 40


def ask(served: Serving, times: int) -> None:
    for number in range(times):
        status, body = served.get(f"/page-{number % PAGES}.html" if number % 7 else "/nothing")
        assert status == (200 if number % 7 else 404)
        assert body
