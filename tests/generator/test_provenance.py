"""What views are told of artifacts: how each was made, from what, and what was made of it; at build only."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.contract import MANIFEST, Column, Declaration, Manifest, Rows, TableSpec, write_artifact
from sitegen.config import load_config
from sitegen.errors import Problems
from sitegen.memo import Memo
from sitegen.sources import PageSource, read_sources
from tests.generator.reports import Report

TABLE = TableSpec("samples", "Rows", (Column("id", "int32", "id"),), entity=True)
DECLARED = (Declaration("layer", "hidden", "which layer"), Declaration("model.rate", 0.5, "step size"))
PAGE = "# A page\n\n```view count\ntable: middle/samples\ncolumn: id\n```\n"


def write(report: Report, name: str, *inputs: str, **facts: Any) -> Manifest:
    manifest = Manifest(name, "fixture", inputs=dict.fromkeys(inputs, "0" * 64), dataset=name, **facts)
    data = pa.table({"id": pa.array([1, 2], pa.int32())})
    return write_artifact(report.folder / "artifacts" / name, manifest, [Rows(TABLE, data)])


def sources(report: Report) -> dict[str, PageSource]:
    problems = Problems()
    found = read_sources(load_config(report.settings), Memo(), problems)
    problems.stop()
    return {source.page.path: source for source in found.pages}


def chained(report: Report) -> None:
    """Write a chain of artifacts, and one beside it."""
    write(report, "first", "datasets/first")
    write(report, "above", "first/samples")
    write(report, "middle", "above/samples", "datasets/gone", declarations=DECLARED, seed=3)
    write(report, "below", "middle/samples")
    write(report, "beside", "first/samples")


def test_a_view_is_told_of_what_is_above_and_below_its_artifact(report: Report) -> None:
    chained(report)
    report.write("content/index.md", PAGE)
    ((_, request),) = sources(report)["index.md"].requests()
    assert list(request["artifacts"]) == ["above", "below", "first", "middle"]
    middle = request["artifacts"]["middle"]
    assert middle["inputs"] == {"above/samples": "0" * 64, "datasets/gone": "0" * 64}
    assert list(middle["declarations"]) == [dataclasses.asdict(one) for one in DECLARED]
    assert (middle["seed"], middle["device"], middle["tables"][0]["rows"]) == (3, "cpu", 2)
    assert len(middle["tables"][0]["files"][0]["sha256"]) == 64
    json.dumps(request, allow_nan=False)


def test_the_page_itself_does_not_carry_the_facts(report: Report) -> None:
    chained(report)
    report.write("content/index.md", PAGE)
    html = report.page()
    assert "above/samples" not in html
    assert "which layer" not in html


def test_a_page_without_views_is_told_of_nothing(report: Report) -> None:
    chained(report)
    report.write("content/index.md", "# Text\n")
    assert sources(report)["index.md"].artifacts == ()


def test_an_artifact_that_reads_itself_or_what_is_gone_is_no_obstacle(report: Report) -> None:
    write(report, "middle", "middle/samples", "gone/table")
    report.write("content/index.md", PAGE)
    assert [one.name for one in sources(report)["index.md"].artifacts] == ["middle"]


def test_a_manifest_from_before_declarations_is_read(report: Report) -> None:
    write(report, "middle", declarations=DECLARED)
    path: Path = report.folder / "artifacts" / "middle" / MANIFEST
    told = json.loads(path.read_text("utf-8"))
    del told["declarations"]
    path.write_text(json.dumps(told), "utf-8")
    report.write("content/index.md", PAGE)
    (manifest,) = sources(report)["index.md"].artifacts
    assert manifest.declarations == ()


def test_the_tables_of_runs_belong_to_the_page(report: Report) -> None:
    chained(report)
    runs = "runs:\n  one: below/samples\n  two: beside/samples\n"
    report.write("content/index.md", PAGE.replace("column: id\n", f"column: id\n{runs}"))
    assert list(sources(report)["index.md"].tables()) == ["middle/samples", "below/samples", "beside/samples"]


def test_a_run_that_is_not_there_is_said_where_it_is_named(report: Report) -> None:
    chained(report)
    report.write("content/index.md", PAGE.replace("column: id\n", "column: id\nruns: [belw/samples]\n"))
    problems = Problems()
    read_sources(load_config(report.settings), Memo(), problems)
    (said,) = map(str, problems.errors)
    assert said.startswith('content/index.md:6: no artifact has a table "belw/samples"')
