"""What is said of a text that is no TOML, JSON or YAML: place, mistake and remedy, in plain words."""

from __future__ import annotations

import json
import tomllib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipelines.malformed import Fault, fault_of

READERS = {"TOML": tomllib.loads, "JSON": json.loads, "YAML": yaml.safe_load}


def fault(language: str, text: str) -> Fault:
    with pytest.raises((ValueError, yaml.YAMLError)) as refused:
        READERS[language](text)
    return fault_of(text, refused.value, language)


MISTAKES = [
    ("TOML", "title = A report", "1:9", "text stands without quotes", 'write title = "A report"'),
    ("TOML", "[site]\ntitle", "2:6", "there is no = after the key", "write title = …"),
    ("TOML", 'title: "a"', "1:6", "a colon stands where = must", "write title = …"),
    ("TOML", "a = 1\nb =\n", "2:4", "there is no value after =", "write b = …, or take the line away"),
    ("TOML", 'a = "b\nc = 1', "1:5", 'the text that " begins has no end', 'close it with "'),
    ("TOML", "a = 'b", "1:5", "the text that ' begins has no end", "close it with '"),
    ("TOML", 'a = """b\nc', "1:5", 'the text that """ begins has no end', 'close it with """'),
    ("TOML", 'a = ""\nb = "it\'s\n', "2:5", 'the text that " begins has no end', 'close it with "'),
    ("TOML", '# it\'s "so\na = ["x", "y]', "2:11", 'the text that " begins has no end', 'close it with "'),
    ("TOML", 'p = "C:\\data"', "1:8", "a backslash begins no escape", "write the text in single quotes: '…'"),
    ("TOML", "a = [1, 2\nb = 3", "1:5", "the bracket [ is not closed", "close it with ]"),
    ("TOML", "a = [1, 2,\nb = 3", "1:5", "the bracket [ is not closed", "close it with ]"),
    ("TOML", "a = {b = 1", "1:5", "the bracket { is not closed", "close it with }"),
    ("TOML", "a = {b = 1,}", "1:11", "a comma stands before }", "take it away"),
    ("TOML", "a = [1 2]", "1:8", "a comma is missing", "write , between the two"),
    ("TOML", "a = [1,,2]", "1:8", "a value is missing before the comma", "take one comma away"),
    ("TOML", "[site\na = 1", "1:6", "the name of the table is not closed", "close it with ]: [site]"),
    ("TOML", "a = 1\nb = 2\na = 3", "3:1", 'the key "a" stands twice', "keep one of the two"),
    (
        "TOML",
        "[s]\na = 1\n[s]",
        "3:1",
        "there is a [s] already, or a key of that name",
        "keep one of the two",
    ),
    ("TOML", "a = True", "1:5", "True is Python's word", "write true"),
    ("JSON", '{"a": 1\n "b": 2}', "1:8", "a comma is missing", "write , between the two"),
    ("JSON", '{"a": 1,\n}', "1:8", "a comma stands before }", "take the comma away"),
    ("JSON", "[1, ]", "1:3", "a comma stands before ]", "take the comma away"),
    ("JSON", "{a: 1}", "1:2", "the key a has no quotes", 'write "a"'),
    ("JSON", "{'a': 1}", "1:2", "text stands in single quotes", 'JSON takes double ones: "…"'),
    ("JSON", '{"a" 1}', "1:6", "a colon is missing after the key", 'write "key": value'),
    ("JSON", '{"a": "b}', "1:7", 'the text that " begins has no end', 'close it with "'),
    ("JSON", '{"a": "b\n"}', "1:7", 'the text that " begins has no end', 'close it with "'),
    ("JSON", '{"a": None}', "1:7", "None is Python's word", "write null"),
    ("JSON", '{"a": [1, 2}', "1:7", "the bracket [ is not closed", "close it with ]"),
    ("JSON", '{"a": {"b": "}"}', "1:1", "the bracket { is not closed", "close it with }"),
    ("JSON", "// a\n{}", "1:1", "a comment stands here", "take it away: JSON has none"),
    ("JSON", '{"a": }', "1:7", "a value is missing", "write one, or take its key away"),
    ("JSON", " ", "1:1", "there is nothing", "write {} for an object that holds nothing"),
    ("YAML", "a:\n\tb: 1", "2:1", "a tab stands where spaces must", "indent with spaces"),
    ("YAML", "t: a: b", "1:5", "a second colon stands in the line", 'put the text in quotes: t: "…"'),
    ("YAML", "title\norder: 1", "1:1", "the line has no colon", "write title: value"),
    ("YAML", "a: 1\ntitle", "2:1", "the line has no colon", "write title: value"),
    ("YAML", "a:b\nc: 1", "1:2", "no space stands after the colon", "write a: …"),
    ("YAML", 'a: "b\nc: 1', "1:4", 'the text that " begins has no end', 'close it with "'),
    ("YAML", "a: [1, 2\nb: 3", "1:4", "the bracket [ is not closed", "close it with ]"),
    ("YAML", "a: [1, 2,\n", "1:4", "the bracket [ is not closed", "close it with ]"),
    ("YAML", "a: [1, 2]]", "1:10", "the ] closes nothing", "take it away"),
    ("YAML", "a:\n  b: 1\n c: 2", "3:2", "the line is not indented like those beside it", None),
    ("YAML", "a: 1\n  b: 2", "2:1", "the line is further in than the one above, which has its value", None),
    ("YAML", "- a\nb: 1", "2:1", "a key stands among the items of a list", None),
    ("YAML", 'a: "b" c', "1:8", "text stands behind the closing quote", None),
    ("YAML", "a: @b", "1:4", "text begins with @", 'put it in quotes: "@…"'),
    ("YAML", "a: *b", "1:4", "text begins with *", 'put it in quotes: "*…"'),
    ("YAML", "a: \x01", "1:4", "the character U+0001 stands here", "take it away"),
]


@pytest.mark.parametrize(("language", "text", "place", "mistake", "remedy"), MISTAKES)
def test_a_usual_mistake_is_said_in_plain_words(
    language: str, text: str, place: str, mistake: str, remedy: str | None
) -> None:
    found = fault(language, text)
    assert found.where("file") == f"file:{place}"
    assert found.what == f"not {language}: {mistake}"
    assert remedy in (None, found.remedy)
    assert found.text == text.split("\n")[found.line - 1]


def test_the_line_what_to_do_and_the_parsers_words_follow_in_this_order() -> None:
    found = fault("TOML", "[site]\n  title = A report # mine")
    assert found.where("sitegen.toml", 3) == "sitegen.toml:4:11"
    assert found.hint.split("\n  ") == [
        "title = A report # mine",
        'write title = "A report # mine"',
        "(the parser says: invalid value)",
    ]


def test_a_long_line_is_cut_and_signs_that_a_terminal_obeys_are_not_shown() -> None:
    shown = fault("TOML", "title = A\x1b[31m" + "x" * 10_000).hint
    assert "\x1b" not in shown
    assert len(shown.splitlines()[0]) < 120


@given(
    st.sampled_from(sorted(READERS)),
    st.text("ab01:=,.\"'[]{}#-|>&*!%@`\\ \t\n\r\x85\u2028é\x00", max_size=40),
)
def test_something_is_said_of_every_text(language: str, text: str) -> None:
    try:
        READERS[language](text)
    except (ValueError, yaml.YAMLError) as error:
        found = fault_of(text, error, language)
        assert 1 <= found.line <= text.count("\n") + 1
        assert 1 <= found.column <= len(found.text) + 2
        assert found.what
