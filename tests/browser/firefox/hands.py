"""Keys and the mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

KEYS = {
    "Backspace": "\ue003",
    "Tab": "\ue004",
    "Enter": "\ue006",
    "Shift": "\ue008",
    "Control": "\ue009",
    "ControlOrMeta": "\ue009",
    "Alt": "\ue00a",
    "Escape": "\ue00c",
    "PageUp": "\ue00e",
    "PageDown": "\ue00f",
    "End": "\ue010",
    "Home": "\ue011",
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
    "Delete": "\ue017",
    "Meta": "\ue03d",
    "Space": " ",
    "\n": "\ue006",
}
"""Keys that write nothing, as WebDriver names them."""
BUTTONS = {"left": 0, "middle": 1, "right": 2}

Action = dict[str, Any]
Act = Callable[[Action], None]


def _key(kind: str, key: str) -> Action:
    return {"type": kind, "value": KEYS.get(key, key)}


class Hands:
    """What a reader does with a page: `act` has Firefox do it."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self._place = (0.0, 0.0)
        self._fingers: dict[int, tuple[float, float]] = {}

    def down(self, key: str) -> None:
        """Press a key and keep it down."""
        self._keys(_key("keyDown", key))

    def up(self, key: str) -> None:
        """Let a key go."""
        self._keys(_key("keyUp", key))

    def press(self, keys: str) -> None:
        """Press a key, with others held: `Control+Shift+z`."""
        *held, key = keys.split("+") if len(keys) > 1 else [keys]
        before = [_key("keyDown", each) for each in held]
        after = [_key("keyUp", each) for each in reversed(held)]
        self._keys(*before, _key("keyDown", key), _key("keyUp", key), *after)

    def type(self, text: str) -> None:
        """Press the keys of a text."""
        for letter in text:
            self._keys(_key("keyDown", letter), _key("keyUp", letter))

    def _keys(self, *actions: Action) -> None:
        self._act({"type": "key", "id": "keyboard", "actions": list(actions)})

    def move(self, x: float, y: float, steps: int = 1) -> None:
        """Move the mouse, in so many steps."""
        x0, y0 = self._place
        ways = [(x0 + (x - x0) * at / steps, y0 + (y - y0) * at / steps) for at in range(1, steps + 1)]
        self._place = (x, y)
        for way in ways:
            self._point(_moved(*way))

    def mouse_down(self, button: str = "left") -> None:
        """Press a button of the mouse and keep it down."""
        self._point({"type": "pointerDown", "button": BUTTONS[button]})

    def mouse_up(self, button: str = "left") -> None:
        """Let a button of the mouse go."""
        self._point({"type": "pointerUp", "button": BUTTONS[button]})

    def click(
        self,
        x: float,
        y: float,
        modifiers: Iterable[str] = (),
        times: int = 1,
        delay: float = 0,
        button: str = "left",
    ) -> None:
        """Click so many times, while keys are held."""
        for key in modifiers:
            self.down(key)
        self._place = (x, y)
        down = {"type": "pointerDown", "button": BUTTONS[button]}
        up = {"type": "pointerUp", "button": BUTTONS[button]}
        pause = [{"type": "pause", "duration": round(delay)}] if delay else []
        self._point(_moved(x, y), *[down, *pause, up] * times)
        for key in modifiers:
            self.up(key)

    def double_click(self, x: float, y: float) -> None:
        """Click twice."""
        self.click(x, y, times=2)

    def touch(self, *places: tuple[float, float]) -> None:
        """Have fingers be where they are said to be: one that is there before stays the same finger."""
        for number, place in enumerate(places):
            down = {"type": "pointerDown", "button": 0}
            before = self._fingers.get(number)
            self._finger(number, _moved(*place), *([] if before else [down]))
            self._fingers[number] = place
        for number in [number for number in self._fingers if number >= len(places)]:
            del self._fingers[number]
            self._finger(number, {"type": "pointerUp", "button": 0})

    def tap(self, x: float, y: float) -> None:
        """Touch the screen shortly."""
        self.touch((x, y))
        self.touch()

    def _finger(self, number: int, *actions: Action) -> None:
        kind = {"pointerType": "touch"}
        self._act({"type": "pointer", "id": f"finger {number}", "parameters": kind, "actions": list(actions)})

    def wheel(self, across: float, down: float) -> None:
        """Turn the wheel where the mouse is."""
        x, y = self._place
        turn = {
            "type": "scroll",
            "x": round(x),
            "y": round(y),
            "deltaX": round(across),
            "deltaY": round(down),
        }
        self._act({"type": "wheel", "id": "wheel", "actions": [turn]})

    def _point(self, *actions: Action) -> None:
        self._act({"type": "pointer", "id": "mouse", "actions": list(actions)})


def _moved(x: float, y: float) -> Action:
    return {"type": "pointerMove", "x": x, "y": y, "duration": 0}
