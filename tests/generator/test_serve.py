"""The preview: reloads on change, keeps the last good site, and answers nobody else."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import pytest

from sitegen.cli import main
from sitegen.serve import Preview, PreviewServer, Watcher
from tests.generator.reports import Report

GOOD = {"error": "", "problems": [], "more": 0}


@contextmanager
def served(report: Report) -> Iterator[tuple[Preview, PreviewServer]]:
    preview = Preview(report.settings, report=lambda _: None)
    preview.rebuild()
    with PreviewServer(preview, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield preview, server
        finally:
            server.shutdown()
            thread.join()


def ask(
    server: PreviewServer, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


@pytest.fixture
def written(report: Report) -> Report:
    report.write("content/index.md", "# Front\n\n```view count\ntable: digits/samples\ncolumn: label\n```\n")
    report.artifact("digits", {"samples": {"id": [1, 2], "label": ["a", "b"]}})
    return report


def test_serves_every_file_with_its_type(written: Report) -> None:
    site = written.build()
    with served(written) as (_, server):
        found = {url: ask(server, f"/{url}") for url in site.files}
    types = {url.rpartition(".")[2]: headers["Content-Type"] for url, (_, headers, _) in found.items()}
    assert types == {
        "html": "text/html; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "css": "text/css; charset=utf-8",
        "txt": "text/plain; charset=utf-8",
        "wasm": "application/wasm",
        "woff2": "font/woff2",
        "parquet": "application/vnd.apache.parquet",
    }
    assert all(body == site.read(url) for url, (_, _, body) in found.items() if not url.endswith(".html"))


def test_pages_get_a_served_script_and_nothing_inline(written: Report) -> None:
    with served(written) as (_, server):
        _, headers, front = ask(server, "/")
        _, _, again = ask(server, "/index.html?query#hash")
        _, script_headers, script = ask(server, "/.sitegen/reload.js?version=1")
    assert b'<script type="module" src="/.sitegen/reload.js?version=1"></script></head>' in front
    assert front == again
    assert headers["Cache-Control"] == "no-store"
    assert script_headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert b'new EventSource("/.sitegen/events")' in script


def test_head_says_the_length_and_sends_no_body(written: Report) -> None:
    with served(written) as (_, server):
        status, headers, body = ask(server, "/", method="HEAD")
        _, _, whole = ask(server, "/")
    assert (status, body) == (HTTPStatus.OK, b"")
    assert int(headers["Content-Length"]) == len(whole)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", ""])
def test_refuses_the_names_of_others(written: Report, host: str) -> None:
    with served(written) as (_, server):
        status, _, body = ask(server, "/", Host=host.format(port=server.server_port))
        allowed, _, _ = ask(server, "/", Host=f"localhost:{server.server_port}")
    assert (status, allowed) == (HTTPStatus.FORBIDDEN, HTTPStatus.OK)
    assert b"Front" not in body


@pytest.mark.parametrize(
    "path",
    ["/../sitegen.toml", "/%2e%2e/sitegen.toml", "/..%2fsitegen.toml", "//etc/hostname", "/%00", "/data"],
)
def test_serves_nothing_but_the_site(written: Report, path: str) -> None:
    with served(written) as (_, server):
        status, _, body = ask(server, path)
    assert status == HTTPStatus.NOT_FOUND
    assert b"theme" not in body


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"])
def test_a_reader_who_goes_away_leaves_no_trace(
    said: bytes, written: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(written) as (_, server):
        with socket.create_connection(("127.0.0.1", server.server_port)) as connection:
            connection.sendall(said)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # While it answers somebody else, the server meets the connection that was reset.
        assert ask(server, "/")[0] == HTTPStatus.OK
    assert "Traceback" not in capsys.readouterr().err


class Listener:
    """A page that waits for news."""

    def __init__(self, server: PreviewServer) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        self._connection.request("GET", "/.sitegen/events")
        self._answer = self._connection.getresponse()
        assert self._answer.headers["Content-Type"] == "text/event-stream"

    def hear(self) -> dict[str, object]:
        """Wait for the next state."""
        line, end = self._answer.readline(), self._answer.readline()
        assert end == b"\n"
        heard: dict[str, object] = json.loads(line.removeprefix(b"data: "))
        return heard

    def hear_until_built(self) -> dict[str, object]:
        """Wait for the next good build."""
        while (heard := self.hear())["error"]:
            pass
        return heard

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


@contextmanager
def watched(preview: Preview, report: Report) -> Iterator[Callable[[str, str], None]]:
    stop = threading.Event()
    thread = threading.Thread(target=Watcher(preview, report.settings).run, args=(stop,))
    thread.start()
    try:
        yield report.write
    finally:
        stop.set()
        thread.join()


def test_tells_pages_of_changes_and_keeps_the_last_good_site(written: Report) -> None:
    with served(written) as (preview, server), watched(preview, written) as write:
        listener = Listener(server)
        assert listener.hear() == {"version": 1, **GOOD}

        write("content/index.md", "# Changed\n")
        assert listener.hear() == {"version": 2, **GOOD}
        assert b"Changed" in ask(server, "/")[2]

        write("content/index.md", "# Broken: [nowhere](a&b.md)\n")
        heard = listener.hear()
        assert heard["version"] == 2
        assert str(heard["error"]).startswith("content/index.md:1: the link ")
        (problem,) = heard["problems"]  # type: ignore[misc]
        assert (problem["where"], heard["more"]) == ("content/index.md:1", 0)
        assert b"Changed" in ask(server, "/")[2]

        write("content/index.md", "# Mended\n")
        assert listener.hear_until_built()["version"] == 3
        assert b"Mended" in ask(server, "/")[2]

        write("sitegen.toml", '[site]\ntitle = "Renamed"\ntheme = "theme"\n')
        assert listener.hear_until_built()["version"] == 4
        assert b"Renamed" in ask(server, "/")[2]
        listener.close()


def test_shows_what_is_wrong_where_there_is_no_good_site_yet(report: Report) -> None:
    report.write("content/index.md", "# Broken\n\n[nowhere](a&b.md)\n")
    with served(report) as (_, server):
        status, _, body = ask(server, "/")
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    assert b"content/index.md:3: the link &quot;a&amp;b.md&quot; leads nowhere" in body
    assert b'src="/.sitegen/reload.js?version=0"' in body


def test_a_taken_port_is_said(written: Report, capsys: pytest.CaptureFixture[str]) -> None:
    with served(written) as (_, server):
        port = str(server.server_port)
        assert main(["-C", str(written.folder), "serve", "--port", port]) == 1
    said = capsys.readouterr().err
    assert said == f"port {port}: cannot be served on: Address already in use\n  try another: --port 8001\n"


def test_rebuilds_when_a_snippet_changes(written: Report) -> None:
    written.write("snippets/part.md", "Before.\n")
    written.write("content/index.md", "# Front\n\n```include part.md\n```\n")
    with served(written) as (preview, server), watched(preview, written) as write:
        listener = Listener(server)
        assert listener.hear() == {"version": 1, **GOOD}
        write("snippets/part.md", "After.\n")
        assert listener.hear_until_built() == {"version": 2, **GOOD}
        assert b"After." in ask(server, "/")[2]
        listener.close()


def test_a_drawing_opened_by_itself_runs_nothing(written: Report) -> None:
    written.write("content/dot.svg", '<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>')
    with served(written) as (_, server):
        _, headers, _ = ask(server, "/dot.svg")
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
