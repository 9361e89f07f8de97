"""What a card's page shows by itself, where a fence ``card facts``, ``metrics`` or ``files`` stands."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from sitegen.cards.card import Card
from sitegen.cards.measures import Measured
from sitegen.errors import size_in_words
from sitegen.languages import Words
from sitegen.numbers import UNDEFINED, format_value

FACTS, METRICS, FILES = "facts", "metrics", "files"
PARTS = (FACTS, METRICS, FILES)


def facts_part(card: Card, words: Words) -> str:
    """Return what is known of the dataset or model, as a table of two columns."""
    rows = _data_rows(card, words) if card.kind == "data" else _model_rows(card, words)
    cells = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{value}</td></tr>\n' for name, value in rows if value
    )
    return _scrolling(words.say("Facts"), f'<table class="card-facts">\n<tbody>\n{cells}</tbody>\n</table>')


def _data_rows(card: Card, words: Words) -> Iterable[tuple[str, str]]:
    manifest, say = card.manifest, words.say
    yield say("Dataset"), escape(card.called)
    yield say("Rows"), words.number(f"{card.rows:,}") if card.rows is not None else ""
    yield say("Classes"), escape(", ".join(manifest.classes)) if manifest else ""
    yield from _shared_rows(card, words)
    yield say("Source"), escape(card.citation)
    yield "SHA-256", f"<code>{card.digest}</code>" if card.digest else ""


def _model_rows(card: Card, words: Words) -> Iterable[tuple[str, str]]:
    manifest, model, say = card.manifest, card.model, words.say
    count = model.get("parameter_count")
    yield say("Model"), escape(card.called)
    yield say("Kind"), escape(card.facts.architecture)
    counted = words.number(f"{count:,}") if isinstance(count, int) else ""
    is_least = counted and "layers_of_unknown_weights" in model
    yield say("Parameters"), say("at least {n}", n=counted) if is_least else counted
    yield say("Task"), escape(card.facts.task)
    yield say("Measured on"), escape(card.facts.hub_dataset or card.facts.dataset)
    yield from _shared_rows(card, words)
    settings = model.get("parameters")
    if isinstance(settings, dict):
        said = (f"{name.replace('_', ' ')} {value}" for name, value in settings.items() if value != "")
        yield say("Settings"), escape(", ".join(said))
    if manifest:
        libraries = ", ".join(f"{name} {version}" for name, version in sorted(manifest.libraries.items()))
        yield (
            say("Computed with"),
            escape(f"{manifest.tool} {manifest.tool_version} ({manifest.device}; {libraries})"),
        )


def _shared_rows(card: Card, words: Words) -> Iterable[tuple[str, str]]:
    facts, say = card.facts, words.say
    yield say("Version"), escape(", ".join(filter(None, (facts.version, words.day(card.date)))))
    licence = escape(card.licence or card.licence_url)
    linked = (
        f'<a href="{escape(card.licence_url)}" rel="license">{licence}</a>' if card.licence_url else licence
    )
    yield say("Licence"), linked
    yield say("Authors"), escape(", ".join(person.shown for person in facts.authors))
    yield say("Published"), f'<a href="{escape(facts.url)}">{escape(facts.url)}</a>' if facts.url else ""
    yield say("Contact"), escape(facts.contact)


def metrics_part(card: Card, words: Words) -> str:
    """Return all that was measured, with intervals and the number of samples."""
    say = words.say
    has_slices = any(one.slice for one in card.measures)
    columns = [say("Metric"), *([say("Slice")] if has_slices else []), say("Value"), say("95% interval"), "n"]
    numeric = len(columns) - 3
    aligned = ["" if place < numeric else ' class="align-right"' for place in range(len(columns))]
    head = "".join(
        f'<th scope="col"{side}>{escape(column)}</th>' for side, column in zip(aligned, columns, strict=True)
    )
    body = "".join(_metric_row(one, has_slices, words) for one in card.measures)
    table = f'<table class="card-metrics">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>'
    return _scrolling(say("What was measured"), table)


def _metric_row(one: Measured, has_slices: bool, words: Words) -> str:
    name = f"{one.metric.name} ({one.metric.split})" if one.metric.split else one.metric.name
    low, value, high = (
        UNDEFINED if end is None else words.number(format_value(end, one.metric.format))
        for end in (one.low, one.value, one.high)
    )
    shown = UNDEFINED
    if one.low is not None and one.high is not None:
        shown = escape(words.say("{low} to {high}", low=low, high=high))
    value = f'<data value="{one.value!r}">{value}</data>'
    cells = [
        f"<td>{escape(name)}</td>",
        *([f"<td>{escape(one.slice or words.say('all'))}</td>"] if has_slices else []),
    ]
    count = UNDEFINED if one.n is None else words.number(f"{one.n:,}")
    cells += [f'<td class="number">{cell}</td>' for cell in (value, shown, count)]
    return f"<tr>{''.join(cells)}</tr>\n"


def files_part(files: Iterable[tuple[str, str, int]], words: Words) -> str:
    """Return links to the card in other forms: address, what it is, bytes."""
    items = "".join(
        f'<li><a href="{escape(url)}" download>{escape(url.rpartition("/")[2])}</a>: '
        f"{escape(words.say(what))} "
        f'<span class="card-size">{escape(_size(size, words))}</span></li>\n'
        for url, what, size in files
    )
    label = escape(words.say("This card for other systems"))
    return f'<ul class="card-files" aria-label="{label}">\n{items}</ul>\n'


def _size(count: int, words: Words) -> str:
    amount, unit = size_in_words(count).split(" ")
    return f"{words.number(amount)} {words.say(unit)}"


def unfinished_part(words: Words) -> str:
    """Return what stands in the place of the card's other forms while it has none."""
    said = words.say("The card is handed on in other forms when it says all that it has to say.")
    return f'<p class="card-waits">{escape(said)}</p>\n'


def unfinished_notice(card: Card, words: Words) -> str:
    """Return what is said at the top of an unfinished card: what it lacks, with links to it."""
    say = words.say
    named = _named(words)
    facts = [escape(named[name]) for name in card.lacks]
    sections = [
        f'<a href="#{escape(anchor)}">{escape(title)}</a>' if anchor else escape(say(title))
        for title, anchor in card.unsaid
    ]
    lacked = ", ".join([*facts, *sections])
    said = escape(say("Unfinished card: whoever uses what it tells of needs to know more than it says."))
    rest = f" {escape(say('It does not say yet:'))} {lacked}." if lacked else ""
    return f'<p class="page-notice">{said}{rest}</p>\n'


def _named(words: Words) -> dict[str, str]:
    """Return what each fact that a card has to say is called on its page."""
    say = words.say
    return {
        "description": say("Description"),
        "date": say("Date"),
        "authors": say("Authors"),
        "licence": say("Licence"),
        "version": say("Version"),
        "citation": say("Source"),
        "url": say("Published"),
    }


def _scrolling(label: str, table: str) -> str:
    region = f'role="region" aria-label="{escape(label)}" tabindex="0"'
    return f'<div class="table-scroll answers" {region}>{table}</div>\n'
