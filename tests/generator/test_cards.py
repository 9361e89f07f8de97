"""Cards: one page, many forms that say the same, and nothing required that stays empty."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import mlcroissant
import pytest
import yaml
from huggingface_hub import DatasetCard, ModelCard
from huggingface_hub._eval_results import parse_eval_result_entries

from pipelines.contract import MANIFEST
from sitegen.cards.hugging_face import metric_type, size_category
from sitegen.cards.measures import Measured, wilson
from sitegen.cards.sections import SECTIONS, section_of
from sitegen.cards.toolkit import items
from sitegen.facts import Metric
from sitegen.written import as_markdown
from tests.generator.reports import Report

pytestmark = pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated", "ignore:The inplace keyword in DataFrame"
)
"""What mlcroissant asks of rdflib and pandas."""

FACTS = """facts:
  name: Three marks
  dataset: marks
  version: "1.0.0"
  licence: CC-BY-4.0
  authors: ["Lovelace, Ada"]
  url: https://example.org/marks
  citation: Lovelace, A. (1843). Marks.
"""
MODEL_FACTS = f"""{FACTS}  model: net
  task: image-classification
  library: pytorch
  metrics:
    - name: Accuracy
      split: test
      sql: select count(*) filter (where correct) as successes, count(*) as n from "marks/samples"
    - name: Accuracy
      split: test
      sql: >-
        select label as slice, avg(correct::int) as value from "marks/samples" group by label order by label
"""
FRONT = {
    "data": f"---\ncard: data\ndescription: Marks on paper\ndate: 2026-01-02\n{FACTS}---\n",
    "model": f"---\ncard: model\ndescription: Reads marks\ndate: 2026-01-02\n{MODEL_FACTS}---\n",
}
PARTS = {"data": ("facts", "files"), "model": ("facts", "metrics", "files")}
TEXT = {"type": "string"}
DAY = {"type": "string", "format": "date"}
LINK = {"type": "string", "format": "uri"}


def fields(*required: str, **known: object) -> dict[str, object]:
    """Return the schema of an object that has these fields, some of them always, and no other."""
    shape = {"type": "object", "additionalProperties": False, "minProperties": 1, "properties": known}
    return shape | ({"required": list(required)} if required else {})


def several(one: object) -> dict[str, object]:
    return {"type": "array", "minItems": 1, "items": one}


BOUNDS = fields("lower_bound", "upper_bound", lower_bound={"type": "number"}, upper_bound={"type": "number"})
PICTURES = fields(description=TEXT, collection=several(fields(name=TEXT, image=TEXT)))
DESCRIBED = several(fields("description", description=TEXT))
TOOLKIT_SCHEMA = fields(
    *("schema_version", "model_details", "model_parameters", "quantitative_analysis", "considerations"),
    schema_version={"const": "0.0.2"},
    model_details=fields(
        *("name", "overview", "owners", "licenses"),
        **{"name": TEXT, "overview": TEXT, "documentation": TEXT},
        owners=several(fields("name", name=TEXT, contact=TEXT)),
        version=fields(name=TEXT, date=DAY, diff=TEXT),
        licenses=several(
            fields(identifier=TEXT, custom_text=TEXT)
            | {"oneOf": [{"required": ["identifier"]}, {"required": ["custom_text"]}]}
        ),
        references=several(fields("reference", reference=LINK)),
        citations=several(fields("citation", style=TEXT, citation=TEXT)),
    ),
    model_parameters=fields(
        **{"model_architecture": TEXT, "input_format": TEXT, "output_format": TEXT},
        data=several(
            fields(
                *("name",),
                **{"name": TEXT, "link": LINK, "description": TEXT, "graphics": PICTURES},
                sensitive=fields(sensitive_data=several(TEXT)),
            )
        ),
    ),
    quantitative_analysis=fields(
        performance_metrics=several(
            fields(
                "type", "value", type=TEXT, value={"type": "number"}, slice=TEXT, confidence_interval=BOUNDS
            )
        ),
        graphics=PICTURES,
    ),
    considerations=fields(
        **{"users": DESCRIBED, "use_cases": DESCRIBED, "limitations": DESCRIBED, "tradeoffs": DESCRIBED},
        ethical_considerations=several(fields("name", name=TEXT, mitigation_strategy=TEXT)),
    ),
)
"""All of version 0.0.2, and stricter than it is published: nothing unknown, nothing empty, nothing missing.

