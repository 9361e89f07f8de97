"""Scripts, handlers and addresses that run, written into each place that a report takes text from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sitegen.errors import SitegenError
from sitegen.output import Memory
from sitegen.syntax import render_data
from tests.generator.reports import Report
from tests.hostile.markup import running

POISONS = (
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><a xlink:href=javascript:alert(1)>x</a></svg>",
    "[x](javascript:alert(1))",
    "</title></script></style><script>alert(1)</script>",
    "{{constructor.constructor('alert(1)')()}}",
    "javascript:alert(1)",
    "<!-- --!><script>alert(1)</script>",
    "`<img src=x onerror=alert(1)>`\0\u2028\u202e",
)
VIEW = "```view count\ntable: digits/samples\ncolumn: label\n```\n"


def quoted(text: str) -> str:
    """Return a text as YAML, TOML and JSON all read it."""
    return json.dumps(text.replace("\0", ""))


def labels(report: Report, poison: str) -> None:
    report.write(
        "content/index.md",
        '# Labels\n\n```sql\nselect label, text from "digits/samples"\n```\n'
        '\nThe first is {sql}`select min(label) from "digits/samples"`.\n\n'
        f'# As a title: {{sql}}`select min(label) from "digits/samples"`\n\n## In {VIEW}',
    )


def pages(report: Report, poison: str) -> None:
    report.write("content/index.md", "# All\n\n```pages each\n```\n")
    report.write(
        "content/each.md",
        '---\ntitle: "{{ label }}"\ndescription: "About {{ label }}"\nfor_each:\n'
        '  sql: select label from "digits/samples"\n---\n# {{ label }}\n\n'
        '[{{ label }}](index.md "{{ label }}") '
        "![{{ label }}](dot.png)\n\n| {{ label }} |\n|---|\n| {{ label }} |\n\n"
        '```view count\ntable: digits/samples\ncolumn: label\ntitle: "{{ label }}"\nhelp: "{{ label }}"\n'
        "filter: datum.label == {{ label }}\n```\n",
    )


def data_markdown(report: Report, poison: str) -> None:
    report.write(
        "content/index.md", '# Notes\n\n```sql markdown=label\nselect label from "digits/samples"\n```\n'
    )


def front_matter(report: Report, poison: str) -> None:
    said = quoted(poison)
    report.write(
        "content/index.md",
        f"---\ntitle: {said}\ndescription: {said}\nconstants:\n  word: {said}\n---\n{{{{ word }}}}\n\n{VIEW}",
    )


def settings(report: Report, poison: str) -> None:
    said = quoted(poison)
    report.write(
        "sitegen.toml",
        f"[site]\ntitle = {said}\ndescription = {said}\nlanguage = {said}\n"
        f'theme = "theme"\n[constants]\nword = {said}\n',
    )
    report.write("content/index.md", f"# {{{{ word }}}} of {{{{ site.title }}}}\n\n{VIEW}")


def file_names(report: Report, poison: str) -> None:
    name = poison.replace("/", "\N{DIVISION SLASH}").replace("\0", "")
    report.write(f"content/{name}.md", f"# Named\n\n{VIEW}")
    report.write(f"content/{name}/{name}.md", "# Below\n")
    report.write(f"content/{name}.txt", "text")
    report.write("content/index.md", "# Front\n")


def specs(report: Report, poison: str) -> None:
    spec = {
        "title": poison,
        "description": poison,
        "usermeta": {poison: poison},
        "data": {"name": "digits/samples"},
        "mark": {"type": "bar", "tooltip": poison, "href": "javascript:alert(1)"},
        "encoding": {"x": {"field": "label", "title": poison, "axis": {"labelExpr": poison}}},
    }
    report.write("content/index.md", f"# Spec\n\n```vega-lite\n{json.dumps(spec)}\n```\n")


def markdown(report: Report, poison: str) -> None:
    line = poison.replace("\n", " ")
    text = f"# {line}\n\n{line}\n\n- {line}\n\n> {line}\n\n| {line} |\n|---|\n| {line} |\n\n"
    text += f"```{line}\n{line}\n```\n\n::: note {line}\n{line}\n:::\n\n::: details {line}\n{line}\n:::\n\n"
    report.write(
        "content/index.md", f"{text}Term\n: {line}\n\n[^1]: {line}\n\nNote[^1] ![{line}](dot.png)\n\n{VIEW}"
    )


def blocks(report: Report, poison: str) -> None:
    said = quoted(poison)
    report.write(
        "content/index.md",
        f"# Block\n\n```view count\ntable: digits/samples\ncolumn: label\ntitle: {said}\nhelp: {said}\n```\n"
        f"\n```sql title={said}\nselect 1\n```\n",
    )


def snippets(report: Report, poison: str) -> None:
    report.write("snippets/part.md", f"{poison}\n\n## {poison}\n".replace("\0", ""))
    report.write("content/index.md", f"# Front\n\n```include part.md\n```\n\n{VIEW}")


PLACES: dict[str, Callable[[Report, str], None]] = {
    "labels and text columns": labels,
    "pages made from data": pages,
    "Markdown from data": data_markdown,
    "front matter": front_matter,
    "settings": settings,
    "file names": file_names,
    "specs": specs,
    "Markdown of authors": markdown,
    "keys of blocks": blocks,
    "snippets": snippets,
}


def texts(poison: str) -> dict[str, Any]:
    """Return columns of labels and of texts, which cards show whole."""
    return {
        "id": [1, 2],
        "label": [poison, "b"],
        "text": {"type": "string", "role": "text", "values": [f"A text: {poison}", "b"]},
    }


@pytest.mark.parametrize("poison", POISONS)
@pytest.mark.parametrize("place", PLACES)
def test_nothing_runs(report: Report, place: str, poison: str) -> None:
    (report.folder / "content" / "dot.png").write_bytes(b"\x89PNG")
    report.artifact("digits", {"samples": texts(poison.replace("\0", ""))})
    PLACES[place](report, poison)
    site, refused = Memory(), None
    try:
        site = report.build()
    except SitegenError as error:
        refused = error
    assert refused is None or str(refused)
    for url in site.files:
        if url.endswith(".html"):
            assert running((site.read(url) or b"").decode()) == [], url


@pytest.mark.parametrize(
    "place", ["labels and text columns", "pages made from data", "front matter", "settings"]
)
def test_the_default_theme_runs_nothing_either(report: Report, place: str) -> None:
    (report.folder / "content" / "dot.png").write_bytes(b"\x89PNG")
    poison = "".join(POISONS).replace("\0", "")
    report.artifact("digits", {"samples": texts(poison)})
    PLACES[place](report, poison)
    settings_text = report.settings.read_text().replace('theme = "theme"', 'theme = "default"')
    report.settings.write_text(settings_text)
    for page in (report.folder / "content").rglob("*.md"):
        text = page.read_text(encoding="utf-8").replace("view count", "view samples")
        page.write_text(text.replace("column: label\n", "columns: [label]\n"), encoding="utf-8")
    site = report.build()
    for url in site.files:
        if url.endswith(".html"):
            assert running((site.read(url) or b"").decode()) == [], url


def test_the_reader_of_markup_finds_what_runs() -> None:
    found = running(
        "<script>1</script><img onerror=x><a href='java\nscript:x'><p style=a><iframe><script src=//x>"
    )
    assert found == [
        "<script>",
        "<img onerror>",
        "<a href=java\nscript:x>",
        "<p style>",
        "<iframe>",
        "<script>",
    ]
    assert running('<script src="./assets/a.js"></script><a href="b:c.html">x</a>') == ["<a href=b:c.html>"]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>"),
        ("<b onclick=x>a</b>", "<p>&lt;b onclick=x&gt;a&lt;/b&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](data:text/html,y)", "<p>[x](data:text/html,y)</p>"),
        ("[x](ftp://a.b)", '<p><a rel="nofollow noopener">x</a></p>'),
        ("[x](https://a.b)", '<p><a href="https://a.b" rel="nofollow noopener">x</a></p>'),
        (
            "![x](https://a.b/track.png)",
            '<p>!<a href="https://a.b/track.png" rel="nofollow noopener">x</a></p>',
        ),
        ("{sql}`select 1` {{ site.title }}", "<p>{sql}<code>select 1</code> {{ site.title }}</p>"),
        ("```view count\n```", "<pre><code></code></pre>"),
        ("::: note\nx\n:::", "<p>::: note\nx\n:::</p>"),
    ],
)
def test_markdown_from_data_is_text_and_links(text: str, html: str) -> None:
    assert render_data(text) == html


OUTSIDE = "a secret"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file beside the report."""
    file = tmp_path / "secret.md"
    file.write_text(OUTSIDE)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "more.txt").write_text(OUTSIDE)
    return file


