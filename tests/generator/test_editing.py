"""Blocks that readers can edit: where they stand, what a page holds of them, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sitegen.editing import Source, find_source
from sitegen.errors import Problems
from sitegen.markdown import parse
from sitegen.prose import clean
from sitegen.text import plain
from tests.generator.reports import Report

SAMPLES = {"samples": {"id": [1, 2, 3], "label": ["cat", "dog", "<b>owl</b>"]}}


def found(folder: Path, text: str, number: int = 0, *, file: str = "content/page.md") -> Source:
    """Return where a block stands in a file that is written as it is, line ends included."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    body, problems = path.read_text("utf-8-sig"), Problems()
    blocks = parse(plain(body, file), "page.md", problems).blocks
    assert problems.errors == []
    return find_source(blocks[number], folder, [folder / "content", folder / "snippets"])


def test_a_block_is_found_with_the_lines_around_it(tmp_path: Path) -> None:
    source = found(tmp_path, "# Page\n\n```view markdown\none\n\ntwo\n```\n\nend\n")
    assert (source.file, source.line, source.problem, source.indent) == ("content/page.md", 1, "", "")
    assert source.before == ("# Page\n", "\n", "```view markdown\n")
    assert source.lines == ("one\n", "\n", "two\n")
    assert source.after == ("```\n", "\n", "end\n")


def test_ends_of_lines_and_a_byte_order_mark_are_kept(tmp_path: Path) -> None:
    source = found(tmp_path, "\ufeff# Page\r\n\r\n```view markdown\r\none\r\n```")
    assert source.before == ("\ufeff# Page\r\n", "\r\n", "```view markdown\r\n")
    assert (source.lines, source.after) == (("one\r\n",), ("```",))


@pytest.mark.parametrize(
    ("text", "indent"),
    [
        ("- a\n\n  ```view markdown\n  one\n\n  two\n  ```\n", "  "),
        ("> ```view markdown\n> one\n>\n> two\n> ```\n", "> "),
        ("10. ```view markdown\n    ```\n", "    "),
        ("```view markdown\n[paper]: https://example.org\n```\n", ""),
    ],
)
def test_what_stands_before_the_lines_of_a_block_is_told_apart(
    tmp_path: Path, text: str, indent: str
) -> None:
    assert found(tmp_path, text).indent == indent


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("```view markdown\none\n", "no closing fence"),
        ("> ```view markdown\n> one\n>two\n> ```\n", "begin alike"),
        ("- a\n\n  ```view markdown\n  one\n- b\n", "no closing fence"),
    ],
)
def test_why_no_patch_can_be_made_is_said(tmp_path: Path, text: str, problem: str) -> None:
    source = found(tmp_path, text)
    assert problem in source.problem
    assert source.file == ""


def test_a_file_outside_the_report_is_not_patched(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "report" / "content").mkdir(parents=True)
    (tmp_path / "elsewhere" / "page.md").write_text("```view markdown\none\n```\n")
    (tmp_path / "report" / "content" / "page.md").symlink_to(tmp_path / "elsewhere" / "page.md")
    (block,) = parse(plain("```view markdown\none\n```\n", "content/page.md"), "page.md", Problems()).blocks
    assert find_source(block, tmp_path / "report", [tmp_path / "report" / "content"]).problem


def test_the_lines_of_each_option_are_known(tmp_path: Path) -> None:
    options = "# mine\ncolumns:\n  - a\n  - b # last\n\n# above\nwithout: [c,\n  d]\nedit: true\n"
    source = found(tmp_path, f"```view summary\n{options}```\n")
    assert source.keys == {"columns": (1, 4), "without": (6, 8), "edit": (8, 9)}
    assert found(tmp_path, "```view summary\n{columns: [a]}\n```\n").keys == {}


@pytest.fixture
def editing(report: Report) -> Report:
    """A report whose theme can edit."""
    report.artifact("digits", SAMPLES)
    theme = report.folder / "themes" / "theme"
    settings = (theme / "theme.toml").read_text()
    (theme / "theme.toml").write_text(settings.replace("[fonts]", 'editor = "live.js"\n\n[fonts]'))
    script = (theme / "dist" / "static.js").read_text()
    script = script.replace('"vega-lite": {} }', '"vega-lite": {}, markdown: {}, summary: {} }')
    body = "const asked = JSON.parse(text);"
    drawn = "if (['markdown', 'summary'].includes(asked.view)) return JSON.stringify({ figure: { html: "
    drawn += (
        '`<figure class="view" data-view="${asked.view}" id="${asked.id}">${asked.options.html}</figure>`, '
    )
    drawn += "rows: 0, total: 0, weight: 0 } });"
    script = script.replace("function step(text) {", f"function step(text) {{\n{body}\n{drawn}")
    (theme / "dist" / "static.js").write_text(script)
    return report


def payload(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'id="sitegen-page">(.*?)</script>', page)
    return dict(json.loads(text))


def test_a_page_holds_the_source_of_what_can_be_edited_alone(editing: Report) -> None:
    editing.write(
        "content/index.md",
        "# Texts\n\n```view markdown id=one\nfirst\n```\n\n```view markdown id=two edit=false\nsecond\n```\n",
    )
    page = editing.page()
    held = payload(page)
    assert list(held["sources"]) == ["one"]
    assert held["sources"]["one"]["lines"] == ["first\n"]
    assert {view["id"]: view["options"] for view in held["views"]} == {
        "one": {"edited": True},
        "two": {"edited": False},
    }
    assert "editor" in held["assets"]
    assert '<figure class="view" data-view="markdown" id="two"><p>second</p></figure>' in page


