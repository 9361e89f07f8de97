"""Text of a page, which knows the file and the line that each of its lines comes from.

A fence ``include part.md`` is replaced by the text of that file: everything works as if the text stood there,
and its problems are said as of that file. Reads no files itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sitegen.errors import Problems, SitegenError

DEEPEST = 20
"""How far includes may nest."""

FRONT_MATTER = re.compile(r"---[ \t]*\n(?:.*?\n)??---[ \t]*(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Place:
    """A run of lines that come from one file."""

    start: int
    """Number of the run's first line in the whole text, from 0."""
    file: str
    """Name under which problems of the run are reported."""
    first_line: int
    """Line of ``file`` at which the run starts."""
    path: str | None
    """Path of the file in the content folder, at which its links start; None for a snippet."""


@dataclass(frozen=True)
class Text:
    """Markdown, and where its lines are from."""

    body: str
    places: tuple[Place, ...]
    """By ``start``; the first one starts at 0."""

    def place(self, line: int) -> Place:
        """Return the run that holds a line, counted from 0."""
        return self.places[bisect_right(self.places, line, key=lambda place: place.start) - 1]

    def where(self, line: int) -> str:
        """Return ``file:line`` of a line, counted from 0."""
        place = self.place(line)
        return f"{place.file}:{place.first_line + line - place.start}"

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files that the text is from, in order of their first lines."""
        return tuple(dict.fromkeys(place.file for place in self.places))


def plain(body: str, file: str, first_line: int = 1, path: str | None = None) -> Text:
    """Return a text that is all of one file."""
    return Text(body, (Place(0, file, first_line, path),))


Read = Callable[[str, str | None, str], Text]
"""Returns the text that an include names, seen from the path of the file that includes it.

The third argument is the include's place, as of which it raises."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")
_INCLUDE = re.compile(r"include(?:[ \t]+(.*?))?[ \t]*$")


def expand(text: Text, read: Read, problems: Problems) -> Text:
    """Return ``text`` with every include replaced; what cannot be included is noted and left out."""
    if "include" not in text.body:
        return text
    lines: list[str] = []
    places: list[Place] = []
    for included in _expanded(text, read, problems, (text.files[0],)):
        places += (
            Place(place.start + len(lines), place.file, place.first_line, place.path)
            for place in included.places
        )
        lines += included.body.split("\n")
    return Text("\n".join(lines), tuple(places))


def _expanded(text: Text, read: Read, problems: Problems, chain: tuple[str, ...]) -> Iterator[Text]:
    """Yield the runs of ``text`` and of what it includes, in order; ``chain`` are the files on the way."""
    lines = text.body.split("\n")
    place = text.places[0]
    begun = 0
    for start, end, name in _includes(lines):
        yield _run(lines, place, begun, start)
        begun = end
        where = text.where(start)
        with problems.collected():
            yield from _included(name, where, place, read, problems, chain)
    yield _run(lines, place, begun, len(lines))


def _run(lines: list[str], place: Place, start: int, end: int) -> Text:
    """Return some lines of a file; an empty one stands for none, so that blocks on both sides stay apart."""
    body = "\n".join(lines[start:end])
    return Text(body, (Place(0, place.file, place.first_line + start, place.path),))


def _included(
    name: str, where: str, place: Place, read: Read, problems: Problems, chain: tuple[str, ...]
) -> Iterator[Text]:
    if not name:
        raise SitegenError(where, "the include names no file", "write ```include part.md")
    found = read(name, place.path, where)
    file = found.files[0]
    if file in chain:
        circle = " → ".join([*chain[chain.index(file) :], file])
        raise SitegenError(where, f'"{name}" includes itself: {circle}')
    if len(chain) > DEEPEST:
        raise SitegenError(where, f"includes nest more than {DEEPEST} deep")
    yield from _expanded(found, read, problems, (*chain, file))


def _includes(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the lines of each include fence, from its first to after its last, and what it names.

    A fence inside another fence is text of that one.
    """
    number = 0
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if opening is None or (opening.group(1)[0] == "`" and "`" in opening.group(2)):
            number += 1
            continue
        end = _end_of_fence(lines, number, opening.group(1))
        include = _INCLUDE.match(opening.group(2).strip())
        if include and not lines[number].startswith(" "):
            yield number, end, (include.group(1) or "").strip('"')
        number = end


def _end_of_fence(lines: list[str], start: int, mark: str) -> int:
    closing = re.compile(rf" {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
    later = (number for number in range(start + 1, len(lines)) if closing.match(lines[number]))
    return next(later, len(lines) - 1) + 1


def without_front_matter(body: str) -> tuple[str, int]:
    """Return a file's text below its front matter, and the number of its first line."""
    front = FRONT_MATTER.match(body)
    return (body[front.end() :], body.count("\n", 0, front.end()) + 1) if front else (body, 1)
