"""Columns called as nobody expects, in any script and with any sign: every tool and view takes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser

from pipelines import runner
from tests.browser.conftest import DESKTOP
from tests.browser.driver import OpenTab, Tab, beside, build_site, serving, tab_of
from tests.browser.test_downloads import choose, pixels_of

ROWS = 240
ID, LABEL, SPLIT = "the id", 'the "label"', "Teil 分割"
PREDICTION, OTHER = "pred-iction 'é'", "pred-iction 2"
SCORE, SIZE, COUNTRY = "con fidence%", "größe in €", "Land/страна"
SEA = 'sea-ness ["0", 1]'
PLACE = "a.b[0]"
ROLES = {
    "id": ID,
    "label": LABEL,
    "prediction": PREDICTION,
    "confidence": SCORE,
    "split": SPLIT,
    "embedding": "em-bed ding",
    "projection_x": "map x-1",
    "projection_y": 'map "y"',
    "group": PLACE,
}
PAGE = """---
table: odd/samples
---
# Odd

```view toolbar id=toolbar
groups: ['{SPLIT}', '{PLACE}', '{LABEL}']
```

```view summary id=all
titles: {{'{SIZE}': Size}}
```

```view table id=rows
order: '{SIZE}'
```

```view samples id=images
cards: table
columns: ['{SIZE}', '{PLACE}']
order: '-{SIZE}'
groups: '{PLACE}'
```

```view confusion-matrix id=matrix
```

```view confusion-matrix id=nested
label: ['{PLACE}', '{LABEL}']
prediction: ['{PLACE}', '{PREDICTION}']
```

```view binary-confusion id=binary
score: '{SEA}'
positive: 'sea "lion"'
```

```view scatter id=map
color: '{PLACE}'
columns: ['{SIZE}']
```

```view scatter id=plane
x: '{SIZE}'
y: '{SCORE}'
```

```view fairvis id=groups
columns: ['{PLACE}', '{SPLIT}']
choices: ['{PLACE}', '{SPLIT}', '{SIZE}']
edges: {{'{SIZE}': [20, 60]}}
suggested: odd-fairness/suggested
similar: odd-fairness/similar
```

```view data-map id=countries
country: '{COUNTRY}'
mean: '{SIZE}'
```

```view duplicates id=twins
beside: odd-duplicates
```

```view familiarity id=usual
beside: odd-familiarity
by: '{PLACE}'
```

```view error-matrix id=errors
```

```view table id=slices
table: odd-slices/slices
```

```view table id=differences
table: odd-comparison/differences
```

```view table id=columns
table: odd-summary/columns
```

```view table id=measures
table: odd-confusion/measures
```

