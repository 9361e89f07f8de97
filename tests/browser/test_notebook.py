"""The example notebook in JupyterLab: executed, filtered from the page and from Python, saved, reopened."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.driver import ROOT, OpenTab, serving, tab_of
from tests.browser.lab import KERNEL, LIVE, LIVE_MS, Notebook, served

pytestmark = pytest.mark.chromium("JupyterLab, which takes minutes, is driven in one browser")

NAME = "digits.ipynb"
WIDE = {"width": 1280, "height": 3000}
"""So high that JupyterLab keeps every cell in the document."""
MISREAD = "datum.label != datum.prediction"


@pytest.fixture(scope="module")
def lab_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lab")
    shutil.copy(ROOT / "content" / "guides" / NAME, folder / NAME)
    return folder


@pytest.fixture(scope="module")
def lab(lab_folder: Path) -> Iterator[str]:
    with served(lab_folder) as url:
        yield url


@pytest.fixture(scope="module")
def executed(lab: str, browser: Browser) -> Iterator[Notebook]:
    """The notebook with all its cells run."""
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    notebook = Notebook(tab_of(context)).open(lab, NAME)
    notebook.run("samples")
    yield notebook
    context.close()


@pytest.fixture
def notebook(executed: Notebook) -> Notebook:
    """The notebook with nothing filtered, and no change noted."""
    executed.ask("0", "report.reset(); changes.clear()")
    return executed


def is_ours(said: str) -> bool:
    """Whether a message is not JupyterLab's: its screen of the start is at times taken away twice."""
    _, _, place = said.partition("\n    at ")
    return "sitegen" in said or ("uncaught" in said and "/static/lab/" not in place.partition("\n")[0])


def test_it_says_nothing_to_the_console_and_asks_no_other_server(lab: str, executed: Notebook) -> None:
    assert [said for said in executed.tab.messages if is_ours(said)] == []
    assert [url for url in executed.tab.requests if not url.startswith((lab, "data:", "blob:"))] == []


def test_a_filter_set_in_python_is_every_views(notebook: Notebook) -> None:
    expected = notebook.ask("int((frame.label != frame.prediction).sum())", f"report.filter = {MISREAD!r}")
    assert 100 < expected < 1000
    assert set(notebook.rows().values()) == {expected}
    assert notebook.tab.page.input_value(f"{LIVE} input[name=filter]") == MISREAD
    assert notebook.ask("changes") == [("filter", MISREAD)]


def test_a_filter_typed_into_the_page_is_pythons(notebook: Notebook) -> None:
    page = notebook.tab.page
    page.fill(f"{LIVE} input[name=filter]", "d.label == '3'")
    page.keyboard.press("Enter")
    notebook.settle()
    assert notebook.ask("report.filter") == "d.label == '3'"
    assert notebook.ask("changes") == [("filter", "d.label == '3'")]
    assert set(notebook.rows().values()) == {notebook.ask("int((frame.label == '3').sum())")}


def test_a_brush_filters_the_views_of_other_cells(notebook: Notebook) -> None:
    notebook.tab.drag("ink", (0.25, 0.5), (0.5, 0.5))
    notebook.settle()
    low, high = notebook.ask("report.state['views']['ink']['interval']['x']")
    within = f"int(((frame.ink >= {low}) & (frame.ink < {high})).sum())"
    rows = notebook.rows()
    assert rows["ink"] == notebook.ask("len(frame)")
    assert rows["samples"] == rows["confusion-matrix"] == rows["toolbar"] == notebook.ask(within)
    notebook.ask("0", "report.reset()")
    assert set(notebook.rows().values()) == {rows["ink"]}


def test_what_is_selected_is_the_same_on_both_sides(notebook: Notebook) -> None:
    page = notebook.tab.page
    page.locator(f"{LIVE} #samples .sample").nth(4).click()
    notebook.settle()
    assert notebook.ask("report.selected") == [4]
    assert notebook.ask("changes") == [("selected", [4])]
    assert notebook.rows()["ink"] == 1
    notebook.ask("0", "report.selected = [0, 2, 5]")
    chosen = page.locator(f"{LIVE} #samples .sample[aria-pressed=true]")
    assert [chosen.nth(index).get_attribute("data-id") for index in range(chosen.count())] == ["0", "2", "5"]
    assert notebook.rows()["ink"] == 3
    assert notebook.ask("changes") == [("selected", [4]), ("selected", [0, 2, 5])]


@pytest.fixture
def fresh(tmp_path: Path, browser: Browser) -> Iterator[Notebook]:
    """The notebook in a JupyterLab of its own, as it is when its cells have just run."""
    shutil.copy(ROOT / "content" / "guides" / NAME, tmp_path / NAME)
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    with served(tmp_path) as url:
        notebook = Notebook(tab_of(context)).open(url, NAME)
        notebook.run("samples")
        yield notebook
    context.close()


