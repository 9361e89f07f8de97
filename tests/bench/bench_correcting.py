"""How long a step of a correction takes: from a key that decides about a sample until the next is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Disk
from tests.bench.chromium import browser, fresh_page
from tests.bench.report import Report, Verdict, median, milliseconds, quantile
from tests.bench.server import served

PAGE = "digits-labels.html"
FIRST = "#review .review-list > li:first-child [data-id]"
STEPS = 25
BUDGET = 100.0
"""ms that a step may take, median: whoever decides about hundreds of samples waits for none."""
LOAD_MS = 60_000
DECIDED = """() => new Promise((done) => {
  const begun = performance.now();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "c", bubbles: true }));
})"""


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Measure the demo's page of labels; needs the demo's artifacts."""
    report = folder / "demo"
    build(load_config(Path("sitegen.toml")), Disk(report / "site"))
    with served(report) as address, browser() as program, fresh_page(program) as page:
        page.goto(f"{address}site/{PAGE}")
        page.hover("#review .view-body")
        page.wait_for_selector("html[data-sitegen=live]", state="attached", timeout=LOAD_MS)
        page.locator(FIRST).first.focus()
        page.evaluate("document.sitegen.settled()")
        taken = [float(page.evaluate(DECIDED)) for _ in range(STEPS)]
        decided = page.inner_text("#review .review-progress")
    if not decided.startswith(f"{STEPS} of"):
        message = f"{STEPS} keys decided otherwise: {decided}"
        raise RuntimeError(message)
    cells = [*map(milliseconds, (median(taken), quantile(taken, 0.95))), str(STEPS)]
    title = f"correcting: a step of a correction on {PAGE}, ms until the next sample is drawn"
    verdict = Verdict("a step, median", median(taken), BUDGET, "ms")
    yield Report(title, ["", "median", "p95", "steps"], [["sitegen", *cells]], [verdict])
