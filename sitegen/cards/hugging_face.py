"""Writes a card as the Hugging Face Hub reads it: ``README.md`` with metadata, and results of evaluations."""

from __future__ import annotations

import re
from typing import Any

import yaml

from sitegen.cards.card import Card, Written
from sitegen.cards.measures import Measured
from sitegen.cards.sections import SECTIONS
from sitegen.numbers import format_value
from sitegen.people import Person
from sitegen.written import escape

README = "README.md"
RESULTS = ".eval_results"

_KNOWN = (
    "afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda "
    "cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 "
    "cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 "
    "cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0 ecl-2.0 epl-1.0 "
    "epl-2.0 eupl-1.1 eupl-1.2 gfdl gpl-2.0 gpl-3.0 isc lgpl-2.1 lgpl-3.0 mit mpl-2.0 ms-pl mulanpsl-2.0 "
    "ncsa odbl odc-by ofl-1.1 osl-3.0 pddl postgresql unlicense wtfpl zlib"
)
LICENCES = frozenset(_KNOWN.split())
"""Licences that the Hub knows by name; any other is one of its own, with a name and an address."""
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
    (10_000_000_000, "1B<n<10B"),
    (100_000_000_000, "10B<n<100B"),
    (1_000_000_000_000, "100B<n<1T"),
)
"""Of datasets, as the Hub counts them."""


def readme(card: Card) -> str:
    """Return ``README.md``."""
    metadata = _model_metadata(card) if card.kind == "model" else _data_metadata(card)
    front = yaml.safe_dump(_without_empty(metadata), sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{front}---\n\n# {escape(card.called)}\n\n{_body(card)}"


def results(card: Card) -> str:
    """Return what was measured, as ``.eval_results/*.yaml`` holds it; empty where nothing was."""
    entries = [
        _without_empty(
            {
                "dataset": {"id": card.facts.hub_dataset or card.facts.dataset, "task_id": _task_id(one)},
                "value": one.value,
                "date": card.date,
                "source": {"url": card.address, "name": card.title} if card.address else None,
                "notes": _notes(one),
            }
        )
        for one in card.whole()
    ]
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=100) if entries else ""


def _task_id(one: Measured) -> str:
    return "_".join(part for part in (one.metric.split, metric_type(one)) if part)


def _notes(one: Measured) -> str:
    told = [
        one.metric.name,
        f"split {one.metric.split}" if one.metric.split else "",
        interval(one),
        counted(one),
    ]
    return ", ".join(filter(None, told))


def metric_type(one: Measured) -> str:
    """Return a metric's name as machines say it."""
    named = re.sub(r"\W+", "_", one.metric.name.lower()).strip("_")
    return one.metric.type or named or "metric"


def size_category(rows: int | None) -> str:
    """Return how many rows there are as the Hub counts them; empty where nobody says."""
    return "" if rows is None else next((said for most, said in SIZES if rows < most), "n>1T")


def interval(one: Measured) -> str:
    """Return a measure's interval in words; empty without one."""
    if one.low is None or one.high is None:
        return ""
    return f"95% interval {format_value(one.low, '.4f')} to {format_value(one.high, '.4f')}"


def counted(one: Measured) -> str:
    """Return of how many samples a measure is; empty where nobody says."""
    return f"n = {one.n:,}" if one.n is not None else ""


def _licence(card: Card) -> dict[str, Any]:
    name = card.facts.licence.lower().removesuffix("-only").removesuffix("-or-later")
    if name in LICENCES:
        return {"license": name}
    return {"license": "other", "license_name": card.licence, "license_link": card.licence_url}


def _model_metadata(card: Card) -> dict[str, Any]:
    facts = card.facts
    return {
        "language": list(facts.languages),
        **_licence(card),
        "library_name": facts.library,
        "pipeline_tag": facts.task,
        "tags": list(facts.keywords),
        "datasets": [facts.hub_dataset] if facts.hub_dataset else [],
        "metrics": sorted({metric_type(one) for one in card.measures}),
        "base_model": facts.base_model,
        "model-index": _index(card),
    }


