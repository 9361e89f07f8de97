"""Where a key of a page's YAML or JSON stands: the line that a message names."""

from __future__ import annotations

import pytest

from sitegen.structured import line_of

FRONT = """facts:
  title: inner
  metrics:
    - name: accuracy
      title: of a metric
for_each:
- table: a/b
  slug: x
title: outer
table: c/d
"quoted": 1
"""
SPEC = """{
  "data": {"name": "title"},
  "encoding": {
    "x": {"field": "a", "title": "across"},
    "y": {
      "field": "b"
    }
  },
  "title": "above"
}"""
FLAT = """{"mark": "bar", "encoding": {
  "x": {"field": "a"},
"y": {"field": "b"}}}"""


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        (FRONT, "title", 9),
        (FRONT, "facts.title", 2),
        (FRONT, "facts.metrics.0.title", 5),
        (FRONT, "table", 10),
        (FRONT, "for_each.table", 7),
        (FRONT, "for_each.slug", 8),
        (FRONT, "quoted", 11),
        (FRONT, "facts.colour", 1),
        (SPEC, "title", 9),
        (SPEC, "encoding.x.title", 4),
        (SPEC, "encoding.y.field", 6),
        (SPEC, "data.name", 2),
        (FLAT, "encoding.x.field", 2),
        (FLAT, "mark", 1),
        ("x:\n  x:\n    x: 1\n", "x.x.x", 3),
        ("x: {y: 1, z: 2}\nz: 3\n", "x.z", 1),
        ("a: 1\n", "b", 1),
    ],
)
def test_a_key_stands_where_its_indentation_says(text: str, path: str, line: int) -> None:
    assert line_of(text, path, 1) == line
