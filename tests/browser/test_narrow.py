"""Views in the narrowest places that a page has for them, with long names and foreign letters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines import runner
from sitegen.cli import main as sitegen
from tests.browser.driver import BOX_OF, OpenTab, Tab, build_site, serving

LONG = "a class whose name goes on and on without an end in sight"
WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
SETTINGS = """
[site]
title = "Narrow"
[datasets.points]
source = "points.csv"
roles = { score = "score" }
[models.told]
source = "columns"
[tools.points]
tool = "classification"
dataset = "points"
model = "told"
"""
PAGE = """---
title: Narrow
table: points/samples
---

# Где модель ошибается? Ποῦ;

```view binary-confusion id=binary width=XS
score: score
positive: Кошка
```

```view binary-confusion id=word
score: score
positive: {WORD}
```

```view familiarity id=familiarity width=XS
score: score
by: label
```
"""


@pytest.fixture(scope="module")
def narrow_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("narrow")
    (root / "sitegen.toml").write_text(SETTINGS)
    random = np.random.default_rng(0)
    points = pd.DataFrame({"id": range(200), "label": random.choice([LONG, "Кошка", WORD], 200)})
    points["prediction"], points["score"] = points.label, random.random(200)
    points.to_csv(root / "points.csv", index=False)
    runner.run(runner.config.load(root / "sitegen.toml"), root, device="cpu")
    (root / "content").mkdir()
    (root / "content" / "index.md").write_text(PAGE.replace("{WORD}", WORD))
    build_site(root, root / "site")
    with serving(root / "site") as url:
        yield url


SPILLING = """() => {
  BOX_OF
  return [...document.querySelectorAll('.view :is(caption, output, label, p, text)')]
    .filter(each => each.checkVisibility()).filter(each => {
      const box = each.matches("text") ? boxOf(each) : each.getBoundingClientRect();
      const view = each.closest('.view').getBoundingClientRect();
      return box.left < view.left - 1 || box.right > view.right + 1;
    }).map(each => each.textContent.trim());
}""".replace("BOX_OF", BOX_OF)
"""What is written beside its view."""


def fonts_loaded(tab: Tab) -> set[str]:
    return {url.rpartition("inter-")[2].partition("-wght")[0] for url in tab.requests if ".woff2" in url}


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_its_place(narrow_url: str, open_tab: OpenTab, width: int) -> None:
    tab = open_tab(narrow_url, viewport={"width": width, "height": 900}).live()
    assert tab.spilling() == 0
    assert tab.page.evaluate(SPILLING) == []


def test_cyrillic_and_greek_are_in_the_font_of_the_page(narrow_url: str, open_tab: OpenTab) -> None:
    assert {"latin", "cyrillic", "greek"} <= fonts_loaded(open_tab(narrow_url).live())


def test_a_started_report_says_on_a_phone_how_often_people_agree(open_tab: OpenTab, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    answers = pd.DataFrame({"id": range(300), "label": random.choice(["airplane", "automobile"], 300)})
    for name in ("human_aggregate", "human_worst", "human_1"):
        answers[name] = answers.label.where(random.random(300) < 0.8, "airplane")
    answers.to_parquet(tmp_path / "answers.parquet")
    report = tmp_path / "report"
    data = str(tmp_path / "answers.parquet")
    assert sitegen(["init", str(report), "--template", "classification", "--data", data]) == 0
    assert sitegen(["-C", str(report), "run"]) == 0
    build_site(report, report / "site")
    with serving(report / "site") as url:
        table = open_tab(url, viewport={"width": 360, "height": 900}).page.locator("#agreement")
        assert table.locator("tbody tr").count() == 3
        assert "human_aggregate" in table.locator("tbody td").all_inner_texts()
        assert table.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_a_scale_of_shares_shows_its_end_on_a_phone(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + "index.html", viewport={"width": 360, "height": 900}).live()
    tab.settle()
    ticks = tab.page.locator("#digits svg").locator("visible=true").locator("text").all_text_contents()
    assert [tick for tick in ticks if tick.endswith("%")] == ["0%", "50%", "100%"]


def test_a_matrix_that_scrolls_to_the_side_has_the_shade_of_tables(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + "digits-labels.html", viewport={"width": 360, "height": 900}).live()
    tab.page.locator("#errors").get_by_text("Aligned").click()
    tab.page.wait_for_function(
        "(f => f.scrollWidth > f.clientWidth)(document.querySelector('#errors .errors-frame'))"
    )
    shades = "frame => getComputedStyle(frame).backgroundAttachment"
    of_tables = tab.page.locator(".table-frame").first.evaluate(shades)
    assert "scroll" in of_tables
    assert tab.page.locator("#errors .errors-frame").evaluate(shades) == of_tables


def test_pages_in_a_row_of_a_list_stand_on_one_line(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + "digits.html", java_script_enabled=False)
    tops = tab.page.locator("ul.pages > li").evaluate_all("all => all.map(each => each.offsetTop)")
    assert len(tops) == 10
    assert tops[::2] == tops[1::2]


def test_what_keys_reach_is_not_below_the_steps_of_a_phone(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + "digits-samples.html", viewport={"width": 360, "height": 640}).live()
    tab.filter("datum.label == '3'")
    assert tab.page.locator(".page-steps").is_visible()
    script = """() => {
        const [steps, reached] = [document.querySelector(".page-steps"), document.activeElement];
        const [a, b] = [steps, reached].map(each => each.getBoundingClientRect());
        const isOver = a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        const name = reached.getAttribute("aria-label") || reached.textContent.trim().slice(0, 40);
        const isLow = b.height < innerHeight / 2; // what is higher scrolls itself
        return [isOver && isLow && !steps.contains(reached) ? name : "", scrollY];
    }"""
    found = []
    for _ in range(24):
        tab.page.keyboard.press("Tab")
        found.append(tab.page.evaluate(script))
    assert [name for name, _ in found if name] == []
    assert found[-1][1] > found[0][1]
