"""Keeps what libraries note about themselves off the terminal, and nothing that went wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_FILTER = r"""
import re, sys
note = re.compile(rb"I\d{4} \d\d:\d\d:|WARNING: All log messages before absl::InitializeLog")
for line in sys.stdin.buffer:
    if not note.match(line):
        sys.stderr.buffer.write(line)
        sys.stderr.flush()
"""
"""Lets lines through but for informative ones of Abseil's log, and the one that such a log begins with."""


@contextmanager
def without_notes() -> Iterator[None]:
    """Leave out what TensorFlow tells while it is loaded, of settings that nobody chose; its errors are kept.

    No variable of the environment keeps all of them back. They are written by compiled code, so that the
    file descriptor itself leads through a process of its own: what is said before a crash outlives it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        own = os.dup(2)
    except OSError:  # there is nowhere to write to
        yield
        return
    child = subprocess.Popen([sys.executable, "-I", "-S", "-c", _FILTER], stdin=subprocess.PIPE, stderr=own)
    assert child.stdin is not None
    try:
        os.dup2(child.stdin.fileno(), 2)
        yield
    finally:
        os.dup2(own, 2)
        os.close(own)
        child.stdin.close()
        child.wait()
