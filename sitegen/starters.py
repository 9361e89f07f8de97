"""Makes new reports: the demo, or one to write, about data that was looked at.

A starter is a folder of ``starting/``: each file is a Jinja2 template with delimiters of its own, as pages
hold braces. What comes from data is quoted for the place where it stands.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.contract import staged
from sitegen.bundled import DEMO
from sitegen.config import FILE
from sitegen.errors import SitegenError
from sitegen.facts import SPDX

MODULES = ("charts.py", "planted.py")
"""The demo's own code: charts that Altair makes, and data with known mistakes."""
STARTING = Path(__file__).parent / "starting"
FEWEST = 10
"""Samples of a class from which on its rate says something."""
FEWEST_FAMILIAR = 50
"""Samples that a mixture of Gaussians is fitted to at least."""
MOST_CELLS = 40
"""Classes up to which every pair of a label and a prediction has a cell that can be seen."""
MOST_VALUES, MOST_GROUPED = 20, 6
"""Values of a column that still makes groups of some size, and columns that are crossed with each other."""
MOST_RANKED = 20
"""Bars of a ranking, whose names are read one below another."""
MOST_CHARTS = 24
"""Columns that a first page draws a chart of; readers choose among all."""
JSON_TEXT = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
"""A text as an inspection tells it, among other words."""
BASES = {"audit": "classification"}
"""The starter whose files another one has, too."""


@dataclass(frozen=True)
class ColumnFacts:
    """A column as the data card lists it; ``distinct`` is None where nobody counted."""

    name: str
    type: str
    nulls: int
    distinct: int | None
    values: str
    role: str
    holds_classes: bool = False
    """Whether it has no role, and every value is a class of the label: an annotator's, as a rule."""


