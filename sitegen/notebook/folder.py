"""A notebook's report as a folder, as any report is: settings, artifacts, and one page with its views."""

from __future__ import annotations

import json
import os
import re
import shutil
import warnings
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml

from pipelines.contract import MANIFEST, ContractError
from pipelines.runner import run
from sitegen.config import FILE, Config, load_config
from sitegen.errors import Problems, SitegenError
from sitegen.languages import SOURCE
from sitegen.notebook.source import FILE as TABLE
from sitegen.notebook.source import are_samples
from sitegen.temporary import own_prefix

PAGE = "index"
CONTENT, ARTIFACTS = "content", "artifacts"
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
        """The block in Markdown; but for a text's own it is ASCII, so that no sign ends a line early."""
        if self.view == MARKDOWN:
            keys, text = {"id": self.id, **self.keys}, _prose(self.options)
            head, body = f"view {MARKDOWN} {_info(keys)}", text
        elif self.view == VEGA_LITE:
            head = f"{VEGA_LITE} {_info({'id': self.id, **self.keys})}"
            body = json.dumps(self.options, indent=1)
        else:
            head, body = f"view {self.view}", yaml_text({"id": self.id, **self.keys, **self.options})
        # The first line of a fence of tildes may hold backticks.
        longest = max(map(len, re.findall("~{3,}", body)), default=2)
        fence = "~" * (longest + 1)
        return [f"{fence}{head}", *body.split("\n"), fence]


def _info(keys: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={_quoted(value)}" for key, value in keys.items())


_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


def _quoted(value: object) -> str:
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return f'"{text.translate(_ESCAPES)}"'


def _prose(options: Mapping[str, Any]) -> str:
    if set(options) != {"text"} or not isinstance(options.get("text"), str):
        where = f'report.view("{MARKDOWN}")'
        raise SitegenError(where, "a text takes its text only", 'write text="…"')
    return str(options["text"])


def yaml_text(value: Mapping[str, Any]) -> str:
    """Return plain values as YAML in ASCII."""
    return yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=False, width=10_000) if value else ""


def plain(value: Any, where: str, what: str, hint: str = "") -> Any:
    """Return a copy of a value as JSON has it, which nobody else holds; raise ``what`` it is not."""
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
        written.encode()  # half of a surrogate pair is in no file
        return json.loads(written)
    except (TypeError, ValueError, RecursionError) as error:
        raise SitegenError(where, f"{what}: {error}", hint) from error


class Folder:
    """Where a report is kept while its notebook runs."""

    def __init__(self, title: str, language: str) -> None:
        self.root = Path(mkdtemp(prefix=own_prefix("report")))
        self.remove = weakref.finalize(self, shutil.rmtree, self.root, ignore_errors=True)
        """Gives the disk back; the end of the folder's last holder, or of the kernel, does it, too."""
        self._title = title
        self._settings = [f"[site]\ntitle = {_toml(title)}\nlanguage = {_toml(language)}\n"]
        for name in (CONTENT, ARTIFACTS):
            (self.root / name).mkdir()

    def load(self) -> Config:
        """Write the settings and return them, checked."""
        (self.root / FILE).write_text("\n".join(self._settings), encoding="utf-8")
        with said():
            return load_config(self.root / FILE)

    def analyse(self, name: str, source: str, settings: Mapping[str, Any]) -> None:
        """Take a source in as an artifact of that name; warns of what is read otherwise than it may seem."""
        lines = [f"{key} = {_toml(value)}" for key, value in {"source": source, **settings}.items()]
        self._settings.append("\n".join([f"[datasets.{name}]", *lines, ""]))
        tool = {"tool": "dataset", "dataset": name, "title": self._title}
        lines = [f"{key} = {_toml(value)}" for key, value in tool.items()]
        self._settings.append("\n".join([f"[tools.{name}]", *lines, ""]))
        config = self.load()
        with said():
            manifests = run(config.raw, config.root, places=config.places)
        for note in (note for manifest in manifests for note in manifest.notes):
            warnings.warn(f"Report: {note}", stacklevel=3)

    def holds(self, name: str, rows: Any, image: str) -> bool:
        """Whether rows in memory are the samples of an artifact; ``image`` is the column of its pictures."""
        return are_samples(rows, self.root / ARTIFACTS / name, image)

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
        front = yaml_text({"title": self._title, **({"table": table} if table else {})})
        lines = ["---", *front.splitlines(), "---", ""]
        starts: dict[int, str] = {}
        for fence in fences:
            starts[len(lines) + 1] = fence.id
            lines += [*fence.lines, ""]
        (self.root / CONTENT / f"{PAGE}.md").write_text("\n".join(lines), encoding="utf-8")
        return starts


def language_of(artifacts: Path) -> str:
    """Return the language of the report whose folder, or whose artifacts, these are; English without one."""
    for root in (artifacts, artifacts.parent):
        if (root / FILE).is_file():
            config = load_config(root / FILE)
            if artifacts.resolve() in (config.root.resolve(), config.artifacts.resolve()):
                return config.site.language
    return SOURCE


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


_OWN = re.compile(r"^datasets\.[\w-]+(?:\.|: )")
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
