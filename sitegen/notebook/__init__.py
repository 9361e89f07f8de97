"""Reports in notebooks: the site's views on a table of the kernel, filtering each other and seen by Python.

``Report`` holds a table and its views; each view is an output of a cell. Needs the extra ``notebook``.
"""

from __future__ import annotations

from sitegen.errors import SitegenError

try:
    import anywidget as _anywidget  # noqa: F401 (said here, once, where it is missing)
except ModuleNotFoundError as error:
    what = f'needs "{error.name}", which is not installed'
    raise SitegenError(__name__, what, "pip install 'explainsite[notebook]'") from error

from sitegen.notebook.report import Report
from sitegen.notebook.view import View

__all__ = ["Report", "View"]
