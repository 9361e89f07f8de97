"""The search index: what can be found, and that a thousand pages stay small and quick."""

from __future__ import annotations

import json
import time

from sitegen.search_index import FILE, words
from tests.generator.reports import Report
from tests.generator.test_published_site import settle


def index(report: Report) -> dict[str, list[list[object]]]:
    settle(report)
    script = (report.build().read(FILE) or b"").decode()
    return dict(json.loads(script.partition("=")[2].rstrip(";\n")))


def test_sections_columns_and_tools_are_found_where_they_are(report: Report) -> None:
    report.artifact("digits", {"samples": {"id": [1, 2], "label": ["a", "b"]}})
    view = '```view table id=rows title="Every row"\ntable: digits/samples\n```\n'
    report.write(
        "content/index.md", f"# Front\n\nOpening <b>words</b>.\n\n## Part & more\n\nBelow it.\n\n{view}"
    )
    found = index(report)
    docs = {(doc[1], doc[2]): doc[3] for doc in found["docs"]}
    assert found["pages"] == [["Front", "index.html"]]
    assert docs[("page", "Front")] == ""
    assert docs[("section", "Part & more")] == "part-more"
    assert docs[("view", "Every row")] == "rows"
    assert docs[("column", "label")] == "rows"
    assert docs[("table", "digits/samples")] == "rows"
    assert docs[("tool", "Artifact digits")] == "rows"
    kinds = [doc[1] for doc in found["docs"]]
    below = found["terms"]["below"][1]
    assert [kinds[int(str(number))] for number in below[::2]] == ["section"]


def test_a_tag_is_found_by_its_name_and_not_by_what_carries_it(report: Report) -> None:
    report.write("content/index.md", "# Front\n")
    report.write("content/one.md", "---\ntags: [training]\n---\n# Digits, one by one\n\nText.\n")
    found = index(report)
    kinds = [(doc[1], doc[2]) for doc in found["docs"]]
    assert kinds[-2:] == [("tag", "Tags"), ("tag", "Pages about training")]
    of = {
        word: {kinds[int(str(doc))] for field in found["terms"][word] for doc in field[::2]}
        for word in ("digits", "training")
    }
    assert of == {"digits": {("page", "Digits, one by one")}, "training": {("tag", "Pages about training")}}


def test_words_are_those_that_somebody_looks_for() -> None:
    assert list(words("Größe_x  \uff21\uff22 1234567 2021 don't")) == ["größe", "x", "ab", "2021", "don", "t"]


def test_a_thousand_pages_stay_small_and_quick(report: Report) -> None:
    text = " ".join(f"word{number}" for number in range(200))
    for number in range(200):
        report.write(f"content/p{number}.md", f"# Page {number}\n\n{text} own{number}\n")
    started = time.perf_counter()
    settle(report)
    site = report.build()
    assert time.perf_counter() - started < 30
    script = site.read(FILE) or b""
    assert len(script) * 5 < 2_500_000