@dataclass(frozen=True)
class DataFacts:
    """What a starter says of the data, and what it chooses its views by."""

    name: str
    """Of the dataset, its tool and its artifact."""
    section: str
    """The ``[datasets.NAME]`` section."""
    source: str
    rows: int
    sha256: str
    licence: str
    citation: str
    columns: tuple[ColumnFacts, ...]
    noun: str
    """What a row is called, in the plural."""
    roles: dict[str, str]
    """Column by role."""

    @property
    def label(self) -> str | None:
        """The column of labels."""
        return self.roles.get("label")

    @property
    def split(self) -> str | None:
        """The column that names the parts."""
        return self.roles.get("split")

    @property
    def part(self) -> str | None:
        """The column of the analysed table that names the parts; a network divides data that has none.

        None also where a query cannot name the column: two braces stand for a value there.
        """
        name = self.split or ("split" if self.model == "cnn" else None)
        return None if name and "{{" in name else name

    @property
    def model(self) -> Literal["columns", "cnn"] | None:
        """The model to begin with: the data's own predictions, else a network that learns from its images."""
        if self.roles.keys() & {"prediction", "probability"}:
            return "columns"
        return "cnn" if {"image", "label"} <= self.roles.keys() else None

    @property
    def confidence(self) -> bool:
        """Whether the analysis will say how sure the model is."""
        return self.model == "cnn" or bool(self.roles.keys() & {"confidence", "probability"})

    @property
    def doubtful(self) -> bool:
        """Whether labels can be doubted: by networks that did not see them, or by the data."""
        return bool(self.label) and (self.model == "cnn" or "probability" in self.roles)

    @property
    def classes(self) -> int:
        """How many classes the labels name, 0 without labels."""
        return next((each.distinct or 0 for each in self.columns if each.role == "label"), 0)

    @property
    def fewest(self) -> int:
        """Samples that a class needs for a rate of its own: ten, or half of a small class."""
        return max(1, min(FEWEST, self.rows // max(1, self.classes) // 2))

    @property
    def annotators(self) -> tuple[str, ...]:
        """Columns that each say a class of the label, where there are several that a query can name."""
        named = tuple(each.name for each in self.columns if each.holds_classes and "{{" not in each.name)
        return named if len(named) > 1 and "{{" not in (self.label or "{{") else ()

    @property
    def disagreed(self) -> str:
        """The filter of rows of which all who say something say another class than the label."""
        names = list(map(_datum, self.annotators))
        label = _datum(self.label or "")
        others = [f"({name} == null || {name} != {label})" for name in names]
        some = " || ".join(f"{name} != null" for name in names)
        return " && ".join([f"{label} != null", *others, f"({some})"])

    @property
    def summarised(self) -> tuple[str, ...]:
        """Columns for charts of their own: those that no other view is about."""
        told = {"label", "prediction", "confidence", "split"} if self.model else set()
        about = {*self.annotators, *(name for role, name in self.roles.items() if role in told)}
        return tuple(name for name in self.described if name not in about)

    @property
    def described(self) -> tuple[str, ...]:
        """Columns whose values were counted, where no model has views of its own."""
        counted = (each for each in self.columns if each.distinct is not None and each.role != "id")
        return tuple(each.name for each in counted if "{{" not in each.name)

    @property
    def seen(self) -> bool:
        """Whether a row has something to look at, listen to or read, which a card shows."""
        return bool(self.roles.keys() & {"image", "audio", "text"})

    @property
    def grouped(self) -> tuple[str, ...]:
        """Columns that make groups a classifier may fail: labels, parts, and what else has few values."""
        if not self.model or not self.label:
            return ()
        few = self.label if "{{" not in self.label and self.classes <= MOST_CELLS else None
        names = (few, self.part, *self._categories)
        # One value makes no group: with it every other group would stand there twice.
        alike = {each.name for each in self.columns if each.distinct == 1}
        return tuple(dict.fromkeys(name for name in names if name and name not in alike))[:MOST_GROUPED]

    @property
    def _categories(self) -> Iterator[str]:
        """Columns of few values that are neither a role's nor an annotator's, the fewest values first."""
        free = (each for each in self.columns if not each.role and not each.holds_classes)
        few = [each for each in free if 2 <= (each.distinct or 0) <= MOST_VALUES and "{{" not in each.name]
        return (each.name for each in sorted(few, key=lambda each: each.distinct or 0))

    @property
    def embeddings(self) -> bool:
        """Whether there will be embeddings to lay out."""
        return self.model == "cnn" or (self.model == "columns" and "embedding" in self.roles)

    @property
    def comparable(self) -> bool:
        """Whether two samples can be the same in anything but their label and what a model says."""
        contents = self.roles.keys() & {"image", "audio", "text"}
        return self.embeddings or bool(contents) or not all(each.role for each in self.columns)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Columns that say nothing in a chart: the id, and the place of an image's tile."""
        name = self.roles.get("id", "id")
        tile = ("sheet", "x", "y") if "image" in self.roles else ()
        return tuple(each for each in (name, *tile) if "{{" not in each)

    @property
    def familiar(self) -> bool:
        """Whether there are embeddings of enough samples to say which are usual."""
        return self.embeddings and self.rows >= FEWEST_FAMILIAR


def start_report(folder: Path, starter: str, title: str, data: DataFacts | None, schema: str) -> list[str]:
    """Write a new report into ``folder`` and return its files; ``schema`` is that of the settings.

    Raises when the folder holds something. Nothing is half-written: it is made beside and renamed.
    """
    files = dict(_filled(starter, title, data))
    files["sitegen.schema.json"] = schema
    with _beside(folder) as new:
        for name, text in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_text(text, encoding="utf-8")
    return sorted(files)


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Give a new folder, and put it in the place of ``folder``, which may be there if it is empty."""
    refuse_full(folder)
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{escape(folder.name)}.{'[0-9a-f]' * 8}.tmp"):
        shutil.rmtree(left)
    with staged(folder) as new:
        yield new
        if not folder.exists():
            new.rename(folder)
            return
        # The folder itself stays, for a shell may stand in it. The settings come last: they make it a report.
        for path in sorted(new.iterdir(), key=lambda path: path.name == FILE):
            path.rename(folder / path.name)


def _filled(starter: str, title: str, data: DataFacts | None) -> Iterator[tuple[str, str]]:
    """Yield each file's name and text; a page that the data gives nothing to is empty, and left out."""
    templates = _environment(STARTING)
    for name, template in sorted(_templates(starter).items()):
        text = templates.get_template(template).render(
            title=title, data=data, most_cells=MOST_CELLS, most_ranked=MOST_RANKED, most_charts=MOST_CHARTS
        )
        text = re.sub(r"\n{3,}", "\n\n", text).strip()
        if text:
            yield name, f"{text}\n"


def _templates(starter: str) -> dict[str, str]:
    """Return the template of each file, by the file's name."""
    base = _templates(BASES[starter]) if starter in BASES else {}
    files = (path for path in (STARTING / starter).rglob("*") if path.is_file())
    own = {
        path.relative_to(STARTING / starter).as_posix(): path.relative_to(STARTING).as_posix()
        for path in files
    }
    return base | own


def _environment(folder: Path) -> Environment:
    brackets: dict[str, Any] = {"variable_start_string": "[[", "variable_end_string": "]]"}
    brackets |= {"block_start_string": "[%", "block_end_string": "%]", "comment_start_string": "[#"}
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        comment_end_string="#]",
        **brackets,
    )
    environment.filters |= {"json": _json, "toml": _json, "text": _text, "names": _names, "literal": _literal}
    environment.filters |= {
        "licence": _licence,
        "list": _list,
        "quoted": _quoted,
        "field": _field,
        "column": _column,
        "datum": _datum,
    }
    environment.globals |= {"wilson": _wilson}
    return environment


def _json(value: str) -> str:
    """Return a string of JSON, which is one of TOML too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _licence(said: str) -> str:
    """Return what a source says of its licence where it is an identifier; else the run says it."""
    return said if SPDX.fullmatch(said) else ""


def _names(columns: Iterable[str]) -> str:
    """Return a list of YAML."""
    return f"[{', '.join(map(_json, columns))}]"


def _list(columns: Iterable[str]) -> str:
    """Return columns as a tool's parameter names them: commas between, quotes around one with a comma."""
    text = StringIO()
    csv.writer(text, lineterminator="").writerow(columns)
    return text.getvalue()


def _field(column: str) -> str:
    """Return a column as a field of Vega-Lite, to which dots, brackets and quotes mean parts of a value.

    Braces are escaped with them: two of them would name a value of the page.
    """
    return _json(re.sub(r"[.\[\]\\{}'\"]", r"\\\g<0>", column))


def _datum(column: str) -> str:
    """Return a column as an expression names it, its braces escaped for the same reason."""
    quoted = _json(column).replace("{", r"\u007b").replace("}", r"\u007d")
    return f"datum[{quoted}]"


def _wilson(right: str, judged: str) -> tuple[str, str]:
    """Return both ends of Wilson's interval at 95 % of a share, as SQL and Vega's expressions write them."""
    root = f"1.96 * sqrt({right} * ({judged} - {right}) / {judged} + 0.9604)"
    low, high = (f"({right} + 1.9208 {sign} {root}) / ({judged} + 3.8416)" for sign in "-+")
    return low, high


def _column(name: str) -> str:
    """Return a column as SQL names it."""
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def _quoted(value: str) -> str:
    """Return what was told of values as readers know it: texts in quotation marks, without escapes."""
    return JSON_TEXT.sub(
        lambda text: f"\N{LEFT DOUBLE QUOTATION MARK}{json.loads(text[0])}\N{RIGHT DOUBLE QUOTATION MARK}",
        value,
    )


def _text(value: str) -> str:
    """Return text on one line in which no sign means markup."""
    return re.sub(r"[\\`*_{}\[\]<>()#+!|~$&:-]", r"\\\g<0>", " ".join(value.split()))


def start_demo(folder: Path) -> None:
    """Write the demo report into ``folder``; leaves it alone when it is there already.

    Raises when the folder holds something else. Nothing is half-written: it is made beside and renamed.
    """
    file = folder / FILE
    if file.is_file() and file.read_bytes() == (DEMO / FILE).read_bytes():
        return
    with _beside(folder) as new:
        for name in (FILE, *MODULES):
            shutil.copyfile(DEMO / name, new / name)
        shutil.copytree(DEMO / "content", new / "content")


def refuse_full(folder: Path) -> None:
    """Raise when ``folder`` is a file, or a folder with something in it."""
    if folder.exists() and not folder.is_dir():
        raise SitegenError(str(folder), "is a file, not a folder", "name a new folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise SitegenError(str(folder), "the folder is not empty", "name a new or an empty folder")
