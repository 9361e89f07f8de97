"""Takes the charts that a report's own functions make, with Altair or as plain specs.

The module is found by its path in the report's folder and runs under a private name, so that it shadows
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from sitegen.blocks import Block, chart_keys
from sitegen.errors import SitegenError, nearest

SCHEME = "altair:"
"""What a source begins with; a module of the report and its function follow: ``altair:charts:accuracy``."""


def with_chart(block: Block, root: Path) -> Block:
    """Return the block with the spec that its function returns; raises what keeps it from being a chart.

    The function is called with the block's body as keyword arguments, at every build. It returns an Altair
    chart, or a Vega-Lite spec as a dictionary; a table is named by ``alt.NamedData(name="artifact/table")``.
    """
    path, function = _function(block, root)
    try:
        spec = _as_spec(function(**block.arguments))
    except Exception as error:
        raise SitegenError(
            _failed_at(error, path, block), f"the chart cannot be made: {_said(error)}"
        ) from error
    if spec is None:
        what = f"{block.source} returns no chart"
        raise SitegenError(block.where(), what, "return an Altair chart, or a Vega-Lite spec as a dictionary")
    keys = chart_keys(spec, block.file, block.line, "")
    return replace(
        block,
        options={"spec": spec},
        data=keys.data,
        table=block.table or keys.table,
        title=block.title or keys.title,
    )


def _function(block: Block, root: Path) -> tuple[Path, Callable[..., Any]]:
    name, _, function = block.source.removeprefix(SCHEME).partition(":")
    parts = name.split(".")
    if not block.source.startswith(SCHEME) or not function or not all(part.isidentifier() for part in parts):
        what = f'the source "{block.source}" names no function'
        raise SitegenError(block.where(), what, "write source=altair:module:function")
    path = root.joinpath(*parts).with_suffix(".py")
    if not path.is_file():
        what = f'the report has no module "{name}"'
        raise SitegenError(block.where(), what, f"write it to {'/'.join(parts)}.py, beside sitegen.toml")
    found = vars(_run(path, block)).get(function)
    if not callable(found):
        offered = [key for key, value in vars(_run(path, block)).items() if _is_own(key, value)]
        raise SitegenError(
            block.where(), f'{path.name} has no function "{function}"', nearest(function, offered)
        )
    return path, found


def _is_own(name: str, value: object) -> bool:
    return (
        callable(value) and not name.startswith("_") and getattr(value, "__module__", "").startswith(PRIVATE)
    )


PRIVATE = "report_charts_"


def _run(path: Path, block: Block) -> ModuleType:
    """Run the module anew, as it is now: an edit shows at the next build."""
    module = ModuleType(PRIVATE + path.stem, f"Charts of {path.name}.")
    module.__file__ = str(path)
    try:
        exec(compile(path.read_text("utf-8"), str(path), "exec"), vars(module))
    except ModuleNotFoundError as error:
        hint = "pip install 'explainsite[charts]'" if error.name == "altair" else f"pip install {error.name}"
        raise SitegenError(
            block.where(), f"{path.name} needs {error.name}, which is not installed", hint
        ) from error
    except Exception as error:
        raise SitegenError(_failed_at(error, path, block), f"cannot be loaded: {_said(error)}") from error
    return module


def _as_spec(chart: Any) -> dict[str, Any] | None:
    """Return what was returned as plain JSON; None when it is neither a chart nor a mapping."""
    if not isinstance(chart, Mapping):
        if not callable(getattr(chart, "to_dict", None)):
            return None
        chart = chart.to_dict()
    spec: dict[str, Any] = json.loads(json.dumps(chart, allow_nan=False))
    return spec


def _said(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__


def _failed_at(error: Exception, path: Path, block: Block) -> str:
    """Return the line of the report's module that failed; the block where the failure lies elsewhere."""
    if isinstance(error, SyntaxError):
        return f"{path.name}:{error.lineno}"
    trace, line = error.__traceback__, None
    while trace:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{path.name}:{line}" if line else block.where()
