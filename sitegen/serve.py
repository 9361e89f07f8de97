"""Shows a report on this machine while it is written: builds into memory and tells open pages to reload.

Every page gets one more script, served from the same origin, so the content security policy holds here too.
Answers to this machine's own names only, so that no web page can read a report by renaming itself.
"""

from __future__ import annotations

import html
import json
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, unquote, urlsplit

from watchfiles import watch

from sitegen.build import build
from sitegen.config import Config, load_config
from sitegen.drawing import Report
from sitegen.errors import SCREENFUL, SitegenError, SitegenErrors, counted
from sitegen.memo import Memo
from sitegen.output import Memory

if TYPE_CHECKING:
    from sitegen.kept import Drawings
    from sitegen.native import Native

ADDRESS = "127.0.0.1"
EVENTS = "/.sitegen/events"
QUERY = "/.sitegen/query"
QUERY_TYPE = "application/sql"
"""Media type of a statement: no form and no other site can send it without asking first."""
SCRIPT = "/.sitegen/reload.js"
KEEPALIVE_SECONDS = 15.0
DEBOUNCE_MILLISECONDS = 200
STEP_MILLISECONDS = 25
WAIT_MILLISECONDS = 100

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".pdf": "application/pdf",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".parquet": "application/vnd.apache.parquet",
}
"""Media types, the same on every machine."""

RELOAD_SCRIPT = (Path(__file__).parent / "reload.js").read_text(encoding="utf-8").replace("EVENTS", EVENTS)

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Policy of drawings: opened by themselves they are pictures, and run nothing."""


@dataclass(frozen=True)
class Told:
    """One thing to mend, as a page lists it."""

    where: str
    what: str
    hint: str


@dataclass(frozen=True)
class State:
    """What pages are told: how many good builds there were, and what the last build found wrong."""

    version: int
    error: str
    problems: tuple[Told, ...] = ()

    def told(self) -> str:
        """Return the state as the pages' script reads it."""
        shown = [asdict(problem) for problem in self.problems[:SCREENFUL]]
        more = len(self.problems) - len(shown)
        return json.dumps({"version": self.version, "error": self.error, "problems": shown, "more": more})


class Preview:
    """The last good build in memory, what the build after it found wrong, and who waits for the next."""

    def __init__(
        self,
        config_file: Path,
        report: Report,
        *,
        with_drafts: bool = False,
        native: Native | None = None,
        kept: Drawings | None = None,
    ) -> None:
        self._config_file = config_file
        self.native = native
        self._with_drafts = with_drafts
        self._kept = kept
        self._report = report
        self._site = Memory()
        self._memo = Memo()
        self._changed = threading.Condition()
        self.state = State(0, "")
        self.config: Config | None = None
        """As of the last time it could be read."""

    def look(self) -> None:
        """Read the settings alone, so that their folders can be watched before anything of them is read."""
        # What is wrong with them is said by the build that follows.
        with suppress(SitegenError):
            self.config = load_config(self._config_file, with_drafts=self._with_drafts)

    def rebuild(self) -> None:
        """Build anew; what is wrong is kept for the pages, and the last good site stays."""
        try:
            self.config = load_config(self._config_file, with_drafts=self._with_drafts)
            summary = build(self.config, self._site, memo=self._memo, kept=self._kept)
        except SitegenError as error:
            self._report(str(error))
            several = error.problems if isinstance(error, SitegenErrors) else (error,)
            problems = tuple(Told(one.where, one.what, one.hint) for one in several)
            self._say(State(self.state.version, str(error), problems))
        except Exception as error:
            # A bug of the program or of a theme: the preview goes on, and says it as it is.
            self._report(traceback.format_exc())
            said = f"the build failed: {type(error).__name__}: {error}"
            self._say(State(self.state.version, said, (Told("sitegen", said, "see the terminal"),)))
        else:
            for warning in summary.warnings:
                self._report(f"warning: {warning}")
            if self.native:
                self.native.renew(summary.relations)
            self._report(f"built {counted(len(summary.pages), 'page')}")
            self._say(State(self.state.version + 1, ""))

    def _say(self, state: State) -> None:
        with self._changed:
            self.state = state
            self._changed.notify_all()

    def states(self) -> Iterator[State | None]:
        """Yield the state now and after every build; None when nothing happened for a while."""
        last = None
        while True:
            with self._changed:
                if last is self.state and not self._changed.wait(KEEPALIVE_SECONDS):
                    state = None
                else:
                    state = last = self.state
            yield state

    def page(self, url: str) -> tuple[HTTPStatus, str, bytes]:
        """Return status, media type and body of what is at ``url``, relative to the site's root."""
        if url == SCRIPT[1:]:
            return HTTPStatus.OK, TYPES[".js"], RELOAD_SCRIPT.encode()
        body = self._site.read(url)
        if body is None:
            status = HTTPStatus.NOT_FOUND if self.state.version else HTTPStatus.SERVICE_UNAVAILABLE
            return status, TYPES[".html"], self._notice(status).encode()
        kind = TYPES.get(PurePosixPath(url).suffix.lower(), "application/octet-stream")
        return HTTPStatus.OK, kind, self._with_script(body) if url.endswith(".html") else body

    def _with_script(self, body: bytes) -> bytes:
        engine = f'<meta name="sitegen-engine" content="{QUERY}">' if self.native else ""
        return body.replace(b"</head>", f"{engine}{self._script()}</head>".encode(), 1)

    def _script(self) -> str:
        return f'<script type="module" src="{SCRIPT}?version={self.state.version}"></script>'

    def _notice(self, status: HTTPStatus) -> str:
        error = self.state.error
        said = error if status is HTTPStatus.SERVICE_UNAVAILABLE and error else status.phrase
        start = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>sitegen</title>'
        return f"{start}{self._script()}</head><body><pre>{html.escape(said)}</pre></body></html>\n"


