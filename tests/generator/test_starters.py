"""`sitegen init`: each starter makes, of every kind of data, a report that runs and builds unwarned."""

from __future__ import annotations

import csv
import html
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import proportions
from sitegen import cli, starters
from sitegen.bundled import STARTERS
from sitegen.cards.sections import SECTIONS
from tests.pipelines.media import encode

CLASSES = ("cat", "dog", "newt")
SHARED = Path(__file__).parents[3] / "shared" / "data" / "cifar10n-shared.parquet"
"""Real images with human labels, where the folder beside the project has them."""
Make = Callable[[Path], str]
"""Writes data into a folder and returns the source that names it."""


def write_csv(file: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as sink:
        csv.writer(sink).writerows([header, *rows])
    return str(file)


def predictions(folder: Path) -> str:
    """A classifier's answers; one in ten samples has none."""
    rows = []
    for number in range(60):
        label, told = CLASSES[number % 3], CLASSES[(number + number % 4 // 3) % 3]
        answer = ("", "") if number % 10 == 9 else (told, 0.4 + number / 110)
        rows.append((f"n{number}", label, *answer, "train" if number % 3 else "test", number / 7))
    header = ("id", "label", "prediction", "confidence", "split", "weight")
    return write_csv(folder / "my predictions.csv", header, rows)


def images(folder: Path) -> str:
    random = np.random.default_rng(3)
    for part, count in (("train", 8), ("test", 4)):
        for shade, name in enumerate(CLASSES):
            place = folder / "some pets" / part / name
            place.mkdir(parents=True)
            for number in range(count):
                pixels = random.integers(shade * 80, shade * 80 + 60, (12, 10, 3), np.uint8)
                (place / f"{number}.png").write_bytes(encode(pixels))
    return str(folder / "some pets")


def texts(folder: Path) -> str:
    words = "the newt in the pond was wider than we had been told | by *nobody* in [particular]"
    rows = [(number, f"{words[number % 7 :]} {number}", CLASSES[number % 3]) for number in range(40)]
    return write_csv(folder / "texts.csv", ("id", "text", "label"), rows)


def cifar(folder: Path) -> str:
    """As the shared CIFAR-10 images with human labels: encoded images, parts, further labels with gaps."""
    random = np.random.default_rng(5)
    label = [CLASSES[number % 3] for number in range(36)]
    split = ["test" if number % 4 == 3 else "train" for number in range(36)]
    human = [None if part == "test" else name for name, part in zip(label, split, strict=True)]
    pixels = [random.integers(0, 256, (32, 32, 3), np.uint8) for _ in label]
    ids = [
        f"{part}/{name}/{number:04}.jpg" for number, (part, name) in enumerate(zip(split, label, strict=True))
    ]
    columns = {
        "id": ids,
        "split": split,
        "label": label,
        "image": list(map(encode, pixels)),
        "human_1": human,
    }
    pq.write_table(pa.table(columns), folder / "cifar-like.parquet")
    return str(folder / "cifar-like.parquet")


def embedded(folder: Path) -> str:
    """Probabilities and embeddings that a model left behind."""
    random = np.random.default_rng(7)
    probabilities = random.dirichlet([0.5, 0.5, 0.5], 40).astype(np.float32)
    columns = {
        "label": [CLASSES[number % 3] for number in range(40)],
        "probabilities": list(probabilities),
        "embedding": list(random.normal(size=(40, 6)).astype(np.float32)),
    }
    pq.write_table(pa.table(columns), folder / "embedded.parquet")
    return str(folder / "embedded.parquet")


def staff(folder: Path) -> str:
    """A table of somebody's own: no role but the name's."""
    rows = [
        (
            f"Person {number}",
            ["IT", "HR", "Ops"][number % 3],
            30_000 + 700 * number,
            ["yes", "no"][number % 2],
        )
        for number in range(60)
    ]
    return write_csv(folder / "staff.csv", ("name", "dept", "salary", "remote"), rows)


def annotated(folder: Path) -> str:
    """What two people say of each sample; the second one leaves one in five out."""
    rows = []
    for number in range(60):
        label = CLASSES[number % 3]
        other = CLASSES[(number + 1) % 3]
        first = other if number % 6 == 0 else label
        second = "" if number % 5 == 4 else other if number % 4 == 0 else label
        rows.append((label, first, second))
    return write_csv(folder / "annotated.csv", ("label", "person's first", "second"), rows)


def many_classes(folder: Path) -> str:
    """Sixty classes of 24 samples, all right but for the last three, which are also those that sort last."""
    rows = []
    for number in range(60 * 24):
        kind, turn = divmod(number, 24)
        is_wrong = kind >= 57 and turn < 6 * (kind - 56)
        rows.append((f"class {kind:02}", f"class {kind - 50 if is_wrong else kind:02}"))
    return write_csv(folder / "many.csv", ("label", "prediction"), rows)


DATA: dict[str, Make | None] = {
    "no data": None,
    "predictions": predictions,
    "images": images,
    "texts": texts,
    "vega:cars": lambda _: "vega:cars",
    "cifar": cifar,
    "embedded": embedded,
    "staff": staff,
    "annotated": annotated,
    "many classes": many_classes,
}


def sitegen(*arguments: str) -> int:
    return cli.main(list(arguments))


def shorten(report: Path) -> None:
    """Train for one epoch: how well the network learns is not what is asked here."""
    settings = report / "sitegen.toml"
    settings.write_text(re.sub(r"epochs = \d+", "epochs = 1", settings.read_text("utf-8")), "utf-8")


def made(report: Path, *options: str) -> str:
    """Start a report, run it, check it and build it; return its front page."""
    assert sitegen("init", str(report), *options) == 0
    shorten(report)
    assert sitegen("-C", str(report), "run") == 0
    assert sitegen("-C", str(report), "check") == 0
    assert sitegen("-C", str(report), "build") == 0
    return (report / "site" / "index.html").read_text("utf-8")


def assert_unwarned(said: str) -> None:
    """Nothing is warned of but the data card, which only a person can finish."""
    warnings = re.findall(r"^warning: (.*)$", said, flags=re.MULTILINE)
    assert [line for line in warnings if ": the card is unfinished and lacks " not in line] == []


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("template", STARTERS)
def test_a_new_report_runs_checks_and_builds(
    template: str, data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make = DATA[data]
    source = ["--data", make(tmp_path)] if make else []
    report = tmp_path / "reports of mine" / "pet-names"
    page = made(report, "--template", template, *source)
    assert "Pet names" in page
    assert_unwarned(capsys.readouterr().err)


@pytest.mark.parametrize("make", [images, texts, cifar])
def test_a_first_page_shows_what_there_is_to_see_and_its_labels(make: Make, tmp_path: Path) -> None:
    assert sitegen("init", str(tmp_path / "report"), "--data", make(tmp_path)) == 0
    page = (tmp_path / "report" / "content" / "index.md").read_text("utf-8")
    assert "```view samples" in page
    charted = re.search(r"^columns: \[(.*)\]$", page, re.MULTILINE)
    assert charted
    assert '"label"' in charted.group(1)


def test_a_first_page_draws_no_hundreds_of_charts(tmp_path: Path) -> None:
    header = [f"c{number}" for number in range(90)]
    source = write_csv(tmp_path / "wide.csv", header, [[row * 1.5 for _ in header] for row in range(4)])
    page = made(tmp_path / "report", "--data", source)
    assert page.count('data-view="vega-lite"') == starters.MOST_CHARTS
    assert "The first 24 of 90 columns" in page


HOSTILE = (
    'we "say" it',
    "two words, one comma",
    "a.b[0].c",
    "étiquette 标签",
    "a|b [c](d) *e*",
    "{{ title }} {sql}`select 1`",
    "``` </script><script>alert(1)</script>",
    "back\\slash's -- ; drop",
)


MANY = tuple(f"kind {number}" for number in range(41))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [(name, MANY if place % 3 == 2 else CLASSES) for place, name in enumerate(HOSTILE)],
)
@pytest.mark.parametrize("template", ["classification", "audit"])
def test_names_of_columns_are_never_markup_or_code(
    template: str, name: str, kinds: Sequence[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = (f"{name} first", f"{name} second", f"{name} part", "prediction", f"{name} amount", name)
    rows = [
        (
            kinds[(number + 1) % len(kinds)],
            kinds[number // 2 % len(kinds)],
            "test" if number % 4 else "train",
            kinds[number % 2],
            number * 1.5,
            kinds[number % len(kinds)],
        )
        for number in range(len(kinds) * 10)
    ]
    source = write_csv(tmp_path / "data.csv", header, rows)
    page = made(tmp_path / "report", "--template", template, "--data", source)
    card = (tmp_path / "report" / "site" / "data-card.html").read_text("utf-8")
    assert_unwarned(capsys.readouterr().err)
    assert "<script>alert" not in page + card
    assert html.escape(name, quote=False) in html.escape(
        html.unescape(re.sub(r"<[^>]+>", "", card)), quote=False
    )


TITLES = ("<b>Bold</b> & [brave](x)", 'a "quoted" \\ \n title', "{{ site }} $x$ #1 | `c`", "标签")


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_text_everywhere(title: str, tmp_path: Path) -> None:
    report = tmp_path / "report"
    assert sitegen("init", str(report), "--title", title) == 0
    assert tomllib.loads((report / "sitegen.toml").read_text("utf-8"))["site"]["title"] == title
    assert sitegen("-C", str(report), "build", "--strict") == 0
    page = (report / "site" / "index.html").read_text("utf-8")
    heading = re.search(r"<h1.*?>(.*?)<", page, re.DOTALL)
    assert heading
    assert html.unescape(heading.group(1)) == " ".join(title.split())


@pytest.mark.parametrize("place", ["report", "deep/in/report", "with spaces/my report", "."])
@pytest.mark.parametrize("data", ["data.csv", "parts/*.csv", "../outside/data.csv"])
def test_settings_name_the_data_from_where_they_stand(
    data: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    if place == ".":
        (tmp_path / "empty").mkdir()
        data = f"../here/{data}"
        monkeypatch.chdir(tmp_path / "empty")
    file = Path(data.replace("*", "1"))
    write_csv(file, ("id", "label"), [(1, "a"), (2, "b")])
    assert sitegen("init", place, "--data", data) == 0
    assert sitegen("-C", place, "run") == 0
    assert (Path(place) / "sitegen.toml").is_file()


def test_init_says_which_rows_the_report_leaves_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data.csv").write_text("id,label\n1,a\n2\n3,b\n")
    assert sitegen("init", str(tmp_path / "report"), "--data", str(tmp_path / "data.csv")) == 0
    said = capsys.readouterr().out
    assert "look at this first.\n  1 of 3 rows cannot be read." in said
    assert "line 3 has 1 value instead of 2 ('2')" in said
    (tmp_path / "data.csv").write_text("id,label\n1,a\n3,b\n")
    assert sitegen("init", str(tmp_path / "whole"), "--data", str(tmp_path / "data.csv")) == 0
    assert "look at this first" not in capsys.readouterr().out


def test_a_folder_that_holds_something_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    assert sitegen("init", str(tmp_path / "full")) == 1
    assert "the folder is not empty" in capsys.readouterr().err
    assert sitegen("init", str(tmp_path / "file")) == 1
    assert "is a file, not a folder" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("missing.csv", "missing.csv"),
        ("vega:cras", 'did you mean "cars"'),
        ("prepare:flowers", "make the report without --data"),
    ],
)
def test_data_that_cannot_be_looked_at_leaves_nothing(
    source: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sitegen("init", "report", "--data", source) == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_killed_half_way_leaves_nothing(tmp_path: Path) -> None:
    """The process ends, without a chance to tidy up, while it writes its third file."""
    script = f"""
import os, pathlib
from sitegen import cli
write, written = pathlib.Path.write_text, []
def dying(self, *args, **options):
    written.append(self)
    os._exit(9) if len(written) == 3 else None
    return write(self, *args, **options)
pathlib.Path.write_text = dying
cli.main(["init", {str(tmp_path / "report")!r}])
"""
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 9
    assert not (tmp_path / "report").exists()
    assert sitegen("init", str(tmp_path / "report")) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_template_writes_lines_that_can_be_read() -> None:
    lines = [
        (file.name, line)
        for file in starters.STARTING.rglob("*")
        if file.is_file()
        for line in file.read_text("utf-8").splitlines()
    ]
    assert [each for each in lines if len(each[1]) > 160] == []


def test_a_sample_without_a_prediction_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    page = made(tmp_path / "report", "--template", "classification", "--data", predictions(tmp_path))
    table = re.search(r'id="right".*?</table>', page, re.DOTALL)
    assert table
    cells = re.findall(r"<td[^>]*>(.*?)</td>", table.group())
    assert [cells[1:3], cells[7:9]] == [["40", "36"], ["20", "18"]]
    legend = re.search(r'<figure[^>]*id="confidence".*?</figure>', page, re.DOTALL)
    assert legend
    assert "null" not in legend.group()


def figure(page: str, name: str) -> str:
    """Return the text of a view, its data table included, without markup."""
    found = re.search(rf'<figure[^>]*id="{name}".*?</figure>', page, re.DOTALL)
    assert found, name
    return html.unescape(re.sub(r"<[^>]+>", " ", found.group()))


def cells(page: str, name: str) -> list[list[str]]:
    """Return the rows of a table that SQL made."""
    table = re.search(rf'id="{name}".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert table
    rows = html.unescape(table.group(1).replace("<wbr>", "")).split("</tr>")[:-1]
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in rows]


@pytest.mark.parametrize("template", STARTERS)
def test_any_table_has_charts_at_once(template: str, tmp_path: Path) -> None:
    report = tmp_path / "report"
    page = made(report, "--template", template, "--data", staff(tmp_path))
    for column in ("dept", "salary", "remote"):
        assert figure(page, f"columns-{column}")
    assert "label" not in (report / "sitegen.toml").read_text("utf-8")


def test_the_data_card_lists_only_columns_that_the_data_has(tmp_path: Path) -> None:
    report = tmp_path / "report"
    source = write_csv(
        tmp_path / "plain.csv",
        ("size", "kind"),
        [(number, ["a", "b"][number % 2]) for number in range(20)],
    )
    made(report, "--template", "classification", "--data", source)
    card = (report / "content" / "data-card.md").read_text("utf-8")
    assert re.findall(r"^\| (\w+) \| (?:int64|string|int32) ", card, re.MULTILINE) == ["size", "kind"]


def test_the_data_card_tells_values_as_readers_write_them(tmp_path: Path) -> None:
    kinds = ('an "old" owl', "two\nlines", "C:\\data")
    rows = [(number, kinds[number % 3]) for number in range(30)]
    source = write_csv(tmp_path / "told.csv", ("size", "kind"), rows)
    made(tmp_path / "report", "--template", "classification", "--data", source)
    card = (tmp_path / "report" / "site" / "data-card.html").read_text("utf-8")
    told = html.unescape(card)
    assert "\N{LEFT DOUBLE QUOTATION MARK}C:\\data\N{RIGHT DOUBLE QUOTATION MARK} 10" in told
    assert '\N{LEFT DOUBLE QUOTATION MARK}an "old" owl\N{RIGHT DOUBLE QUOTATION MARK} 10' in told
    assert "\N{LEFT DOUBLE QUOTATION MARK}two lines\N{RIGHT DOUBLE QUOTATION MARK} 10" in told


def test_the_data_card_is_a_card_that_says_what_it_lacks_until_it_is_finished(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report"
    source = write_csv(tmp_path / "plain.csv", ("size", "kind"), [(n, "ab"[n % 2]) for n in range(20)])
    made(report, "--template", "classification", "--data", source)
    open_ = {section.title for section in SECTIONS["data"] if section.is_required} - {"Composition"}
    open_ = open_ - {"Intended use", "Out-of-scope use"} | {"Good for", "Not for"}
    said = capsys.readouterr().err
    (warned,) = set(re.findall(r"data-card\.md:\d+: the card is unfinished and lacks (.*)", said))
    assert set(re.findall(r'"(.*?)"', warned)) == open_
    facts = ["date", "authors", "licence", "citation", "url"]
    assert re.findall(r"\b(\w+), ", warned.partition('"')[0]) == facts

    page = (report / "site" / "data-card.html").read_text("utf-8")
    notice = re.search(r'<p class="page-notice">(.*?)</p>', page, re.DOTALL)
    assert notice
    assert set(re.findall(r'<a href="#[\w-]+">(.*?)</a>', notice[1])) == open_
    assert "ld+json" not in page
    assert not (report / "site" / "cards").exists()
    assert sitegen("-C", str(report), "build", "--strict") == 1
    assert sitegen("-C", str(report), "cards") == 1
    assert 'the card "data-card" is unfinished' in capsys.readouterr().err
    settings = report / "sitegen.toml"
    settings.write_text(f'{settings.read_text("utf-8")}\n[archive]\nauthors = ["Us"]\n', "utf-8")
    assert sitegen("-C", str(report), "archive", "--output", str(tmp_path / "bag")) == 0
    assert not (tmp_path / "bag/data/cards").exists()

    file = report / "content" / "data-card.md"
    written = file.read_text("utf-8").replace("unfinished: true\n", "")
    file.write_text(written, "utf-8")
    assert sitegen("-C", str(report), "check") == 1
    said = capsys.readouterr().err
    named = set(re.findall(r"the section \"(.*?)\" of the card says nothing", said))
    assert named
    assert named <= open_  # what is beyond a screenful is counted, not named
    assert set(re.findall("the card has no (\\w+)", said)) == set(facts)

    answers = {
        "date": "2026-11-26",
        "licence": "CC0-1.0",
        "url": "https://example.org/",
        "citation": "Us (2026).",
    }
    for name, value in answers.items():
        written = re.sub(rf'^( *{name}): ""$', rf"\1: {value}", written, flags=re.MULTILINE)
    written = written.replace("authors: []", 'authors: ["Us"]').replace("*Write here", "*We know")
    file.write_text(written, "utf-8")
    assert sitegen("-C", str(report), "build", "--strict") == 0
    assert sitegen("-C", str(report), "cards", "--strict", "--output", str(tmp_path / "cards")) == 0
    told = json.loads((tmp_path / "cards/data-card/croissant.json").read_text("utf-8"))
    assert told["license"] == "https://spdx.org/licenses/CC0-1.0.html"


def test_what_people_say_of_the_label_is_counted(tmp_path: Path) -> None:
    page = made(tmp_path / "report", "--template", "classification", "--data", annotated(tmp_path))
    told = (("person's first", 60, 50), ("second", 48, 36))
    ends = proportions.wilson([50, 36], [60, 48])
    rows = {row[0]: row[1:] for row in cells(page, "agreement")}
    for place, (name, answers, agreed) in enumerate(told):
        assert rows[name] == [
            str(answers),
            f"{agreed / answers:.1%}",
            *(f"{end[place]:.1%}" for end in ends),
        ]
    # Samples 0, 12, 36 and 48, whom both call otherwise, and 24 and 54, where one says nothing.
    assert "6 of 6" in re.sub(r"\s+", " ", figure(page, "disagreed"))


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared table is not on this machine")
def test_human_labels_of_cifar_are_compared_with_its_own(tmp_path: Path) -> None:
    table = pq.read_table(SHARED).slice(0, 397).drop_columns(["image"])
    pq.write_table(table, tmp_path / "slice.parquet")
    page = made(
        tmp_path / "report", "--template", "classification", "--data", str(tmp_path / "slice.parquet")
    )
    rows = {row[0]: row[1:3] for row in cells(page, "agreement")}
    frame = table.to_pandas()
    for name in (column for column in frame if column.startswith("human_")):
        told = frame[frame[name].notna()]
        assert rows[name] == [str(len(told)), f"{(told[name] == told.label).mean():.1%}"]


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared table is not on this machine")
def test_an_audit_of_real_images_has_a_page_for_every_question(tmp_path: Path) -> None:
    pq.write_table(pq.read_table(SHARED).slice(0, 199), tmp_path / "slice.parquet")
    report = tmp_path / "report"
    page = made(report, "--template", "audit", "--data", str(tmp_path / "slice.parquet"))
    pages = ["summary", "samples", "duplicates", "familiarity", "confusion", "map", "groups", "labels"]
    for name in [*pages, "data-card"]:
        assert f"{name}.html" in page
        assert "199" in (report / "site" / f"{name}.html").read_text("utf-8")


def test_an_audit_doubts_labels_by_probabilities_of_the_data(tmp_path: Path) -> None:
    names = ("a", "b", "c")
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 90)
    told = np.eye(3)[labels] * 0.7 + 0.1
    labels[:4] = (labels[:4] + 1) % 3
    columns = {
        "id": range(90),
        "label": pa.array([names[label] for label in labels]).dictionary_encode(),
        "probability": pa.array(told.tolist(), pa.list_(pa.float32())),
        "first": [names[label] for label in labels],
        "second": [names[label] for label in labels],
    }
    pq.write_table(pa.table(columns), tmp_path / "told.parquet")
    report = tmp_path / "report"
    page = made(report, "--template", "audit", "--data", str(tmp_path / "told.parquet"))
    assert "labels.html" in page
    text = (report / "sitegen.toml").read_text("utf-8")
    assert "model" not in tomllib.loads(text)["tools"]["told-labels"]
    assert '# annotators = "first,second"' in text
    ranked = pq.read_table(report / "artifacts/told-labels/samples.parquet").to_pandas()
    assert set(ranked.nsmallest(4, "rank")["id"]) == {0, 1, 2, 3}


def test_an_audit_leaves_out_what_the_data_gives_nothing_to(tmp_path: Path) -> None:
    report = tmp_path / "report"
    assert sitegen("init", str(report), "--template", "audit", "--data", many_classes(tmp_path)) == 0
    pages = {path.name for path in (report / "content").iterdir()}
    assert pages == {"index.md", "data-card.md", "summary.md", "samples.md", "confusion.md"}


def test_an_audit_groups_by_what_has_few_values(tmp_path: Path) -> None:
    rows = [
        (
            *(number, CLASSES[number % 3], CLASSES[number % 3 if number % 9 else 0]),
            *(("train", "test")[number % 4 == 0], f"place {number % 5}", ("old", "new")[number % 2]),
            *(number * 0.5, f"row {number}"),
        )
        for number in range(240)
    ]
    header = ("id", "label", "prediction", "split", "place", "device", "amount", "note")
    source = write_csv(tmp_path / "data.csv", header, rows)
    report = tmp_path / "report"
    made(report, "--template", "audit", "--data", source)
    settings = tomllib.loads((report / "sitegen.toml").read_text("utf-8"))
    for tool in ("fairness", "slices"):
        given = settings["tools"][f"data-{tool}"]["parameters"]["columns"]
        assert next(csv.reader([given])) == ["label", "split", "device", "place"]
    page = (report / "site" / "groups.html").read_text("utf-8")
    assert "Where does the model do worse" in page


def test_an_audit_makes_no_groups_of_a_split_of_one_part_and_no_class_of_all_together(tmp_path: Path) -> None:
    rows = [
        (number, CLASSES[number % 3], CLASSES[number % 3 if number % 9 else 0], "train")
        for number in range(90)
    ]
    source = write_csv(tmp_path / "data.csv", ("id", "label", "prediction", "split"), rows)
    report = tmp_path / "report"
    made(report, "--template", "audit", "--data", source)
    settings = tomllib.loads((report / "sitegen.toml").read_text("utf-8"))
    for tool in ("fairness", "slices"):
        assert settings["tools"][f"data-{tool}"]["parameters"]["columns"] == "label"
    page = (report / "site" / "confusion.html").read_text("utf-8")
    assert " 3 of 3 " in " ".join(figure(page, "measures").split())


def test_the_hardest_of_many_classes_are_found(tmp_path: Path) -> None:
    page = made(tmp_path / "report", "--template", "classification", "--data", many_classes(tmp_path))
    hardest = figure(page, "accuracy")
    places = [hardest.index(f"class {number}") for number in (59, 58, 57)]
    assert places == sorted(places)
    assert len(set(re.findall(r"class \d\d", hardest))) == starters.MOST_RANKED
    mistakes = figure(page, "confusion")
    assert "class 59 → class 09" in mistakes
    assert mistakes.index("class 59 →") < mistakes.index("class 58 →")