def _index(card: Card) -> list[dict[str, Any]]:
    """Return the results by split, as the Hub's older metadata has them."""
    splits: dict[str, list[dict[str, Any]]] = {}
    for one in card.whole():
        told = {"type": metric_type(one), "value": one.value, "name": one.metric.name}
        splits.setdefault(one.metric.split, []).append(told)
    task = card.facts.task or "other"
    found = []
    for split, metrics in splits.items():
        name = card.facts.hub_dataset or card.facts.dataset
        dataset = _without_empty({"name": name, "type": name, "split": split})
        result = {"task": {"type": task}, "dataset": dataset, "metrics": metrics}
        source = {"source": {"name": card.title, "url": card.address}} if card.address else {}
        found.append({**result, **source})
    return [{"name": card.called, "results": found}] if found else []


def _data_metadata(card: Card) -> dict[str, Any]:
    facts, size = card.facts, size_category(card.rows)
    return {
        "pretty_name": card.called,
        "language": list(facts.languages),
        **_licence(card),
        "task_categories": [facts.task] if facts.task else [],
        "tags": list(facts.keywords),
        "size_categories": [size] if size else [],
    }


# The text -----------------------------------------------------------------------------------------


def _body(card: Card) -> str:
    """Return the sections in the order and under the headings of the Hub's template."""
    lines = [escape(card.description), ""]
    top = ""
    known = {one.section.key: one for one in card.sections if one.section}
    first = "Model Details" if card.kind == "model" else "Dataset Details"
    lines += [f"## {first}", "", *([card.intro, ""] if card.intro else []), *_facts(card), ""]
    top = first
    for section in SECTIONS[card.kind]:
        written = known.get(section.key)
        if written is None or not (written.text or section.key == "evaluation"):
            continue
        if section.place[0] != top:
            top = section.place[0]
            lines += [f"## {top}", ""]
        lines += [f"### {name}\n" for name in section.place[1:]]
        lines += [_lowered(written), ""]
        if section.key == "evaluation":
            lines += [*_results(card), ""]
    lines += _ending(card)
    return "\n".join(lines).rstrip() + "\n"


def _lowered(written: Written) -> str:
    """Return a section's text with its own headings below those of the template."""
    lines, is_code = [], False
    for line in written.text.split("\n"):
        is_code ^= line.startswith("```")
        lines.append(f"#{line}" if line.startswith("###") and not is_code else line)
    return "\n".join(lines)


def _facts(card: Card) -> list[str]:
    facts = card.facts
    told = {
        "Developed by" if card.kind == "model" else "Curated by": _people(facts.authors),
        "Model type": facts.architecture,
        "Language(s)": ", ".join(facts.languages),
        "License": card.licence,
        "Version": f"{facts.version} ({card.date})",
        "Rows": f"{card.rows:,}" if card.kind == "data" and card.rows is not None else "",
        "Repository": facts.url,
        "Report": card.address,
    }
    return [f"- **{name}:** {escape(value)}" for name, value in told.items() if value]


def _people(authors: tuple[Person, ...]) -> str:
    return ", ".join(person.shown for person in authors)


def _results(card: Card) -> list[str]:
    """Return a table of all that was measured."""
    if not card.measures:
        return []
    rows = [f"| {' | '.join(_result(one))} |" for one in card.measures]
    head = "| Metric | Split | Slice | Value | 95% interval | n |"
    return ["### Results", "", head, "| --- | --- | --- | --- | --- | --- |", *rows]


def _result(one: Measured) -> list[str]:
    within = interval(one).removeprefix("95% interval ")
    count = "" if one.n is None else str(one.n)
    said = (one.metric.name, one.metric.split, one.slice or "all")
    return [*map(escape, said), repr(one.value), within, count]


def _ending(card: Card) -> list[str]:
    lines = []
    for one in card.own:
        lines += [f"## {escape(one.title)}", "", one.text, ""] if one.text else []
    kind = "Model" if card.kind == "model" else "Dataset"
    if card.citation:
        is_bibtex = card.citation.startswith("@")
        said = f"```bibtex\n{card.citation}\n```" if is_bibtex else escape(card.citation)
        lines += ["## Citation", "", said, ""]
    lines += [f"## {kind} Card Authors", "", escape(_people(card.facts.authors)), ""]
    if card.facts.contact:
        lines += [f"## {kind} Card Contact", "", card.facts.contact, ""]
    return lines


def _without_empty(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value not in ("", [], None)}
