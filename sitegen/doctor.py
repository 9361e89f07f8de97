"""Says what this machine has for making reports, what it lacks, and the command that mends it.

Looks and never changes anything; what it looks with is passed in, so that every finding can be tested.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sitegen import __version__
from sitegen.bundled import THEMES

DISTRIBUTION = "explainsite"
EXTRAS = {
    "pipelines": "analyses: bundled digits, training, projections",
    "charts": "charts that a report's own functions make with Altair",
    "figures": "figures of networks as PNG",
    "keras": "Keras models",
    "notebook": "views in notebooks",
    "onnx": "ONNX models",
    "safetensors": "PyTorch weights in .safetensors",
    "sklearn": "scikit-learn models",
    "theme": "changing a theme where there is no Node",
}
"""What each extra is for. ``all`` is their sum, ``test`` is for sitegen's own tests."""
NEWEST_NODE_ASKED = 20
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

State = Literal["ok", "optional", "missing"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``mend`` is a command, empty where there is nothing to mend."""

    state: State
    what: str
    found: str
    mend: str = ""


@dataclass(frozen=True)
class Machine:
    """How the doctor looks: each function can be replaced."""

    version: Callable[[str], str | None]
    """Version of an installed distribution; None when it is not installed."""
    requirements: Callable[[], Iterable[str]]
    """Requirements of sitegen's own distribution, as its metadata has them."""
    program: Callable[[str], str | None]
    """Path of a program; None when there is none."""
    output: Callable[[list[str]], str]
    """What a program prints."""
    devices: Callable[[], tuple[str, ...]]
    """Devices that torch can train on beside the processor; empty without torch."""
    exists: Callable[[Path], bool]


def this_machine() -> Machine:
    """Return the machine that runs this."""
    return Machine(_version, _requirements, shutil.which, _output, _devices, Path.exists)


def examine(machine: Machine) -> Iterator[Finding]:
    """Yield what was found, in the order in which a person would put it right."""
    yield Finding("ok", "Python", platform.python_version())
    yield _theme(machine)
    yield from _extras(machine)
    yield _device(machine)
    yield _browser(machine)
    yield _node(machine)


def _theme(machine: Machine) -> Finding:
    built = THEMES / "default" / "dist"
    what = f"sitegen {__version__}"
    if machine.exists(built):
        return Finding("ok", what, "the default theme is built")
    return Finding("missing", what, "the default theme is not built", "make demo")


def _extras(machine: Machine) -> Iterator[Finding]:
    for extra, names in sorted(_named(machine.requirements()).items()):
        versions = {name: machine.version(name) for name in names}
        lacking = sorted(name for name, version in versions.items() if version is None)
        if lacking:
            mend = f"pip install '{DISTRIBUTION}[{extra}]'"
            yield Finding("optional", extra, f"no {', '.join(lacking)} ({EXTRAS[extra]})", mend)
        else:
            yield Finding("ok", extra, ", ".join(f"{name} {version}" for name, version in versions.items()))


_REQUIREMENT = re.compile(r"""^([A-Za-z0-9][\w.-]*)[^;]*;.*\bextra\s*==\s*['"]([\w-]+)['"]""")


def _named(requirements: Iterable[str]) -> dict[str, list[str]]:
    """Return the libraries of each extra that a report may need."""
    found: dict[str, list[str]] = {}
    for requirement in requirements:
        parts = _REQUIREMENT.match(requirement)
        if parts and parts.group(2) in EXTRAS and _is_for_this_system(requirement):
            found.setdefault(parts.group(2), []).append(parts.group(1))
    return found


_SYSTEM = re.compile(r"""sys_platform\s*(==|!=)\s*['"](\w+)['"]""")


def _is_for_this_system(requirement: str) -> bool:
    """Whether a requirement is one here; some name another distribution for another system."""
    found = _SYSTEM.search(requirement)
    return found is None or (found.group(1) == "==") == (found.group(2) == sys.platform)


def _device(machine: Machine) -> Finding:
    if found := machine.devices():
        return Finding("ok", "GPU", ", ".join(found))
    if machine.program("nvidia-smi") and machine.version("torch"):
        what = "there is an NVIDIA driver, and torch was built without CUDA"
        return Finding("optional", "GPU", what, "pip install --force-reinstall --no-deps torch")
    return Finding("optional", "GPU", "none found; models are trained and run on the processor")


def _browser(machine: Machine) -> Finding:
    for name in BROWSERS:
        if path := machine.program(name):
            return Finding("ok", "browser", path)
    what = "no Chromium (this project's own tests and screenshots)"
    return Finding("optional", "browser", what, "apt-get install chromium")


def _node(machine: Machine) -> Finding:
    path = machine.program("node")
    version = machine.output([path, "--version"]).strip() if path else ""
    major = re.match(r"v(\d+)\.", version)
    if major and int(major.group(1)) >= NEWEST_NODE_ASKED:
        return Finding("ok", "Node", version.removeprefix("v"))
    what = f"{version or 'none'} (changing a theme asks for {NEWEST_NODE_ASKED} or newer)"
    return Finding("optional", "Node", what, f"pip install '{DISTRIBUTION}[theme]'")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _requirements() -> Iterable[str]:
    return importlib.metadata.requires(DISTRIBUTION) or ()


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout


def _devices() -> tuple[str, ...]:
    if importlib.util.find_spec("torch") is None:
        return ()
    import torch

    cuda = [f"cuda: {torch.cuda.get_device_name(index)}" for index in range(torch.cuda.device_count())]
    return (*cuda, *(["mps"] if torch.backends.mps.is_available() else []))
