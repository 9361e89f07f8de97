"""Draws views at build: drives the theme's script in V8, which asks for rows and answers with markup.

The script offers ``sitegen.describe()`` and ``sitegen.step(request)``, both JSON. A step answers with
problems, with queries (answered, then asked again) or with the figure. One V8 context serves a build. A
script that lays figures out says that it needs its engine, which is large and run only then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from py_mini_racer import (
    JSEvalException,
    JSFunction,
    JSPromise,
    JSPromiseError,
    JSTimeoutException,
    MiniRacer,
    init_mini_racer,
)

from sitegen.blocks import Block
from sitegen.database import Database, QueryError
from sitegen.errors import Problems, SitegenError, nearest

STEP_SECONDS = 30.0
"""Time a view may take for one step."""
STEPS = 16
"""Rounds of queries that a view may ask."""
HEAP_BYTES = 1 << 30
"""Memory that all views of a build may hold at once."""

V8_FLAGS = ("--single-threaded", "--no-memory-protection-keys")
"""With protection keys of the processor, V8 hands its memory only to threads that come from the one that
started it: any other that asks ends the process. Builds, previews and notebooks ask on their own threads."""

Request = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A view, drawn."""

    html: str
    rows: int
    """Rows that it shows."""
    total: int
    """Rows that there are."""


class ScriptError(Exception):
    """The theme's script threw, ran too long or took too much memory."""


