"""Says in plain words what is wrong with a text that is no TOML, JSON or YAML: where, what, and what to do.

The parsers say what they expected, which is seldom what was done; their own words come last, as a detail.
Knows PyYAML's errors by their shape, for an analysis needs no PyYAML.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.errors import printable

LONGEST = 100
"""Characters of a line that are shown."""
CLOSING = {"[": "]", "{": "}", "(": ")"}
_QUOTED = r'"(?:[^"\\\n]|\\.)*"'
_LITERAL = r"'[^'\n]*'"
_WORD = re.compile(r"[^\W\d][\w-]*")
_LONG_TEXTS = '"{3}(?:[^\\\\]|\\\\.)*?"{3}' + "|'{3}.*?'{3}"
_TOML_TEXTS = re.compile(
    f"#[^\n]*|{_LONG_TEXTS}|(?!\"{{3}}|'{{3}})(?:{_QUOTED}|{_LITERAL})|(?P<open>\"{{3}}|'{{3}}|[\"'])",
    re.DOTALL,
)
"""Comments and texts; one that is not closed is its opening mark."""
_PYTHON = {"True": "true", "False": "false", "None": "null"}


@dataclass(frozen=True)
class Fault:
    """One mistake in a text, and its place there."""

    language: str
    line: int
    """From 1, as ``column``."""
    column: int
    text: str
    """The line."""
    mistake: str
    remedy: str
    detail: str
    """The parser's words; empty where ``mistake`` is all there is to say."""

    def where(self, file: str, first_line: int = 1) -> str:
        """Return ``file:line:column``; the text begins at ``first_line`` of the file."""
        return f"{file}:{first_line + self.line - 1}:{self.column}"

    @property
    def what(self) -> str:
        """What is wrong."""
        return printable(f"not {self.language}: {self.mistake}")

    @property
    def hint(self) -> str:
        """The line, what to do, and what the parser says, a line each."""
        shown = self.text.strip()
        shown = f"{shown[:LONGEST]}…" if len(shown) > LONGEST else shown
        detail = f"(the parser says: {self.detail})" if self.detail else ""
        return printable("\n  ".join(part for part in (shown, self.remedy, detail) if part))


@dataclass(frozen=True)
class _Told:
    """A mistake at an offset of the text."""

    at: int
    mistake: str
    remedy: str = ""


def fault_of(text: str, error: Exception, language: str = "JSON") -> Fault:
    """Return what is wrong with a text, given what reading it raised.

    ``language`` is said where a reader refused what its parser takes.
    """
    if isinstance(error, tomllib.TOMLDecodeError):
        language, detail = "TOML", str(error)
        told = _toml(text, detail)
    elif isinstance(error, json.JSONDecodeError):
        language, detail = "JSON", error.msg
        told = _json(text, error.pos, detail)
    elif hasattr(error, "problem_mark") or hasattr(error, "character"):
        language, detail = "YAML", _words(error)
        told = _yaml(text, error)
    else:
        detail = ""
        told = _refused(text, error)
    at = min(max(told.at, 0), len(text))
    number, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    detail = "" if told.mistake == detail else _small(detail)
    mistake = told.mistake or "it cannot be read here"
    return Fault(language, number, column, _line(text, at), mistake, told.remedy, detail)


def _small(detail: str) -> str:
    """Return a parser's words as part of a sentence, in one line and without the place, which is said."""
    said = re.sub(r" \(at (?:line \d+, column \d+|end of document)\)$", "", detail)
    said = said.replace("\n", "\\n").replace("\t", "\\t")
    return said if said[1:2].isupper() else said[:1].lower() + said[1:]


def _unclosed(at: int, bracket: str) -> _Told:
    return _Told(at, f"the bracket {bracket} is not closed", f"close it with {CLOSING[bracket]}")


def _unended(at: int, quote: str) -> _Told:
    return _Told(at, f"the text that {quote} begins has no end", f"close it with {quote}")


def _brackets(text: str, comment: str = "") -> list[tuple[int, str]]:
    """Return the brackets that are open at the end of a text, outermost first."""
    opened: list[tuple[int, str]] = []
    tokens = rf"{_QUOTED}|{_LITERAL}|[\[\]{{}}]" + (f"|{comment}[^\n]*" if comment else "")
    for token in re.finditer(tokens, text):
        if token[0] in CLOSING:
            opened.append((token.start(), token[0]))
        elif token[0] in CLOSING.values() and opened:
            opened.pop()
    return opened


