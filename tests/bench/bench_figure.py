"""Networks of 5,000 layers, dropped on a page and pulled by a mouse: s to the figure, pictures a second."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import onnx
from onnx import TensorProto, helper
from playwright.sync_api import Page

from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Disk
from tests.bench.chromium import browser, fresh_page
from tests.bench.report import Report, Verdict, median, milliseconds, quantile
from tests.bench.server import served

SECONDS, FRAMES_A_SECOND = 3.0, 30
DROPS, TURNS, MOVES = 3, 6, 120
LOAD_SECONDS = 60
PAGE = "digits-architecture.html"

DROP = """([name, text]) => new Promise(resolve => {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name));
    const view = document.querySelector("#figure .view-body");
    const started = performance.now();
    const look = () => {
        const said = view.querySelector("[data-part=said] strong")?.textContent;
        if (said === name) requestAnimationFrame(() => resolve(performance.now() - started));
        else requestAnimationFrame(look);
    };
    view.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
    look();
})"""
"""Ms from the drop to the second frame after the figure stands in the page."""
DETAIL = """slider => {
    slider.value = slider.max;
    slider.dispatchEvent(new Event("change", {bubbles: true}));
}"""
WATCH = """() => {
    const at = document.querySelector("#figure .network-scroll");
    window.pictures = [];
    let before = at.scrollLeft;
    const look = time => {
        if (at.scrollLeft !== before) window.pictures.push(time);
        before = at.scrollLeft;
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


def chain(layers: int) -> list[onnx.NodeProto]:
    """Return layers one after the other, in which nothing repeats that could be folded."""
    kinds = ("Relu", "Sigmoid", "Tanh", "Softplus", "Elu")
    return [
        helper.make_node(kinds[index * index % 7 % 5], [f"t{index}"], [f"t{index + 1}"], name=f"layer{index}")
        for index in range(layers)
    ]


def branching(layers: int) -> list[onnx.NodeProto]:
    """Return blocks of three layers, each with a way around it, of kinds that change from block to block."""
    kinds = ("Relu", "Sigmoid", "Tanh", "Softplus", "Elu")
    nodes = []
    for block in range(layers // 4):
        first, at = 4 * block, f"t{block}"
        for step in range(3):
            kind, made = kinds[(block * block + step) % 5], f"t{block}.{step}"
            nodes.append(helper.make_node(kind, [at], [made], name=f"layer{first + step}"))
            at = made
        nodes.append(helper.make_node("Add", [at, f"t{block}"], [f"t{block + 1}"], name=f"layer{first + 3}"))
    return nodes


NETWORKS: dict[str, tuple[Callable[[int], list[onnx.NodeProto]], int]] = {
    "5,000 layers, one after the other": (chain, 5000),
    "5,000 layers with ways around": (branching, 5000),
    "as many glyphs as are drawn at a time": (branching, 496),
}


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Drop each network several times, and move its figure; yield one report."""
    site = folder / "figure"
    build(load_config(Path("sitegen.toml")), Disk(site))
    table, verdicts = [], []
    with served(site) as address, browser() as program, fresh_page(program) as page:
        open_live(page, address + PAGE)
        for name, (make, layers) in NETWORKS.items():
            content = _model(make(layers))
            took = [page.evaluate(DROP, [f"{index}.onnx", content]) for index in range(DROPS)]
            between = move(page)
            glyphs = page.locator("#figure [data-glyph]").count()
            rate = 1000 * len(between) / sum(between)
            seconds = [f"{took[0] / 1000:.2f}", f"{median(took) / 1000:.2f}"]
            table.append([name, *seconds, str(glyphs), f"{rate:.0f}", milliseconds(quantile(between, 0.95))])
            verdicts += [
                Verdict(f"{name}: the first figure", took[0] / 1000, SECONDS, "s"),
                Verdict(f"{name}: ms a picture", 1000 / rate, 1000 / FRAMES_A_SECOND, "ms"),
            ]
    header = ["", "first, s", "median, s", "glyphs moved", "pictures/s", "p95 ms"]
    yield Report("figure: a model file dropped on a page, and its figure moved", header, table, verdicts)


def open_live(page: Page, address: str) -> None:
    """Open the page and make it live."""
    page.goto(address)
    page.hover("#figure .view-body")
    page.wait_for_selector("html[data-sitegen=live]", state="attached", timeout=LOAD_SECONDS * 1000)
    page.evaluate("document.sitegen.settled()")


def move(page: Page) -> list[float]:
    """Show all the detail there is, and pull it there and back; return ms from picture to picture."""
    page.eval_on_selector("#figure input[name=detail]", DETAIL)
    for _ in range(TURNS):
        page.click("#figure [data-action=larger]")
    page.eval_on_selector("#figure .network-scroll", "at => at.scrollTo(0, 0)")
    page.evaluate(WATCH)
    x, y = _free(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(MOVES):
        page.mouse.move(x - min(step, MOVES - step) * 3, y)
    page.mouse.up()
    stamps = page.evaluate("window.pictures")
    return [after - before for before, after in pairwise(stamps)]


def _free(page: Page) -> tuple[float, float]:
    """Return a place in the figure's window where no glyph is."""
    x, y = page.eval_on_selector(
        "#figure .network-scroll",
        """at => {
          at.scrollIntoView({block: "center"});
          const {left, top, width, height} = at.getBoundingClientRect();
          for (let down = 4; down < height - 4; down += 6)
            for (let across = width - 20; across > width / 2; across -= 9) {
              const found = document.elementFromPoint(left + across, top + down);
              if (found && at.contains(found) && !found.closest("[data-glyph]"))
                return [left + across, top + down];
            }
          throw new Error("glyphs everywhere");
        }""",
    )
    return x, y


def _model(nodes: list[onnx.NodeProto]) -> str:
    """Return a model of these nodes as a file in base64, as a script takes it."""
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 64])
        for name in ("t0", nodes[-1].output[0])
    ]
    model = helper.make_model(helper.make_graph(nodes, "net", ends[:1], ends[1:]))
    return base64.b64encode(model.SerializeToString()).decode("ascii")