The interval is what the toolkit reads beside the published fields."""


def is_toolkit(told: object) -> None:
    """Raise where a card is none of the Model Card Toolkit's, days and addresses included."""
    jsonschema.Draft7Validator(TOOLKIT_SCHEMA, format_checker=jsonschema.FormatChecker()).validate(told)


def body(kind: str, empty: str = "") -> str:
    """Return a page's text with every required section, and the parts that a card shows by itself."""
    lines = ["# Marks", "", "What they are.", ""]
    lines += [f"```card {part}\n```\n" for part in PARTS[kind]]
    for section in SECTIONS[kind]:
        if section.is_required:
            said = "" if section.key == empty else f"- Said of {section.key}.\n- And *more*.\n"
            lines += [f"## {section.title}", "", said]
    return "\n".join(lines)


@pytest.fixture
def marks(report: Report) -> Callable[..., Report]:
    """A function that writes a report whose front page leads to a card of this kind."""

    def write(kind: str, text: str = "", front: str = "") -> Report:
        table = {
            "id": [1, 2, 3, 4],
            "label": ["a", "a", "b", "b"],
            "correct": [True, True, True, False],
            "values": {"type": "list<float32>", "values": [[1, 2], [3], [], [4]]},
        }
        report.artifact("marks", {"samples": table})
        manifest = report.folder / "artifacts/marks" / MANIFEST
        told = json.loads(manifest.read_text())
        told["parameters"] = {"model": {"name": "net", "parameter_count": 7}}
        told["inputs"] = {"datasets/marks": "0" * 64}
        manifest.write_text(json.dumps(told))
        report.write("content/index.md", "# Front\n\n[card](card.md)\n")
        table_key = "table: marks/samples\n"
        front = (front or FRONT[kind]).replace("---\n", f"---\n{table_key}", 1)
        view = "\n```view count\n```\n" if kind == "model" else "\n```view count\ntable: marks/samples\n```\n"
        report.write("content/card.md", front + (text or body(kind)) + view)
        return report

    return write


def exported(report: Report, folder: Path) -> Path:
    assert report.command("cards", "--strict", "--output", str(folder)) == 0
    return folder / "card"


def test_a_model_s_numbers_are_the_same_in_every_form(marks: Callable[..., Report], tmp_path: Path) -> None:
    report = marks("model")
    folder = exported(report, tmp_path / "cards")
    page = report.page("card.html")
    low, high = wilson(3, 4)

    card = ModelCard.load(folder / "README.md")
    results = card.data.eval_results or []
    assert [(one.metric_type, one.metric_value, one.dataset_split) for one in results] == [
        ("accuracy", 0.75, "test")
    ]
    assert (card.data.license, card.data.library_name) == ("cc-by-4.0", "pytorch")
    assert re.findall(r"\| Accuracy \| test \| (\w+) \| ([\d.]+) \|", card.text) == [
        ("all", "0.75"),
        ("a", "1.0"),
        ("b", "0.5"),
    ]

    entries = parse_eval_result_entries(yaml.safe_load((folder / ".eval_results/card.yaml").read_text()))
    assert [(one.dataset_id, one.task_id, one.value) for one in entries] == [("marks", "test_accuracy", 0.75)]

    toolkit = json.loads((folder / "model-card.json").read_text())
    is_toolkit(toolkit)
    metrics = toolkit["quantitative_analysis"]["performance_metrics"]
    assert [(one["value"], one["slice"]) for one in metrics] == [
        (0.75, "split: test"),
        (1.0, "split: test, a"),
        (0.5, "split: test, b"),
    ]
    assert metrics[0]["confidence_interval"] == {"lower_bound": low, "upper_bound": high}

    data = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)[0])
    assert [one["value"] for one in data["additionalProperty"]] == [0.75, 1.0, 0.5]
    shown = re.findall(r'<td class="number"><data value="([\d.]+)">', page)
    assert [float(number) for number in shown] == [0.75, 1.0, 0.5]
    assert f"{low:.3g} to {high:.3g}" in page


