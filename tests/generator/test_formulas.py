"""Formulas: well-formed MathML and nothing else, whatever is written; mistakes are said with their place."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sitegen.errors import SitegenError
from sitegen.formulas import _ATTRIBUTES, _ELEMENTS, mathml
from tests.generator.reports import Report


def test_a_formula_is_mathml_with_its_source_for_those_who_hear_it() -> None:
    found = ElementTree.fromstring(mathml(r"\frac{a}{b} < \sqrt{2}", "here"))
    assert (found.tag, found.get("display")) == ("math", "inline")
    assert found.get("alttext") == r"\frac{a}{b} < \sqrt{2}"
    assert [part.tag for part in found.iter()][1:4] == ["mrow", "mfrac", "mrow"]
    assert "".join(found.itertext()) == "ab<2"


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"\fraq{a}{b}", r"holds an unknown command \fraq"),
        (r"\frac{a", "has a brace without its other half"),
        ("a}b{", "has a brace without its other half"),
        ("a^b^c", "cannot be read (double superscripts)"),
        ("{" * 3000 + "}" * 3000, "is longer than"),
        ("{" * 1900 + "}" * 1900, "nests too deep"),
    ],
)
def test_what_is_no_formula_is_said(latex: str, said: str) -> None:
    with pytest.raises(SitegenError) as raised:
        mathml(latex, "content/index.md:3")
    assert said in raised.value.what
    assert raised.value.where == "content/index.md:3"


PIECES = some.sampled_from(
    [
        *(
            "\\text{",
            "\\href{",
            "\\style{",
            "{",
            "}",
            "^",
            "_",
            "&",
            "<script>",
            "&lt;img onerror=x>",
            '"',
            "'",
        ),
        *(
            "x",
            "\\frac",
            "\\left(",
            "\\right)",
            "\\begin{matrix}",
            "\\end{matrix}",
            "\\\\",
            "\\color{red}",
            "\0",
        ),
    ]
)


@settings(max_examples=300, deadline=None)
@given(some.lists(PIECES, max_size=12).map("".join))
def test_whatever_is_written_becomes_listed_elements_only(latex: str) -> None:
    try:
        found = mathml(latex, "here")
    except SitegenError:
        return
    tags = re.findall(r"<(/?[^\s>]+)((?:\s[^>]*)?)>", found)
    assert {tag.strip("/") for tag, _ in tags} <= _ELEMENTS | {"math"}
    names = set(re.findall(r'\s([a-z]+)="[^"]*"', "".join(attributes for _, attributes in tags)))
    assert names <= _ATTRIBUTES | {"display", "alttext"}


def test_prices_are_no_formulas(report: Report) -> None:
    report.write("content/index.md", "# Costs\n\nIt costs $5 and $6, or \\$x\\$; $x$ does not.\n")
    page = report.page()
    assert "It costs $5 and $6, or $x$;" in page
    assert page.count("<math ") == 1


def test_a_mistake_in_a_formula_is_said_with_its_line(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    report.write("content/index.md", "# A\n\nText\nand $\\fraq$.\n\n$$\n\\sum_{i\n$$ (Bad)\n")
    assert report.command("check") == 1
    said = capsys.readouterr().err
    assert 'content/index.md:4: the formula "\\fraq" holds an unknown command \\fraq' in said
    assert 'content/index.md:6: the formula "\\sum_{i" has a brace' in said