def _symlink(report: Report, path: str, target: Path) -> None:
    link = report.folder / path
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)


WAYS_OUT: dict[str, tuple[Callable[[Report, Path], object], str]] = {
    "a link": (
        lambda report, _: report.write("content/index.md", "# Front\n\n[x](../../secret.md)\n"),
        'content/index.md:3: the link "../../secret.md" leads out of the report',
    ),
    "an encoded link": (
        lambda report, _: report.write("content/index.md", "# Front\n\n[x](%2e%2e/%2e%2e/secret.md)\n"),
        "leads out of the report",
    ),
    "an image": (
        lambda report, _: report.write("content/index.md", "# Front\n\n![x](/../../secret.md)\n"),
        "leads out of the report",
    ),
    "an include": (
        lambda report, _: report.write("content/index.md", "# Front\n\n```include ../../secret.md\n```\n"),
        'content/index.md:3: "../../secret.md" leads out of the report',
    ),
    "an absolute include": (
        lambda report, secret: report.write("content/index.md", f"# Front\n\n```include {secret}\n```\n"),
        "content/index.md:3: ",
    ),
    "a page that is a link on the disk": (
        lambda report, secret: _symlink(report, "content/index.md", secret),
        "content/index.md: the link leads out of the report",
    ),
    "a file that is a link on the disk": (
        lambda report, secret: _symlink(report, "content/data.txt", secret),
        "content/data.txt: the link leads out of the report",
    ),
    "a folder that is a link on the disk": (
        lambda report, secret: _symlink(report, "content/more", secret.parent / "secrets"),
        "content/more: the link leads out of the report",
    ),
    "a snippet that is a link on the disk": (
        lambda report, secret: (
            _symlink(report, "snippets/part.md", secret),
            report.write("content/index.md", "# Front\n\n```include part.md\n```\n"),
        ),
        'content/index.md:3: "part.md" leads out of the report',
    ),
    "a hidden file of the report": (
        lambda report, _: (
            report.write(".env", OUTSIDE),
            _symlink(report, "content/data.txt", report.folder / ".env"),
        ),
        "content/data.txt: the link points at a hidden file",
    ),
    "a template that is a link on the disk": (
        lambda report, secret: (
            _symlink(report, "themes/theme/templates/other.html", secret),
            report.write("content/index.md", "---\ntemplate: other\n---\n# Front\n"),
        ),
        "themes/theme/templates/other.html: the link leads out of the theme",
    ),
    "a part of a template": (
        lambda report, _: (
            report.write("themes/theme/templates/other.html", "{% include '../../../../secret.md' %}"),
            report.write("content/index.md", "---\ntemplate: other\n---\n# Front\n"),
        ),
        'there is no template "../../../../secret.md"',
    ),
    "a theme's file": (
        lambda report, _: report.write(
            "themes/theme/theme.toml",
            (report.folder / "themes/theme/theme.toml")
            .read_text()
            .replace('"boot.js"', '"../../../../secret.md"'),
        ),
        "there is no dist/../../../../secret.md",
    ),
    "an artifact's file in the manifest": (
        lambda report, _: _rename_in_manifest(report, "../../../secret.md"),
        "artifacts/digits/manifest.json",
    ),
    "an artifact's file that is a link on the disk": (
        lambda report, secret: _replace_by_link(report, secret),
        "artifacts/digits/samples.parquet: the link leads out of the artifact",
    ),
}


def _rename_in_manifest(report: Report, name: str) -> None:
    manifest = report.folder / "artifacts" / "digits" / "manifest.json"
    manifest.write_text(manifest.read_text().replace("samples.parquet", name))


def _replace_by_link(report: Report, secret: Path) -> None:
    file = report.folder / "artifacts" / "digits" / "samples.parquet"
    copy = secret.parent / "copy.parquet"
    file.rename(copy)
    file.symlink_to(copy)


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_way_leads_out_of_the_report(report: Report, secret: Path, way: str) -> None:
    report.artifact("digits", {"samples": {"id": [1, 2], "label": ["a", "b"]}})
    leave, said = WAYS_OUT[way]
    leave(report, secret)
    if not (report.folder / "content" / "index.md").exists():
        report.write("content/index.md", f"# Front\n\n{VIEW}")
    with pytest.raises(SitegenError) as caught:
        report.build()
    assert said in str(caught.value)
    assert OUTSIDE not in str(caught.value)