def test_parameters_that_are_not_all_known_are_at_least_so_many(marks: Callable[..., Report]) -> None:
    report = marks("model")
    row = '<tr><th scope="row">Parameters</th><td>{}</td></tr>'
    assert row.format("7") in report.page("card.html")
    manifest = report.folder / "artifacts/marks" / MANIFEST
    told = json.loads(manifest.read_text())
    told["parameters"]["model"]["layers_of_unknown_weights"] = 2
    manifest.write_text(json.dumps(told))
    assert row.format("at least 7") in report.page("card.html")


def test_every_form_of_a_model_s_card_says_its_sections(marks: Callable[..., Report], tmp_path: Path) -> None:
    folder = exported(marks("model"), tmp_path / "cards")
    text = ModelCard.load(folder / "README.md").text
    for heading in (
        "### Direct Use",
        "### Out-of-Scope Use",
        "## Bias, Risks, and Limitations",
        "### Training Data",
    ):
        assert heading in text
    considerations = json.loads((folder / "model-card.json").read_text())["considerations"]
    assert considerations["use_cases"] == [
        {"description": "Said of intended-use."},
        {"description": "And *more*."},
    ]


def test_a_data_card_is_croissant_that_others_read_with_provenance_and_responsible_ai(
    marks: Callable[..., Report], tmp_path: Path
) -> None:
    folder = exported(marks("data"), tmp_path / "cards")
    dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    issues = dataset.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    rows = list(dataset.records("marks/samples"))
    assert [row["marks/samples/label"] for row in rows] == [b"a", b"a", b"b", b"b"]
    told = json.loads((folder / "croissant.json").read_text())
    responsible = {key for key in told if key.startswith("rai:")}
    assert responsible == {f"rai:{one.rai}" for one in SECTIONS["data"] if one.is_required and one.rai}
    assert dataset.metadata.data_limitations == ["- Said of limits.\n- And *more*."]
    assert told["prov:wasGeneratedBy"][0]["prov:used"][0]["sha256"] == "0" * 64
    card = DatasetCard.load(folder / "README.md")
    assert (card.data.pretty_name, card.data.license) == ("Three marks", "cc-by-4.0")
    assert card.data.size_categories == ["n<1K"]


def test_the_site_s_own_croissant_leads_to_the_site_s_data(
    marks: Callable[..., Report], tmp_path: Path
) -> None:
    report = marks("data")
    assert report.command("build", "--output", str(tmp_path / "site")) == 0
    dataset = mlcroissant.Dataset(jsonld=tmp_path / "site/cards/card/croissant.json")
    assert len(list(dataset.records("marks/samples"))) == 4
    page = (tmp_path / "site/card.html").read_text()
    assert '<a href="cards/card/croissant.json" download>croissant.json</a>' in page
    assert json.loads(re.findall(r'ld\+json">(.*?)</script>', page)[0])["@type"] == "Dataset"


def test_language_models_are_told_what_is_where(marks: Callable[..., Report]) -> None:
    report = marks("data")
    settings = report.settings.read_text("utf-8")
    report.write(
        "sitegen.toml", settings.replace("[site]\n", '[site]\nsite_url = "https://a.example/r"\n', 1)
    )
    site = report.build()
    lines = (site.read("llms.txt") or b"").decode().splitlines()
    assert [line for line in lines if line.startswith("# ")] == [lines[0]]
    # https://llmstxt.org: below headings of the second level nothing but links, each with what it is.
    first = next(number for number, line in enumerate(lines) if line.startswith("## "))
    listed = [line for line in lines[first:] if line and not line.startswith("## ")]
    found = [
        re.fullmatch(r"- \[(?:[^\]\\]|\\.)+\]\((https://a\.example/r/[^ )]*)\)(: .+)?", line)
        for line in listed
    ]
    assert all(found), listed
    urls = [each[1].removeprefix("https://a.example/r/") for each in found if each]
    for url in (url.partition("#")[0] for url in urls):
        assert site.read(url if url and not url.endswith("/") else f"{url}index.html"), url
    assert len(set(urls)) == len(urls)
    assert [url for url in urls if url.endswith("/README.md")]
    assert [line for line in listed if line.endswith(": Table samples. Rows: 4")]
    assert {url for url in urls if url.endswith(".parquet")} == {
        url for url in site.files if url.endswith(".parquet")
    }


