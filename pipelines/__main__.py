"""`python -m pipelines`: run, list and verify a report's artifacts, and print the manifest's JSON Schema."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pipelines import config, contract, runner
from pipelines.errors import ContractError
from pipelines.progress import Diary, Progress
from pipelines.registry import registry

MOST_PROBLEMS = 20  # about a screenful


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; return the exit status."""
    given = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = given.command
    try:
        return command(given)
    except ContractError as error:
        _say(_screenful(error.problems), to_errors=True)
        return 1
    except KeyboardInterrupt:
        _say("stopped; every artifact is as it was", to_errors=True)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipelines", description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="run tools and what they need, unless nothing changed")
    run.add_argument("names", nargs="*", metavar="NAME", help="tools of the report; all when none is named")
    run.add_argument("--device", default="auto", choices=runner.DEVICES, help="where models are trained")
    run.add_argument("--force", action="store_true", help="run the named tools even when nothing changed")
    run.add_argument("--trust", action="store_true", help="let model files run the code that is in them")
    run.set_defaults(command=_run)
    show = commands.add_parser("list", help="list the tools there are and the report's artifacts")
    show.set_defaults(command=_list)
    verify = commands.add_parser("verify", help="compare artifacts with their manifests")
    verify.add_argument("names", nargs="*", metavar="NAME", help="artifacts; all when none is named")
    verify.set_defaults(command=_verify)
    for command in (run, show, verify):
        command.add_argument("--config", type=Path, default=Path(config.FILE), metavar="FILE")
    schema = commands.add_parser("schema", help="print the JSON Schema of manifest.json")
    schema.set_defaults(command=_schema)
    return parser


def _run(given: argparse.Namespace) -> int:
    path: Path = given.config
    line = _Line()
    manifests = runner.run(
        config.load(path),
        path.parent,
        given.names,
        device=given.device,
        force=given.force,
        trust=given.trust,
        report=line.show,
        places=config.places(path),
    )
    line.end()
    for manifest in manifests:
        rows = ", ".join(f"{table.name} {table.rows}" for table in manifest.tables)
        _say(f"{manifest.name}: {rows}")
    return 0


def _list(given: argparse.Namespace) -> int:
    tools = registry(_report(given))
    for name in tools:
        spec = tools.spec(name)
        _say(f"{name} {spec.version}: {spec.description}")
    for folder in runner.known_artifacts(_artifacts(given)):
        manifest = contract.read_manifest(folder)
        tables = ", ".join(f"{folder.name}/{table.name}" for table in manifest.tables)
        _say(f"artifact {folder.name} ({manifest.tool}): {tables}")
    return 0


def _verify(given: argparse.Namespace) -> int:
    parent = _artifacts(given)
    problems: list[ContractError] = []
    folders = [parent / name for name in given.names] or runner.known_artifacts(parent)
    for folder in folders:
        try:
            problems += contract.verify(folder, contract.read_manifest(folder))
        except ContractError as error:
            problems += error.problems
    if problems:
        raise ContractError.together(problems)
    _say(f"{len(folders)} artifacts are as their manifests say")
    return 0


def _artifacts(given: argparse.Namespace) -> Path:
    """Return the folder of artifacts that the settings name."""
    settings = config.read(config.load(given.config), registry(_report(given)))
    return _report(given) / settings.artifacts


def _report(given: argparse.Namespace) -> Path:
    path: Path = given.config
    return path.parent


def _schema(_: argparse.Namespace) -> int:
    _say(json.dumps(contract.manifest_schema(), indent=2, ensure_ascii=False))
    return 0


class _Line:
    """One line of progress, rewritten in place on a terminal; elsewhere two lines a step."""

    def __init__(self) -> None:
        self.is_shown = sys.stderr.isatty()
        self.diary = Diary()

    def show(self, progress: Progress) -> None:
        if self.is_shown:
            sys.stderr.write(f"\r\x1b[2K{progress}")
            sys.stderr.flush()
        elif entry := self.diary.entry(progress):
            _say(entry, to_errors=True)

    def end(self) -> None:
        if self.is_shown:
            sys.stderr.write("\r\x1b[2K")


def _screenful(problems: Sequence[ContractError]) -> str:
    shown = [str(problem) for problem in problems[:MOST_PROBLEMS]]
    more = len(problems) - len(shown)
    return "\n".join([*shown, *([f"and {more} more"] if more else [])])


def _say(text: str, to_errors: bool = False) -> None:
    (sys.stderr if to_errors else sys.stdout).write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
