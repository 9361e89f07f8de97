"""Numbers of figures, tables and formulas, and the links that say them."""

from __future__ import annotations

import pytest

from tests.generator.reports import Report

TEXT = """# Front

See {ref}`flow`, {ref}`bars`, {ref}`hardest`, {ref}`bayes` and {ref}`second.md#late`.

$$ a = b $$ (bayes)

```view count id=bars title="Which is most?"
table: digits/samples
```

```sql id=hardest title="The hardest"
select count(*) as n from "digits/samples"
```

::: figure {#flow}
![dot](dot.svg)

How it flows.
:::
"""


def fill(report: Report, text: str) -> None:
    report.artifact("digits", {"samples": {"id": [1, 2], "label": ["a", "b"]}})
    report.write("content/dot.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>')
    report.write("content/index.md", text)
    report.write("content/second.md", "# Second\n\n::: figure {#late}\n![d](dot.svg)\n\nLate.\n:::\n")


def test_what_is_referred_to_is_numbered_by_kind_in_the_order_of_the_page(report: Report) -> None:
    fill(report, TEXT)
    page = report.page()
    assert '<a href="#flow">Figure 2</a>' in page
    assert '<a href="#bars">Figure 1</a>' in page
    assert '<a href="#hardest">Table 1</a>' in page
    assert '<a href="#bayes">Equation 1</a>' in page
    assert '<a href="second.html#late">Figure 1</a>' in page
    assert "Figure 1: Which is most?" in page
    assert "Table 1: The hardest" in page
    assert "<p>Figure 2: How it flows.</p>" in page
    assert "<p>Figure 1: Late.</p>" in report.page("second.html")
    assert 'id="bayes"' in page


def test_a_page_that_nobody_refers_to_by_number_has_none(report: Report) -> None:
    fill(report, TEXT.replace("See {ref}", "See `ref`").replace("{ref}", ""))
    page = report.page()
    assert "Figure" not in page
    assert "<p>How it flows.</p>" in page
    assert '<span class="formula-number">(1)</span>' in page


def test_what_has_no_number_or_no_place_is_said(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    fill(report, TEXT + "\n## Part\n\n{ref}`part` {ref}`flwo`\n\n::: figure {#flow}\n![d](dot.svg)\n:::\n")
    assert report.command("check") == 1
    said = capsys.readouterr().err
    assert 'index.md:23: "part" has no number' in said
    assert 'the link "#flwo" names no place of index.md\n  did you mean "flow"?' in said
    assert 'the id "flow" stands twice in the page' in said