def test_a_page_without_anything_to_edit_names_no_editor(editing: Report) -> None:
    editing.write("content/index.md", "# One\n\n```view markdown edit=false\ntext\n```\n")
    held = payload(editing.page())
    assert "sources" not in held
    assert "editor" not in held["assets"]


def test_values_numbers_and_links_are_those_of_the_page(editing: Report) -> None:
    editing.write("snippets/part.md", "```view markdown id=part\n[up](/index.md) and {{ site.title }}\n```\n")
    editing.write(
        "content/deep/page.md",
        "---\nconstants:\n  who: <i>me</i>\n---\n# Page\n\n```view markdown id=own\n"
        'From {{ who }}: {sql}`select max(label) from "digits/samples"` of\n'
        '{sql .1f}`select count(*) from "digits/samples"`, ~~not~~ [home](../index.md#home).\n```\n\n'
        "```include part.md\n```\n",
    )
    editing.write("content/index.md", "# Home\n\n[page](deep/page.md)\n")
    page = editing.page("deep/page.html")
    own, part = payload(page)["sources"].values()
    assert own["values"] == {"who": "<i>me</i>"}
    assert list(own["numbers"].values()) == ["dog", "3.0"]
    assert "From &lt;i&gt;me&lt;/i&gt;: dog of\n3.0, <s>not</s>" in page
    assert '<a href="../index.html#home">home</a>' in page
    assert (own["page"], own["base"], own["file"]) == ("deep/page.md", "deep/page.md", "content/deep/page.md")
    assert (part["file"], part["shared"], own["shared"]) == ("snippets/part.md", True, False)


CALLED = "all-groe-d353a267"
"""The chart of a column that is no plain word: its letters, and a digest of its name."""


def test_a_summary_offers_every_chart_and_keeps_their_ids(editing: Report) -> None:
    editing.artifact("farm", {"samples": {"id": [1, 2], "a": [1, 2], "b": [3, 4], "größe": [1, 2]}})
    editing.write(
        "content/index.md",
        "# Farm\n\n```view summary id=all\ntable: farm/samples\ncolumns: [größe, id, a]\n```\n",
    )
    held = payload(editing.page())
    assert [view["id"] for view in held["views"]] == [CALLED, "all-a", "all"]
    assert held["views"][-1]["options"] == {
        "columns": ["größe", "a"],
        "charts": ["a", "b", "größe"],
        "left": {"id": "names each row"},
        "titles": {},
    }
    assert [chart["id"] for chart in held["sources"]["all"]["charts"]] == ["all-a", "all-b", CALLED]
    shown = {view["id"]: view for view in held["views"]}
    offered = {chart["id"]: chart for chart in held["sources"]["all"]["charts"]}
    assert offered["all-a"] == shown["all-a"]


def test_a_filter_of_a_summary_holds_for_the_charts_that_readers_add(editing: Report) -> None:
    editing.write(
        "content/index.md",
        "# Cats\n\n```view summary id=all filter=\"datum.label == 'cat'\"\n"
        "table: digits/samples\ncolumns: []\n```\n",
    )
    (chart,) = payload(editing.page())["sources"]["all"]["charts"]
    assert chart["member"] == "where:1"


def test_a_summary_that_readers_shall_not_edit_says_what_it_leaves_out_itself(editing: Report) -> None:
    editing.write("content/index.md", "# All\n\n```view summary\ntable: digits/samples\nedit: false\n```\n")
    page = editing.page()
    assert "sources" not in payload(page)
    assert "Without a chart: id (names each row)." in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[](page.md)", "a link without words"),
        ("![](data:image/png;base64,AAAA)", "an image is written into"),
        ("[run](javascript:alert(1))", 'the address "javascript:alert(1)" is not followed'),
        ("line\n\n{{ missing }}", 'there is no value "missing"'),
    ],
)
def test_what_an_editable_text_may_not_hold_is_refused_where_it_stands(text: str, said: str) -> None:
    problems = Problems()
    parse(plain(f"# A\n\n```view markdown\n{text}\n```\n", "content/a.md"), "a.md", problems)
    (error,) = problems.errors
    assert said in str(error)
    assert str(error).startswith(f"content/a.md:{4 + text.count(chr(10))}: ")


@pytest.mark.parametrize(("key", "hint"), [("table=a/b", "table"), ("edt=false", "edit")])
def test_a_markdown_block_takes_few_keys(key: str, hint: str) -> None:
    problems = Problems()
    parse(plain(f"```view markdown {key}\n```\n", "content/a.md"), "a.md", problems)
    (error,) = problems.errors
    assert f'unknown key "{key.partition("=")[0]}"' in str(error)
    assert hint in str(error)


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p>a<script>alert(1)</script></p>", "<p>a</p>"),
        ('<img src="x" onerror="alert(1)">', '<img src="x">'),
        ('<a href="javascript:alert(1)">a</a>', "<a>a</a>"),
        ('<img src="data:image/svg+xml,x" alt="a">', '<img alt="a">'),
        ("<svg><script>alert(1)</script></svg><math><mi>x</mi></math>", ""),
        ('<p style="color:red" class="view">a</p><style>p{}</style>', "<p>a</p>"),
        ('<td class="align-right view">a</td>', "a"),
    ],
)
def test_only_what_markdown_makes_is_let_through(html: str, left: str) -> None:
    assert clean(html) == left
