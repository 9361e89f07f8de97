"""Writes the workflow with which GitHub builds and serves a report; its machines have no GPU.

It analyses nothing: artifacts are those in the repository, or those of a release.
"""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

from sitegen import __version__
from sitegen.config import Config
from sitegen.errors import SitegenError

FILE = ".github/workflows/publish.yml"
ARCHIVE = "artifacts.tar.gz"
"""Name of the file of a release that holds the artifacts."""

# A tag can be moved to other code, a commit cannot.
ACTIONS = {
    "checkout": "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
    "python": "actions/setup-python@83679a892e2d95755f2dac6acb0bfd1e9ac5d548 # v6.1.0",
    "configure": "actions/configure-pages@983d7736d9b0ae728b81ab479565c72886d7745b # v5.0.0",
    "upload": "actions/upload-pages-artifact@7b1f4a764d45c48632c6b24a0339c27f5614fb0b # v4.0.0",
    "deploy": "actions/deploy-pages@d6db90164ac5ed86f2b6aed7e0febac5b3c0c03e # v4.0.5",
}

_TEMPLATE = """\
# Builds the report and serves it on GitHub Pages. Written by: sitegen publish --workflow
# Once, in the repository's settings: Pages, Build and deployment, Source: GitHub Actions.
name: Publish the report
on:
  push:
    branches: [{branch}]
  workflow_dispatch:

permissions:
  contents: read

# A newer publication waits for the one under way, and replaces those that wait.
concurrency:
  group: pages
  cancel-in-progress: false

jobs:
  build:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: {checkout}
        with:
          persist-credentials: false
      - uses: {python}
        with:
          python-version: "3.12"
      - name: Install
        run: {install}
{fetch}      - name: Check and build
        run: sitegen{place} build --strict --output "$RUNNER_TEMP/site"
      - uses: {configure}
      - uses: {upload}
        with:
          path: ${{{{ runner.temp }}}}/site

  deploy:
    needs: build
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      pages: write
      id-token: write
    environment:
      name: github-pages
      url: ${{{{ steps.deployment.outputs.page_url }}}}
    steps:
      - id: deployment
        uses: {deploy}
"""

_FETCH = """\
      - name: Fetch the artifacts
        env:
          GH_TOKEN: ${{ github.token }}
          RELEASE: RELEASE_NAME
        run: |
          gh release download "$RELEASE" --pattern ARCHIVE_NAME --dir "$RUNNER_TEMP"
          tar -xzf "$RUNNER_TEMP/ARCHIVE_NAME" -C "REPORT_FOLDER"
"""


def without_requirements(requirements: Path) -> list[SitegenError]:
    """Return what to say where the report does not name what GitHub is to install."""
    if requirements.is_file():
        return []
    what = f"is not there, so the workflow installs explainsite=={__version__} from where pip looks, PyPI"
    hint = (
        "write it, one line for each library, a wheel by its path from the top of the repository, such as "
        f"./wheels/explainsite-{__version__}-py3-none-any.whl; then write the workflow again"
    )
    return [SitegenError(requirements.name, what, hint)]


def commands_of_release(config: Config, release: str) -> list[str]:
    """Return the commands that put the artifacts into a release; raises where the build would not find them.

    The workflow unpacks them in the report's folder.
    """
    place = os.path.relpath(config.artifacts, config.root)
    if Path(place).parts[:1] in ((), (os.pardir,)):
        what = f'artifacts = "{config.build.artifacts}" is no folder inside of the report\'s'
        hint = "a release is unpacked there: move the folder below it, and name it in [build]"
        raise SitegenError(config.file, f"{what}, so no release can hold it", hint)
    inside = [] if config.root == Path() else ["-C", str(config.root)]
    return [
        shlex.join(["tar", "-czf", ARCHIVE, *inside, place]),
        f"{shlex.join(['gh', 'release', 'create', release, ARCHIVE])}  (once)",
        f"{shlex.join(['gh', 'release', 'upload', release, ARCHIVE, '--clobber'])}  (whenever they change)",
    ]


def workflow(branch: str, folder: str, release: str, requirements: Path) -> str:
    """Return the workflow of a report in ``folder`` of its repository, built on pushes to ``branch``.

    ``release`` names the release that holds the artifacts, empty for those in the repository.
    """
    listed = (Path(folder) / requirements.name).as_posix()
    named = f'-r "{listed}"' if requirements.is_file() else f'"explainsite=={__version__}"'
    names = {"RELEASE_NAME": json.dumps(release), "ARCHIVE_NAME": ARCHIVE, "REPORT_FOLDER": folder}
    fetch = _FETCH if release else ""
    for name, value in names.items():
        fetch = fetch.replace(name, value)
    place = f' -C "{folder}"' if folder != "." else ""
    return _TEMPLATE.format(
        branch=json.dumps(branch), install=f"pip install {named}", fetch=fetch, place=place, **ACTIONS
    )