@pytest.mark.parametrize("kind", ["data", "model"])
def test_a_required_section_that_is_missing_or_empty_is_a_problem(
    marks: Callable[..., Report], kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = marks(kind, "# Marks\n")
    assert report.command("check") == 1
    said = capsys.readouterr().err
    missing = [one.title for one in SECTIONS[kind] if one.is_required]
    assert re.findall(r'card\.md:1: the card has no section "(.*)"', said) == sorted(
        missing, key=missing.index
    )
    last = next(one for one in SECTIONS[kind] if one.is_required)
    report = marks(kind, body(kind, empty=last.key))
    assert report.command("check") == 1
    said = capsys.readouterr().err
    assert f'the section "{last.title}" of the card says nothing\n  write {last.asks}' in said
    line = int(re.findall(r"card\.md:(\d+)", said)[0])
    assert last.title in (report.folder / "content/card.md").read_text().splitlines()[line - 1]


def test_what_a_card_cannot_do_without_is_said_at_once(
    marks: Callable[..., Report], capsys: pytest.CaptureFixture[str]
) -> None:
    report = marks("data", front="---\ncard: data\nfacts:\n  dataset: marks\n---\n")
    assert report.command("check") == 1
    said = capsys.readouterr().err
    for name in ("description", "date", "authors", "licence", "version", "citation", "url"):
        assert f"content/card.md:3: the card has no {name}" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("card: data", "card: date", 'there is no card "date"'),
        ("  dataset: marks", "  datasets: marks", 'unknown key "datasets" in "facts"'),
        ("  dataset: marks", "  dataset: mark", 'no artifact tells of the dataset "mark"'),
        ('["Lovelace, Ada"]', "Ada", '"authors" is not a list'),
        ("CC-BY-4.0", "all of it", '"all of it" is no SPDX identifier'),
        ("https://example.org/marks", "example.org", '"example.org" is not a web address'),
        ('version: "1.0.0"', "version: 1.0", '"version" is not text'),
    ],
)
def test_facts_that_are_none_are_refused_with_their_line(
    marks: Callable[..., Report], capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    assert marks("data", front=FRONT["data"].replace(old, new)).command("check") == 1
    found = re.findall(r"content/card\.md:(\d+): (.*)", capsys.readouterr().err)
    assert any(said in what for _, what in found), found
    line, _ = next(one for one in found if said in one[1])
    assert (
        new.split(":")[0].strip() in FRONT["data"].replace(old, new).splitlines()[int(line) - 2]
        or "Ada" in new
    )


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select 1 as share", "answers share"),
        ("select null as value", "is no number where slice is all"),
        ('select label as value from "marks/samples" limit 1', "is no number"),
        ('select correct as value from "marks/samples" where false', "answers no row"),
        ("select 5 as successes, 3 as n", "has 5 successes of n = 3 where slice is all\n  successes are"),
        ("select -1 as successes, 3 as n", "has \N{MINUS SIGN}1 successes of n = 3"),
        ("select 1.5 as successes, 3 as n", "has 1.5 successes of n = 3"),
        (
            "select 'a' as slice, 1 as value, 3 as low, 2 as high",
            "from low = 3 to high = 2 where slice is a\n",
        ),
        ("select 1 as value, -3 as n", "has n = \N{MINUS SIGN}3 where slice is all\n  n is how many"),
        ("select 1 as value, 2.5 as n", "has n = 2.5"),
        ("select 1 as value, 'many' as n", "has n = many"),
        ("select 1 as value, 0 as n", "has n = 0"),
        ("select 1 as value union all select 2", 'the metric "M" answers 2 rows without slice\n  select one'),
        ("select 1 as value, 2 as value", "answers value more than once\n  select each column once"),
        ("select 1 as value, 'a' as slice from range(2)", 'answers the slice "a" more than once\n'),
        ("select 1 as value, range as slice from range(2000)", "answers 2,000 rows\n  a card takes 1,000"),
        ("select 1 as value; select 2", "a second statement begins here"),
        ('select * from "marks/sample"', 'no artifact has a table "marks/sample"'),
    ],
)
def test_metrics_that_measure_nothing_are_refused(
    marks: Callable[..., Report], capsys: pytest.CaptureFixture[str], sql: str, said: str
) -> None:
    told = FRONT["model"].partition("  metrics:")[0]
    front = f"{told}  metrics:\n    - name: M\n      sql: {json.dumps(sql)}\n---\n"
    assert marks("model", front=front).command("check") == 1
    assert said in capsys.readouterr().err


