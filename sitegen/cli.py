"""The command ``sitegen``: reads arguments, calls one function, prints.

Exit codes: 0 done, 1 something to mend in the report, 2 a wrong command line.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

from pipelines.contract import ContractError, Manifest
from pipelines.progress import Diary, Progress
from sitegen import config, reference, summaries
from sitegen.arguments import parser
from sitegen.assets import load_theme
from sitegen.build import Summary, build
from sitegen.bundled import THEMES
from sitegen.checks import CHECKS
from sitegen.doctor import Finding, examine, this_machine
from sitegen.errors import SCREENFUL, Problems, SitegenError
from sitegen.explain import explain_page, list_report, read_from_model
from sitegen.kept import user_drawings
from sitegen.memo import Memo
from sitegen.output import Disk, Memory
from sitegen.schema import front_matter_schema, settings_schema
from sitegen.sources import Sources, read_sources
from sitegen.starters import ColumnFacts, DataFacts, refuse_full, start_demo, start_report

NOTEBOOK = Path(__file__).parent / "notebook" / "report.py"
"""What notebooks import."""
MOST_PAGES = 20
"""Pages whose weight a build lists."""

Command = Callable[[argparse.Namespace], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    given = parser().parse_args(arguments)
    try:
        _COMMANDS[given.command](given)
    except (SitegenError, ContractError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has enough; Python must not fail on writing the rest of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _load(given: argparse.Namespace) -> config.Config:
    drafts = getattr(given, "drafts", False)
    return config.load_config(Path(given.folder) / given.config, with_drafts=drafts)


def _run(given: argparse.Namespace) -> None:
    settings = _load(given)
    with _pipelines("sitegen run"):
        from pipelines.runner import run

        manifests = run(
            settings.raw,
            settings.root,
            given.names,
            device=given.device,
            force=given.force,
            trust=given.trust,
            report=partial(_print_run, Diary()),
            places=settings.places,
        )
    _print_progress("")
    for manifest in manifests:
        print(f"{settings.build.artifacts}/{manifest.name}: {_tables(manifest)}")
        if read := read_from_model(manifest.parameters):
            print(f"  {read}")


@contextmanager
def _pipelines(where: str) -> Iterator[None]:
    """Say what to install where a command needs the pipelines: a machine that builds sites may lack them."""
    try:
        yield
    except ModuleNotFoundError as error:
        hint = "pip install 'explainsite[pipelines]'"
        raise SitegenError(where, f'analyses need "{error.name}", which is not installed', hint) from error


def _print_run(diary: Diary, progress: Progress) -> None:
    """Show how far a run is: on a terminal ``digits: train 3/12, 8 s left``, elsewhere two lines a step."""
    if sys.stderr.isatty():
        _print_progress(str(progress))
    elif entry := diary.entry(progress):
        print(entry, file=sys.stderr, flush=True)


def _tables(manifest: Manifest) -> str:
    said = [f"{table.name} {table.rows:,} rows" for table in manifest.tables]
    return ", ".join(said + ([f"{manifest.skipped:,} unreadable rows left out"] if manifest.skipped else []))


def _build(given: argparse.Namespace) -> None:
    settings = _load(given)
    started = time.perf_counter()
    folder = Path(given.output) if given.output else settings.output
    kept = None if given.fresh else user_drawings()
    summary = build(settings, Disk(folder), _print_progress, strict=given.strict, kept=kept)
    if kept:
        kept.sweep()
    _print_progress("")
    _print_summary(summary)
    print(
        f"\n{folder} is built ({_size(summary.bytes)}, {time.perf_counter() - started:.1f} s). To look at it:"
    )
    place = [] if given.folder == "." else ["-C", given.folder]
    server = [_python(), "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder)]
    ways = {
        shlex.join([_own_name(), *place, "serve"]): "shows it and reloads on every change",
        shlex.join(server): "serves it as it is",
    }
    width = max(map(len, ways))
    print("\n".join(f"  {command:{width}}  {what}" for command, what in ways.items()))


def _own_name() -> str:
    """Return how this command can be called again: by its name where that finds it, else by its path."""
    own = Path(sys.argv[0])
    found = shutil.which("sitegen")
    is_here = own.name == "sitegen" and (not found or not own.samefile(found))
    return os.path.relpath(own) if is_here else "sitegen"


def _python() -> str:
    return "python3" if shutil.which("python3") else sys.executable


def _check(given: argparse.Namespace) -> None:
    summary = build(_load(given), Memory(), _print_progress, strict=given.strict)
    _print_progress("")
    _print_warnings(summary)
    print(f"{len(summary.pages)} pages, nothing to mend")


def _serve(given: argparse.Namespace) -> None:
    from sitegen.serve import serve

    serve(
        Path(given.folder) / given.config,
        given.port,
        report=print,
        with_drafts=given.drafts,
        native=given.engine == "native",
    )


def _list(given: argparse.Namespace) -> None:
    _print_lines(given, list_report)


def _explain(given: argparse.Namespace) -> None:
    _print_lines(given, lambda sources: explain_page(sources, given.page))


def _init(given: argparse.Namespace) -> None:
    folder = Path(given.target)
    refuse_full(folder)
    title = given.title or folder.resolve().name.replace("-", " ").replace("_", " ").capitalize()
    data = _looked_at(given.data, folder) if given.data else None
    if given.template != "blank" and data is None:
        data = _looked_at("digits", folder)
    schema = json.dumps(settings_schema(), indent=2, ensure_ascii=False) + "\n"
    for name in start_report(folder, given.template, title, data, schema):
        print(f"  {folder / name}")
    place = shlex.quote(given.target)
    print(f"\n{folder} is made. Next:")
    print(f"  {_own_name()} -C {place} run    analyses the data" if data else "", end="\n" if data else "")
    print(f"  {_own_name()} -C {place} serve  shows the report and reloads on every change")


def _looked_at(source: str, folder: Path) -> DataFacts:
    """Look through a source as the new report in ``folder`` will find it."""
    with _pipelines("sitegen init"):
        from pipelines.inspection import inspect, section

        address = _address(source, folder)
        found = inspect(source, Path())
        found = replace(found, source=replace(found.source, source=address))
    columns = tuple(
        ColumnFacts(**{field.name: getattr(each, field.name) for field in fields(ColumnFacts)})
        for each in found.columns
        if not each.is_added
    )
    roles = {each.role: each.name for each in columns if each.role}
    noun = next((said for role, said in _NOUNS.items() if role in roles), "rows")
    return DataFacts(
        name=found.source.name,
        section="\n".join(section(found)),
        source=address,
        rows=found.rows - len(found.unreadable),
        sha256=found.sha256,
        licence=found.licence,
        citation=found.citation,
        columns=columns,
        noun=noun,
        roles=roles,
    )


def _address(source: str, folder: Path) -> str:
    """Return a source as the settings in ``folder`` name it: a path starts there, a bundled set anywhere."""
    if source == "digits" or source.startswith("vega:"):
        return source
    if ":" in source and not Path(source).exists():
        hint = f"make the report without --data, move the file into it, and see: sitegen inspect {source}"
        raise SitegenError(source, "a function belongs to a report, and this one is still to be made", hint)
    return os.path.relpath(Path(source).absolute(), folder.absolute())


_NOUNS = {"image": "images", "audio": "clips", "text": "texts", "label": "samples"}
"""What a row is called, by the first of these roles that the data has."""


def _demo(given: argparse.Namespace) -> None:
    start_demo(Path(given.target))
    for command in ("run", "build"):
        _COMMANDS[command](parser().parse_args(["-C", given.target, command]))


def _doctor(_: argparse.Namespace) -> None:
    findings = list(examine(this_machine()))
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        print(f"{finding.state:8}  {finding.what:{width}}  {finding.found}")
        if finding.mend:
            print(f"{'':8}  {'':{width}}  {finding.mend}")
    _raise_missing(findings)


def _raise_missing(findings: Iterable[Finding]) -> None:
    problems = Problems()
    for finding in findings:
        if finding.state == "missing":
            problems.add(finding.what, finding.found, finding.mend)
    problems.stop()


def _inspect(given: argparse.Namespace) -> None:
    with _pipelines("sitegen inspect"):
        from pipelines.inspection import inspect, report

        print("\n".join(report(inspect(given.source, Path(given.folder)))))


def _schema(given: argparse.Namespace) -> None:
    schema = settings_schema() if given.of == "settings" else front_matter_schema()
    print(json.dumps(schema, indent=2, ensure_ascii=False))


def _reference(given: argparse.Namespace) -> None:
    pages: dict[str, Callable[[], str]] = {
        "settings": lambda: reference.settings_page(settings_schema()),
        "front-matter": lambda: reference.front_matter_page(front_matter_schema()),
        "views": _views_page,
        "tools": _tools_page,
        "commands": lambda: reference.commands_page(parser()),
        "checks": lambda: reference.checks_page(CHECKS),
        "notebook": lambda: reference.notebook_page(NOTEBOOK.read_text("utf-8")),
    }
    print(pages[given.of](), end="")


def _views_page() -> str:
    theme = load_theme(THEMES / "default", "default")
    from sitegen.views import Views

    with Views(theme.static, theme.name) as views:
        return reference.views_page({**views.offered, summaries.VIEW: summaries.OFFERED})


def _tools_page() -> str:
    # Declarations import nothing heavy, so this works without the pipelines' libraries.
    from pipelines.registry import Registry

    tools = Registry()
    return reference.tools_page(tools.spec(name) for name in tools)


def _print_lines(given: argparse.Namespace, lines: Callable[[Sources], Iterable[str]]) -> None:
    """Print what is said of the report's sources, then what is wrong with them."""
    problems = Problems()
    print("\n".join(lines(read_sources(_load(given), Memo(), problems))).strip())
    problems.stop()


