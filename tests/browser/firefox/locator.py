"""Elements of a page, found anew whenever they are asked for; who uses one waits until it can be used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.browser.firefox.page import Frame

Step = tuple[Any, ...]
TIMEOUT_MS = 30_000
STATES = {
    "attached": "found => found.length > 0",
    "detached": "found => found.length === 0",
    "visible": "found => found.some(shown)",
    "hidden": "found => !found.some(shown)",
}


def steps_of(selector: str) -> tuple[Step, ...]:
    """Return the steps that a selector of Playwright's takes."""
    return tuple(_step(part.strip()) for part in selector.split(" >> "))


def _step(part: str) -> Step:
    if found := re.fullmatch(r"nth=(-?\d+)", part):
        return ("nth", int(found.group(1)))
    if part == "visible=true":
        return ("visible",)
    if part.startswith("text="):
        return ("text", part.removeprefix("text="), False)
    return ("css", part)


class Locator:
    """What a selector finds in a frame."""

    def __init__(self, frame: Frame, steps: Iterable[Step]) -> None:
        self.page = frame
        self.steps = tuple(steps)

    def __repr__(self) -> str:
        return " >> ".join("=".join(map(str, step)) for step in self.steps)

    def _with(self, *steps: Step) -> Locator:
        return Locator(self.page, (*self.steps, *steps))

    def locator(self, selector: str, **narrower: Any) -> Locator:
        """Return what a selector finds within."""
        return self._with(*steps_of(selector)).filter(**narrower)

    def filter(self, has_text: str | None = None, has: Locator | None = None) -> Locator:
        """Return those that hold a text, or an element."""
        texts = [("has-text", has_text)] if has_text is not None else []
        return self._with(*texts, *([("has", has.steps)] if has else []))

    def get_by_role(self, role: str, name: str | None = None, exact: bool = False) -> Locator:
        """Return the shown elements of a role and a name, or a part of it."""
        return self._with(("role", role, name, exact))

    def get_by_text(self, text: str, exact: bool = False) -> Locator:
        """Return the innermost elements of a text."""
        return self._with(("text", text, exact))

    def nth(self, number: int) -> Locator:
        """Return one of them, counted from 0."""
        return self._with(("nth", number))

    @property
    def first(self) -> Locator:
        """The first."""
        return self.nth(0)

    @property
    def last(self) -> Locator:
        """The last."""
        return self.nth(-1)

    def all(self) -> list[Locator]:
        """Return each."""
        return [self.nth(number) for number in range(self.count())]

    def ask(self, function: str, argument: object = None) -> Any:
        """Return what a function of all of them, and of an argument, comes to now."""
        script = f"argument => ({function})(all({json.dumps(self.steps)}), argument)"
        return self.page.asked(script, argument)

    def until(self, function: str, argument: object = None, timeout: float | None = None) -> Any:
        """Return what a function of all of them comes to, as soon as it is true."""
        what = f"{self!r}: {function}"
        return self.page.until(lambda: self.ask(function, argument), what, timeout)

    def evaluate(self, script: str, argument: object = None, timeout: float | None = None) -> Any:
        """Return what a function of the first comes to, as soon as there is one."""
        self.wait_for("attached", timeout)
        return self.ask(f"([element], argument) => ({script})(element, argument)", argument)

    def evaluate_all(self, script: str, argument: object = None) -> Any:
        """Return what a function of all of them comes to."""
        return self.ask(script, argument)

    def wait_for(self, state: str = "visible", timeout: float | None = None) -> None:
        """Wait until the first is there, shown, hidden or gone."""
        begun = "found => found.slice(0, 3).map(each => each.outerHTML.slice(0, 200)).join(' ')"
        self.page.until(
            lambda: self.ask(STATES[state]), lambda: f"{self!r} is {state}: {self.ask(begun)}", timeout
        )

    def count(self) -> int:
        """Return how many there are."""
        return int(self.ask("found => found.length"))

    def is_visible(self) -> bool:
        """Say whether the first is shown."""
        return bool(self.ask("([element]) => element !== undefined && shown(element)"))

    def is_hidden(self) -> bool:
        """Say whether the first is not shown."""
        return not self.is_visible()

    def is_checked(self) -> bool:
        """Say whether a box is ticked."""
        return bool(self.evaluate("element => element.checked"))

    def is_disabled(self) -> bool:
        """Say whether a control can't be used."""
        return bool(self.evaluate("element => element.matches(':disabled')"))

    def is_enabled(self) -> bool:
        """Say whether a control can be used."""
        return not self.is_disabled()

    def inner_text(self, timeout: float | None = None) -> str:
        """Return the text as it is shown."""
        return str(self.evaluate("element => element.innerText", timeout=timeout))

    def inner_html(self) -> str:
        """Return what is within."""
        return str(self.evaluate("element => element.innerHTML"))

    def text_content(self) -> str:
        """Return all text."""
        return str(self.evaluate("element => element.textContent"))

    def input_value(self) -> str:
        """Return what a field holds."""
        return str(self.evaluate("element => element.value"))

    def all_inner_texts(self) -> list[str]:
        """Return the text of each as it is shown."""
        return list(self.ask("found => found.map(each => each.innerText)"))

    def all_text_contents(self) -> list[str]:
        """Return all text of each."""
        return list(self.ask("found => found.map(each => each.textContent)"))

    def get_attribute(self, name: str) -> str | None:
        """Return an attribute."""
        value = self.evaluate("(element, name) => element.getAttribute(name)", name)
        return None if value is None else str(value)

    def bounding_box(self) -> dict[str, float]:
        """Return the place in the window."""
        script = "element => { const {x, y, width, height} = element.getBoundingClientRect(); "
        return dict(self.evaluate(f"{script} return {{x, y, width, height}}; }}"))

    def focus(self) -> None:
        """Give the focus."""
        self.evaluate("element => element.focus()")

    def blur(self) -> None:
        """Take the focus."""
        self.evaluate("element => element.blur()")

    def scroll_into_view_if_needed(self) -> None:
        """Bring into sight."""
        script = "element.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'})"
        self.evaluate(f"element => {script}")

    def _point(self, force: bool = False, timeout: float | None = None) -> tuple[float, float]:
        said: list[Any] = ["was never looked for"]

        def find() -> Any:
            before = said[0]
            said[0] = self.page.asked("([steps, isForced]) => ready(steps, isForced)", [self.steps, force])
            return said[0] if said[0] == before and not isinstance(before, str) else None

        x, y = self.page.until(find, lambda: f"{self!r} {said[0]}", timeout)
        return x, y

    def click(
        self,
        modifiers: Iterable[str] = (),
        delay: float = 0,
        force: bool = False,
        timeout: float | None = None,
        button: str = "left",
    ) -> None:
        """Click the middle, while keys are held."""
        self.page.hands.click(*self._point(force, timeout), modifiers=modifiers, delay=delay, button=button)

    def dblclick(self) -> None:
        """Click the middle twice."""
        self.page.hands.click(*self._point(), times=2)

    def tap(self) -> None:
        """Touch the middle shortly."""
        self.page.hands.tap(*self._point())

    def hover(self, force: bool = False) -> None:
        """Bring the mouse to the middle."""
        self.page.hands.move(*self._point(force))

    def fill(self, text: str) -> None:
        """Write into a field as if it were pasted."""
        usable = "([element]) => element && shown(element) && !element.disabled && !element.readOnly"
        self.until(usable)
        self.ask("([element], text) => write(element, text)", text)

    def press(self, key: str) -> None:
        """Give the focus, and press a key."""
        self.focus()
        self.page.hands.press(key)

    def type(self, text: str) -> None:
        """Give the focus, and type."""
        self.focus()
        self.page.hands.type(text)

    def check(self) -> None:
        """Tick a box."""
        self.set_checked(True)

    def uncheck(self) -> None:
        """Untick a box."""
        self.set_checked(False)

    def set_checked(self, checked: bool) -> None:
        """Tick a box, or untick it."""
        if self.is_checked() != checked:
            self.click()
        assert self.is_checked() == checked, f"{self!r} does not take a click"

    def select_option(
        self, value: str | None = None, label: str | None = None, index: int | None = None
    ) -> None:
        """Choose an option of a list, by its value or label, or by its number."""
        wanted = {"value": value, "label": label, "index": index}
        usable = "element && shown(element) && !element.matches(':disabled')"
        self.until(f"([element], wanted) => {usable} && choose(element, wanted)", wanted)

    def set_input_files(self, files: Any) -> None:
        """Choose files."""
        self.wait_for("attached")
        each = files if isinstance(files, list) else [files]
        self.page.set_files(self.steps, [str(self._file(file)) for file in each])

    def _file(self, given: Any) -> Path:
        if not isinstance(given, dict):
            return Path(given).resolve()
        path = self.page.context.folder / given["name"]
        path.write_bytes(given["buffer"])
        return path

    def screenshot(self) -> bytes:
        """Return a picture, as PNG."""
        self.scroll_into_view_if_needed()
        return self.page.picture(self.bounding_box())
