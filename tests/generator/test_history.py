"""What a page knows of earlier data, and what it says of itself in a citation."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sitegen.errors import SitegenError
from tests.generator.reports import Report
from tests.generator.test_navigation import DEFAULT

OLD = "1" * 64


VIEW = "```view count\ntable: digits/samples\ncolumn: label\n```\n"


def settle(report: Report, tables: object) -> str:
    """Write a page with a view, and a history; return the digest of the page's table."""
    manifest = report.artifact("digits", {"samples": {"id": [1, 2, 3], "label": ["b", "a", "a"]}})
    report.write("content/index.md", f"# One\n\n{VIEW}")
    report.write("artifacts/history.json", json.dumps({"format": 1, "tables": tables}))
    return manifest.tables[0].files[0].sha256


def entry(digest: str) -> dict[str, Any]:
    numbers = [{"column": "<b>", "measure": "share", "value": 0.5}]
    return {"digest": digest, "date": "2026-03-02", "rows": 3, "numbers": numbers}


def json_of(page: str, id_: str) -> dict[str, Any]:
    found = re.search(rf'id="{id_}">(.*?)</script>', page)
    assert found
    read: dict[str, Any] = json.loads(found[1])
    return read


def test_a_page_says_which_data_it_shows_and_where_earlier_data_are_told(report: Report) -> None:
    now = settle(report, {"digits/samples": [entry(OLD)], "digits/others": [entry(OLD)]})
    site = report.build()
    data = json_of((site.read("index.html") or b"").decode(), "sitegen-page")["data"]
    assert data["digests"] == {"digits/samples": now[:12]}
    told = json.loads(site.read(data["history"].removeprefix("./")) or b"")
    assert told == {"tables": {"digits/samples": [entry(OLD[:12])]}}


@pytest.mark.parametrize("name", ["digits/samples", "digits/gone"])
def test_where_no_other_data_were_seen_there_is_nothing_to_fetch(name: str, report: Report) -> None:
    now = settle(report, {})
    settle(report, {name: [entry(now)]})
    site = report.build()
    assert "history" not in json_of((site.read("index.html") or b"").decode(), "sitegen-page")["data"]
    assert not [url for url in site.files if "history" in url]


@pytest.mark.parametrize(
    "changed", [{"digest": "<script>"}, {"date": "today"}, {"rows": "many"}, {"numbers": [{"column": 1}]}]
)
def test_a_history_that_is_none_is_a_problem(changed: dict[str, Any], report: Report) -> None:
    settle(report, {"digits/samples": [entry(OLD) | changed]})
    with pytest.raises(SitegenError, match=r"history\.json: is no history"):
        report.build()


def test_a_citation_says_what_the_report_says_of_itself(report: Report) -> None:
    told = 'author = "Ann, A.; </script>"\nversion = "1.2"\nsite_url = "https://a.example/r/"\n'
    told += f'theme = "{DEFAULT}"\n'
    report.write("sitegen.toml", f'[site]\ntitle = "A & B"\n{told}')
    report.write("content/a/one.md", "---\ndate: 2026-01-02\n---\n# One < two\n")
    report.write("content/index.md", "[one](a/one.md)\n")
    assert json_of(report.page("a/one.html"), "sitegen-citation") == {
        **{"title": "One < two", "report": "A & B", "author": "Ann, A.; </script>", "date": "2026-01-02"},
        **{"version": "1.2", "language": "en", "url": "https://a.example/r/a/one.html", "data": []},
    }
    assert 'data-action="share"' not in report.page("404.html")
