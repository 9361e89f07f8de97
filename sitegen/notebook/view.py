"""``View``: some views of a report as the output of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anywidget
import ipywidgets
import traitlets
from IPython.display import display

from sitegen.bundled import THEMES
from sitegen.notebook.still import built, still

DIST = THEMES / "default" / "dist"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class View(anywidget.AnyWidget):
    """Some views of a report as an output: live while its kernel runs, a picture in the saved notebook."""

    _esm = built(DIST, "notebook-loader.js").decode()
    report = traitlets.Instance(ipywidgets.Widget).tag(sync=True, **ipywidgets.widget_serialization)
    markup = traitlets.Unicode().tag(sync=True)

    def __init__(self, report: ipywidgets.Widget, name: str, language: str) -> None:
        super().__init__(report=report)
        self._name = name
        self._language = language
        self.is_shown = False
        """Whether it ever was an output."""

    def __repr__(self) -> str:
        return f"View({self._name})"

    @property
    def is_closed(self) -> bool:
        """Whether no output can be made of it any more."""
        return self.comm is None

    def close(self) -> None:
        """Take the view out of every output, where its picture stands again."""
        super().close()
        self.layout.close()

    def still(self) -> str:
        """Return the picture: HTML with its styles, no script, no address."""
        return still(built(DIST, "notebook-still.css").decode(), self.markup, self._language)

    def _ipython_display_(self) -> None:
        """Show the picture, then the live views, which take its place.

        Two outputs, because a front end shows one form of each: where there is no kernel it would say so in
        place of the picture.
        """
        self.is_shown = True
        publish({"text/html": self.still(), "text/plain": repr(self)})
        if not self.is_closed:
            shown = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
            publish({WIDGET_VIEW: shown, "text/plain": ""})


def publish(data: Mapping[str, Any]) -> None:
    """Make an output of the cell that runs."""
    display(dict(data), raw=True)  # type: ignore[no-untyped-call]