def _print_progress(line: str) -> None:
    """Show how things go on one line that is overwritten, where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)


def _print_warnings(summary: Summary) -> None:
    for warning in summary.warnings[:SCREENFUL]:
        print(f"warning: {warning}", file=sys.stderr)
    if len(summary.warnings) > SCREENFUL:
        print(f"… and {len(summary.warnings) - SCREENFUL} more warnings", file=sys.stderr)


def _print_summary(summary: Summary) -> None:
    _print_warnings(summary)
    pages = summary.pages
    if len(pages) > MOST_PAGES:
        pages = tuple(sorted(pages, key=lambda page: page.html + page.data, reverse=True)[:MOST_PAGES])
    width = max((len(page.url) for page in pages), default=0)
    print(f"{'page':{width}}  page + styles     data  views")
    for page in pages:
        print(f"{page.url:{width}}  {_size(page.html):>13}  {_size(page.data):>7}  {page.views:>5}")
    if len(pages) < len(summary.pages):
        print(f"… the heaviest {len(pages)} of {len(summary.pages):,} pages")


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


_COMMANDS: dict[str, Command] = {
    "build": _build,
    "check": _check,
    "demo": _demo,
    "doctor": _doctor,
    "explain": _explain,
    "init": _init,
    "inspect": _inspect,
    "list": _list,
    "reference": _reference,
    "run": _run,
    "schema": _schema,
    "serve": _serve,
}
