"""What a thousand pages take, cold and after one edit, beside two peers; and a hundred pages of charts."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sitegen.build import build
from sitegen.config import load_config
from sitegen.memo import Memo
from sitegen.output import Memory
from tests.bench import flights
from tests.bench.corpus import PAGES, write_corpus
from tests.bench.peers_pages import Peer, write_peers
from tests.bench.process import Cost, measure
from tests.bench.report import Report, Verdict, median, megabytes, quantile

ROUNDS = 5
PEER_ROUNDS = 2
"""The peers take half a minute a time."""
EDITED = "part-03/page-0170.md"
COLD_SECONDS, EDIT_SECONDS = 2.0, 0.2
CHART_PAGES = 100
CHART_ROWS = 100_000
HEADER = ["", "cold", "worst", "peak memory", "after one edit", "worst"]


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Measure pages of text beside the peers, then pages of charts."""
    yield _text(folder)
    yield _charts(folder)


def _text(folder: Path) -> Report:
    report = folder / "pages"
    shutil.rmtree(report, ignore_errors=True)
    write_corpus(report)
    peers = write_peers(report, folder)
    cold, edits = _cold(_build(report)), _edits(report, EDITED)
    rows = [_row("sitegen", cold, edits)]
    rows += [_row(peer.name, _cold(peer.cold, PEER_ROUNDS), _again(peer, folder)) for peer in peers]
    verdicts = [
        Verdict("cold", median([cost.seconds for cost in cold]), COLD_SECONDS, "s"),
        Verdict("one edit", median(edits), EDIT_SECONDS, "s"),
    ]
    notes = ["sitegen's edit is built as serve builds it, the peers' by their command (MkDocs with --dirty)"]
    return Report(f"pages: {PAGES:,} pages of text", HEADER, rows, verdicts, notes)


def _charts(folder: Path) -> Report:
    report = folder / "chart-pages"
    shutil.rmtree(report, ignore_errors=True)
    flights.write_report(report, CHART_ROWS, "default")
    page = (report / "content" / "index.md").read_text("utf-8")
    six = page + page.split("---\n\n", 1)[1].replace(" id=", " id=also-")
    names = [f"page-{number:03}.md" for number in range(CHART_PAGES)]
    for name in names:
        (report / "content" / name).write_text(six, "utf-8")
    links = "\n".join(f"- [{name}]({name})" for name in names)
    (report / "content" / "index.md").write_text(f"# Charts\n\n{links}\n", "utf-8")
    cold, edits = _cold(_build(report), PEER_ROUNDS), _edits(report, "page-017.md")
    title = f"pages: {CHART_PAGES} pages with 6 charts each, on {CHART_ROWS:,} rows"
    return Report(title, HEADER, [_row("sitegen", cold, edits)])


def _build(report: Path) -> list[str]:
    return [sys.executable, "-m", "sitegen", "-C", str(report), "build", "--fresh"]


def _cold(command: list[str], rounds: int = ROUNDS) -> list[Cost]:
    return [measure(command) for _ in range(rounds)]


def _edits(report: Path, page: str) -> list[float]:
    """Return the seconds of each build after an edit of one page."""
    config, site, memo = load_config(report / "sitegen.toml"), Memory(), Memo()
    build(config, site, memo=memo)
    times = []
    for edit in range(ROUNDS):
        _edit(report / "content" / page, edit)
        started = time.perf_counter()
        build(config, site, memo=memo)
        times.append(time.perf_counter() - started)
    return times


def _again(peer: Peer, folder: Path) -> list[float]:
    (page,) = folder.glob(f"{peer.name.partition(' ')[0].lower()}/content/{EDITED}")
    times = []
    for edit in range(PEER_ROUNDS):
        _edit(page, edit)
        times.append(measure(peer.again).seconds)
    return times


def _edit(page: Path, edit: int) -> None:
    with page.open("a", encoding="utf-8") as file:
        file.write(f"\nEdit {edit}.\n")


def _row(name: str, cold: list[Cost], edits: list[float]) -> list[str]:
    seconds = [cost.seconds for cost in cold]
    times = [_seconds(median(seconds)), _seconds(quantile(seconds, 1)), megabytes(max(c.peak for c in cold))]
    return [name, *times, _seconds(median(edits)), _seconds(quantile(edits, 1))]


def _seconds(value: float) -> str:
    return f"{value:.2f} s"
