"""``Report``: a table and its views in a notebook, with the filter and the selection as traits."""

from __future__ import annotations

import itertools
import re
import shutil
import uuid
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import anywidget
import ipywidgets
import traitlets
from IPython.display import display

from sitegen.build import build
from sitegen.errors import SitegenError, nearest
from sitegen.notebook.channel import DIST, Channel
from sitegen.notebook.folder import SAMPLES, VEGA_LITE, Fence, Folder, said
from sitegen.notebook.page import Drawn, Pages
from sitegen.notebook.source import WHERE, take
from sitegen.notebook.state import (
    EMPTY,
    SELECTING,
    State,
    plain_ids,
    selected,
    with_filter,
    with_group,
    with_selected,
)
from sitegen.notebook.still import built, still
from sitegen.output import Disk

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
NAME = "data"
"""Of the artifact that holds the table: views call it ``data/samples``."""
FILTER, GROUP, SELECTED = "report.filter", "report.group", "report.selected"
"""Traits, as messages name them."""
_NUMBERS = itertools.count(1)


class View(anywidget.AnyWidget):
    """Some views of a report as an output: live while its kernel runs, a picture in the saved notebook."""

    _esm = built(DIST, "notebook-loader.js").decode()
    report = traitlets.Instance(ipywidgets.Widget).tag(sync=True, **ipywidgets.widget_serialization)
    markup = traitlets.Unicode().tag(sync=True)

    def __init__(self, report: ipywidgets.Widget, name: str, markup: str) -> None:
        super().__init__(report=report, markup=markup)
        self._name = name

    def __repr__(self) -> str:
        return f"View({self._name})"

    def still(self) -> str:
        """Return the picture: HTML with its styles, no script, no address."""
        return still(built(DIST, "notebook-still.css").decode(), self.markup)

    def _ipython_display_(self) -> None:
        """Show the picture, then the live views, which take its place.

        Two outputs, because a front end shows one form of each: where there is no kernel it would say so in
        place of the picture.
        """
        _publish({"text/html": self.still(), "text/plain": repr(self)})
        shown = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        _publish({WIDGET_VIEW: shown, "text/plain": ""})


class _Ids(traitlets.List[Any]):
    """A list of ids; arrays, series and sets are taken, too."""

    def validate(self, obj: Any, value: Any) -> Any:
        is_many = isinstance(value, Iterable) and not isinstance(value, str | bytes)
        return super().validate(obj, plain_ids(value) if is_many else value)


