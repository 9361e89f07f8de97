"""Makes the peers' pages: bundles their TypeScript with the theme's own libraries, beside what they load."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "peers"
PROBE = HERE / "probe.js"
MODULES = Path("themes/default/node_modules").resolve()
WORKER = MODULES / "@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js"


def write_page(folder: Path, peer: str, setup: Mapping[str, Any], file: str = "setup.json") -> None:
    """Write the page of a peer and the settings that it reads."""
    folder.mkdir(parents=True, exist_ok=True)
    page = (HERE / "page.html").read_text().replace("PEER", peer)
    (folder / f"{peer}.html").write_text(page)
    (folder / file).write_text(json.dumps(setup))
    command = [str(MODULES / ".bin" / "esbuild"), str(HERE / f"{peer}.ts"), f"--outfile={folder / peer}.js"]
    options = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning"]
    subprocess.run([*command, *options], check=True, env={**os.environ, "NODE_PATH": str(MODULES)})


def engine_setup(folder: Path) -> dict[str, Any]:
    """Put the library's own worker into ``folder``; return where it, a built site's engine and tables are."""

    def urls(pattern: str) -> list[str]:
        return [file.relative_to(folder).as_posix() for file in sorted(folder.glob(pattern))]

    worker, (wasm,) = WORKER.name, urls("site/assets/duckdb-eh.*")
    shutil.copy(WORKER, folder / worker)
    return {"worker": worker, "wasm": wasm, "tables": [urls("site/data/**/*.parquet")]}
