"""A static server in a process of its own, so that it takes no time from the process that measures."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

BLOCK = 65_536


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *given: object) -> None:
        """Say nothing of requests."""


class _Counting(_Quiet):
    """Notes when each block of a file went out: a line of seconds since 1970 and bytes."""

    journal: int

    def copyfile(self, source: BinaryIO, outputfile: BinaryIO) -> None:
        """Send a file by blocks; browsers give no count of what workers fetch."""
        while block := source.read(BLOCK):
            outputfile.write(block)
            os.write(self.journal, f"{time.time()} {len(block)}\n".encode())


@contextmanager
def served(folder: Path, journal: Path | None = None) -> Iterator[str]:
    """Serve a folder on a free port of this machine; give its address, ending in a slash.

    With a journal, each block of bytes that goes out is noted there.
    """
    command = [sys.executable, "-m", "tests.bench.server", str(folder), *([str(journal)] if journal else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
        finally:
            process.terminate()


def main(folder: str, journal: str | None = None) -> None:
    """Serve until terminated; print the port first."""
    handler = _Quiet if journal is None else _Counting
    if journal is not None:
        _Counting.journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: handler(*given, directory=folder))
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
