"""The demo's views on tables that hold nothing: without a row, and with samples of which nothing is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.contract import Rows, Sheet, Table, TableSpec, read_manifest, read_table, write_artifact
from tests.browser.driver import ROOT, OpenTab, build_site, serving
from tests.browser.shown import read_static
from tests.browser.test_every_view import ERRORS, SAID, STATES, VIEWS

pytestmark = pytest.mark.slow

Change = Callable[[Table, pa.Table], pa.Table]
BLOCK = re.compile(r"^```(?:view|vega-lite) .*?^```$", re.MULTILINE | re.DOTALL)
ID = re.compile(r" id=[\w-]+")
LINK = re.compile(r"\]\([\w-]+\.md\)")
SHOWN_LONGER = re.compile(r"^````.*?^````$", re.MULTILINE | re.DOTALL)
KEPT = ("id", "sheet", "x", "y")
"""The roles without which a sample is none."""
OF_NO_ROWS = ("markdown", "parameters", "provenance")
"""Views that show a text, or what is known of how a table was made, and nothing of its rows."""


def without_rows(table: Table, data: pa.Table) -> pa.Table:
    """Return the table's columns alone."""
    return data.slice(0, 0)


def of_nothing(table: Table, data: pa.Table) -> pa.Table:
    """Return samples of which no more than the id and the image is known; other tables as they are."""
    if table.entity is None:
        return data
    data = data.slice(0, 50)
    known = {column.name for column in table.columns if column.role in KEPT}
    arrays = [
        column if name in known else pa.nulls(len(data), column.type)
        for name, column in zip(data.column_names, data.columns, strict=True)
    ]
    return pa.table(arrays, data.column_names)


def rewrite(artifact: Path, folder: Path, change: Change) -> None:
    """Write an artifact again, each table changed."""
    manifest = read_manifest(artifact)
    tables = []
    for table in manifest.tables:
        columns = tuple(replace(column, nullable=True) for column in table.columns)
        spec = TableSpec(table.name, table.description, columns, entity=table.entity is not None)
        tables.append(Rows(spec, change(table, read_table(artifact, table))))
    sheets = [
        Sheet(
            each.file,
            (artifact / each.file).read_bytes(),
            each.width,
            each.height,
            each.tile_width,
            each.tile_height,
        )
        for each in manifest.media
    ]
    write_artifact(folder, replace(manifest, tables=(), media=()), tables, sheets)


def views_by_table() -> dict[str, list[str]]:
    """Return the demo's views without their ids, by the table that their page is of."""
    found: dict[str, list[str]] = {}
    for page in (*sorted((ROOT / "content").glob("*.md")), ROOT / "content/guides/maps.md"):
        _, front, body = page.read_text("utf-8").split("---\n", 2)
        if "for_each:" not in front:
            table = re.search(r"^table: (.*)$", front, re.MULTILINE)
            blocks = found.setdefault(table[1] if table else "", [])
            views = (
                ID.sub("", LINK.sub("](index.md)", block))
                for block in BLOCK.findall(SHOWN_LONGER.sub("", body))
            )
            blocks += [
                view for view in views if "view toolbar" not in view or "view toolbar" not in str(blocks)
            ]
    return found


def built(report: Path, change: Change) -> Path:
    """Build the demo's views on changed tables, those of the same table on a page."""
    for artifact in sorted((ROOT / "artifacts").glob("*/manifest.json")):
        rewrite(artifact.parent, report / "artifacts" / artifact.parent.name, change)
    (report / "sitegen.toml").write_text('[site]\ntitle = "Nothing"\n')
    (report / "content").mkdir()
    for table, blocks in views_by_table().items():
        front = f"table: {table}\n" if table else ""
        text = "\n\n".join((f"---\ntitle: Views\n{front}---\n# Views", *blocks))
        name = table.replace("/", "-") or "index"
        (report / "content" / f"{name}.md").write_text(text + "\n", "utf-8")
    build_site(report, report / "site")
    return report / "site"


def is_said(text: str) -> bool:
    """Whether a sentence says that there is nothing."""
    return re.match(r"(The table has no |No |There |0 )", text) is not None


@pytest.mark.parametrize("change", [without_rows, of_nothing])
def test_views_of_tables_that_hold_nothing_say_so_and_are_alive(
    change: Change, tmp_path: Path, open_tab: OpenTab
) -> None:
    site = built(tmp_path, change)
    seen: set[str] = set()
    with serving(site) as url:
        for file in sorted(site.rglob("*.html")):
            text = file.read_text("utf-8")
            if 'id="sitegen-page"' not in text:
                continue
            _, payload = read_static(text)
            tab = open_tab(url + file.relative_to(site).as_posix())
            said = {view["id"]: tab.page.evaluate(SAID, view["id"]) for view in payload["views"]}
            tab.live()
            assert tab.messages == tab.failures == [], file.name
            assert set(tab.page.evaluate(STATES).values()) == {"live"}
            assert [texts for texts in tab.page.evaluate(ERRORS).values() if texts] == []
            for view in payload["views"]:
                seen.add(view["view"])
                assert tab.page.evaluate(SAID, view["id"]) == said[view["id"]], (file.name, view["id"])
                if change is without_rows and view["view"] not in OF_NO_ROWS:
                    assert any(map(is_said, said[view["id"]])), (file.name, view["id"], said[view["id"]])
            tab.page.context.close()
    assert seen == set(VIEWS)
