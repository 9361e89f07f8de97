"""A notebook's report as a folder, as any report is: settings, artifacts, and one page with its views."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.contract import MANIFEST, ContractError
from pipelines.runner import run
from sitegen.config import FILE, Config, load_config
from sitegen.errors import Problems, SitegenError
from sitegen.notebook.source import FILE as TABLE

PAGE = "index"
CONTENT, ARTIFACTS = "content", "artifacts"
SAMPLES = "samples"
"""Table that the tool ``dataset`` writes."""
VEGA_LITE = "vega-lite"
MARKDOWN = "markdown"


@dataclass(frozen=True)
class Fence:
    """A view as it is written into the page."""

    view: str
    id: str
    keys: Mapping[str, Any]
    """Those that mean the same for every view, without those left out."""
    options: Mapping[str, Any]
    """What the view takes; a spec's are the spec itself."""

    @property
    def lines(self) -> list[str]:
        """The block in Markdown."""
        if self.view == VEGA_LITE:
            head, body = f"{VEGA_LITE} {_info({'id': self.id, **self.keys})}", _json(self.options, self.id)
        elif self.view == MARKDOWN:
            head, body = f"view {MARKDOWN} {_info({'id': self.id, **self.keys})}", _prose(self.options)
        else:
            head = f"view {self.view} id={self.id}"
            body = _yaml({**self.keys, **self.options}, self.id)
        longest = max(map(len, re.findall("`{3,}", body)), default=2)
        fence = "`" * (longest + 1)
        return [f"{fence}{head}", *body.splitlines(), fence]


def _info(keys: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={_quoted(value)}" for key, value in keys.items())


def _quoted(value: object) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _prose(options: Mapping[str, Any]) -> str:
    if set(options) != {"text"} or not isinstance(options.get("text"), str):
        where = f'report.view("{MARKDOWN}")'
        raise SitegenError(where, "a text takes its text only", 'write text="…"')
    return str(options["text"])


def _json(value: object, where: str) -> str:
    try:
        return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise SitegenError(where, f"the spec is no JSON: {error}") from error


def _yaml(value: Mapping[str, Any], where: str) -> str:
    try:
        plain = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        hint = "options are texts, numbers, true or false, lists and mappings of them"
        raise SitegenError(where, f"an option is no plain value: {error}", hint) from error
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=10_000) if plain else ""


class Folder:
    """Where a report is kept while its notebook runs."""

    def __init__(self, root: Path, title: str) -> None:
        self.root = root
        self._title = title
        self._settings = [f"[site]\ntitle = {_toml(title)}\n"]
        for name in (CONTENT, ARTIFACTS):
            (root / name).mkdir()

    def load(self) -> Config:
        """Write the settings and return them, checked."""
        (self.root / FILE).write_text("\n".join(self._settings), encoding="utf-8")
        with said():
            return load_config(self.root / FILE)

    def analyse(self, name: str, source: str, settings: Mapping[str, Any]) -> None:
        """Take a source in as an artifact of that name."""
        lines = [f"{key} = {_toml(value)}" for key, value in {"source": source, **settings}.items()]
        self._settings.append("\n".join([f"[datasets.{name}]", *lines, ""]))
        tool = {"tool": "dataset", "dataset": name, "title": self._title}
        lines = [f"{key} = {_toml(value)}" for key, value in tool.items()]
        self._settings.append("\n".join([f"[tools.{name}]", *lines, ""]))
        config = self.load()
        with said():
            run(config.raw, config.root, places=config.places)

    def bring(self, artifacts: Path) -> None:
        """Take in the artifacts of another report; files that can be linked take no room."""
        found = artifacts / ARTIFACTS if (artifacts / ARTIFACTS).is_dir() else artifacts
        folders = [path.parent for path in sorted(found.glob(f"*/{MANIFEST}"))]
        if not folders:
            hint = "name a report's folder, or its artifacts: sitegen run writes them"
            raise SitegenError(ARTIFACTS, f"there are none in {artifacts}", hint)
        for folder in folders:
            shutil.copytree(folder, self.root / ARTIFACTS / folder.name, copy_function=_linked)

    def write(self, fences: Sequence[Fence], table: str) -> dict[int, str]:
        """Write the page and return the id of each view by the line of its fence."""
        lines = ["---", f"title: {json.dumps(self._title, ensure_ascii=False)}"]
        lines += [f"table: {table}"] * bool(table) + ["---", ""]
        starts: dict[int, str] = {}
        for fence in fences:
            starts[len(lines) + 1] = fence.id
            lines += [*fence.lines, ""]
        (self.root / CONTENT / f"{PAGE}.md").write_text("\n".join(lines), encoding="utf-8")
        return starts


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)  # another disk


def _toml(value: Any) -> str:
    """Return a plain value as TOML; JSON's texts are TOML's, but for the character DEL."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_toml(str(key))} = {_toml(item)}" for key, item in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


_OWN = re.compile(r"^datasets\.[\w-]+\.")
"""How a setting of the only dataset is called in a file that nobody wrote."""


@contextmanager
def said() -> Iterator[None]:
    """Turn what the analyses refuse into errors that name no file of the report's own folder."""
    try:
        yield
    except ContractError as error:
        problems = Problems()
        for problem in error.problems:
            problems.add(_place(problem.where), _OWN.sub("", problem.what), problem.hint)
        problems.stop()
    except SitegenError as error:
        problems = Problems()
        for one in getattr(error, "problems", (error,)):
            problems.add(_place(one.where), _OWN.sub("", one.what), one.hint)
        problems.stop()


def _place(where: str) -> str:
    is_own = where.partition(":")[0] == FILE or where.startswith("datasets.") or Path(where).name == TABLE
    return "Report" if is_own else where