class Report(traitlets.HasTraits):
    """A table and its views, which filter each other, in a notebook.

    ``filter`` (an expression such as ``datum.label == 'cat'``), ``group`` (a column that splits every view)
    and ``selected`` (ids of rows) are traits: what the reader does in a view changes them, and setting them
    changes the views. ``observe`` them as any trait. An unknown column, view or option raises
    ``SitegenError``.
    """

    filter = traitlets.Unicode("")
    """The page's filter, a Vega expression over ``datum``; empty for none."""
    group = traitlets.Unicode("")
    """The column whose values split every view; empty for none."""
    selected = _Ids()
    """Ids of the rows that are selected in views of samples, tables and scatterplots."""

    def __init__(
        self,
        table: Any = None,
        *,
        files_path: str | Path | None = None,
        roles: Mapping[str, str] | None = None,
        artifacts: str | Path | None = None,
        title: str = "Data",
        **settings: Any,
    ) -> None:
        """Take a table in: a pandas, polars or Arrow one, a path of Parquet or CSV files, or a bundled set.

        ``roles`` say which column is what (``{"label": "digit"}``); those left out are guessed, as ``sitegen
        inspect`` does. ``files_path`` is the folder of images that a column names. ``settings`` are further
        keys of ``[datasets.NAME]``, such as ``classes``. ``artifacts`` is a report's folder, or that of its
        artifacts: views may then show its tables, too, with ``table="artifact/table"``.
        """
        super().__init__()
        self._number = next(_NUMBERS)
        if table is None and artifacts is None:
            raise SitegenError(WHERE, "there is no table", "Report(table), or Report(artifacts=FOLDER)")
        root = mkdtemp(prefix="sitegen-report-")
        self._clean = weakref.finalize(self, shutil.rmtree, root, ignore_errors=True)
        folder = Folder(Path(root), title)
        if artifacts is not None:
            folder.bring(Path(artifacts).expanduser())
        if table is not None:
            given = dict(roles or {})
            with said():
                source = take(table, files_path, given, folder.root)
            folder.analyse(NAME, source, {**({"roles": given} if given else {}), **settings})
        self._table = f"{NAME}/{SAMPLES}" if table is not None else ""
        self._folder, self._config = folder, folder.load()
        self._pages = Pages(folder, self._config, self._table)
        self._channel = Channel(uuid.uuid4().hex)
        self._fences: dict[str, Fence] = {}
        self._drawn: Drawn | None = None
        self._channel.widget.observe(lambda change: self._hear(change["new"]), "state")

    # Views ----------------------------------------------------------------------------------------

    def view(
        self,
        view: str,
        *,
        table: str | None = None,
        beside: str | Iterable[str] | None = None,
        title: str | None = None,
        help: str | None = None,  # noqa: A002 (the block's own key)
        id: str | None = None,  # noqa: A002 (the same)
        width: int | None = None,
        height: int | None = None,
        filter: str | None = None,  # noqa: A002 (the same)
        **options: Any,
    ) -> View:
        """Return a view of the report, to be shown as a cell's output: ``report.view("confusion-matrix")``.

        The keys are those of a block of a page; ``options`` are the view's own, see the reference of views.
        A chart is ``report.view("vega-lite", spec=…)``, where the spec is a dictionary or an Altair chart,
        and its data is the report's table unless it names another. The same call again shows the same view.
        """
        given: dict[str, Any] = {"table": table, "beside": _names(beside), "title": title, "help": help}
        given |= {"width": width, "height": height, "filter": filter}
        keys = {key: value for key, value in given.items() if value is not None}
        fence = self._fence(view, id, keys, options)
        fences = {**self._fences, fence.id: fence}
        drawn = self._pages.draw(list(fences.values()))
        self._fences, self._drawn = fences, drawn
        self._pages.check_filter(self.filter, drawn, FILTER)
        self._channel.show(drawn)
        return self._output(fence.id, drawn.figures[fence.id])

    def show(self) -> View:
        """Return all views so far as one output, laid out as a page."""
        drawn = self._shown("Report.show")
        ids = [one for figures in drawn.figures.values() for one in figures]
        return self._output("report", ids)

    def _ipython_display_(self) -> None:
        if self._drawn:
            self.show()._ipython_display_()
        else:
            _publish({"text/plain": repr(self)})

    def __repr__(self) -> str:
        return f"Report({self._table or 'artifacts'}, {len(self._fences)} views)"

    def _output(self, name: str, ids: Iterable[str]) -> View:
        markup = "".join(self._shown(name).markup[one] for one in ids)
        return View(self._channel.widget, name, markup)

    def _shown(self, where: str) -> Drawn:
        if self._drawn is None:
            raise SitegenError(where, "the report has no view yet", 'add one: report.view("table")')
        return self._drawn

    def _fence(self, view: str, name: str | None, keys: dict[str, Any], options: dict[str, Any]) -> Fence:
        if view == VEGA_LITE:
            keys, options = self._chart(keys, options)
        if name is not None:
            return Fence(view, name, keys, options)
        written = (view, keys, options)
        for one in self._fences.values():
            if (one.view, one.keys, one.options) == written:
                return one
        stem = view if self._number == 1 else f"{view}-r{self._number}"
        stem = re.sub(r"[^a-z0-9-]", "", stem.lower()) or "view"
        names = (stem if number == 1 else f"{stem}-{number}" for number in itertools.count(1))
        return Fence(view, next(one for one in names if one not in self._fences), keys, options)

    def _chart(self, keys: dict[str, Any], options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a chart's keys and its spec, with the report's table where it names no data."""
        unknown = options.keys() - {"spec"}
        if "spec" not in options or unknown:
            what = f'a chart takes no "{min(unknown)}"' if unknown else "a chart needs its spec"
            where = f'report.view("{VEGA_LITE}")'
            raise SitegenError(where, what, f'write report.view("{VEGA_LITE}", spec={{…}})')
        is_altair = hasattr(options["spec"], "to_dict")
        spec = dict(options["spec"].to_dict() if is_altair else options["spec"])
        if is_altair:  # its rows are the report's, and need not come along
            spec.pop("datasets", None)
        table = keys.pop("table", "") or self._table
        is_open = "data" not in spec or (is_altair and "url" not in spec["data"])
        if table and is_open:
            spec["data"] = {"name": table}
        return keys, spec

    # Filter and selection -------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """All that the reader changed: filter, group and the state of each view, as a link would hold it."""
        return dict(self._channel.widget.state)

    def reset(self) -> None:
        """Back to all rows, nothing selected."""
        self._write(EMPTY)

    def _write(self, state: State) -> None:
        self._channel.widget.state = dict(state)

    def _hear(self, state: State) -> None:
        """Take on what the page, or this object, made of the state."""
        with self.hold_trait_notifications():
            self.filter = state.get("filter", "")
            self.group = state.get("group", "")
            self.selected = selected(state)

    @traitlets.validate("filter")
    def _check_filter(self, proposal: Any) -> str:
        expression = str(proposal["value"]).strip()
        if self._drawn and expression != self.state["filter"]:
            self._pages.check_filter(expression, self._drawn, FILTER)
        return expression

    @traitlets.validate("group")
    def _check_group(self, proposal: Any) -> str:
        column = str(proposal["value"])
        if column and self._drawn:
            tables = self._drawn.source.tables().values()
            known = [each["name"] for table in tables for each in table["columns"]]
            if column not in known:
                raise SitegenError(GROUP, f'there is no column "{column}"', nearest(column, known))
        return column

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> list[Any]:
        ids: list[Any] = proposal["value"]
        if ids and ids != selected(self.state):
            self._selecting()
        return ids

    @traitlets.observe("filter", "group", "selected")
    def _changed(self, _: object) -> None:
        state = self.state
        if self.filter != state["filter"]:
            state = with_filter(state, self.filter)
        if self.group != state.get("group", ""):
            state = with_group(state, self.group)
        if self.selected != selected(state):
            state = with_selected(state, self.selected, self._selecting() if self.selected else "")
        self._write(state)

    def _selecting(self) -> str:
        """Return the figure in which ids are selected from Python."""
        drawn = self._drawn
        figures = [one for ids in drawn.figures.values() for one in ids] if drawn else []
        for view in SELECTING:
            for figure in figures:
                if drawn and drawn.view_of(figure) == view:
                    return figure
        what = "no view of the report selects rows by their ids"
        raise SitegenError(SELECTED, what, 'add one: report.view("samples")')

    # The site -------------------------------------------------------------------------------------

    def export(self, folder: str | Path) -> Path:
        """Write the static site of the same views into a folder, and return its path.

        The folder is new, empty or an earlier site, which is replaced.
        """
        self._shown("Report.export")
        target = Path(folder).expanduser().absolute()
        self._folder.write(list(self._fences.values()), self._table)
        build(self._config, Disk(target))
        return target

    def close(self) -> None:
        """Give memory and disk back; what is shown stays as it is, and answers no more."""
        self._channel.close()
        self._pages.close()
        self._clean()


def _publish(data: Mapping[str, Any]) -> None:
    display(dict(data), raw=True)  # type: ignore[no-untyped-call]


def _names(value: str | Iterable[str] | None) -> list[str] | None:
    return None if value is None else [value] if isinstance(value, str) else list(value)
