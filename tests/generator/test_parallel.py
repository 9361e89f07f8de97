"""Work shared out to copies of a process: the same results in their order, whatever becomes of a copy."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import pytest

PRELUDE = """
    import os, signal, sys, threading, time
    from sitegen import parallel
    os.sched_getaffinity = lambda _: {0, 1, 2}
    items = list(range(1000))
    here = os.getpid()
"""


def run(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own, which has one thread."""
    text = textwrap.dedent(PRELUDE) + textwrap.dedent(script)
    return subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=False
    )


def said(script: str) -> str:
    done = run(script)
    assert done.stderr == ""
    return done.stdout.strip()


def test_results_come_in_the_order_of_the_items_from_several_processes() -> None:
    script = """
    squares, pids = zip(*parallel.spread(lambda item: (item * item, os.getpid()), items))
    print(list(squares) == [item * item for item in items], len(set(pids)))
    """
    assert said(script) == "True 3"


@pytest.mark.parametrize("count", [0, 1, 299])
def test_few_items_stay_in_the_process(count: int) -> None:
    script = f"print({{pid for pid in parallel.spread(lambda _: os.getpid(), items[:{count}])}} <= {{here}})"
    assert said(script) == "True"


def test_a_process_with_threads_is_not_copied() -> None:
    script = """
    threading.Thread(target=time.sleep, args=(1,)).start()
    print(set(parallel.spread(lambda _: os.getpid(), items)) == {here})
    """
    assert said(script) == "True"


def test_the_command_has_one_thread_when_it_begins() -> None:
    script = """
    import sitegen.cli
    heavy = {"duckdb", "numpy", "pyarrow", "py_mini_racer", "torch"} & set(sys.modules)
    print(len(list(parallel._THREADS.iterdir())), heavy or "")
    """
    assert said(script) == "1"


def test_what_the_work_raises_is_raised_once_as_it_is() -> None:
    script = """
    def work(item):
        if item == 500:
            raise LookupError("five hundred")
        return item
    try:
        parallel.spread(work, items)
    except LookupError as error:
        print(error)
    """
    assert said(script) == "five hundred"


def test_the_share_of_a_copy_that_is_killed_is_done_here() -> None:
    script = """
    def work(item):
        if item == 700 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return item
    print(parallel.spread(work, items) == items)
    """
    assert said(script) == "True"


def test_no_copy_outlives_a_killed_process() -> None:
    script = """
    def work(item):
        if item < 3:
            os.write(1, b"%d " % os.getpid())
        if item == 3:
            time.sleep(0.5)
            os.kill(here, signal.SIGKILL)
        return "x" * 10_000
    parallel.spread(work, items)
    """
    # ``run`` waits, up to its limit, until nobody holds the pipe of the output: until every copy has ended.
    done = run(script)
    assert done.returncode == -signal.SIGKILL
    assert len(done.stdout.split()) == 3