@pytest.mark.parametrize("is_view_added", [False, True])
def test_views_answer_while_a_cell_runs(fresh: Notebook, tmp_path: Path, is_view_added: bool) -> None:
    page, end = fresh.tab.page, tmp_path / "end"
    if is_view_added:
        fresh.run_in_new_cell("report.view('markdown', text='added', id='added')", "added")
    code = "import pathlib, time\nwhile not pathlib.Path('end').exists(): time.sleep(0.05)"
    page.evaluate(
        f"code => {{ {KERNEL}.requestExecute({{code}}).done.then(() => {{ window.ended = true; }}); }}", code
    )
    try:
        page.fill(f"{LIVE} input[name=filter]", "d.label == '7'")
        page.keyboard.press("Enter")
        page.wait_for_function(f"document.querySelector('{LIVE} #samples').dataset.rows === '179'")
        assert not page.evaluate("window.ended === true")
    finally:
        end.touch()
    page.wait_for_function("window.ended === true")


def test_a_mistake_is_one_message_without_a_stack(notebook: Notebook) -> None:
    error = notebook.failure('report.view("confusion-matrix", labl="label")')
    assert error == [
        'report.view("confusion-matrix"): the view "confusion-matrix" has no option "labl"',
        '  did you mean "label"?',
    ]
    assert notebook.failure("report.filter = 'datum.labl == 1'")[1] == '  did you mean "label"?'
    assert notebook.ask("report.filter") == ""


LOOKS = """() => [".jp-MarkdownOutput h1", ".jp-MarkdownOutput p", ".jp-InputArea-editor", "body"].map(
    selector => {
        const style = getComputedStyle(document.querySelector(selector));
        return ["font", "color", "margin", "backgroundColor", "lineHeight"].map(name => style[name]);
    })"""


def test_styles_stay_on_their_own_side(notebook: Notebook) -> None:
    page = notebook.tab.page
    page.click(f"{LIVE} #ink .view-data > summary")
    cell = page.locator(f"{LIVE} #ink .view-data td").first
    site = {"text-align": "right", "font-size": "12px"}
    assert {name: cell.evaluate("(e, name) => getComputedStyle(e)[name]", name) for name in site} == site
    own = page.evaluate(LOOKS)
    page.evaluate(
        "document.querySelectorAll('head > style, .sitegen-still style').forEach(each => "
        "each.textContent.includes('sitegen') && (each.disabled = each.sheet.disabled = true))"
    )
    assert page.evaluate(LOOKS) == own
    page.evaluate("document.querySelectorAll('style').forEach(each => (each.sheet.disabled = false))")