def test_the_hub_is_told_metrics_by_names_of_letters_alone_and_sizes_as_it_has_them(
    marks: Callable[..., Report],
) -> None:
    metric = Metric("Accuracy | sliced (%)", "")
    assert metric_type(Measured(metric, 1.0)) == "accuracy_sliced"
    assert metric_type(Measured(replace(metric, type="owner/Metric"), 1.0)) == "owner/Metric"
    assert metric_type(Measured(replace(metric, name="%"), 1.0)) == "metric"
    told = [size_category(rows) for rows in (None, 0, 999_999_999, 2 * 10**9, 10**10, 10**11, 10**12)]
    assert told == ["", "n<1K", "100M<n<1B", "1B<n<10B", "10B<n<100B", "100B<n<1T", "n>1T"]


def test_the_files_of_a_card_say_their_size_in_the_site_s_language(marks: Callable[..., Report]) -> None:
    report = marks("model")
    settings = report.settings.read_text("utf-8").replace("[site]\n", '[site]\nlanguage = "de"\n')
    report.write("sitegen.toml", settings)
    sizes = re.findall(r'<span class="card-size">(.*?)</span>', report.page("card.html"))
    assert sizes
    assert all(re.fullmatch(r"[\d,]+ (Byte|kB)", size) for size in sizes), sizes


def test_parts_of_cards_stand_in_cards_and_are_all_shown(
    marks: Callable[..., Report], capsys: pytest.CaptureFixture[str]
) -> None:
    report = marks("data", body("data").replace("card files", "card file"))
    assert report.command("check", "--strict") == 1
    said = capsys.readouterr().err
    assert 'a card has no part "file"\n  did you mean "files"?' in said
    report = marks("data", body("data").replace("```card files\n```\n", ""))
    assert report.command("check", "--strict") == 1
    assert "the page of the card does not show its files" in capsys.readouterr().err
    report.write("content/index.md", "# Front\n\n[card](card.md)\n\n```card facts\n```\n")
    assert report.command("check") == 1
    assert "content/index.md:5: a part of a card stands in a page that is none" in capsys.readouterr().err


def test_a_heading_is_a_section_by_its_words_or_its_anchor() -> None:
    assert section_of("data", "limits") == section_of("data", "limitations")
    assert section_of("model", "bias-risks-and-limitations") is not None
    assert section_of("model", "the-weather") is None
    for kind, sections in SECTIONS.items():
        names = [name for one in sections for name in {one.key, *one.names}]
        assert len(names) == len(set(names)), kind


def test_text_of_others_is_no_markup_in_any_form(marks: Callable[..., Report], tmp_path: Path) -> None:
    front = FRONT["data"].replace("Three marks", '"</script><img src=x>"')
    report = marks("data", front=front)
    folder = exported(report, tmp_path / "cards")
    page = report.page("card.html")
    assert "<img src=x>" not in page
    assert page.count("</script>") == page.count("<script")
    assert json.loads((folder / "croissant.json").read_text())["name"] == "</script><img src=x>"


