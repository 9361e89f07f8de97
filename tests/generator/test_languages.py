"""The interface in German: no text that the pages' frame, the search or a citation says is missing."""

from __future__ import annotations

import ast
import json
import re

from sitegen.cards.exports import CROISSANT, EVALUATIONS, README, TOOLKIT, what_is
from sitegen.cards.sections import SECTIONS
from sitegen.difference.report import WORDS as DIFFERENCES
from sitegen.languages import MONTHS, Words, read_words
from sitegen.syntax import ADMONITIONS
from sitegen.verification import WORDS
from tests.generator.reports import Report
from tests.generator.test_navigation import DEFAULT
from tests.generator.test_published_site import settle

ROOT = DEFAULT.parents[1]
TEXT = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
SAID = (
    re.compile(rf"(?<!this\.)(?<!controls\.)\b(?:say(?:Markup)?|told)\(\s*({TEXT})"),
    re.compile(rf"(?<!this\.)\bsay(?:Markup)?\([^()\"']*\?\s*({TEXT})\s*:\s*({TEXT})"),
    re.compile(rf"\b(?:sayCount|say_count)\(\s*[\w.]+,\s*({TEXT}),\s*({TEXT})"),
)
"""A text, one of two texts, and the two forms of an amount."""
UNTITLED = {"fairvis": "groups", "vega-lite": "chart"}
"""What views are called where their names say nothing to a reader."""


def names_of_views() -> set[str]:
    """Return what views with a heading are called where their block has no title."""
    folders = [folder for folder in (DEFAULT / "views").iterdir() if folder.is_dir()]
    bare = [folder for folder in folders if "bare: true" in (folder / "view.ts").read_text("utf-8")]
    names = (UNTITLED.get(folder.name, folder.name) for folder in folders if folder not in bare)
    return {name.replace("-", " ").capitalize() for name in names}


NAMED = (
    *names_of_views(),
    "About",
    "Draft: this page is not part of the published site.",
    "References",
    "Figure",
    "Table",
    "Equation",
    *("Sizes", "Looks", "Labels", "Legend", "features", "parameters", "FLOPs", "bytes"),
    *("Number of samples", "Number of rows"),
    *("filter", "text", "number", "boolean", "time", "list", "null"),
    *("unexpected number", "unexpected string", "unexpected identifier", "unexpected end of input"),
    *(name.capitalize() for name in (*ADMONITIONS, "details")),
    *map(what_is, (README, CROISSANT, TOOLKIT, EVALUATIONS)),
    *(one.title for sections in SECTIONS.values() for one in sections if one.is_required),
    *WORDS,
    *DIFFERENCES,
)
"""Texts that are asked for by a name."""


def asked() -> set[str]:
    files = [*DEFAULT.glob("templates/**/*.html"), *ROOT.glob("themes/paper/templates/**/*.html")]
    files += [*DEFAULT.glob("src/**/*.ts"), *DEFAULT.glob("views/**/*.ts")]
    files += (ROOT / "sitegen").glob("**/*.py")
    files.remove(ROOT / "sitegen/sources.py")  # its own function of that name reads front matter
    sources = [file.read_text("utf-8") for file in files if not file.name.endswith(".test.ts")]
    found = {
        ast.literal_eval(literal)
        for source in sources
        for pattern in SAID
        for match in pattern.finditer(source)
        for literal in match.groups()
    }
    return (found | set(NAMED)) - {""}


def test_every_text_of_the_interface_is_in_the_catalogue_and_no_other() -> None:
    catalogue = json.loads((DEFAULT / "languages/de.json").read_text("utf-8"))
    assert asked() - set(catalogue) == set(), "missing"
    assert set(catalogue) - asked() == set(), "nobody says this"
    for english, german in catalogue.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", german)), english


def test_numbers_and_tables_of_the_text_are_written_in_the_language(report: Report) -> None:
    words = read_words([DEFAULT], "de")
    assert [words.number(one) for one in ("1,234.5", "93.8%", "7")] == ["1.234,5", "93,8\u00a0%", "7"]
    table = "```sql\nselect 1234.5 as mass, true as heavy union all select 2.25, false\n```"
    report.write("content/index.md", f"# Los\n\n{{sql .1%}}`select 0.25`\n\n::: note\nSo.\n:::\n\n{table}\n")
    settle(report, "https://a.example/", language="de")
    page = (report.build().read("index.html") or b"").decode()
    assert '<data class="number" value="0.25">25,0\u00a0%</data>' in page
    assert '<p class="admonition-title">Hinweis</p>' in page
    assert '<td class="number">1.234,5</td><td>wahr</td>' in page
    assert '<span class="answers-count">2 Zeilen</span>' in page


def test_a_german_site_speaks_german_and_its_scripts_do(report: Report) -> None:
    report.write("content/index.md", "# Los\n\n[a](a.md)\n\n{ref}`f`\n\n::: figure {#f}\nx\n\nSo.\n:::\n")
    report.write("content/a.md", "---\naliases: [alt.html]\n---\n# A\n")
    settle(report, "https://a.example/", language="de-AT")
    site = report.build()
    page = (site.read("index.html") or b"").decode()
    assert '<html lang="de-AT"' in page
    assert "Zum Inhalt springen" in page
    assert '<a href="#f">Abbildung 1</a>' in page
    assert '"Copy":"Kopieren"' in page
    assert "Diese Seite ist umgezogen: <a" in (site.read("alt.html") or b"").decode()
    assert "<h1>Diese Seite gibt es nicht</h1>" in (site.read("404.html") or b"").decode()


def test_an_english_site_carries_no_words_and_an_unknown_language_is_english(report: Report) -> None:
    report.write("content/index.md", "# Go\n")
    for language in ("en", "fr", "../de"):
        settle(report, language=language)
        page = (report.build().read("index.html") or b"").decode()
        assert "sitegen-words" not in page
        assert "Skip to the content" in page
    assert read_words([DEFAULT], "de").say("Menu") == "Menü"


def test_days_are_said_as_the_language_says_them() -> None:
    english, german = Words(), read_words([DEFAULT], "de")
    assert english.day("2026-11-26") == "26 November 2026"
    assert german.day("2026-11-06") == "6. November 2026"
    assert german.day("2027-03-01") == "1. März 2027"
    assert {german.say(month) for month in MONTHS} != set(MONTHS)
    assert german.day("") == ""
