"""Links, Markdown, blocks and settings, where a whole site would hide what is tested."""

from __future__ import annotations

import pytest

from sitegen import links
from sitegen.blocks import read_block
from sitegen.config import load_config
from sitegen.document import Document
from sitegen.errors import Problems, SitegenError, nearest
from sitegen.links import Target
from sitegen.markdown import parse
from sitegen.text import plain
from tests.generator.reports import Report


def read(text: str) -> Document:
    problems = Problems()
    document = parse(plain(text, "content/guide/page.md", 1, "guide/page.md"), "guide/page.md", problems)
    problems.stop(strict=True)
    return document


@pytest.mark.parametrize(
    ("href", "rewritten", "target"),
    [
        ("other.md", "other.html", Target("guide/other.md", "")),
        ("../index.md#a~state", "../index.html#a~state", Target("index.md", "a")),
        ("/index.md", "../index.html", Target("index.md", "")),
        ("#here", "#here", Target("guide/page.md", "here")),
        ("a%20b.md?x=1", "a%20b.html?x=1", Target("guide/a b.md", "")),
        ("deep/er/x.png", "deep/er/x.png", Target("guide/deep/er/x.png", "")),
        ("../../secret", "../../secret", Target("../secret", "")),
    ],
)
def test_links_are_rewritten_relative_to_the_page(href: str, rewritten: str, target: Target) -> None:
    assert links.rewrite("guide/page.md", href) == rewritten
    assert links.resolve("guide/page.md", href) == target


@pytest.mark.parametrize("href", ["https://a.b/c.md", "//a.b/c.md", "mailto:a@b.c"])
def test_external_links_stay(href: str) -> None:
    assert links.is_external(href)
    assert links.rewrite("guide/page.md", href) == href


@pytest.mark.parametrize(
    ("text", "slug"),
    [("Two Words!", "two-words"), ("Größe & 数", "größe-数"), ("!?", "section"), ("_x_", "x")],
)
def test_anchors_are_words(text: str, slug: str) -> None:
    assert links.slug(text) == slug


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '![x](a.png "onload=&quot;alert(1)")',
        "`<script>`",
        "```html\n<script>\n```",
        "```unknown\n<script>\n```",
        "# <script>",
        "::: note <script>\nx\n:::",
        "[^<script>]: x\n\n[^<script>]",
        "| <script> |\n|---|\n| <img onerror=alert(1)> |",
    ],
)
def test_no_html_gets_through(text: str) -> None:
    problems = Problems()
    html = parse(plain(text, "content/page.md"), "page.md", problems).html
    assert "<script" not in html
    assert "<img onerror" not in html
    assert 'href="javascript' not in html
    assert 'style="' not in html


def test_a_text_cannot_forge_the_gap_of_a_view() -> None:
    document = read("\0" + "0\0\n\n```view count\ntable: a/b\n```\n")
    assert document.fill({"count-1": "FIGURE"}).count("FIGURE") == 1


def test_consecutive_blocks_share_a_grid() -> None:
    block = "```view count\n```\n"
    document = read(f"{block}{block}\ntext\n\n{block}\n\n{block}")
    html = document.fill({f"count-{number}": f"FIGURE{number}" for number in (1, 2, 3, 4)})
    grids = html.split('<div class="grid">')[1:]
    assert [grid.count("FIGURE") for grid in grids] == [2, 2]


def test_a_heading_gives_way_to_the_id_of_a_view() -> None:
    document = read("# Count 1\n\n```view count\n```\n")
    assert [heading.anchor for heading in document.headings] == ["count-1-1"]


@pytest.mark.parametrize(
    ("info", "title", "said"),
    [
        ("vega-lite", '"Two words"', "Two words"),
        ("vega-lite", '["Two", "words"]', "Two words"),
        ("vega-lite", '{"text": "Two words", "anchor": "start"}', "Two words"),
        ("vega-lite", "null", None),
        ('vega-lite title="Another"', '"Two words"', "Another"),
    ],
)
def test_a_chart_has_the_title_of_its_spec(info: str, title: str, said: str | None) -> None:
    text = f'{{"data": {{"name": "a/b"}}, "mark": "bar", "title": {title}}}'
    assert read_block(info, text, "page.md", 1, "chart").title == said


def test_a_block_takes_its_settings_from_both_places() -> None:
    info = 'view samples id=images width=6 title="A \\"title\\""'
    block = read_block(info, "table: a/b\nhelp: Look.\ncolumns: [x, y]\n", "page.md", 7, "samples-1")
    assert (block.view, block.id, block.width, block.title) == ("samples", "images", 6, 'A "title"')
    assert (block.table, block.help, block.options) == ("a/b", "Look.", {"columns": ["x", "y"]})
    assert block.where("columns") == "page.md:10"


def test_yaml_means_what_json_can_say() -> None:
    text = "table: a/b\nday: 2020-01-01\nshown: no\nlist: [1, 1.5, null]\n"
    block = read_block("view samples", text, "page.md", 1, "samples-1")
    assert block.options == {"day": "2020-01-01", "shown": False, "list": [1, 1.5, None]}


