"""A map of countries: what is clicked there filters the page as pandas does, however a country is written."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser

from tests.browser.driver import OpenTab, Tab, build_site, serving, tab_of
from tests.browser.shown import COUNTED, counts_told
from tests.browser.test_samples import write_table

SPELLINGS = {"276": ["Germany", "DE", "deu"], "250": ["France", "250"], "702": ["Singapore"]}
PAGE = """---
table: flats/samples
---
# Flats

```view toolbar id=toolbar
```

```view data-map id=map
noun: flats
```

```view data-map id=prices
mean: price
noun: flats
```

```view table id=rows
```
"""


@pytest.fixture(scope="module")
def flats() -> pd.DataFrame:
    generator = np.random.default_rng(11)
    names = [name for written in SPELLINGS.values() for name in written]
    countries = generator.choice([*names, "Atlantis"], 400)
    return pd.DataFrame({"id": range(400), "country": countries, "price": generator.integers(100, 999, 400)})


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, flats: pd.DataFrame) -> Iterator[str]:
    report = tmp_path_factory.mktemp("flats")
    write_table(report, "flats", flats)
    (report / "sitegen.toml").write_text('[site]\ntitle = "Flats"\n')
    (report / "content").mkdir()
    (report / "content" / "index.md").write_text(PAGE)
    build_site(report, report / "site")
    with serving(report / "site") as url:
        yield url


@pytest.fixture
def live(address: str, open_tab: OpenTab) -> Iterator[Tab]:
    tab = open_tab(address).live()
    yield tab
    assert tab.messages == tab.failures == []


def of(flats: pd.DataFrame, *keys: str) -> pd.DataFrame:
    return flats[flats.country.isin([name for key in keys for name in SPELLINGS[key]])]


def click(tab: Tab, selector: str, *keys: str) -> None:
    tab.page.click(selector, modifiers=list(keys))  # type: ignore[arg-type]
    tab.settle()


def test_a_country_is_selected_on_the_map_and_in_the_list(live: Tab, flats: pd.DataFrame) -> None:
    click(live, "#map path[data-country='276']")
    assert live.rows("rows") == len(of(flats, "276"))
    assert live.hash_state() == {"map": {"countries": ["276"]}}
    click(live, "#map button[data-country='702']", "Shift")
    assert live.rows("rows") == len(of(flats, "276", "702"))
    assert live.rows("map") == 400
    click(live, "#map path[data-country='276']", "Shift")
    assert live.rows("rows") == len(of(flats, "702"))
    live.page.press("#map button[data-country='702']", "Escape")
    live.settle()
    assert live.rows("rows") == 400


def test_a_link_reopens_what_was_selected(address: str, open_tab: OpenTab, flats: pd.DataFrame) -> None:
    tab = open_tab(address + "#~map=%7B%22countries%22:[%22250%22]%7D").live()
    assert tab.rows("rows") == len(of(flats, "250"))
    assert tab.page.locator("#map .map-selected").count() == 1
    assert tab.messages == []


def test_a_link_of_countries_and_a_filter_is_shown_with_no_state_between(
    address: str, open_tab: OpenTab, flats: pd.DataFrame
) -> None:
    tab = open_tab("about:blank")
    tab.page.add_init_script(COUNTED)
    tab.open(address + "#~filter=datum.price%20%3C%20700&map=%7B%22countries%22:[%22250%22]%7D").live()
    told, other = counts_told(tab)
    assert (told, other) == ({"map", "prices", "rows"}, set())
    assert tab.rows("rows") == (of(flats, "250").price < 700).sum()


def test_a_country_is_one_however_each_group_of_the_page_writes_it(live: Tab, flats: pd.DataFrame) -> None:
    live.page.select_option("#toolbar select", "country")
    live.settle()
    live.page.locator("#map .view-panels button[data-country='276']").first.click()
    live.settle()
    counts = live.page.eval_on_selector_all(
        "#rows > .view-panels > .view-panel", "all => all.map(each => Number(each.dataset.rows))"
    )
    assert sum(counts) == len(of(flats, "276"))
    # The same colour says the same in every group.
    maps = live.page.locator("#map .view-panel:has(.map-scale)")
    assert maps.count() > 1
    assert len(set(maps.locator(".map-scale").all_inner_texts())) == 1


def test_a_filter_counts_what_passes_of_all(live: Tab, flats: pd.DataFrame) -> None:
    live.filter("datum.price < 300")
    passing = flats[flats.price < 300]
    said = live.texts("#map tr:has(button[data-country='276']) td.number")
    assert said == [f"{len(of(passing, '276'))} of {len(of(flats, '276'))}"]
    lost = (flats.country == "Atlantis").sum()
    assert f"{lost} of 400 flats name no country of the map: Atlantis ({lost})." in live.texts(
        "#map ~ *, #map *"
    )


PLACES = """() => [...document.querySelectorAll("#prices .map-scale > *")].map(part => {
  const { left, right, top, bottom } = part.getBoundingClientRect();
  return [left, right, (top + bottom) / 2];
})"""


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_both_ends_of_the_scale_stand_beside_it(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    tab = tab_of(context).open(address)
    # As long as the name of a column may well be.
    tab.page.evaluate("""() => {
      document.querySelector("#prices .map-key > span").textContent = "Mean of price in euros a month";
      const ends = document.querySelectorAll("#prices .map-scale > span");
      for (const end of ends) end.textContent = "1,234,567.89";
    }""")
    low, ramp, high = tab.page.evaluate(PLACES)
    assert max(low[2], ramp[2], high[2]) - min(low[2], ramp[2], high[2]) < 2
    assert low[0] >= 0
    assert low[1] <= ramp[0] < ramp[1] <= high[0]
    assert high[1] <= width
    context.close()


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<svg"), ("png", b"\x89PNG")])
def test_the_map_is_saved_as_an_image(live: Tab, kind: str, start: bytes) -> None:
    with live.page.expect_download() as saved:
        live.page.locator(f"#map [data-entry={kind}]").evaluate("entry => entry.click()")
    content = saved.value.path().read_bytes()
    assert content.startswith(start)
    assert len(content) > 20_000
