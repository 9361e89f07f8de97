"""A notebook, open in JupyterLab in a real browser: what the tests do to it, and ask of its kernel."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any
from urllib.request import urlopen

from tests.browser.driver import SETTLED_MS, Tab

LIVE = ".sitegen-notebook[data-sitegen=live]:not([data-sitegen-layer])"
"""The roots of live views, without the one for what floats."""
KERNEL = "jupyterapp.shell.currentWidget.sessionContext.session.kernel"
START_SECONDS = 90.0
LIVE_MS = 90_000


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder of notebooks with JupyterLab, settings of nobody's, and say where."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "IdentityProvider.token": "",
        "ServerApp.root_dir": folder,
        "ServerApp.port_retries": 0,
        "LabApp.news_url": None,
        "LabApp.expose_app_in_browser": True,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    options += [f"--{name}={value}" for name, value in settings.items()]
    own = {name: str(folder / ".jupyter" / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    own |= {name: str(folder / ".jupyter" / name) for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "jupyterlab", *options]
        server = subprocess.Popen(command, cwd=folder, env={**os.environ, **own}, stdout=log, stderr=log)
        try:
            yield _ready(f"http://127.0.0.1:{port}", folder / "log")
        finally:
            server.terminate()
            server.wait(START_SECONDS)


def _ready(url: str, log: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            with urlopen(f"{url}/api"):
                return url
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(log.read_text("utf-8")[-2000:])


@dataclass
class Notebook:
    """A notebook in a tab."""

    tab: Tab

    def open(self, url: str, name: str) -> Notebook:
        """Open the notebook and wait for its kernel."""
        self.tab.open(f"{url}/lab/tree/{name}")
        ready = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
        self.tab.page.wait_for_function(ready, timeout=LIVE_MS)
        return self

    def command(self, name: str) -> None:
        """Do what a menu does."""
        self.tab.page.evaluate("name => jupyterapp.commands.execute(name)", name)

    def run(self, view: str) -> None:
        """Run all cells, and wait until a view is live."""
        self.command("notebook:run-all-cells")
        self.tab.page.wait_for_selector(f"{LIVE} #{view}[data-state=live]", timeout=LIVE_MS)
        self.settle()

    def run_in_new_cell(self, code: str, view: str) -> None:
        """Run code in a cell below the last one, and wait until a view of it is live."""
        script = """code => {
            const notebook = jupyterapp.shell.currentWidget.content;
            notebook.activeCellIndex = notebook.widgets.length - 1;
            return jupyterapp.commands.execute("notebook:insert-cell-below").then(() => {
                notebook.activeCell.model.sharedModel.setSource(code);
                return jupyterapp.commands.execute("notebook:run-cell");
            });
        }"""
        self.tab.page.evaluate(script, code)
        self.tab.page.wait_for_selector(f"{LIVE} #{view}[data-state=live]", timeout=LIVE_MS)
        self.settle()

    def reopen(self, name: str) -> None:
        """Close the notebook's tab within JupyterLab, its kernel running on, and open it again."""
        script = """async name => {
            const closed = jupyterapp.shell.currentWidget.context;
            await jupyterapp.commands.execute("application:close");
            while (!closed.isDisposed) await new Promise(resolve => setTimeout(resolve, 50));
            await jupyterapp.commands.execute("docmanager:open", {path: name});
        }"""
        self.tab.page.evaluate(script, name)
        ready = f"{KERNEL.replace('.', '?.')}?.status === 'idle'"
        self.tab.page.wait_for_function(ready, timeout=LIVE_MS)

    def ask(self, expression: str, code: str = "") -> Any:
        """Run code in the kernel, and return what an expression is then."""
        script = """async ([code, expression]) => {
            const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const asked = {code, user_expressions: {answer: expression}, store_history: false};
            const {content} = await kernel.requestExecute(asked).done;
            const {answer} = content.user_expressions ?? {};
            return answer?.data?.["text/plain"] ?? `"${content.evalue ?? answer?.evalue}"`;
        }"""
        text = self.tab.page.evaluate(script, [code, expression])
        self.settle()
        return ast.literal_eval(text)

    def failure(self, code: str) -> list[str]:
        """Run code in the kernel that fails, and return the lines that a cell shows."""
        script = """async code => {
            const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            return (await kernel.requestExecute({code, store_history: false}).done).content.traceback;
        }"""
        return [str(line) for line in self.tab.page.evaluate(script, code)]

    def settle(self) -> None:
        """Wait until the kernel rests, and what it answered is drawn."""
        page = self.tab.page
        for _ in range(2):
            page.wait_for_timeout(4 * SETTLED_MS)
            page.wait_for_function(f"{KERNEL}.status === 'idle'")

    def rows(self) -> dict[str, int]:
        """Return how many rows pass in each live view, by id."""
        script = """root => Object.fromEntries([...document.querySelectorAll(`${root} .view`)].map(
            view => [view.id, Number(view.dataset.rows)]))"""
        return dict(self.tab.page.evaluate(script, LIVE))