class Views:
    """The theme's script, running."""

    def __init__(
        self,
        script: str,
        theme: str,
        layout: str = "",
        own: Mapping[str, str] | None = None,
        printing: str = "",
    ) -> None:
        self._theme = theme
        self.script = script
        self._further = {"layout": layout, "print": printing}
        # V8 is bounded in time only on a thread without an event loop; notebooks and test drivers run one.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="views")
        self._engine = self._thread.submit(start_engine).result()
        where = f"themes/{theme}"
        with self._closing(where, "the script that draws views fails", "rebuild it"):
            self._run(script)
            self.offered: dict[str, Any] = json.loads(self._call("describe"))["views"]
        for name, source in (own or {}).items():
            with self._closing(f"{where}/views/{name}.js", "makes no view", "see the guide on themes"):
                self._run(source)
                self.offered = json.loads(self._call("describe"))["views"]
                if name not in self.offered:
                    message = f'the view that it makes is not called "{name}"'
                    raise ScriptError(message)

    def _run(self, source: str) -> None:
        self._thread.submit(self._engine.eval, source, timeout_sec=STEP_SECONDS).result()

    @contextmanager
    def _closing(self, where: str, what: str, hint: str) -> Iterator[None]:
        """End the engine where a script fails as it starts."""
        try:
            yield
        except (JSEvalException, JSPromiseError, ScriptError) as error:
            reason = str(error) if isinstance(error, ScriptError) else self._reason(str(error))
            self._close()
            raise SitegenError(where, f"{what}: {reason}", hint) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        # A script that was stopped says so a moment later, and the engine must be there to hear it.
        self._thread.submit(self._engine.eval, "0").result()
        self._thread.submit(self._engine.close).result()
        self._thread.shutdown()

    def check_name(self, block: Block, also: Iterable[str] = ()) -> None:
        """Raise when the theme has no view of the block's name; ``also`` are offered with its own."""
        if block.view not in self.offered:
            what = f'view "{block.view}" is not offered by theme "{self._theme}"'
            raise SitegenError(block.where(), what, nearest(block.view, [*self.offered, *also]))

    def check(self, block: Block, request: Request) -> None:
        """Raise what the view has to say against the block, before any query."""
        reply = self._step(block, {**request, "results": {}, "check": True})
        _raise_problems(block, reply.get("problems", []))

    def draw(self, block: Block, request: Request, database: Database) -> Figure:
        """Return the view as markup, asking ``database`` until the view asks no more."""
        results: dict[str, str] = {}
        for _ in range(STEPS):
            reply = self._step(block, {**request, "results": results})
            _raise_problems(block, reply.get("problems", []))
            if "figure" in reply:
                figure = reply["figure"]
                return Figure(figure["html"], figure["rows"], figure["total"])
            for key, query in reply["queries"].items():
                results[key] = _answer(block, query, database)
        raise SitegenError(block.where(), f'view "{block.view}" asks for rows without end')

    def translate(self, block: Block, table: Request, tables: Mapping[str, Request]) -> str:
        """Return a block's filter as a condition in SQL on a table of its page; raises what is wrong."""
        try:
            said = self._call("translate", str(block.filter), json.dumps(table), json.dumps(tables))
        except ScriptError as error:
            what = f'theme "{self._theme}" cannot filter a view: {error}'
            raise SitegenError(block.where("filter"), what) from error
        reply = json.loads(said)
        _raise_problems(block, [{**problem, "path": "filter"} for problem in reply.get("problems", [])])
        return str(reply["sql"])

    def link(self, where: str, request: Request) -> str:
        """Return place and state of a page in a link, ``#anchor~…``; raises as of ``where``."""
        try:
            said = self._call("link", json.dumps(request, allow_nan=False))
        except ScriptError as error:
            raise SitegenError(where, f'theme "{self._theme}" cannot link to a view: {error}') from error
        reply = json.loads(said)
        problems = Problems()
        for problem in reply.get("problems", []):
            problems.add(where, problem["what"], problem.get("hint") or "")
        problems.stop()
        return str(reply["hash"])

    def architecture(self, request: Request) -> dict[str, Any]:
        """Return the figure of a network, from its tables; raises ``ScriptError``. See ``figures``."""
        return self._asked("architecture", request)

    def _step(self, block: Block, request: Request) -> dict[str, Any]:
        try:
            reply = self._asked("step", request)
        except ScriptError as error:
            raise SitegenError(block.where(), f'view "{block.view}" fails: {error}') from error
        return reply

    def _asked(self, name: str, request: Request) -> dict[str, Any]:
        """Return an answer, loading what lays out and what writes PDF the first time that one needs it."""
        text = json.dumps(request, allow_nan=False)
        while True:
            reply: dict[str, Any] = json.loads(self._call(name, text))
            needed = reply.get("needs")
            if needed is None:
                return reply
            # What was loaded is not asked for again.
            source = self._further.pop(needed, "")
            if not source:
                message = f'theme "{self._theme}" names no {needed} in [assets]'
                raise ScriptError(message)
            self._run(source)

    def _call(self, name: str, *arguments: str) -> str:
        """Call a function of the script and return its text, also when it promises it."""
        try:
            return self._thread.submit(_call_script, self._engine, name, arguments).result()
        except JSTimeoutException as error:
            message = f"no answer within {STEP_SECONDS:g} s"
            raise ScriptError(message) from error
        except (JSEvalException, JSPromiseError) as error:
            raise ScriptError(self._reason(str(error))) from error

    def _reason(self, message: str) -> str:
        """Return the one line of V8's message that says what was thrown."""
        if self._engine.was_hard_memory_limit_reached():
            return f"more than {HEAP_BYTES >> 20} MB of memory"
        thrown = re.search(r"(?:^|: )((?:\w*Error|Uncaught)\b.*)", message)
        return (thrown.group(1) if thrown else message.strip().split("\n")[0])[:300]


def start_engine() -> MiniRacer:
    """Return an engine with bounded memory; it answers to any thread."""
    init_mini_racer(flags=V8_FLAGS, ignore_duplicate_init=True)
    engine = MiniRacer()
    engine.set_hard_memory_limit(HEAP_BYTES)
    return engine


def _call_script(engine: MiniRacer, name: str, arguments: tuple[str, ...]) -> str:
    function = engine.eval(f"sitegen.{name}")
    if not isinstance(function, JSFunction):
        message = f"it offers no sitegen.{name}"
        raise ScriptError(message)
    reply: Any = function(*arguments, timeout_sec=STEP_SECONDS)
    return str(reply.get(timeout=STEP_SECONDS) if isinstance(reply, JSPromise) else reply)


def _answer(block: Block, query: str, database: Database) -> str:
    try:
        return database.answer(query)
    except QueryError as error:
        what = f'view "{block.view}" asks what the database refuses: {str(error).splitlines()[0]}'
        raise SitegenError(block.where(), what, query[:300]) from error


def _raise_problems(block: Block, found: list[dict[str, str]]) -> None:
    problems = Problems()
    for problem in found:
        problems.add(block.where(problem.get("path", "")), problem["what"], problem.get("hint") or "")
    problems.stop()
