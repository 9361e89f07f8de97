"""Walks a live page as a reader would: uses what can be used in a view, and writes down what is seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser.driver import Tab

RESTED_MS = 500
"""After a turn of the wheel or a change without the mouse, until a view has taken it down as a step."""
SCRIPT = Path(__file__).with_suffix(".js").read_text("utf-8")

Shown = dict[str, str]
"""What each figure of a page shows, as lines, by id."""


@dataclass(frozen=True)
class Walker:
    """A live tab whose views are walked."""

    tab: Tab

    def __post_init__(self) -> None:
        self.tab.page.evaluate(SCRIPT)

    def shown(self) -> Shown:
        """Return what is seen when the pointer is elsewhere and nothing has the focus."""
        self.tab.page.mouse.move(1, 1)
        self.tab.page.evaluate("document.activeElement.blur()")
        self.tab.settle()
        return dict(self.tab.page.evaluate("walking.shown()"))

    def controls(self, id_: str) -> list[str]:
        """Return the names of what can be used in a view."""
        return list(self.tab.page.evaluate("id => walking.controls(id)", id_))

    def bring(self, id_: str, name: str) -> dict[str, Any] | None:
        """Bring a control of that name into sight; return its kind and place, or None where there is none."""
        found: dict[str, Any] | None = self.tab.page.evaluate(
            "([id, name]) => walking.ready(id, name)", [id_, name]
        )
        if found and found["isRolled"]:
            self.tab.page.wait_for_timeout(RESTED_MS)
        return found

    def use(self, found: dict[str, Any]) -> None:
        """Use once what was brought into sight."""
        page = self.tab.page
        x, y, width, height = (float(found["box"][side]) for side in ("x", "y", "width", "height"))
        kind = found["kind"]
        if kind == "press":
            middle = {"x": x + width / 2, "y": y + height / 2}
            if page.evaluate("point => walking.press(point)", middle):
                page.mouse.click(middle["x"], middle["y"])
        elif kind == "drag":
            self._drag((x + width * 0.3, y + height * 0.4), (x + width * 0.6, y + height * 0.7))
        elif kind == "wheel":
            page.mouse.move(x + width / 2, y + height / 2)
            page.keyboard.down("Control")
            page.mouse.wheel(0, -240)
            page.keyboard.up("Control")
            page.wait_for_timeout(RESTED_MS)
        elif kind == "scroll":
            page.mouse.move(x + width / 2, y + height / 2)
            page.mouse.wheel(60, 400)
            page.wait_for_timeout(RESTED_MS)
        else:
            page.evaluate("walking.change()")
            page.wait_for_timeout(RESTED_MS)

    def _drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.tab.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=3)
        mouse.move(*end, steps=3)
        mouse.up()

    def link(self) -> str:
        """Return the hash that the address bar shows."""
        return str(self.tab.page.evaluate("location.hash"))

    def step(self) -> int:
        """Return at which of the page's steps the browser's history is."""
        return int(self.tab.page.evaluate("history.state?.step ?? 0"))

    def follow(self, link: str) -> None:
        """Go to a link within the page."""
        self.tab.page.evaluate("link => { location.hash = link }", link or "#")

    def press(self, keys: str) -> None:
        """Press keys outside of any field."""
        self.tab.page.evaluate("document.activeElement.blur()")
        self.tab.page.keyboard.press(keys)


def difference(one: Shown, other: Shown) -> str:
    """Return the first line in which two pages differ; empty where they show the same."""
    for id_ in one:
        lines, others = one[id_].split("\n"), other.get(id_, "").split("\n")
        for line, beside in zip(lines, others, strict=False):
            if line != beside:
                return f"{id_}: {line[:160]!r} is not {beside[:160]!r}"
        if len(lines) != len(others):
            return f"{id_}: {len(lines)} lines are not {len(others)}"
    return ""
