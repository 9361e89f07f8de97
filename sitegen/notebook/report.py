"""``Report``: a table and its views in a notebook, with the filter and the selection as traits."""

from __future__ import annotations

import itertools
import os
import re
import weakref
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import traitlets

from sitegen.build import build
from sitegen.bundled import THEMES
from sitegen.errors import SitegenError, nearest
from sitegen.languages import SOURCE, known, read_words
from sitegen.notebook.channel import Channel
from sitegen.notebook.chart import spec_of
from sitegen.notebook.folder import VEGA_LITE, Fence, Folder, language_of, plain, said
from sitegen.notebook.page import Drawn, Pages
from sitegen.notebook.source import FILES, IMAGE, SAMPLES, WHERE, take
from sitegen.notebook.state import (
    EMPTY,
    SELECTING,
    State,
    is_too_much,
    plain_ids,
    selected,
    with_filter,
    with_group,
    with_selected,
)
from sitegen.notebook.view import View, publish
from sitegen.output import Disk

NAME = "data"
"""Of the artifact that holds the table: views call it ``data/samples``."""
FILTER, GROUP, SELECTED = "report.filter", "report.group", "report.selected"
"""Traits, as messages name them."""
WHOLE = "whole report"
"""The output of all views; no view can be called so."""
_NUMBERS = itertools.count(1)


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

    A report gives its memory and disk back when it is closed, or when no variable holds it and no document
    shows it any more.
    """

    filter = traitlets.Unicode("")
    """The page's filter, a Vega expression over ``datum``; empty for none."""
    group = traitlets.Unicode("")
    """The column whose values split every view; empty for none."""
    selected = _Ids()
    """Ids of the samples that are selected in any view: rows of the report's table; without a table, of the
    first dataset that it shows. Other things that can be selected, such as units, are in ``state`` only."""

    def __init__(
        self,
        table: Any = None,
        *,
        files_path: str | Path | None = None,
        roles: Mapping[str, str] | None = None,
        artifacts: str | Path | None = None,
        title: str = "Data",
        language: str | None = None,
        **settings: Any,
    ) -> None:
        """Take a table in: a pandas, polars or Arrow one, a path of Parquet or CSV files, or a bundled set.

        ``roles`` say which column is what (``{"label": "digit"}``); those left out are guessed, as ``sitegen
        inspect`` does. ``files_path`` is the folder of images that a column names. ``settings`` are further
        keys of ``[datasets.NAME]``, such as ``classes``. ``artifacts`` is a report's folder, or that of its
        artifacts: views may then show its tables, too, with ``table="artifact/table"``.
        ``language`` is that of the interface, such as ``de``; left out, it is that of the report whose
        artifacts these are, else English.
        """
        super().__init__()
        self._number = next(_NUMBERS)
        if table is None and artifacts is None:
            raise SitegenError(WHERE, "there is no table", "Report(table), or Report(artifacts=FOLDER)")
        settings, given = _settings(settings, roles, title)
        others = None if artifacts is None else _path(artifacts, "artifacts")
        folder = Folder(title, _language(language, others))
        if others is not None:
            folder.bring(others)
        if table is not None:
            with said():
                images = None if files_path is None else _path(files_path, FILES)
                source = take(table, images, given, folder.root)
            folder.analyse(NAME, source, {**({"roles": given} if given else {}), **settings})
        self._image = given.get(IMAGE, "")
        self._table = f"{NAME}/{SAMPLES}" if table is not None else ""
        self._folder, self._config = folder, folder.load()
        words = read_words([self._config.theme], self._config.site.language)
        self._pages = Pages(folder, self._config, self._table, words)
        self._channel = Channel(folder, words)
        self._fences: dict[str, Fence] = {}
        self._drawn: Drawn | None = None
        self._samples: tuple[str, ...] = ()
        """The figures that show samples, whose ids are those of ``selected``."""
        self._channel.widget.observe(_told(weakref.WeakMethod(self._hear)), "state")
        self._drop = weakref.finalize(self, _dropped, self._pages, self._channel)
        self._drop.atexit = False  # the kernel's end frees memory by itself

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
        width: int | str | None = None,
        height: int | str | None = None,
        filter: str | None = None,  # noqa: A002 (the same)
        **options: Any,
    ) -> View:
        """Return a view of the report, to be shown as a cell's output: ``report.view("confusion-matrix")``.

        The keys are those of a block of a page; ``options`` are the view's own, see the reference of views.
        A chart is ``report.view("vega-lite", spec=…)``, where the spec is a dictionary or an Altair chart,
        and its data is the report's table unless it names another. The same call again shows the same view.
        """
        self._check_open("report.view")
        self._pages.check_name(view, "report.view")
        given: dict[str, Any] = {"table": table, "beside": _names(beside), "title": title, "help": help}
        given |= {"width": width, "height": height, "filter": filter}
        keys = {key: value for key, value in given.items() if value is not None}
        fence = self._fence(view, id, plain(keys, *_plainly(view)), options)
        fences = {**self._fences, fence.id: fence}
        drawn = self._pages.draw(list(fences.values()))
        self._fences, self._drawn = fences, drawn
        self._pages.check_filter(self.filter, drawn, FILTER)
        self._samples = drawn.of_samples(NAME if self._table else "")
        self._channel.show(drawn)
        self._hear(self.state)
        return self._output(fence.id, drawn.figures[fence.id])

    def show(self) -> View:
        """Return all views so far as one output, laid out as a page."""
        drawn = self._shown("Report.show")
        ids = [one for figures in drawn.figures.values() for one in figures]
        return self._output(WHOLE, ids)

    def _ipython_display_(self) -> None:
        if self._drawn:
            self.show()._ipython_display_()
        else:
            publish({"text/plain": repr(self)})

    def __repr__(self) -> str:
        return f"Report({self._table or 'artifacts'}, {len(self._fences)} views)"

    def _output(self, name: str, ids: Iterable[str]) -> View:
        markup = "".join(self._shown(name).markup[one] for one in ids)
        return self._channel.view(name, markup)

    def _check_open(self, where: str) -> None:
        if self._channel.is_closed:
            raise SitegenError(where, "the report is closed", "make another: Report(table)")

    def _shown(self, where: str) -> Drawn:
        self._check_open(where)
        if self._drawn is None:
            raise SitegenError(where, "the report has no view yet", 'add one: report.view("table")')
        return self._drawn

    def _fence(self, view: str, name: str | None, keys: dict[str, Any], options: dict[str, Any]) -> Fence:
        if view == VEGA_LITE:
            keys, options = self._chart(keys, options)
        else:
            options = plain(options, *_plainly(view))
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
        told = keys.pop("table", "")

        def is_tables(rows: Any) -> bool:
            return bool(told) or self._folder.holds(NAME, rows, self._image)

        return keys, spec_of(options["spec"], told or self._table, is_tables)

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
            self.selected = selected(state, self._samples)

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
        if ids == selected(self.state, self._samples):
            return ids
        if ids:
            self._selecting()
        if is_too_much(ids):
            what = f"{len(ids):,} ids are more than a view can ask for"
            raise SitegenError(SELECTED, what, "select fewer, or say which rows: report.filter = …")
        return ids

    @traitlets.observe("filter", "group", "selected")
    def _changed(self, _: object) -> None:
        state = self.state
        if self.filter != state["filter"]:
            state = with_filter(state, self.filter)
        if self.group != state.get("group", ""):
            state = with_group(state, self.group)
        if self.selected != selected(state, self._samples):
            figure = self._selecting() if self.selected else ""
            state = with_selected(state, self.selected, figure, self._samples)
        self._write(state)

    def _selecting(self) -> str:
        """Return the figure in which ids are selected from Python."""
        for view in SELECTING:
            for figure in self._samples:
                if self._drawn and self._drawn.view_of(figure) == view:
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
        build(self._config, Disk(target, 'report.export("FOLDER")'))
        return target

    def close(self) -> None:
        """Give memory and disk back; pictures stand where its views were live."""
        self._drop()
        self._channel.close()