class PreviewServer(ThreadingHTTPServer):
    """Serves a preview on this machine; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, preview: Preview, port: int) -> None:
        super().__init__((ADDRESS, port), _Handler)
        self.preview = preview

    @property
    def address(self) -> str:
        """Where to look at it."""
        return f"http://{ADDRESS}:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        # A reader who goes away may reset a connection at any moment, one that waits for a request included.
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        server = cast(PreviewServer, self.server)
        hosts = {f"{name}:{server.server_port}" for name in (ADDRESS, "localhost")}
        path = unquote(urlsplit(self.path).path)
        if self.headers.get("Host") not in hosts:
            self._send(HTTPStatus.FORBIDDEN, TYPES[".txt"], b"this server answers to its own name only\n")
        elif self.command == "POST":
            self._send(*self._queried(server.preview.native, path))
        elif path == EVENTS and self.command == "GET":
            self._stream(server.preview)
        else:
            self._send(*server.preview.page(path[1:] + "index.html" if path.endswith("/") else path[1:]))

    def _queried(self, native: Native | None, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Return what the native engine answers to the statement in the request's body."""
        from sitegen.native import LONGEST, NativeError

        length = self.headers.get("Content-Length", "")
        is_read = length.isdecimal() and int(length) <= LONGEST
        self.close_connection = not is_read  # what is not read would be taken for the next request
        sql = self.rfile.read(int(length)) if is_read else b""
        if native is None or path != QUERY:
            return HTTPStatus.NOT_FOUND, TYPES[".txt"], b"nothing can be sent here\n"
        if not is_read or self.headers.get("Content-Type") != QUERY_TYPE:
            return HTTPStatus.BAD_REQUEST, TYPES[".txt"], b"this is no statement\n"
        asked = parse_qs(urlsplit(self.path).query)
        try:
            page, reader = asked["page"][0], asked["reader"][0]
            found = native.ask(page, reader, sql.decode("utf-8"))
        except (KeyError, UnicodeDecodeError):
            return HTTPStatus.BAD_REQUEST, TYPES[".txt"], b"the statement names no page and reader\n"
        except NativeError as error:
            return HTTPStatus.UNPROCESSABLE_ENTITY, TYPES[".txt"], str(error).encode()
        return HTTPStatus.OK, "application/vnd.apache.arrow.stream", found

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        if kind == TYPES[".svg"]:
            self.send_header("Content-Security-Policy", SANDBOX)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _stream(self, preview: Preview) -> None:
        """Tell the page of every build, until it goes away."""
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        for state in preview.states():
            if state is None:
                self.wfile.write(b": still here\n\n")
            else:
                self.wfile.write(f"data: {state.told()}\n\n".encode())
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as in the library)
        """Say nothing: a page asks for dozens of files."""


