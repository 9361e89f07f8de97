"""A notebook's views in a frame that may run scripts and nothing else, as VS Code and Colab show outputs.

The kernel is the real one; the front end stands in for theirs: models with what anywidget documents of them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame

from sitegen.notebook import Report
from sitegen.notebook.still import built
from sitegen.notebook.view import DIST
from tests.browser.driver import LIVE_TIMEOUT_MS

FRONT_END = """
class Model {
  constructor(id, state) { Object.assign(this, { model_id: id, state, heard: [] }); }
  get(name) { return this.state[name]; }
  set(name, value) { this.state[name] = value; }
  save_changes() { void window.saved(JSON.stringify(this.state.state)); }
  on(event, callback) { this.heard.push([event, callback]); }
  off(event, callback) {
    this.heard = this.heard.filter(([name, each]) => name !== event || each !== callback);
  }
  emit(event, ...parts) {
    for (const [name, callback] of [...this.heard]) if (name === event) callback(...parts);
  }
  async send(content) {
    const [told, buffers] = await window.asked(content);
    const bytes = (text) => new DataView(Uint8Array.from(atob(text), (each) => each.charCodeAt(0)).buffer);
    this.emit("msg:custom", told, buffers.map(bytes));
  }
}
window.brought = async (loader, report, views) => {
  const models = { report: new Model("report", report) };
  const widget_manager = { get_model: async (id) => models[id] };
  window.model = models.report;
  const url = URL.createObjectURL(new Blob([loader], { type: "text/javascript" }));
  const { default: { render } } = await import(url);
  for (const [index, markup] of views.entries()) {
    const model = new Model("view-" + index, { report: "IPY_MODEL_report", markup });
    const el = document.body.appendChild(document.createElement("div"));
    await render({ model: Object.assign(model, { widget_manager }), el });
  }
};
true;
"""


class Kernel:
    """A report, and the messages of its document."""

    def __init__(self) -> None:
        self.report = Report("digits")
        self.widget = self.report._channel.widget
        self.views = [
            self.report.view("toolbar"),
            self.report.view("samples"),
            self.report.view("vega-lite", spec={"mark": "bar", "encoding": ENCODING}),
            self.report.view("markdown", text="What is **here**?"),
        ]
        self.saved: list[str] = []
        self._answers: Queue[tuple[dict[str, Any], list[bytes]]] = Queue()
        self.widget.send = lambda content, buffers: self._answers.put((content, buffers))

    def save(self, state: str) -> None:
        self.saved.append(state)

    def ask(self, message: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        self.widget._handle_custom_msg(message, [])
        told, buffers = self._answers.get(timeout=60)
        return told, [base64.b64encode(each).decode() for each in buffers]


ENCODING = {"x": {"field": "label", "type": "nominal"}, "y": {"aggregate": "count"}}


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    made = Kernel()
    yield made
    made.report.close()


@pytest.fixture
def frame(browser: Browser, kernel: Kernel) -> Iterator[Frame]:
    """The frame with all views in it, and nothing said to the console."""
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: message.type == "error" and said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.expose_function("asked", kernel.ask)
    page.expose_function("saved", kernel.save)
    page.set_content('<iframe sandbox="allow-scripts" srcdoc="<html>" width=1200 height=1600></iframe>')
    inner = page.frames[1]
    inner.wait_for_load_state()
    inner.evaluate(FRONT_END)
    state = {name: getattr(kernel.widget, name) for name in ("bundle", "payload", "state")}
    inner.evaluate(
        "([loader, report, views]) => window.brought(loader, report, views)",
        [built(DIST, "notebook-loader.js").decode(), state, [view.markup for view in kernel.views]],
    )
    yield inner
    context.close()
    assert said == []


def test_views_live_and_filter_where_nothing_can_be_stored(frame: Frame, kernel: Kernel) -> None:
    refused = """(names) => names.filter((name) => {
      try { return window[name] === undefined; } catch { return true; }
    })"""
    assert frame.evaluate("self.origin") == "null"
    stores = ["localStorage", "sessionStorage"]
    assert frame.evaluate(refused, stores) == stores
    figures = frame.locator("figure.view")
    assert figures.count() == len(kernel.views)
    assert set(figures.evaluate_all("all => all.map((each) => each.dataset.state)")) == {"live"}
    assert "".join(frame.locator("[role=alert]").all_text_contents()).strip() == ""

    frame.fill("input[name=filter]", "datum.label == '3'")
    frame.press("input[name=filter]", "Escape")  # closes the completions
    frame.press("input[name=filter]", "Enter")
    shown = """() => [...document.querySelectorAll("figure.view:not([data-view=markdown])")]
      .every(({ dataset }) => dataset.rows === "183")"""
    frame.wait_for_function(shown, timeout=LIVE_TIMEOUT_MS)
    assert "datum.label == '3'" in kernel.saved[-1]

    frame.press("figure[data-view=vega-lite] .chart-live", "ArrowRight")
    frame.press("figure[data-view=vega-lite] .chart-live", "Enter")
    frame.wait_for_function("() => document.querySelectorAll('.toolbar [data-action=remove]').length === 2")
    assert "points" in kernel.saved[-1]