def test_wilson_s_interval_is_the_published_one() -> None:
    low, high = wilson(15, 20)
    assert (round(low, 4), round(high, 4)) == (0.5313, 0.8881)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>A <em>b</em> <strong>c</strong> <code>d_e</code> 1*2</p>", "A *b* **c** `d_e` 1\\*2"),
        ("<ul><li>one</li><li>two<ol><li>x</li></ol></li></ul><p>y</p>", "- one\n- two\n  1. x\n\ny"),
        (
            "<table><caption>T</caption><tr><th>h</th></tr><tr><td>1|2</td></tr></table>",
            "**T**\n\n| h |\n| --- |\n| 1\\|2 |",
        ),
        (
            '<p>So <math display="inline" alttext="a_1 &lt; b"><mi>a</mi><mn>1</mn></math>.</p>',
            "So $a_1 < b$.",
        ),
        ('<p>Note. <a href="#r" class="footnote-backref">back</a></p>', "Note."),
        ("<pre>a\n b</pre>", "```\na\n b\n```"),
        ("<pre>````x\n````</pre>", "`````\n````x\n````\n`````"),
        ('<h3 id="a">A <a class="anchor" href="#a">#</a></h3><p>b</p>', "### A\n\nb"),
        ('<aside><p class="admonition-title">Mind</p><p>this</p></aside>', "**Mind**\n\nthis"),
        ("<blockquote><p>said</p></blockquote>", "> said"),
        (
            '<p><a href="b.html#c">in</a> <a href="https://a.example/">out</a></p>',
            "in [out](https://a.example/)",
        ),
    ],
)
def test_html_of_a_page_becomes_markdown_that_stands_alone(html: str, markdown: str) -> None:
    assert as_markdown(html, "") == markdown


def test_links_within_a_site_are_whole_addresses_where_it_has_one() -> None:
    found = as_markdown('<p><a href="b.html#c">in</a></p>', "https://r.example/x/a.html")
    assert found == "[in](https://r.example/x/b.html#c)"


def test_a_list_is_one_entry_an_item() -> None:
    assert items("- a\n- b\n  c") == ["a", "b\n  c"]
    assert items("Text.\n\n- a") == ["Text.\n\n- a"]
    assert items("") == []


def test_an_unfinished_card_warns_once_of_what_it_lacks_and_is_handed_on_in_no_form(
    marks: Callable[..., Report], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    front = "---\ncard: data\nunfinished: true\nfacts:\n  dataset: marks\n---\n"
    report = marks("data", front=front)
    assert report.command("build") == 0
    lacked = "description, date, authors, licence, version, citation, url"
    warned = re.findall(r"content/card\.md:4: (.*)", capsys.readouterr().err)
    assert warned == [f"the card is unfinished and lacks {lacked}"]
    page = report.page("card.html")
    assert "It does not say yet: Description, Date, Authors, Licence, Version, Source, Published." in page
    assert "application/ld+json" not in page
    assert "when it says all that it has to say" in page
    assert report.command("build", "--strict") == 1
    assert report.command("cards", "card", "--output", str(tmp_path / "cards")) == 1
    assert 'the card "card" is unfinished' in capsys.readouterr().err


def test_an_unfinished_card_names_the_sections_it_lacks_in_its_language(
    marks: Callable[..., Report],
) -> None:
    front = "---\ncard: data\nunfinished: true\nfacts:\n  dataset: marks\n---\n"
    report = marks("data", "# Karte\n\n## Verwendung {#intended-use}\n\n\n## Limits\n\nKeine.\n", front)
    settings = report.settings.read_text("utf-8")
    report.settings.write_text(settings.replace("[site]\n", '[site]\nlanguage = "de"\n'), "utf-8")
    report.command("build")
    (notice,) = re.findall(r'<p class="page-notice">(.*?)</p>', report.page("card.html"))
    assert '<a href="#intended-use">Verwendung</a>, Zusammensetzung, Nicht vorgesehene Verwendung, ' in notice
    assert not [one.title for one in SECTIONS["data"] if one.title in notice and one.title != "Limits"]


def test_who_calls_a_whole_card_or_no_card_unfinished_is_told(
    marks: Callable[..., Report], capsys: pytest.CaptureFixture[str]
) -> None:
    report = marks("data", front=FRONT["data"].replace("card: data\n", "card: data\nunfinished: true\n"))
    assert report.command("check") == 0
    assert "the card says all that it must, and is called unfinished" in capsys.readouterr().err
    report.write("content/index.md", "---\nunfinished: true\n---\n# Front\n\n[card](card.md)\n")
    assert report.command("check") == 1
    assert "content/index.md:2: only a card can be unfinished" in capsys.readouterr().err