```vega-lite id=bars
{{
  "data": {{"name": "odd/samples"}},
  "mark": "bar",
  "encoding": {{
    "x": {{"field": "{SIZE}", "type": "quantitative", "bin": true}},
    "y": {{"aggregate": "count"}},
    "color": {{"field": "a\\\\.b\\\\[0\\\\]", "type": "nominal"}}
  }}
}}
```
"""


@pytest.fixture(scope="module")
def odd() -> pd.DataFrame:
    random = np.random.default_rng(4)
    labels = random.choice(['sea "lion"', "tiger's", "猫"], ROWS)
    wrong = random.random(ROWS) < 0.25
    frame = pd.DataFrame(
        {
            ID: [f"s {index:03}" for index in range(ROWS)],
            LABEL: labels,
            PREDICTION: np.where(wrong, random.permutation(labels), labels),
            OTHER: np.where(random.random(ROWS) < 0.4, random.permutation(labels), labels),
            SCORE: random.uniform(0.4, 1, ROWS),
            SEA: random.uniform(0, 1, ROWS),
            SPLIT: random.choice(["train", "test"], ROWS),
            SIZE: random.integers(0, 100, ROWS).astype(float),
            COUNTRY: random.choice(["Germany", "FR", "702"], ROWS),
            PLACE: random.choice(["x, y", "o'clock", "ü\\"], ROWS),
            "map x-1": random.normal(size=ROWS),
            'map "y"': random.normal(size=ROWS),
        }
    )
    points = random.normal(size=(ROWS, 8)).astype(np.float32)
    points[1] = points[0] + 1e-4
    frame["em-bed ding"] = points.tolist()
    return frame


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, odd: pd.DataFrame) -> Path:
    report = tmp_path_factory.mktemp("odd")
    table = pa.Table.from_pandas(odd, preserve_index=False)
    place = table.column_names.index("em-bed ding")
    lists = table.column(place).cast(pa.list_(pa.float32()))
    pq.write_table(table.set_column(place, "em-bed ding", lists), report / "odd.parquet")
    columns = f'"{PLACE}", "{SPLIT}"'
    samples = {"samples": "odd/samples"}
    tools = {
        "odd": {"tool": "dataset", "dataset": "odd"},
        "odd-summary": {"tool": "summary", "dataset": "odd"},
        "odd-duplicates": {"tool": "duplicates", "dataset": "odd"},
        "odd-familiarity": {"tool": "familiarity", "dataset": "odd"},
        "odd-confusion": {"tool": "confusion", "dataset": "odd"},
        "odd-fairness": {"tool": "fairness", "inputs": samples, "parameters": {"columns": columns}},
        "odd-slices": {"tool": "slices", "inputs": samples, "parameters": {"columns": columns, "minimum": 5}},
        "odd-comparison": {
            "tool": "comparison",
            "inputs": {"first": "odd/samples"},
            "parameters": {"second_prediction": OTHER, "columns": columns},
        },
    }
    source = {"source": "odd.parquet", "roles": ROLES}
    runner.run({"datasets": {"odd": source}, "tools": tools}, report)
    (report / "sitegen.toml").write_text('[site]\ntitle = "Odd"\n')
    (report / "content").mkdir()
    names = {"SPLIT": SPLIT, "PLACE": PLACE, "LABEL": LABEL, "SIZE": SIZE, "SCORE": SCORE, "SEA": SEA}
    named = {
        key: name.replace("'", "''")
        for key, name in {**names, "PREDICTION": PREDICTION, "COUNTRY": COUNTRY}.items()
    }
    (report / "content" / "index.md").write_text(PAGE.format(**named))
    build_site(report, report / "site")
    return report / "site"


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with serving(site) as url:
        yield url


@pytest.fixture(scope="module")
def opened(address: str, browser: Browser) -> Iterator[Tab]:
    context = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    yield tab_of(context).open(address).live()
    context.close()


@pytest.fixture
def live(opened: Tab) -> Iterator[Tab]:
    """The page, live, as it was opened: so many views take long to open for every test."""
    yield opened
    assert opened.page.locator(".view[data-state=error]").count() == 0
    assert opened.messages == opened.failures == []
    opened.reset()


def of_samples(tab: Tab) -> dict[str, int]:
    """Return what passes in each view of the samples."""
    others = ("slices", "differences", "columns", "measures", "all")
    return {name: rows for name, (rows, _) in tab.counts().items() if name not in others}


@pytest.mark.parametrize(
    ("column", "test", "kept"),
    [
        (SIZE, "> 40", lambda rows: rows[SIZE] > 40),
        (LABEL, "== 'sea \"lion\"'", lambda rows: rows[LABEL] == 'sea "lion"'),
        (PREDICTION, "== '猫'", lambda rows: rows[PREDICTION] == "猫"),
        (PLACE, "== 'ü\\\\'", lambda rows: rows[PLACE] == "ü\\"),
        (SPLIT, "!= 'train'", lambda rows: rows[SPLIT] != "train"),
    ],
)
@pytest.mark.parametrize("word", ["datum", "d"])
def test_a_filter_by_any_name_reaches_every_view(
    live: Tab, odd: pd.DataFrame, word: str, column: str, test: str, kept: object
) -> None:
    written = column.replace("\\", "\\\\").replace('"', '\\"')
    live.filter(f'{word}["{written}"] {test}')
    expected = int(kept(odd).sum())  # type: ignore[operator]
    assert 0 < expected < ROWS
    assert of_samples(live) == dict.fromkeys(of_samples(live), expected)


@pytest.mark.parametrize("column", [SPLIT, PLACE, LABEL])
def test_the_page_is_split_by_any_name(live: Tab, odd: pd.DataFrame, column: str) -> None:
    live.page.select_option("#toolbar select", column)
    live.settle()
    sizes = odd[column].value_counts()
    for view in ("matrix", "binary", "map", "images", "rows", "groups", "countries", "usual", "bars"):
        parts = live.page.eval_on_selector_all(
            f"#{view} > .view-panels > .view-panel", "all => all.map(each => Number(each.dataset.total))"
        )
        assert sorted(parts) == sorted(sizes.tolist()), view


def test_every_mark_keeps_its_rows(live: Tab, odd: pd.DataFrame) -> None:
    """A click in each view that tells of the samples: the table below shows just these."""
    germans = int((odd[COUNTRY] == "Germany").sum())
    clicks = {
        "#countries button[data-country='276']": germans,
        "#binary [data-cell=tp]": None,
        "#errors [data-cell]": None,
        "#images [data-id]": 1,
        "#twins [data-select]": 2,
        "#usual [data-id]": 1,
    }
    for selector, expected in clicks.items():
        live.page.locator(selector).first.click()
        live.settle()
        rows = live.rows("rows")
        assert 0 < rows < ROWS, selector
        assert expected in (None, rows), selector
        live.reset()


def test_a_row_of_slices_and_of_differences_keeps_its_samples(live: Tab, odd: pd.DataFrame) -> None:
    rows = {"slices": "tr:not(.table-space)", "differences": 'tr:has-text("tiger\'s")'}
    for view, row in rows.items():
        live.page.locator(f"#{view} tbody {row} td").nth(1).click()
        live.settle()
        assert 0 < live.rows("rows") < ROWS, view
        live.reset()


def test_a_link_by_any_name_opens_what_it_says(address: str, open_tab: OpenTab, odd: pd.DataFrame) -> None:
    filter_ = quote(f'datum["{SIZE}"] < 30')
    tab = open_tab(f"{address}#~filter={filter_}&group={quote(PLACE)}").live()
    assert tab.rows("rows") == int((odd[SIZE] < 30).sum())
    assert tab.page.locator("#rows > .view-panels > .view-panel").count() == odd[PLACE].nunique()
    assert tab.messages == []


def test_charts_are_called_by_their_columns_alone(live: Tab) -> None:
    ids = live.page.eval_on_selector_all("[id^=all-]", "all => all.map(each => each.id)")
    assert len({*ids}) == len(ids)
    assert all(name.isascii() for name in ids)


def test_the_first_image_of_a_browser_has_every_letter(address: str, browser: Browser) -> None:
    # Fonts that a drawing needs are read when it is first drawn, and stay in the browser's memory after that.
    with beside(browser) as other:
        tab = tab_of(other.new_context(viewport=DESKTOP)).open(address).live()  # type: ignore[arg-type]
        first, second = (pixels_of(choose(tab, "rows", "png")) for _ in range(2))
    assert (first == second).all()