# JSON -----------------------------------------------------------------------------------------------


def _json(text: str, at: int, message: str) -> _Told:
    if message.startswith(("Unterminated string", "Invalid control")):
        begin = at if text[at : at + 1] == '"' else text.rfind('"', 0, at)
        return _unended(begin, '"')
    if message.startswith("Invalid \\"):
        return _Told(at, "a backslash stands alone", "write \\\\ for a backslash")
    rest = text[at:]
    if not text.strip():
        return _Told(0, "there is nothing", "write {} for an object that holds nothing")
    if not rest:
        opened = _brackets(text)
        return _unclosed(*opened[-1]) if opened else _Told(at, "it ends too early")
    before = text[:at].rstrip()
    if rest[0] in "]}" and before.endswith(","):
        return _Told(len(before) - 1, f"a comma stands before {rest[0]}", "take the comma away")
    if closing := re.match(r",\s*([\]}])", rest):  # newer versions of Python point at the comma
        return _Told(at, f"a comma stands before {closing[1]}", "take the comma away")
    if rest.startswith(("//", "/*", "#")):
        return _Told(at, "a comment stands here", "take it away: JSON has none")
    if rest[0] == "'":
        return _Told(at, "text stands in single quotes", 'JSON takes double ones: "…"')
    return _json_parts(text, at, message)


def _json_parts(text: str, at: int, message: str) -> _Told:
    """Return what is wrong between the parts of a text in which every part is one."""
    char = text[at]
    if message.startswith("Extra data"):
        what = f"the {char} closes nothing" if char in "]}" else "something stands behind the end"
        return _Told(at, what, "take it away, or what closes all before it")
    if message.startswith("Expecting ','"):
        opened = _brackets(text[:at])
        if char in "]}" and opened:
            return _unclosed(*opened[-1])
        return _Told(len(text[:at].rstrip()), "a comma is missing", "write , between the two")
    if message.startswith("Expecting ':'"):
        return _Told(at, "a colon is missing after the key", 'write "key": value')
    word = _WORD.match(text, at)
    if word and message.startswith("Expecting property"):
        return _Told(at, f"the key {word[0]} has no quotes", f'write "{word[0]}"')
    if word and word[0] in _PYTHON:
        return _Told(at, f"{word[0]} is Python's word", f"write {_PYTHON[word[0]]}")
    if word:
        return _Told(at, "text stands without quotes", f'write "{word[0]}…"')
    if message.startswith("Expecting value"):
        return _Told(at, "a value is missing", "write one, or take its key away")
    return _Told(at, "")


def _refused(text: str, error: Exception) -> _Told:
    """Return what a reader of ours refuses in a text that is well-formed: it says it in plain words."""
    if isinstance(error, RecursionError):
        return _Told(0, "it nests too deep", "make it flatter")
    message = str(error)
    if twice := re.match(r'the key "(.*)" stands twice$', message, re.DOTALL):
        return _Told(_second(text, twice[1]), message, "keep one of the two")
    name = message.partition(" ")[0]
    found = re.search(re.escape(name), _blank(text))
    return _Told(found.start() if found else 0, message)


def _blank(text: str) -> str:
    """Return JSON with what its texts hold overwritten."""
    return re.sub(_QUOTED, lambda quoted: "_" * len(quoted[0]), text)


def _second(text: str, name: str) -> int:
    """Return where a key stands for the second time in one object; 0 where it does not."""
    for at in _repeated(text):
        if json.loads(re.match(_QUOTED, text[at:])[0]) == name:  # type: ignore[index]
            return at
    return 0


def _repeated(text: str) -> Iterator[int]:
    """Yield the places of keys that their object has already."""
    objects: list[set[str]] = []
    for token in re.finditer(rf"({_QUOTED})(\s*:)?|[{{}}]", text):
        if token[0] == "{":
            objects.append(set())
        elif token[0] == "}":
            objects.pop()
        elif token[2] and objects:
            key = json.loads(token[1])
            if key in objects[-1]:
                yield token.start()
            objects[-1].add(key)


# YAML -----------------------------------------------------------------------------------------------


def _words(error: Any) -> str:
    told = (getattr(error, name, None) for name in ("problem", "context", "reason"))
    return str(next(filter(None, told), ""))