@pytest.mark.parametrize(
    "text",
    [
        "a: .nan",
        "a: -.inf",
        "1: a",
        "a: !!binary aGk=",
        "a: &x [*x]",
        'a: "\\uD800"',
        "- a",
        "a: !!python/name:os.system",
    ],
)
def test_yaml_that_json_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(SitegenError, match=r"^page\.md:2(:\d+)?: "):
        read_block("view samples", text, "page.md", 1, "samples-1")


@pytest.mark.parametrize(
    "text", ['{"a": NaN}', "[]", '{"a": 1, "a": 2}', '{"a": "\\ud800"}', "{", "[" * 10_000]
)
def test_json_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(SitegenError, match=r"^page\.md:2(:\d+)?: "):
        read_block("vega-lite", text, "page.md", 1, "vega-lite-1")


def test_every_table_of_a_layered_spec_is_found() -> None:
    spec = (
        '{"data": {"name": "a/one"}, "datasets": {"own": []}, "layer": ['
        '{"data": {"name": "a/two"}}, {"data": {"name": "own"}}, {"data": {"values": [1], "name": "v"}},'
        '{"transform": [{"lookup": "x", "from": {"data": {"name": "a/three"}}}]}]}'
    )
    block = read_block("vega-lite", spec, "page.md", 1, "vega-lite-1")
    assert block.data == ("a/one", "a/two", "a/three")
    assert block.table == "a/one"


def test_a_hint_offers_the_nearest_and_lists_the_rest() -> None:
    assert nearest("labl", ["label", "split"]) == 'did you mean "label"?  (label, split)'
    assert nearest("zzz", ["label", "split"]) == "there is label, split"
    assert nearest("zzz", []) == "there are none"


def test_the_output_may_not_hold_its_sources(report: Report) -> None:
    for output in (".", "content", ".."):
        report.write("sitegen.toml", f'[site]\ntitle = "x"\ntheme = "theme"\n[build]\noutput = "{output}"\n')
        with pytest.raises(SitegenError, match=r"sitegen.toml:5: output .* holds what the site is made from"):
            load_config(report.settings)


def test_a_missing_page_is_absolute_and_only_there_with_a_site_url(report: Report) -> None:
    report.write("content/index.md", "# Front\n")
    report.write("themes/theme/templates/404.html", "{{ page.body }}{{ base }}{{ assets.styles }}")
    assert "404.html" not in report.build().files
    report.write("sitegen.toml", '[site]\ntitle = "x"\ntheme = "theme"\nsite_url = "https://a.b/c/"\n')
    body = report.page("404.html")
    assert body.startswith("<h1>There is no such page</h1>/c//c/assets/styles.")


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ page.titel }}", r"templates/page\.html:1: the template fails: .*no attribute 'titel'"),
        ("\n{% if %}", r"templates/page\.html:2: the template fails: "),
        ("{% include 'none.html' %}", r'templates: there is no template "none.html"'),
        ("<p>\n{{ 1/0 }}", r"templates/page\.html:2: the template fails: ZeroDivisionError: division"),
        ("{{ say(1, 2, 3) }}", r"templates/page\.html:1: the template fails: TypeError: "),
    ],
)
def test_a_template_that_fails_is_said_with_its_line(report: Report, template: str, said: str) -> None:
    report.write("content/index.md", "# Front\n")
    report.write("themes/theme/templates/page.html", template)
    with pytest.raises(SitegenError, match=said):
        report.build()


def test_a_mistake_in_a_template_s_part_names_the_part_with_its_folder(report: Report) -> None:
    report.write("content/index.md", "# Front\n")
    report.write("themes/theme/templates/page.html", "{% include 'partials/footer.html' %}")
    report.write("themes/theme/templates/partials/footer.html", "<p>\n{{ nothing }}")
    with pytest.raises(SitegenError) as raised:
        report.build()
    assert raised.value.where == "themes/theme/templates/partials/footer.html:2"


def test_what_fails_in_the_generator_is_no_mistake_of_the_template_that_asked(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sitegen.templates._fitted", fails)
    report.write("content/index.md", "# Front\n")
    report.write("themes/theme/templates/page.html", "{{ site.fitted(1, 2, 3, 4, 5) }}")
    with pytest.raises(ZeroDivisionError):
        report.build()


def test_an_unbuilt_theme_says_every_file_that_is_missing(report: Report) -> None:
    for name in ("live.js", "fonts/plain.woff2"):
        (report.folder / "themes" / "theme" / "dist" / name).unlink()
    with pytest.raises(SitegenError) as raised:
        report.build()
    assert str(raised.value).splitlines() == [
        "themes/theme: there is no dist/live.js",
        "  build the theme",
        "themes/theme: there is no dist/fonts/plain.woff2",
        "  build the theme",
    ]


@pytest.mark.parametrize(
    ("info", "body", "width", "height"),
    [
        ("width=XS height=L", "", 2, 480),
        ("", "width: XXL\nheight: XS", 12, 160),
        ("width=M", "height: 400", 6, 400),
    ],
)
def test_a_block_takes_sizes_by_name(info: str, body: str, width: int, height: int) -> None:
    problems = Problems()
    page = plain(f"# A page\n\n```view count {info}\n{body}\n```\n", "content/index.md")
    (block,) = parse(page, "index.md", problems).blocks
    assert (problems.errors, block.width, block.height) == ([], width, height)