def test_dark_follows_the_notebook(notebook: Notebook) -> None:
    page = notebook.tab.page
    root = "document.querySelector('[data-sitegen-layer]')"
    ground = f"getComputedStyle({root}).getPropertyValue('--page-background')"
    light = page.evaluate(ground)
    boxes = f"""[...document.querySelectorAll("{LIVE} :is(.view, .sample, svg, canvas)")].map(
        each => [each.tagName, each.offsetWidth ?? 0, each.offsetHeight ?? 0])"""
    sizes = page.evaluate(boxes)
    page.evaluate("jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    page.wait_for_function(f"{ground} !== {light!r}")
    page.evaluate("jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")
    page.wait_for_function(f"{ground} === {light!r}")
    notebook.settle()
    assert page.evaluate(boxes) == sizes


def test_a_view_with_columns_of_its_own_joins_the_others(notebook: Notebook) -> None:
    notebook.ask("0", "report.view('table', filter='datum.confidence < 0.9', id='unsure')")
    page = notebook.tab.page
    page.wait_for_selector(f"{LIVE} #samples[data-state=live]")
    expected = notebook.ask("int((frame.label == '8').sum())", "report.filter = \"d.label == '8'\"")
    assert set(notebook.rows().values()) == {expected}
    assert notebook.failure("report.view('table', filter='datum.confidenc < 0.9')")[1].startswith(
        "  did you mean"
    )


def test_the_site_filters_as_the_notebook_does(
    notebook: Notebook, lab_folder: Path, open_tab: OpenTab
) -> None:
    notebook.ask("0", f"report.filter = {MISREAD!r}")
    with serving(lab_folder / "digits-site") as url:
        site = open_tab(url).live()
        site.filter(MISREAD)
        assert site.counts()["samples"][0] == notebook.rows()["samples"]
        assert site.data_table("ink") == notebook.tab.data_table("ink")
        assert site.data_table("confusion-matrix") == notebook.tab.data_table("confusion-matrix")


def test_another_document_follows_with_views_that_it_does_not_show(
    lab: str, notebook: Notebook, browser: Browser
) -> None:
    notebook.command("docmanager:save")
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    other = Notebook(tab_of(context)).open(lab, NAME)
    page = other.tab.page
    # ipywidgets gives a kernel four seconds to name its widgets; of a busy one a reader opens the page again.
    with suppress(PlaywrightTimeoutError):
        page.wait_for_selector(f"{LIVE} #ink[data-state=live]", timeout=LIVE_MS / 2)
    if page.locator(f"{LIVE} #ink[data-state=live]").count() == 0:
        other.open(lab, NAME)
    page.wait_for_selector(f"{LIVE} #ink[data-state=live]", timeout=LIVE_MS)
    # Without its cell the chart stands in no output here, and its brush must filter all the same.
    page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 4")
    other.command("notebook:delete-cell")
    page.wait_for_selector(f"{LIVE} #ink", state="detached")
    notebook.tab.drag("ink", (0.25, 0.5), (0.5, 0.5))
    notebook.settle()
    other.settle()
    assert page.locator("[data-unseen] #ink").count() == 1
    assert other.rows()["samples"] == notebook.rows()["samples"] < notebook.ask("len(frame)")
    context.close()


def test_the_saved_notebook_shows_the_views_without_a_kernel(
    lab: str, notebook: Notebook, browser: Browser
) -> None:
    notebook.command("docmanager:save")
    context = browser.new_context(viewport=WIDE, offline=False)  # type: ignore[arg-type]
    # Nothing of the kernel's is answered: as where there is none.
    context.route("**/api/kernels**", lambda route: route.abort())
    context.route("**/api/sessions**", lambda route: route.abort())
    page = tab_of(context).open(f"{lab}/lab/tree/{NAME}").page
    page.wait_for_selector(".sitegen-still #samples")
    page.wait_for_timeout(3000)
    assert (
        page.locator(".sitegen-still .view").evaluate_all("all => all.map(e => e.checkVisibility())")
        == [True] * 4
    )
    assert page.get_by_text("Error displaying widget").locator("visible=true").count() == 0
    images = page.locator(".sitegen-still #samples image")
    assert images.first.get_attribute("href").startswith("data:image/webp;base64,")
    context.close()


def test_two_views_of_one_cell_each_take_their_own_pictures_place(notebook: Notebook) -> None:
    code = """for name in ("first", "second"):
    display(report.view("markdown", text=name, id=name))"""
    notebook.run_in_new_cell(code, "second")
    page = notebook.tab.page
    for name in ("first", "second"):
        assert page.locator(f"#{name}").evaluate_all("all => all.map(e => e.checkVisibility())") == [True]
        assert page.locator(f"{LIVE} #{name}").count() == 1
    assert page.locator(".sitegen-still:visible").count() == 0
    notebook.command("notebook:delete-cell")
    page.wait_for_selector(f"{LIVE} #second", state="detached")


def test_a_notebook_that_is_closed_and_opened_again_is_live(notebook: Notebook) -> None:
    page = notebook.tab.page
    notebook.command("docmanager:save")
    held = (
        "(list(report._channel._threads), [len(p._readers) for p in report._channel._native._pages.values()])"
    )
    before = notebook.ask(held)
    for misread in (True, False):
        notebook.reopen(NAME)
        page.wait_for_selector(f"{LIVE} #samples[data-state=live]", timeout=LIVE_MS)
        expression = MISREAD if misread else ""
        expected = notebook.ask(
            "int((frame.label != frame.prediction).sum())" if misread else "len(frame)",
            f"report.filter = {expression!r}",
        )
        assert set(notebook.rows().values()) == {expected}
    page.locator(f"{LIVE} #samples .sample").nth(4).click()
    notebook.settle()
    assert notebook.ask("report.selected") == [4]
    readers, connections = notebook.ask(held)
    assert (len(readers), connections) == (len(before[0]), before[1])
    assert readers != before[0]
    assert page.locator(".sitegen-notebook .view-error").count() == 0
    assert page.get_by_text("cannot be filtered").count() == 0


def test_pictures_stand_where_a_closed_reports_views_were(notebook: Notebook) -> None:
    code = "other = Report(frame[['label']], title='Other')\nother.view('table', id='others')"
    notebook.run_in_new_cell(code, "others")
    page = notebook.tab.page
    assert page.locator(".sitegen-still:visible").count() == 0
    notebook.ask("0", "other.close()")
    page.wait_for_selector(f"{LIVE} #others", state="detached")
    assert page.locator(".sitegen-still #others").is_visible()
    notebook.command("notebook:delete-cell")
