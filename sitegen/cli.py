"""The command ``sitegen``: reads arguments, calls the command's module, says what went wrong.

Exit codes: 0 done, 1 something to mend in the report, 2 a wrong command line. ``diff`` has those of diff.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from pipelines.contract import ContractError
from sitegen.arguments import parser
from sitegen.errors import SitegenError

Command = Callable[[argparse.Namespace], int | None]
"""Does what was asked, and returns the exit code where it is another one than 0."""

INTERRUPTED = "Query interrupted"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    given = parser().parse_args(arguments)
    try:
        return _command(given.command)(given) or 0
    except (SitegenError, ContractError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 1
    except RuntimeError as error:
        # DuckDB says this, and not KeyboardInterrupt, where Ctrl+C came in the midst of a query.
        if str(error) != INTERRUPTED:
            raise
        print(file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has enough; Python must not fail on writing the rest of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _command(name: str) -> Command:
    """Return what a command does; loads its module alone, as each needs a part of the house only."""
    command: Command = import_module(f"sitegen.commands.{name}").main
    return command
