"""What a command needs of how it was called: its report, its own name, and libraries that may be missing."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sitegen.config import Config, load_config
from sitegen.errors import SitegenError


def load(given: argparse.Namespace) -> Config:
    """Return the settings of the report that a command is about."""
    drafts = getattr(given, "drafts", False)
    return load_config(Path(given.folder) / given.config, with_drafts=drafts)


def own_name() -> str:
    """Return how this command can be called again: by its name where that finds it, else by its path."""
    own = Path(sys.argv[0])
    found = shutil.which("sitegen")
    is_here = own.name == "sitegen" and (not found or not own.samefile(found))
    return os.path.relpath(own) if is_here else "sitegen"


@contextmanager
def pipelines(where: str) -> Iterator[None]:
    """Say what to install where a command needs the pipelines: a machine that builds sites may lack them."""
    try:
        yield
    except ModuleNotFoundError as error:
        hint = "pip install 'explainsite[pipelines]'"
        raise SitegenError(where, f'analyses need "{error.name}", which is not installed', hint) from error