def _yaml(text: str, error: Any) -> _Told:
    if hasattr(error, "character"):
        what = f"the character U+{_code(error.character):04X} stands here"
        return _Told(error.position, what, "take it away")
    mark, start = error.problem_mark or error.context_mark, error.context_mark or error.problem_mark
    if mark is None:
        return _Told(0, error.problem or "")
    at, begin = int(mark.index), int(start.index)
    told = _yaml_part(text, at, begin, error.problem or "", error.context or "")
    if told:
        return told
    if type(error).__name__ == "ConstructorError" and "{{" in _line(text, at):
        return _Told(at, "a value in braces stands without quotes", 'write "{{ name }}"')
    # What our own reader refuses has no context, and is said in plain words.
    said = "" if error.context else str(error.problem)
    return _Told(at, said, "keep one of the two" if said.endswith("stands twice") else "")


def _yaml_part(text: str, at: int, begin: int, problem: str, context: str) -> _Told | None:
    """Return what the parser's words mean; None for words of another kind."""
    if "end of stream" in problem and "quoted" in context:
        return _unended(begin, text[begin : begin + 1])
    if "unknown escape" in problem:
        return _Told(at - 1, "a backslash begins no escape", "write the text in single quotes: '…'")
    if "while parsing a flow" in context:
        return _yaml_brackets(text, at, begin)
    if "could not find expected ':'" in problem:
        return _without_colon(text, begin)
    if "mapping values are not allowed" in problem:
        return _yaml_colon(text, at)
    if "expected <block end>" in problem:
        return _yaml_beside(text, at, problem)
    if "cannot start any token" in problem or "undefined alias" in problem or "for the tag" in problem:
        return _yaml_sign(text, at)
    return None


def _code(character: Any) -> int:
    return ord(character) if isinstance(character, str) else int(character)


def _line(text: str, at: int) -> str:
    return text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0]


def _yaml_brackets(text: str, at: int, begin: int) -> _Told:
    bracket = text[begin : begin + 1]
    is_beyond = at >= len(text.rstrip()) or "\n" in text[begin:at]
    if bracket not in CLOSING:
        opened = _brackets(text[:at], "#") if is_beyond else []
        return _unclosed(*opened[-1]) if opened else _Told(at, "")
    if is_beyond:
        return _unclosed(begin, bracket)
    if text[at] in "]}":
        return _Told(at, f"{text[at]} closes what {bracket} begins", f"close it with {CLOSING[bracket]}")
    return _Told(at, "a comma is missing", "write , between the two")


def _without_colon(text: str, at: int) -> _Told:
    line = _line(text, at)
    if spaced := re.match(r"\s*([\w-]+):(?=\S)", line):
        begin = text.rfind("\n", 0, at) + 1
        return _Told(begin + spaced.end(1), "no space stands after the colon", f"write {spaced[1]}: …")
    word = _WORD.match(line.strip())
    return _Told(at, "the line has no colon", f"write {word[0] if word else 'key'}: value")


def _yaml_colon(text: str, at: int) -> _Told:
    """Return why a colon cannot stand where it does."""
    begin = text.rfind("\n", 0, at) + 1
    key = re.match(r"\s*(?:- )*([^:\n]+):\s", text[begin : at + 1])
    if key:
        what, remedy = "a second colon stands in the line", f'put the text in quotes: {key[1]}: "…"'
        return _Told(at, what, remedy)
    above = text[:begin].rstrip()
    before = above.rfind("\n") + 1
    if above and not re.search(r":(\s|$)", above[before:]):
        return _without_colon(text, before)
    return _Told(
        begin, "the line is further in than the one above, which has its value", "indent the two alike"
    )


def _yaml_beside(text: str, at: int, problem: str) -> _Told:
    """Return why something cannot stand where a list or a mapping should go on."""
    found = text[at : at + 1]
    if found in ("]", "}"):
        return _Told(at, f"the {found} closes nothing", "take it away")
    if "'<scalar>'" in problem:
        remedy = "put all of it in one pair of quotes; within single quotes a ' is written twice"
        return _Told(at, "text stands behind the closing quote", remedy)
    if "block collection" in problem or "'?'" in problem:
        return _Told(at, "a key stands among the items of a list", "indent it, or begin the line with -")
    return _Told(at, "the line is not indented like those beside it", "indent what belongs together alike")


def _yaml_sign(text: str, at: int) -> _Told:
    sign = text[at : at + 1]
    if sign == "\t":
        return _Told(at, "a tab stands where spaces must", "indent with spaces")
    return _Told(at, f"text begins with {sign}", f'put it in quotes: "{sign}…"')


# TOML -----------------------------------------------------------------------------------------------


