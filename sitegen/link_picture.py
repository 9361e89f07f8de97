"""Draws the picture that other sites show beside a link to a page: title, description and report.

1200 by 630 pixels, as Open Graph has it, in the theme's own font and colours. Needs no browser.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630
_MARGIN = 80
_ROOM = WIDTH - 2 * _MARGIN
_INK, _MUTED, _PAPER = 0, 96, 255
"""Shades from ink to paper; one of them, which no letter's edge needs, is the accent's."""
_ACCENT = 1
_MISSING = "\uffff"
_KEPT_WORDS = 4096

RGB = tuple[int, int, int]


@dataclass(frozen=True)
class Colours:
    """What the picture is drawn in; these where a theme says no others."""

    ink: RGB = (26, 31, 41)
    paper: RGB = (253, 253, 254)
    accent: RGB = (65, 73, 201)


def colours_of(tokens: Mapping[str, str]) -> Colours:
    """Return the colours that a theme's pages have; all of them or none, so that they go together."""
    from PIL import ImageColor

    try:
        named = [ImageColor.getrgb(tokens[name]) for name in ("page-text", "page-background", "page-accent")]
    except (KeyError, ValueError):  # a token that the theme lacks, or a colour that only browsers know
        return Colours()
    return Colours(*((red, green, blue) for red, green, blue, *_ in named))


@dataclass(frozen=True)
class LinkPicture:
    """What is written on the picture."""

    title: str
    description: str
    site: str
    fonts: tuple[Path, ...]
    """Font files, the first that has a letter draws it."""
    colours: Colours = Colours()

    def draw(self) -> bytes | None:
        """Return the picture as PNG; None where no font has all its letters, or there is no title."""
        from PIL import Image, ImageDraw  # a site without an address has no pictures, and never waits for it

        pen = _pen(self.fonts)
        if not self.title.strip() or not pen.has(self.title + self.site):
            return None
        image = Image.new("L", (WIDTH, HEIGHT), _PAPER)
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, HEIGHT - 16, WIDTH, HEIGHT), fill=_ACCENT)
        draw.rectangle((_MARGIN, 92, _MARGIN + 20, 112), fill=_ACCENT)
        site = pen.lines(self.site, 34, 550, _ROOM - 40, 1)
        pen.write(draw, site, (_MARGIN + 40, 82), 34, 550, _INK)
        size = 84 if len(pen.lines(self.title, 84, 650, _ROOM, 4)) < 3 else 66
        title = pen.lines(self.title, size, 650, _ROOM, 3)
        end = pen.write(draw, title, (_MARGIN, 172), size, 650, _INK)
        if pen.has(self.description):
            room = max(0, (HEIGHT - 56 - end - 20) // 46)
            said = pen.lines(self.description, 34, 400, _ROOM, min(3, room))
            pen.write(draw, said, (_MARGIN, end + 20), 34, 400, _MUTED)
        return _png(image, self.colours)


def _png(image: Image.Image, colours: Colours) -> bytes:
    """Return the shades as colours: few, so that the file is small."""
    from PIL import Image

    mixed = list(zip(colours.ink, colours.paper, strict=True))
    shades = [tuple(round(ink + (paper - ink) * shade / 255) for ink, paper in mixed) for shade in range(256)]
    shades[_ACCENT] = colours.accent
    coloured = Image.frombytes("P", image.size, image.tobytes())
    coloured.putpalette([part for shade in shades for part in shade])
    file = BytesIO()
    coloured.save(file, "PNG", compress_level=6)
    return file.getvalue()


@cache
def _pen(fonts: tuple[Path, ...]) -> _Pen:
    return _Pen(fonts)


class _Pen:
    """Writes in the first font that has a letter; kept, with what it found of letters and words."""

    def __init__(self, fonts: Sequence[Path]) -> None:
        self._files = fonts
        self._number_of = cache(self._find)
        self._word_width = lru_cache(_KEPT_WORDS)(self.width)

    def has(self, text: str) -> bool:
        """Say whether every letter is in some font."""
        return all(self._number_of(letter) is not None for letter in set(text) if not letter.isspace())

    def lines(self, text: str, size: int, weight: int, room: int, most: int) -> list[str]:
        """Return a text in lines of ``room`` pixels; one that needs more than ``most`` ends in dots."""
        lines: list[str] = []
        space, taken = self._word_width(" ", size, weight), 0.0
        for word in text.split():
            width = self._word_width(word, size, weight)
            if lines and taken + space + width <= room:
                lines[-1] = f"{lines[-1]} {word}"
                taken += space + width
            else:
                lines.append(word)
                taken = width
        cut = lines[:most]
        if cut:
            is_cut = len(lines) > most or self.width(cut[-1], size, weight) > room
            cut[-1] = self._shortened(cut[-1], size, weight, room) if is_cut else cut[-1]
        return cut

    def _shortened(self, line: str, size: int, weight: int, room: int) -> str:
        while line and self.width(f"{line}…", size, weight) > room:
            line = line[:-1].rstrip()
        return f"{line.rstrip(' .,;:…')}…"

    def width(self, text: str, size: int, weight: int) -> float:
        """Return the pixels that a text takes."""
        return sum(font.getlength(run) for run, font in self._runs(text, size, weight))

    def write(
        self,
        draw: ImageDraw.ImageDraw,
        lines: Sequence[str],
        at: tuple[int, int],
        size: int,
        weight: int,
        shade: int,
    ) -> int:
        """Write lines below each other and return where the next would begin."""
        x, y = at
        for line in lines:
            across = float(x)
            for run, font in self._runs(line, size, weight):
                draw.text((across, y), run, font=font, fill=shade)
                across += font.getlength(run)
            y += round(size * 1.22)
        return y

    def _runs(self, text: str, size: int, weight: int) -> Iterator[tuple[str, ImageFont.FreeTypeFont]]:
        for number, letters in groupby(self._numbered(text), itemgetter(0)):
            font = None if number is None else _font(self._files[number], size, weight)
            if font is not None:
                yield "".join(letter for _, letter in letters), font

    def _numbered(self, text: str) -> Iterator[tuple[int | None, str]]:
        """Yield letters with the numbers of their fonts; a space has that of the letter before it."""
        number = None
        for letter in text:
            if number is None or not letter.isspace():
                number = self._number_of(letter)
            yield number, letter

    def _find(self, letter: str) -> int | None:
        """Return the number of the first font that draws a letter."""
        return next((number for number, file in enumerate(self._files) if _has(file, letter)), None)


@cache
def _font(file: Path, size: int, weight: int) -> ImageFont.FreeTypeFont | None:
    """Return a font at a size and a weight; None where the file is no font that can be read."""
    from PIL import ImageFont

    # Its own simple layout is the same wherever this runs.
    try:
        font = ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)
    except OSError:
        return None
    with suppress(OSError):  # a font with one weight
        font.set_variation_by_axes([weight])
    return font


def _has(file: Path, letter: str) -> bool:
    """Say whether a font draws a letter otherwise than one that it does not have."""
    font = _font(file, 34, 400)
    if font is None:
        return False
    return letter.isspace() or bytes(font.getmask(letter)) != bytes(font.getmask(_MISSING))
