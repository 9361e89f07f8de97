"""What the command line takes, command by command; what each does is ``cli``'s."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sitegen import __version__
from sitegen.config import FILE
from sitegen.errors import nearest
from sitegen.starters import STARTERS

REFERENCE = ("settings", "front-matter", "views", "tools", "commands", "checks", "notebook")
"""Pages of the reference; each is ``content/reference/NAME.md``."""

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def parser() -> argparse.ArgumentParser:
    """Return the parser; what it reads says in ``command`` which command was given."""
    top = argparse.ArgumentParser(prog="sitegen", description="Turn analyses into interactive pages.")
    top.add_argument(
        "--version", action="version", help="print the version", version=f"sitegen {__version__}"
    )
    top.add_argument("-C", metavar="DIR", dest="folder", default=".", help="the report's folder")
    top.add_argument("--config", metavar="FILE", default=FILE, help="its settings (%(default)s)")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")
    _add_starting(commands)
    _add_making(commands)
    _add_asking(commands)
    return top


def _add_starting(commands: Commands) -> None:
    init = commands.add_parser("init", help="make a new report")
    init.add_argument("target", metavar="DIR", help="a new or empty folder")
    starters = "; ".join(f"{name}: {said}" for name, said in STARTERS.items())
    init.add_argument("--template", metavar="|".join(STARTERS), type=_starter, default="blank", help=starters)
    init.add_argument(
        "--data", metavar="SOURCE", help="what it is about: a file, a folder of images, vega:NAME, …"
    )
    init.add_argument("--title", help="of the report (made from the name of the folder)")

    demo = commands.add_parser("demo", help="make the demo report, analyse it and write its site")
    demo.add_argument(
        "target", metavar="DIR", nargs="?", default="sitegen-demo", help="a new folder (%(default)s)"
    )
    commands.add_parser("doctor", help="say what this machine lacks, and how to mend it")


def _add_making(commands: Commands) -> None:
    run = commands.add_parser("run", help="analyse: write the artifacts that pages show")
    run.add_argument("names", metavar="NAME", nargs="*", help="tools to run (all of them)")
    devices = ("auto", "cpu", "cuda", "mps")
    run.add_argument("--device", choices=devices, default="auto", help="where models run (%(default)s)")
    run.add_argument("--force", action="store_true", help="compute again what is up to date")
    run.add_argument("--trust", action="store_true", help="let model files run the code that is in them")

    build = commands.add_parser("build", help="write the site")
    build.add_argument("--output", metavar="DIR", help="where to (as in sitegen.toml)")
    build.add_argument("--strict", action="store_true", help="stop at warnings too")
    build.add_argument("--fresh", action="store_true", help="draw all views, also those that did not change")
    _add_drafts(build)

    check = commands.add_parser("check", help="find what is wrong, write nothing")
    check.add_argument("--strict", action="store_true", help="fail on warnings too")
    _add_drafts(check)

    serve = commands.add_parser("serve", help="show the site while it is written; reload on every change")
    serve.add_argument("--port", type=_port, default=8000, help="of this machine (%(default)s)")
    engines = "what answers pages: their browser, or this machine's DuckDB, for large tables (%(default)s)"
    serve.add_argument("--engine", choices=("browser", "native"), default="browser", help=engines)
    _add_drafts(serve)


def _add_asking(commands: Commands) -> None:
    _add_drafts(commands.add_parser("list", help="say what the report has: pages, tools, data, tables"))

    explain = commands.add_parser("explain", help="say what a page is made from")
    explain.add_argument("page", metavar="PAGE", help="its Markdown file or its address")
    _add_drafts(explain)

    inspect = commands.add_parser("inspect", help="say what data holds, and the settings to use it with")
    inspect.add_argument("source", metavar="SOURCE", help="a file, a folder of images, vega:NAME, …")

    reference = commands.add_parser("reference", help="print a page of the reference, made from the code")
    reference.add_argument("of", choices=REFERENCE, help="what it is about")

    schema = commands.add_parser("schema", help="print the JSON Schema with which editors complete keys")
    schema.add_argument("of", choices=("settings", "page"), help="the settings, or a page's front matter")


def _starter(text: str) -> str:
    if text not in STARTERS:
        message = f'there is no template "{text}": {nearest(text, STARTERS)}'
        raise argparse.ArgumentTypeError(message)
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) < 1 << 16:
        message = f'"{text}" is not a port: a whole number from 0 to 65535'
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _add_drafts(command: argparse.ArgumentParser) -> None:
    command.add_argument("--drafts", action="store_true", help="take pages marked draft: true in, too")
