"""A site is there whole or not at all, whoever kills a build; the same report is always the same bytes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.errors import SitegenError
from sitegen.output import MARK, Disk, Memory
from tests.generator.reports import Report

SITES = Path(__file__).parent.parent / "sites"

# Starts builds and kills each after a random time; a process of its own, so that a fork meets no threads.
KILLER = """
import os, random, signal, sys, time
from pathlib import Path
from sitegen.cli import main

folder, rounds = Path(sys.argv[1]), int(sys.argv[2])

def start_build(number):
    for page in (folder / "content").iterdir():
        page.write_text(f"# Round {number}\\n")
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        os._exit(main(["-C", str(folder), "build"]))
    return child

def pages():
    return (folder / "site").glob("*.html")

def numbers():
    return {page.read_text().split("Round ")[1].split(" ")[0] for page in pages()}

started = time.perf_counter()
os.waitpid(start_build("0"), 0)
duration = time.perf_counter() - started
killed = 0
for number in range(1, rounds + 1):
    child = start_build(str(number))
    time.sleep(random.uniform(0, duration))
    os.kill(child, signal.SIGKILL)
    is_killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    killed += is_killed
    # The machine is faster than it was at first: the next moment is drawn from a shorter time.
    duration *= 1 if is_killed else 0.85
    found = sorted((folder / "site").rglob("*"))
    print(len([path for path in found if path.is_file()]), len(numbers()))
os.waitpid(start_build("last"), 0)
print("killed", killed)
print("last", *numbers(), *sorted(path.name for path in folder.iterdir() if path.name.startswith(".")))
"""


def test_a_killed_build_leaves_a_whole_site(report: Report) -> None:
    for number in range(60):
        report.write(f"content/page{number}.md", "# Round 0\n")
    command = [sys.executable, "-c", KILLER, str(report.folder), "50"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path.cwd())
    *rounds, killed, last = done.stdout.splitlines()
    files = len(report.build().files) + len([MARK])
    assert set(rounds) == {f"{files} 1"}, "a site was seen with files missing or of two builds"
    assert len(rounds) == 50
    assert int(killed.split()[1]) >= 25, "most builds were done before they were killed"
    assert last == "last last", "the build after the killed ones left something behind"


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_two_builds_are_the_same_bytes(copied: Callable[[Path], Path], tmp_path: Path) -> None:
    settings = copied(SITES / "labels")
    sites = []
    for seed, zone in (("1", "Pacific/Auckland"), ("2", "America/St_Johns")):
        target = tmp_path / seed
        command = [
            sys.executable,
            "-m",
            "sitegen",
            "-C",
            str(settings.parent),
            "build",
            "--output",
            str(target),
        ]
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}, check=True, capture_output=True
        )
        sites.append(tree(target))
    assert sites[0] == sites[1]
    assert "index.html" in sites[0]


def test_a_failed_build_leaves_the_last_good_site(report: Report) -> None:
    report.write("content/index.md", "# Good\n")
    report.command("build")
    before = tree(report.folder / "site")
    report.write("content/index.md", "# Bad: [nowhere](nowhere.md)\n")
    assert report.command("build") == 1
    assert tree(report.folder / "site") == before


def test_refuses_a_folder_that_is_no_site(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "draft.txt").write_text("years of work")
    with pytest.raises(SitegenError, match="holds something that sitegen did not write"):
        Disk(tmp_path / "thesis").publish({"index.html": b""})
    assert (tmp_path / "thesis" / "draft.txt").read_text() == "years of work"


def test_replaces_a_site_whole_and_copies_files(tmp_path: Path) -> None:
    source = tmp_path / "source.bin"
    source.write_bytes(b"\0\1")
    Disk(tmp_path / "site").publish({"old.html": b"old"})
    Disk(tmp_path / "site").publish({"a/index.html": b"new", "data/source.bin": source})
    found = tree(tmp_path / "site")
    assert found.pop(MARK)
    assert found == {"a/index.html": b"new", "data/source.bin": b"\0\1"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", "source.bin"]


def test_memory_reads_bytes_and_files(tmp_path: Path) -> None:
    site = Memory()
    (tmp_path / "file").write_bytes(b"on disk")
    site.publish({"bytes": b"in memory", "file": tmp_path / "file"})
    assert [site.read(url) for url in ("bytes", "file", "none")] == [b"in memory", b"on disk", None]


def test_every_url_of_a_page_is_relative(report: Report) -> None:
    report.artifact("digits", {"samples": {"id": [1], "label": ["a"]}})
    report.write("content/index.md", "# A\n\n[deep](a/b/c.md)\n")
    block = "```view count\ntable: digits/samples\ncolumn: label\n```\n"
    report.write("content/a/b/c.md", f"# Deep\n\n[back](../../index.md)\n\n{block}")
    page = report.page("a/b/c.html")
    urls = re.findall(r'(?:href|src)="([^"]*)"', page) + re.findall(r'"(\.[^"]*\.(?:js|wasm|parquet))"', page)
    site = report.build()
    assert len(urls) >= 8
    for url in urls:
        assert not url.startswith(("/", "http"))
        assert os.path.normpath(f"a/b/{url}") in site.files