def _settings(
    settings: Mapping[str, Any], roles: Mapping[str, str] | None, title: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return settings and roles, checked to be such as a file of settings can hold; None is left out."""
    if not isinstance(title, str):
        raise SitegenError(WHERE, f"title is {title!r}, not text", 'write title="…"')
    if not isinstance(roles or {}, Mapping):
        raise SitegenError(WHERE, f"roles are {roles!r}, no mapping", 'write roles={"label": "COLUMN"}')
    hint = "settings are texts, numbers, true or false, lists and mappings of them"
    plain(title, WHERE, "the title is no text of a file")
    told, given = plain([settings, dict(roles or {})], WHERE, "a setting is no plain value", hint)
    return _without_none(told), _without_none(given)


def _language(told: str | None, artifacts: Path | None) -> str:
    """Return the language of the interface; one that is asked for has to be known."""
    if told is None:
        return language_of(artifacts) if artifacts else SOURCE
    if not isinstance(told, str):
        raise SitegenError(WHERE, f"language is {told!r}, not text", 'write language="de"')
    spoken = known([THEMES / "default"])
    if not {told, told.partition("-")[0]} & set(spoken):
        raise SitegenError(WHERE, f'the interface has no words in "{told}"', nearest(told, spoken))
    return told


def _without_none(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value is not None}


def _path(value: Any, name: str) -> Path:
    if not isinstance(value, str | os.PathLike):
        raise SitegenError(name, f"{value!r} is no path of a folder", f'write {name}="…"')
    return Path(value).expanduser()


def _told(heard: weakref.WeakMethod[Callable[[State], None]]) -> Callable[[Mapping[str, Any]], None]:
    """Return what a widget calls, without keeping the report that hears it."""

    def tell(change: Mapping[str, Any]) -> None:
        hear = heard()
        if hear:
            hear(change["new"])

    return tell


def _dropped(pages: Pages, channel: Channel) -> None:
    pages.close()
    channel.abandon()


def _plainly(view: str) -> tuple[str, str, str]:
    hint = "options are texts, numbers, true or false, lists and mappings of them"
    return f'report.view("{view}")', "an option is no plain value", hint


def _names(value: str | Iterable[str] | None) -> list[str] | None:
    return None if value is None else [value] if isinstance(value, str) else list(value)