def _toml(text: str, message: str) -> _Told:
    at = _toml_offset(text, message)
    line = _line(text, at)
    begin = text.rfind("\n", 0, at) + 1
    if message.startswith(("Cannot overwrite", "Cannot declare", "Cannot mutate")) or "defined" in message:
        return _toml_twice(text, at)
    if message.startswith(("Unterminated string", "Illegal character", 'Expected "\'"', "Expected \"'''\"")):
        return _toml_text(text, at)
    if message.startswith("Unescaped"):
        slash = text.rindex("\\", 0, at + 1)
        return _Told(slash, "a backslash begins no escape", "write the text in single quotes: '…'")
    if re.search(r",\s*}", line[: at - begin + 1]):
        return _Told(begin + line.rindex(",", 0, at - begin + 1), "a comma stands before }", "take it away")
    if message.startswith("Unclosed"):
        return _toml_brackets(text, at)
    if message.startswith("Expected ']'"):
        return _Told(at, "the name of the table is not closed", f"close it with ]: {line.strip()}]")
    if message.startswith("Expected '='"):
        return _toml_key(line, begin, at)
    if message.startswith("Expected newline"):
        remedy = "write one key a line, and text in one pair of quotes"
        return _Told(at, "something stands behind the value", remedy)
    if message.startswith(("Invalid value", "Invalid statement", "Invalid initial")):
        return _toml_value(text, line, at)
    return _Told(at, "")


def _toml_offset(text: str, message: str) -> int:
    place = re.search(r"\(at line (\d+), column (\d+)\)$", message)
    if place is None:
        return len(text.rstrip())
    number, column = int(place[1]), int(place[2])
    return sum(len(line) + 1 for line in text.split("\n")[: number - 1]) + column - 1


def _toml_twice(text: str, at: int) -> _Told:
    """Return the key or table above ``at`` that the text has already."""
    for begin in (found.start() for found in reversed([*re.finditer(r"^", text[:at], re.MULTILINE)])):
        line = _line(text, begin)
        if header := re.match(r"\s*\[\[?([^\]]*)\]", line):
            name = header[1].strip()
            return _Told(begin, f"there is a [{name}] already, or a key of that name", "keep one of the two")
        if key := re.match(r"\s*([^=#\s][^=#]*?)\s*=", line):
            return _Told(begin, f'the key "{key[1]}" stands twice', "keep one of the two")
    return _Told(at, "")


def _toml_text(text: str, at: int) -> _Told:
    """Return the mark of a text that has no end."""
    for token in _TOML_TEXTS.finditer(text):
        if token["open"]:
            return _unended(token.start(), token["open"])
    return _Told(at, "a text has no end", 'close it with "')


def _toml_brackets(text: str, at: int) -> _Told:
    opened = _brackets(text[:at], "#")
    if not opened:
        return _Told(at, "a bracket is not closed")
    begin, bracket = opened[-1]
    if at < len(text.rstrip()) and "\n" not in text[begin:at]:
        return _Told(at, "a comma is missing", "write , between the two")
    return _unclosed(begin, bracket)


def _toml_key(line: str, begin: int, at: int) -> _Told:
    if colon := re.match(r"\s*([\w.-]+)\s*:", line):
        return _Told(begin + colon.end() - 1, "a colon stands where = must", f"write {colon[1]} = …")
    key = _WORD.match(line.strip())
    return _Told(at, "there is no = after the key", f"write {key[0] if key else 'key'} = …")


def _toml_value(text: str, line: str, at: int) -> _Told:
    key = re.match(r"\s*([\w.\"'-]+)\s*=", line)
    opened = _brackets(text[:at], "#")
    if opened and key and line.startswith(text[at : at + 1]):  # the next key, read as an item of a list
        return _unclosed(*opened[-1])
    name = key[1] if key else "key"
    word = _WORD.match(text, at)
    if word and word[0].lower() in ("true", "false"):
        return _Told(at, f"{word[0]} is Python's word", f"write {word[0].lower()}")
    if word and key:
        value = line[key.end() :].strip()
        return _Told(at, "text stands without quotes", f'write {name} = "{value}"')
    if key and not line[key.end() :].partition("#")[0].strip():
        return _Told(at, "there is no value after =", f"write {name} = …, or take the line away")
    if text[at : at + 1] == ",":
        return _Told(at, "a value is missing before the comma", "take one comma away")
    if line.lstrip()[:1] == "=":
        return _Told(at, "there is no key before =", "write key = …")
    return _Told(at, "")
