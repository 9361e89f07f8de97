"""A thousand pages to build: each about 300 words, a table, a code block, five links and an image."""

from __future__ import annotations

import random
from pathlib import Path

PAGES = 1000
FOLDER = 50
"""Pages of a folder."""
WORDS = [
    "data",
    "model",
    "class",
    "label",
    "image",
    "rate",
    "split",
    "point",
    "view",
    "page",
    "share",
    "loss",
]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "0000000500010d0a2db40000000049454e44ae426082"
)


def write_corpus(folder: Path, pages: int = PAGES, seed: int = 0) -> None:
    """Write a report of ``pages`` pages, the same for the same seed."""
    chance = random.Random(seed)
    content = folder / "content"
    content.mkdir(parents=True)
    (folder / "sitegen.toml").write_text('[site]\ntitle = "A thousand pages"\n', encoding="utf-8")
    (content / "dot.png").write_bytes(PIXEL)
    paths = [f"part-{number // FOLDER:02}/page-{number:04}.md" for number in range(pages)]
    links = "\n".join(f"- [{path}]({path})" for path in paths)
    (content / "index.md").write_text(f"# All pages\n\n{links}\n", encoding="utf-8")
    for number, path in enumerate(paths):
        file = content / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(_page(number, paths, chance), encoding="utf-8")


def _page(number: int, paths: list[str], chance: random.Random) -> str:
    named = [f"[{chance.choice(WORDS)}](/{chance.choice(paths)})" for _ in range(5)]
    paragraphs = [f"{_sentence(60, chance)} {link}." for link in named]
    table = "| column | value |\n|---|---|\n" + "".join(
        f"| {chance.choice(WORDS)} | {n} |\n" for n in range(5)
    )
    code = (
        f"```python\ndef area_{number}(width: float, height: float) -> float:\n    return width * height\n```"
    )
    parts = [f"# Page {number}", *paragraphs[:2], "## A table", table, paragraphs[2], "## Some code", code]
    return "\n\n".join([*parts, *paragraphs[3:], "![A dot](/dot.png)"]) + "\n"


def _sentence(words: int, chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=words)).capitalize()
