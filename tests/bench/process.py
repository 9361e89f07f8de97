"""Running a command and saying what it took."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What one run of a command took."""

    seconds: float
    peak: int
    """Most memory held at once (resident), in bytes."""


def measure(command: Sequence[str]) -> Cost:
    """Run a command to its end; raise with what it complained of when it fails."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        complaints = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=complaints)
    return Cost(time.perf_counter() - started, usage.ru_maxrss * 1024)
