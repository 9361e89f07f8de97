"""What the command line takes, command by command; what each does is its module's in ``commands``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sitegen import __version__
from sitegen.bundled import STARTERS
from sitegen.config import FILE
from sitegen.errors import nearest

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
    _add_publishing(commands)
    _add_archiving(commands)
    _add_correcting(commands)
    _add_figure(commands)
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


def _add_publishing(commands: Commands) -> None:
    publish = commands.add_parser("publish", help="build the site and take it to where people read it")
    ways = {
        "branch": "push it as a branch, which GitHub Pages serves",
        "folder": "write it to TARGET",
        "rsync": "make TARGET (host:path) the site",
        "s3": "write it to TARGET with the metadata of each object",
        "netlify": "write it to TARGET with _headers and _redirects",
    }
    said = "; ".join(f"{name}: {what}" for name, what in ways.items())
    publish.add_argument("--to", choices=tuple(ways), default="branch", help=f"{said} (%(default)s)")
    publish.add_argument("target", metavar="TARGET", nargs="?", help="where to; of a branch, the repository")
    publish.add_argument("--branch", help="the branch (as in sitegen.toml, else gh-pages)")
    publish.add_argument("--message", help="of the commit (names the report)")
    publish.add_argument("--dry-run", action="store_true", help="check everything, say what would change")
    publish.add_argument("--strict", action="store_true", help="stop at warnings too")
    publish.add_argument(
        "--workflow", action="store_true", help="write the workflow with which GitHub builds and serves it"
    )
    publish.add_argument("--release", metavar="NAME", default="", help="of --workflow: holds the artifacts")
    replaced = "replace what sitegen did not write: a branch, what rsync finds, a workflow that differs"
    publish.add_argument("--force", action="store_true", help=replaced)


def _add_archiving(commands: Commands) -> None:
    archive = commands.add_parser(
        "archive", help="write the report as a bag that can be verified in ten years"
    )
    archive.add_argument("--output", metavar="DIR", help="where to (archive, archive.zip, or files)")
    archive.add_argument("--zip", action="store_true", help="write one file instead of a folder")
    archive.add_argument("--strict", action="store_true", help="stop at warnings too")
    _add_single_file(archive)

    verify = commands.add_parser("verify", help="say whether every byte of an archive is as it was written")
    verify.add_argument("bag", metavar="BAG", help="the folder or zip file that archive wrote")

    cards = commands.add_parser("cards", help="write the model and data cards as other systems read them")
    cards.add_argument("names", metavar="NAME", nargs="*", help="cards to write (all of them)")
    cards.add_argument("--output", metavar="DIR", help="where to (cards)")
    cards.add_argument("--strict", action="store_true", help="stop at warnings too")


def _add_single_file(archive: argparse.ArgumentParser) -> None:
    said = "pages that open from the disk by themselves, each in one HTML file, or the whole report in one"
    archive.add_argument(
        "--single-file",
        metavar="pages|report",
        nargs="?",
        const="pages",
        choices=("pages", "report"),
        help=said,
    )
    archive.add_argument(
        "--page", metavar="PAGE", action="append", default=[], help="of --single-file: only this page"
    )


def _add_correcting(commands: Commands) -> None:
    labels = commands.add_parser("labels", help="correct a dataset's labels by what was decided in a page")
    deeds = labels.add_subparsers(title="what to do", required=True, metavar="WHAT", dest="what")
    apply = deeds.add_parser(
        "apply", help="write the corrected dataset beside the old one, retrain, and add a page about it"
    )
    apply.add_argument("patch", metavar="PATCH", help="the JSON or Parquet file that the page exported")
    devices = ("auto", "cpu", "cuda", "mps")
    apply.add_argument("--device", choices=devices, default="auto", help="where models run (%(default)s)")


def _add_figure(commands: Commands) -> None:
    figure = commands.add_parser("figure", help="draw a network for a paper: SVG, PDF, PNG or TikZ")
    models = "a model's file, a Python file with get_model(), or an artifact of the tool architecture"
    figure.add_argument("model", metavar="MODEL", help=models)
    figure.add_argument(
        "-o", dest="output", metavar="FILE", default="figure.svg", help="where to (%(default)s)"
    )
    presets = "a paper's column or a look, such as ieee-column, slide, unet or monochrome; several add up"
    figure.add_argument("--preset", metavar="NAME", action="append", default=[], help=presets)
    figure.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], help="a single preference"
    )
    figure.add_argument(
        "--detail", metavar="N|all", help="levels of groups that are open, from 0 for one glyph"
    )
    figure.add_argument(
        "--hide", metavar="TYPE", action="append", default=[], help="leave layers of a type out"
    )
    figure.add_argument("--diff", metavar="OTHER", help="show what differs between the model and another")
    figure.add_argument("--shapes", metavar="SIZES", default="", help="of one sample: 3x224x224, int64:128")
    figure.add_argument(
        "--factory", metavar="MODULE:FUNCTION", default="", help="builds the network of a file of weights"
    )
    figure.add_argument("--trust", action="store_true", help="let Python files run")
    figure.add_argument("--dpi", type=int, default=300, help="dots in an inch of a PNG (%(default)s)")


def _add_asking(commands: Commands) -> None:
    _add_drafts(commands.add_parser("list", help="say what the report has: pages, tools, data, tables"))

    claims = commands.add_parser(
        "claims", help="say what the report claims, and whether it holds (exit code 1 where it does not)"
    )
    claims.add_argument("--json", action="store_true", help="for programs")
    _add_drafts(claims)

    difference = commands.add_parser(
        "diff",
        help="say what differs between two runs or two sites "
        "(exit code 0 where nothing does, 1 where something does, 2 where they cannot be compared)",
    )
    editions = "a run (an artifact, a folder of artifacts, a report) or a site that was built"
    difference.add_argument("before", metavar="A", help=editions)
    difference.add_argument("after", metavar="B", help="the same kind of thing, later")
    difference.add_argument("--json", action="store_true", help="for programs, with all that was found")
    difference.add_argument("--output", metavar="DIR", help="write a site about it, to be read or published")
    difference.add_argument(
        "--tolerance",
        metavar="SHARE",
        type=_share,
        default=0.0,
        help="floats that differ by less than this share are the same, such as 1e-6 (%(default)s)",
    )
    difference.add_argument(
        "--most", metavar="N", type=_amount, default=12, help="lines of each part, 0 for all (%(default)s)"
    )

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


def _share(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < 1:
        message = f'"{text}" is no share: a number from 0, below 1'
        raise argparse.ArgumentTypeError(message)
    return found


def _amount(text: str) -> int:
    if not text.isdecimal():
        message = f'"{text}" is no amount: a whole number from 0'
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) < 1 << 16:
        message = f'"{text}" is not a port: a whole number from 0 to 65535'
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _add_drafts(command: argparse.ArgumentParser) -> None:
    command.add_argument("--drafts", action="store_true", help="take pages marked draft: true in, too")
