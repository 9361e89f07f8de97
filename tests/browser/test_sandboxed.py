"""A notebook's views in a frame that may run scripts and nothing else, as VS Code and Colab show outputs.

The kernel is the real one; the front end stands in for theirs: models with what anywidget documents of them.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import Queue
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame

from sitegen.notebook import Report, View
from sitegen.notebook.still import built
from sitegen.notebook.view import DIST
from tests.browser.driver import LIVE_TIMEOUT_MS

FRONT_END = """
class Model {
  constructor(id, state) { Object.assign(this, { model_id: id, state, heard: [] }); }
  get(name) { return this.state[name]; }
  set(name, value) { this.state[name] = value; }
  async save_changes() {
    await window.saved(this.model_id, JSON.stringify(this.state.state));
    window.isSaved = true;
  }
  on(event, callback) { this.heard.push([event, callback]); }
  off(event, callback) {
    this.heard = this.heard.filter(([name, each]) => name !== event || each !== callback);
  }
  emit(event, ...parts) {
    for (const [name, callback] of [...this.heard]) if (name === event) callback(...parts);
  }
  async send(content) {
    const [told, buffers] = await window.asked(this.model_id, content);
    const bytes = (text) => new DataView(Uint8Array.from(atob(text), (each) => each.charCodeAt(0)).buffer);
    this.emit("msg:custom", told, buffers.map(bytes));
  }
}
const reports = {};
window.told = (name, trait, value) => {
  reports[name].state[trait] = value;
  reports[name].emit(`change:${trait}`);
};
window.output = async (name, markup) => {
  const el = document.body.appendChild(document.createElement("div"));
  el.dataset.report = name;
  const id = `${name}-${document.body.childElementCount}`;
  const model = new Model(id, { report: "IPY_MODEL_" + name, markup });
  const widget_manager = { get_model: async (each) => reports[each] };
  await window.render({ model: Object.assign(model, { widget_manager }), el });
};
window.brought = async (loader, name, report, views) => {
  reports[name] = new Model(name, report);
  const url = URL.createObjectURL(new Blob([loader], { type: "text/javascript" }));
  window.render = (await import(url)).default.render;
  for (const markup of views) await window.output(name, markup);
};
true;
"""


class Kernel:
    """A report, and the messages of its document."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.widget = report._channel.widget
        self.saved: list[str] = []
        self._answers: Queue[tuple[dict[str, Any], list[bytes]]] = Queue()
        self.told: list[dict[str, Any]] = []
        self.widget.send = lambda content, buffers: self._answers.put((content, buffers))
        self.widget._send = lambda message, **_: self.told.append(message)

    def save(self, state: str) -> None:
        """Take on what a document says, as of its message; what the kernel tells others then, it sends."""
        self.saved.append(state)
        self.widget.set_state({"state": json.loads(state)})

    def ask(self, message: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        self.widget._handle_custom_msg(message, [])
        told, buffers = self._answers.get(timeout=60)
        return told, [base64.b64encode(each).decode() for each in buffers]


@dataclass
class Outputs:
    """Frames of a front end, and the kernels that answer in them."""

    frame: Frame
    other: Frame
    kernels: dict[str, Kernel]

    def bring(self, name: str, report: Report, views: Sequence[View], frame: Frame | None = None) -> Kernel:
        """Show views of a report, each as the output of a cell; the report is closed with the frames."""
        kernel = self.kernels.get(name) or Kernel(report)
        self.kernels[name] = kernel
        state = {trait: getattr(kernel.widget, trait) for trait in ("bundle", "payload", "state")}
        (frame or self.frame).evaluate(
            "(brought) => window.brought(...brought)",
            [built(DIST, "notebook-loader.js").decode(), name, state, [view.markup for view in views]],
        )
        return kernel


ENCODING = {"x": {"field": "label", "type": "nominal"}, "y": {"aggregate": "count"}}


@pytest.fixture
def outputs(browser: Browser) -> Iterator[Outputs]:
    """Empty frames, in which nothing may be said to the console."""
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: message.type == "error" and said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    kernels: dict[str, Kernel] = {}
    page.expose_function("asked", lambda name, message: kernels[name].ask(message))
    page.expose_function("saved", lambda name, state: kernels[name].save(state))
    page.set_content('<iframe sandbox="allow-scripts" srcdoc="<html>" width=1200 height=1600></iframe>' * 2)
    first, second = page.frames[1:]
    for frame in (first, second):
        frame.wait_for_load_state()
        frame.evaluate(FRONT_END)
    yield Outputs(first, second, kernels)
    context.close()
    for kernel in kernels.values():
        kernel.report.close()
    assert said == []


def test_views_live_and_filter_where_nothing_can_be_stored(outputs: Outputs) -> None:
    report = Report("digits")
    views = [
        report.view("toolbar"),
        report.view("samples"),
        report.view("vega-lite", spec={"mark": "bar", "encoding": ENCODING}),
        report.view("markdown", text="What is **here**?"),
    ]
    frame = outputs.frame
    kernel = outputs.bring("report", report, views)
    refused = """(names) => names.filter((name) => {
      try { return window[name] === undefined; } catch { return true; }
    })"""
    assert frame.evaluate("self.origin") == "null"
    stores = ["localStorage", "sessionStorage"]
    assert frame.evaluate(refused, stores) == stores
    figures = frame.locator("figure.view")
    assert figures.count() == len(views)
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


def test_views_in_documents_of_their_own_filter_each_other_by_way_of_the_kernel(outputs: Outputs) -> None:
    report = Report("digits")
    chart = report.view("vega-lite", spec={"mark": "bar", "encoding": ENCODING})
    samples = report.view("samples")
    kernel = outputs.bring("report", report, [chart], outputs.frame)
    outputs.bring("report", report, [samples], outputs.other)

    def follow(frame: Frame, selector: str) -> None:
        """Bring a document what the kernel has told all since, and see what it shows then."""
        for message in kernel.told:
            for trait, value in message["state"].items():
                frame.evaluate("(told) => window.told(...told)", ["report", trait, value])
        kernel.told.clear()
        frame.wait_for_selector(selector, timeout=LIVE_TIMEOUT_MS)

    bars = outputs.frame.locator("figure[data-view=vega-lite] .chart-live")
    bars.press("ArrowRight")
    bars.press("Enter")
    outputs.frame.wait_for_function("() => window.isSaved", timeout=LIVE_TIMEOUT_MS)
    assert "points" in json.dumps(report.state)
    follow(outputs.other, "figure[data-view=samples][data-rows='178']")

    report.reset()
    report.filter = "datum.label == '3'"
    told = list(kernel.told)
    follow(outputs.other, "figure[data-view=samples][data-rows='183']")
    kernel.told[:] = told
    follow(outputs.frame, "figure[data-view=vega-lite][data-rows='183']")


def test_a_selection_goes_with_the_last_output_of_its_chart(outputs: Outputs) -> None:
    report = Report("digits")
    pick = {"name": "pick", "select": {"type": "point", "encodings": ["x"]}}
    plots = [{"mark": "bar", "params": [pick], "encoding": ENCODING}, {"mark": "tick", "encoding": ENCODING}]
    chart = report.view("vega-lite", spec={"hconcat": plots})
    outputs.bring("report", report, [report.view("samples"), chart])
    frame = outputs.frame
    rows = "figure[data-view=samples][data-rows='{}']"

    def choose() -> None:
        """Select the first bar, or let go of it."""
        bars = frame.locator("figure[data-view=vega-lite] .chart-live").last
        bars.press("ArrowRight")
        bars.press("Enter")

    choose()
    frame.wait_for_selector(rows.format(178), timeout=LIVE_TIMEOUT_MS)
    # The same chart in a cell below takes the place of the one above, with what is selected in it.
    frame.evaluate("([name, markup]) => window.output(name, markup)", ["report", chart.markup])
    frame.wait_for_selector(rows.format(178), timeout=LIVE_TIMEOUT_MS)
    choose()
    frame.wait_for_selector(rows.format(1797), timeout=LIVE_TIMEOUT_MS)


def test_reports_in_two_languages_each_speak_their_own_in_one_document(outputs: Outputs) -> None:
    reports = {name: Report("digits", language=name) for name in ("de", "en")}
    for name, report in reports.items():
        outputs.bring(name, report, [report.view("toolbar"), report.view("samples")])
    frame = outputs.frame
    menus = {"de": "Daten als CSV", "en": "Data as CSV"}
    for name, entry in menus.items():
        own = frame.locator(f"[data-report={name}]")
        assert {each.get_attribute("lang") for each in own.locator(".sitegen-notebook").all()} == {name}
        assert entry in (own.locator("[data-view=samples] .view-menu").text_content() or "")

    # What is said while a reader works is in the report's language, too, whichever spoke last.
    for name, said in {"de": "183 von 1.797", "en": "183 of 1,797"}.items():
        frame.fill(f"[data-report={name}] input[name=filter]", "datum.label == '3'")
        frame.press(f"[data-report={name}] input[name=filter]", "Escape")
        frame.press(f"[data-report={name}] input[name=filter]", "Enter")
        follows = f"[data-report={name}] figure[data-view=samples][data-rows='183']"
        frame.wait_for_selector(follows, timeout=LIVE_TIMEOUT_MS)
        assert said in " ".join((frame.text_content(follows) or "").split())


VSCODE = """(kind) => {
  document.body.className = `vscode-${kind}`;
  document.body.style.setProperty("background", kind === "dark" ? "#1f1f1f" : "#ffffff");
}"""


def test_dark_is_vs_codes_by_the_class_of_its_document(outputs: Outputs) -> None:
    outputs.frame.evaluate(VSCODE, "dark")
    report = Report("digits")
    outputs.bring("report", report, [report.view("table")])
    ink = "() => getComputedStyle(document.querySelector('.view-title, .table td')).color"
    dark = outputs.frame.evaluate(ink)
    outputs.frame.evaluate(VSCODE, "light")
    outputs.frame.wait_for_selector(".sitegen-notebook[data-theme=light]")
    assert _brightness(dark) > 180
    assert _brightness(outputs.frame.evaluate(ink)) < 80


def _brightness(colour: str) -> float:
    """Return the mean of red, green and blue."""
    red, green, blue = map(float, re.findall(r"[\d.]+", colour)[:3])
    return (red + green + blue) / 3


def test_views_draw_when_their_frame_gets_its_size_later(outputs: Outputs) -> None:
    page = outputs.frame.page
    page.locator("iframe").first.evaluate("(frame) => { frame.width = 0; frame.height = 0; }")
    report = Report("digits")
    views = [
        report.view("scatter", x="x", y="y"),
        report.view("samples"),
        report.view("table"),
        report.view("vega-lite", spec={"mark": "bar", "encoding": ENCODING}),
    ]
    outputs.bring("report", report, views)
    page.locator("iframe").first.evaluate("(frame) => { frame.width = 1200; frame.height = 3000; }")
    live = f"figure.view[data-state=live] >> nth={len(views) - 1}"
    outputs.frame.wait_for_selector(live, timeout=LIVE_TIMEOUT_MS)
    wide = """() => [
      document.querySelector("[data-view=scatter] canvas"),
      document.querySelector("[data-view=samples] svg"),
      document.querySelector("[data-view=table] td:not(:empty)"),
      document.querySelector("[data-view=vega-lite] svg"),
    ].map((each) => each?.getBoundingClientRect()).every((box) => box && box.width > 20 && box.height > 20)"""
    outputs.frame.wait_for_function(wide, timeout=LIVE_TIMEOUT_MS)
    painted = """() => {
      const canvas = document.querySelector("[data-view=scatter] canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return canvas.width > 1000 && data.some((value) => value > 0);
    }"""
    outputs.frame.wait_for_function(painted, timeout=LIVE_TIMEOUT_MS)
