"""What ``list`` and ``explain`` say of a report, and pages that are drafts."""

from __future__ import annotations

import re

import pytest

from sitegen.explain import read_from_model
from tests.generator.reports import Report

TOOLS = """
[datasets.digits]
source = "digits"
[models.own]
source = "columns"
[tools.digits]
tool = "classification"
dataset = "digits"
model = "own"
[tools.later]
tool = "projection"
dataset = "digits"
"""


@pytest.fixture
def written(report: Report) -> Report:
    report.write("sitegen.toml", report.settings.read_text() + TOOLS)
    report.write("content/index.md", "# Front\n\n[second](guide/second.md) [away](https://example.org/)\n")
    view = "```view count id=labels title=Labels\ncolumn: label\n```\n"
    report.write("content/guide/second.md", f"---\ntable: digits/samples\n---\n# Second\n\n{view}")
    report.write("content/draft.md", "---\ndraft: true\n---\n# Unfinished\n")
    report.artifact("digits", {"samples": {"id": [1, 2], "label": ["a", "b"]}})
    return report


def test_list_names_pages_tools_data_and_tables(written: Report, capsys: pytest.CaptureFixture[str]) -> None:
    assert written.command("list") == 0
    said = capsys.readouterr().out
    assert said == (
        "pages\n"
        "  guide/second.md  guide/second.html  1 view  Second\n"
        "  index.md         index.html         text    Front\n"
        "\ndrafts\n"
        "  draft.md\n"
        "\ntools\n"
        "  digits  classification  written\n"
        "  later   projection      not run yet\n"
        "\ndatasets\n"
        "  digits  digits\n"
        "\nmodels\n"
        "  own  columns\n"
        "\ntables\n"
        "  digits/samples  2 rows  id, label\n"
    )


@pytest.mark.parametrize(
    "name", ["guide/second.md", "guide/second.html", "content/guide/second.md", "guide/second"]
)
def test_explain_says_what_a_page_is_made_from(
    written: Report, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert written.command("explain", name) == 0
    said = capsys.readouterr().out
    assert said.startswith("Second: content/guide/second.md → guide/second.html\n")
    assert "  labels  count  digits/samples  content/guide/second.md:6  Labels\n" in said
    assert "relation digits: 2 rows\n  digits/samples  2 rows, " in said
    assert 'SELECT * FROM {digits/samples} ORDER BY "id"' in said
    assert said.endswith("linked from\n  index.md\n")


def test_explain_says_links(written: Report, capsys: pytest.CaptureFixture[str]) -> None:
    assert written.command("explain", "index.md") == 0
    assert "links to\n  guide/second.md\n  https://example.org/\n" in capsys.readouterr().out


def test_explain_offers_the_nearest_page(written: Report, capsys: pytest.CaptureFixture[str]) -> None:
    assert written.command("explain", "guide/secnd.md") == 1
    said = capsys.readouterr().err
    assert said.startswith('sitegen explain: there is no page "guide/secnd.md"\n')
    assert 'did you mean "guide/second.md"?' in said
    assert written.command("explain", "draft.md") == 1
    assert capsys.readouterr().err == 'sitegen explain: "draft.md" is a draft\n  add --drafts\n'


def test_what_is_wrong_is_said_after_what_there_is(
    written: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    written.write("content/guide/second.md", "# Second\n\n```view count\ntable: digits/smaples\n```\n")
    assert written.command("list") == 1
    printed = capsys.readouterr()
    assert "guide/second.md" in printed.out
    assert 'no artifact has a table "digits/smaples"' in printed.err


def test_drafts_are_built_when_asked_for_and_say_so(written: Report) -> None:
    assert written.build().read("draft.html") is None
    settings = written.settings.read_text()
    written.write("sitegen.toml", settings + "[build]\ndrafts = true\n")
    assert "Draft: this page is not part of the published site." in written.page("draft.html")
    assert "Draft:" not in written.page("index.html")
    written.write("sitegen.toml", settings)
    assert written.command("build", "--drafts") == 0
    assert (written.folder / "site" / "draft.html").is_file()
    assert written.command("build") == 0
    assert not (written.folder / "site" / "draft.html").exists()


def test_list_and_explain_say_what_a_page_among_many_is_made_from(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    report.artifact("digits", {"samples": {"id": [1, 2], "label": ["a", "b"]}})
    report.write("snippets/part.md", "A part.\n")
    report.write("content/index.md", "# Front\n\n```pages each\n```\n")
    report.write(
        "content/each.md",
        '---\ntitle: "Class {{ class }}"\nfor_each:\n  values: [{class: a}, {class: b}]\n---\n'
        '{sql expect=1}`select count(*) from "digits/samples" where label = {{ class }}`\n\n'
        "```include part.md\n```\n\n"
        "```view count id=labels\ntable: digits/samples\ncolumn: label\n"
        "filter: datum.label == {{ class }}\n```\n",
    )
    assert report.command("list") == 0
    said = capsys.readouterr().out
    assert "  each/a.md  each/a.html  1 view, one of each.md  Class a\n" in said
    assert report.command("explain", "each/b.md") == 0
    said = capsys.readouterr().out
    assert said.startswith("Class b: content/each.md → each/b.html\n")
    for line in (
        "  includes                snippets/part.md\n",
        "  one of the pages of     each.md\n",
        "  {{ class }}             b\n",
        '  content/each.md:6  select count(*) from "digits/samples" where label = $value_0  expected 1\n',
        '  labels  count  digits/samples  where datum.label == "b"  content/each.md:11\n',
    ):
        assert re.sub(r" +", " ", line) in re.sub(r" +", " ", said)


def test_says_what_a_run_read_from_its_model() -> None:
    model = {
        "name": "net",
        "output": "logits",
        "classes": ["a", "b", "c", "d"],
        "input": {"size": [8, 8], "layout": "flat", "range": [0, 1]},
        "inferred": ["classes", "input.layout", "input.size", "output"],
    }
    said = "classes = [a, b, c, …], input.layout = flat, input.size = [8, 8], output = logits"
    assert read_from_model({"layer": "", "model": model}) == f"read from model net: {said}"
    assert read_from_model({}) == read_from_model({"model": {"name": "cnn"}}) == ""


def test_what_was_read_from_a_model_is_short_however_long_its_names_are() -> None:
    missing = [f"{'name' * 3000}: is of a kind that nobody knows", "b: fails"]
    model = {"name": "net", "missing": missing, "inferred": ["missing"]}
    said = read_from_model({"model": model})
    assert len(said) < 400
    assert said.startswith("read from model net: missing = [namename")
    assert said.endswith("…" + missing[0][-150:] + ", b: fails]")