def serve(
    config_file: Path,
    port: int,
    report: Report,
    *,
    with_drafts: bool = False,
    native: bool = False,
    kept: Drawings | None = None,
) -> None:
    """Build, serve and rebuild on every change, until interrupted. Raises when the port is taken.

    With ``native`` the pages ask this machine's DuckDB, not their browser's. What earlier builds ``kept`` is
    not drawn again.
    """
    engine = _native() if native else None
    preview = Preview(config_file, report, with_drafts=with_drafts, native=engine, kept=kept)
    try:
        server = PreviewServer(preview, port)
    except OSError as error:
        where = f"port {port}"
        raise SitegenError(
            where, f"cannot be served on: {error.strerror}", "try another: --port 8001"
        ) from error
    preview.look()
    # Watching begins before reading: what is edited while the first build runs is built again.
    watcher = Watcher(preview, config_file)
    preview.rebuild()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    report(f"serving {server.address} (stop with Ctrl-C)")
    try:
        watcher.run(threading.Event())
    finally:
        server.shutdown()
        server.server_close()
        if engine:
            engine.close()


def _native() -> Native:
    from sitegen.native import Native  # a preview that pages do not ask never waits for DuckDB

    return Native()


class Watcher:
    """Rebuilds a preview whenever a file of its report changes; watches from the moment it is made."""

    def __init__(self, preview: Preview, config_file: Path) -> None:
        self._preview = preview
        self._config_file = config_file.resolve()
        # An editor replaces the file, so its folder is watched; not deeply, for it may hold everything.
        self._settings = _Notifier([self._config_file.parent], deep=False)
        self._watched: set[Path] = set()
        self._sources: _Notifier | None = None
        self._follow()

    def run(self, stop: threading.Event) -> None:
        """Rebuild on every change until ``stop`` is set; raises ``KeyboardInterrupt`` on Ctrl-C."""
        while not stop.is_set():
            names = {Path(path).name for path in self._settings.changes()}
            sources = self._sources.changes() if self._sources else set()
            own = any(name == self._config_file.name or name.endswith(".py") for name in names)
            if sources or own:
                self._preview.rebuild()
            self._follow()

    def _follow(self) -> None:
        """Watch the folders that the report is made from now: others may be named, new ones appear."""
        folders = _folders(self._preview.config)
        if folders != self._watched:
            self._watched = folders
            self._sources = _Notifier(sorted(folders), deep=True) if folders else None


class _Notifier:
    """What changes in some folders, from the moment it is made."""

    def __init__(self, folders: Iterable[Path], *, deep: bool) -> None:
        self._found = watch(
            *folders,
            watch_filter=None,
            debounce=DEBOUNCE_MILLISECONDS,
            step=STEP_MILLISECONDS,
            rust_timeout=WAIT_MILLISECONDS,
            yield_on_timeout=True,
            recursive=deep,
            ignore_permission_denied=True,
        )
        # Watching begins with the first look, so one is taken here, and what it saw is kept.
        self._seen = next(self._found)

    def changes(self) -> set[str]:
        """Return the paths that changed since the last call, waiting a moment for more."""
        found, self._seen = self._seen or next(self._found), set()
        return {path for _, path in found}


def _folders(config: Config | None) -> set[Path]:
    """Return the folders that the report is made from, as far as they exist."""
    if config is None:
        return set()
    # A theme's sources and their libraries are many files; what it ships is in two folders.
    built = {config.theme / "dist", config.theme / "templates"}
    theme = built if (config.theme / "dist").is_dir() else {config.theme}
    sources = {config.content, config.snippets, config.artifacts}
    return {folder for folder in sources | theme if folder.is_dir()}
