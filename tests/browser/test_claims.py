"""Claims in a real browser: asked again by the page's engine, of all rows and of what is selected."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.browser.driver import LIVE_TIMEOUT_MS, OpenTab, serving
from tests.generator.reports import Report
from tests.generator.test_navigation import DEFAULT

pytestmark = pytest.mark.browser

SAID = (
    "() => [...document.querySelectorAll(':popover-open .claim-now > span')].map((each) => each.textContent)"
)
WAIT = "() => document.querySelector(':popover-open .claim-now')?.childElementCount > {least}"


def test_a_claim_is_asked_again_and_its_link_opens_the_rows_that_it_is_about(
    open_tab: OpenTab, demo_url: str, samples: pd.DataFrame
) -> None:
    new = samples[samples["split"] == "test"]
    said = f"{len(new)}, {new['correct'].mean():.1%}"
    tab = open_tab(f"{demo_url}digits.html")
    page = tab.page
    page.click(".claim-mark")
    page.wait_for_function(WAIT.format(least=0), timeout=LIVE_TIMEOUT_MS)
    assert page.evaluate(SAID) == [f"Asked again in this page: {said}, as when it was built."]
    assert page.get_attribute(".claim-mark", "data-asked") == "same"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "claim-mark"

    page.click(".claim-link")
    page.wait_for_function(f"() => document.querySelector('#accuracy').dataset.rows == '{len(new)}'")
    worst = new[new["label"] == "9"]
    page.evaluate("""() => document.sitegen.filter("datum.label == '9' && datum.split == 'test'")""")
    page.click(".claim-mark")
    page.wait_for_function(WAIT.format(least=1))
    last = f"{len(worst)}, {worst['correct'].mean():.1%}"
    assert page.evaluate(SAID)[1].startswith(f"In what you selected: {last}. It ")
    assert tab.messages == []


def test_a_claim_of_a_text_page_loads_its_data_when_it_is_opened(open_tab: OpenTab, tmp_path: Path) -> None:
    report = Report(tmp_path)
    report.write("sitegen.toml", f'[site]\ntitle = "A report"\ntheme = "{DEFAULT}"\n')
    report.artifact("pets", {"samples": {"id": [1, 2, 3], "kind": ["cat", "dog", "dog"]}})
    sql = "select count(*) from \"pets/samples\" where kind = 'dog'"
    report.write("content/index.md", f"# Text\n\nThere are {{claim expect=2}}`{sql}` [dogs](all.md).\n")
    report.write("content/all.md", "# All\n\n```view table\ntable: pets/samples\n```\n")
    assert report.command("build") == 0
    with serving(tmp_path / "site") as url:
        tab = open_tab(url)
        page = tab.page
        page.keyboard.press("Shift")
        page.hover("h1")
        assert not [one for one in tab.requests if one.endswith((".wasm", ".parquet"))]
        page.click(".claim-mark")
        page.wait_for_function(WAIT.format(least=0), timeout=LIVE_TIMEOUT_MS)
        assert page.evaluate(SAID) == ["Asked again in this page: 2, as when it was built."]
        assert len([one for one in tab.requests if one.endswith(".parquet")]) == 1


def test_without_scripts_a_claim_opens_and_says_what_the_build_knew(open_tab: OpenTab, demo_url: str) -> None:
    page = open_tab(f"{demo_url}digits.html", java_script_enabled=False).page
    page.click(".claim-mark")
    told = page.locator("#new-images-told")
    assert told.is_visible()
    assert "digits/samples, classification" in told.inner_text()


def test_data_that_says_otherwise_is_told(open_tab: OpenTab, demo: Path, tmp_path: Path) -> None:
    """As when the data of a site were replaced after its build."""
    for file in demo.rglob("*"):
        if file.is_file():
            target = tmp_path / file.relative_to(demo)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(file)
    page = tmp_path / "digits.html"
    text = page.read_text("utf-8").replace("split = 'test'\\u0022", "split = 'test'")
    page.unlink()
    page.write_text(text.replace('split = \'test\'","tables"', 'split = \'train\'","tables"'), "utf-8")
    with serving(tmp_path) as url:
        tab = open_tab(f"{url}digits.html")
        tab.page.click(".claim-mark")
        tab.page.wait_for_function(
            "() => document.querySelector('.claim-mark').dataset.asked === 'differs'", timeout=LIVE_TIMEOUT_MS
        )
        assert tab.page.inner_text(".claim-mark") == "The data says otherwise"
