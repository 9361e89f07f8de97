"""What a card has to say: sections of the Data Cards Playbook and of the Hugging Face Hub's templates.

A section of a page is one of these by its heading: its title, one of its other names, or its key as the
heading's own anchor (``## Verwendung {#intended-use}``), whatever the words.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A section of a card."""

    key: str
    """Anchor of its heading."""
    title: str
    asks: str
    """What is to be written there."""
    place: tuple[str, ...]
    """Its headings in the Hub's template."""
    is_required: bool = False
    names: tuple[str, ...] = ()
    """Anchors of other headings that mean the same."""
    rai: str = ""
    """Its property in Croissant's vocabulary of responsible AI."""


DATA = (
    Section(
        "composition",
        "Composition",
        "what one row is, what it holds, how many there are",
        ("Dataset Structure",),
        True,
        ("content", "contents", "data-points", "what-do-the-columns-hold"),
    ),
    Section(
        "intended-use",
        "Intended use",
        "what the dataset is good for",
        ("Uses", "Direct Use"),
        True,
        ("uses", "use", "good-for", "suitable-use", "motivation-and-intended-use"),
        "dataUseCases",
    ),
    Section(
        "out-of-scope-use",
        "Out-of-scope use",
        "what it must not be used for",
        ("Uses", "Out-of-Scope Use"),
        True,
        ("not-for", "unsuitable-use", "misuse"),
    ),
    Section(
        "motivation",
        "Motivation",
        "why the dataset was made",
        ("Dataset Creation", "Curation Rationale"),
        names=("purpose",),
    ),
    Section(
        "provenance",
        "Provenance",
        "who collected it, from where, how and when",
        ("Dataset Creation", "Source Data"),
        True,
        ("collection", "source", "data-collection"),
        "dataCollection",
    ),
    Section(
        "sampling",
        "Sampling and splits",
        "how rows were chosen and divided",
        ("Dataset Creation", "Sampling and Splits"),
        names=("splits", "split", "sampling-methods"),
    ),
    Section(
        "transformations",
        "Transformations",
        "what was changed on the way: cleaning, scaling, filling in",
        ("Dataset Creation", "Data Processing"),
        True,
        ("preprocessing", "processing", "cleaning", "what-is-missing"),
        "dataPreprocessingProtocol",
    ),
    Section(
        "annotations",
        "Annotations and labels",
        "who gave the labels, by which rules, how they were checked; or that there are none",
        ("Dataset Creation", "Annotations"),
        True,
        ("labels", "labelling", "annotations-and-labelling"),
        "dataAnnotationProtocol",
    ),
    Section(
        "validation",
        "Validation",
        "how it was checked that the data is right",
        ("Dataset Creation", "Validation"),
        names=("validation-types",),
    ),
    Section(
        "sensitive",
        "People and sensitive attributes",
        "what it tells of people, and what that could do to them; or that it tells nothing of them",
        ("Dataset Creation", "Personal and Sensitive Information"),
        True,
        ("people", "human-and-other-sensitive-attributes", "sensitive-attributes", "privacy"),
        "personalSensitiveInformation",
    ),
    Section(
        "biases",
        "Biases",
        "whom or what it shows too often, too rarely, or not as they are",
        ("Bias, Risks, and Limitations", "Biases"),
        True,
        ("bias",),
        "dataBiases",
    ),
    Section(
        "limits",
        "Limits",
        "what the data cannot say",
        ("Bias, Risks, and Limitations", "Limitations"),
        True,
        ("limitations",),
        "dataLimitations",
    ),
    Section(
        "social-impact",
        "Social impact",
        "what its use may change for people",
        ("Bias, Risks, and Limitations", "Social Impact"),
        rai="dataSocialImpact",
    ),
    Section(
        "maintenance",
        "Version and maintenance",
        "who keeps it, how often it changes, where errors are reported",
        ("Dataset Card Maintenance",),
        True,
        ("versions", "maintenance-plan", "version"),
        "dataReleaseMaintenancePlan",
    ),
    Section(
        "access",
        "Access and retention",
        "who may have it, for how long",
        ("Access and Retention",),
        names=("access-retention-and-wipeout",),
    ),
    Section(
        "applications",
        "Known applications and benchmarks",
        "where it has been used, with which results",
        ("Known Applications and Benchmarks",),
        names=("benchmarks",),
    ),
    Section("glossary", "Terms", "words that need explaining", ("Glossary",), names=("terms-of-art",)),
    Section("reflections", "Reflections", "what else readers should know", ("More Information",)),
)
"""Sections of a data card, in the order of the Hub's template."""

MODEL = (
    Section(
        "model-details",
        "Model details",
        "what the model is and how it works",
        ("Model Details", "Model Description"),
        True,
        ("model-description", "description", "what-is-it"),
    ),
    Section(
        "intended-use",
        "Intended use",
        "what the model is good for, as it is",
        ("Uses", "Direct Use"),
        True,
        ("uses", "use", "good-for", "direct-use"),
    ),
    Section(
        "users", "Intended users", "whom it is made for", ("Uses", "Intended Users"), names=("for-whom",)
    ),
    Section(
        "downstream-use",
        "Downstream use",
        "what it may become a part of",
        ("Uses", "Downstream Use"),
    ),
    Section(
        "out-of-scope-use",
        "Out-of-scope use",
        "what it must not be used for",
        ("Uses", "Out-of-Scope Use"),
        True,
        ("not-for", "misuse"),
    ),
    Section(
        "limitations",
        "Bias, risks and limitations",
        "where and for whom it fails, and what that can do",
        ("Bias, Risks, and Limitations",),
        True,
        ("limits", "bias-risks-and-limitations", "biases-risks-and-limitations"),
    ),
    Section(
        "tradeoffs",
        "Trade-offs",
        "what was given up for what",
        ("Bias, Risks, and Limitations", "Trade-offs"),
        names=("trade-offs",),
    ),
    Section(
        "ethics",
        "Ethical considerations",
        "risks for people, and what is done about each",
        ("Bias, Risks, and Limitations", "Ethical Considerations"),
        names=("ethical-considerations",),
    ),
    Section(
        "recommendations",
        "Recommendations",
        "what who uses it should do about that",
        ("Bias, Risks, and Limitations", "Recommendations"),
    ),
    Section(
        "get-started",
        "How to get started",
        "the code that runs it",
        ("How to Get Started with the Model",),
        names=("how-to-get-started", "how-to-get-started-with-the-model"),
    ),
    Section(
        "training-data",
        "Training data",
        "what it learned from",
        ("Training Details", "Training Data"),
        True,
    ),
    Section(
        "training-procedure",
        "Training procedure",
        "how it learned: steps, settings, hardware, time",
        ("Training Details", "Training Procedure"),
        True,
        ("training", "how-did-it-learn"),
    ),
    Section(
        "evaluation",
        "Evaluation",
        "on which data, by which measures, with which results",
        ("Evaluation",),
        True,
        ("results", "how-well-does-it-do"),
    ),
    Section(
        "examination",
        "Model examination",
        "what was found by looking into it",
        ("Model Examination",),
        names=("model-examination", "interpretability"),
    ),
    Section(
        "environment",
        "Environmental impact",
        "what training it took: hardware, hours, place",
        ("Environmental Impact",),
        names=("environmental-impact",),
    ),
    Section(
        "specifications",
        "Technical specifications",
        "its layers, inputs and outputs, what it runs on",
        ("Technical Specifications",),
        names=("technical-specifications", "architecture"),
    ),
    Section("glossary", "Glossary", "words that need explaining", ("Glossary",)),
    Section("more", "More information", "what else readers should know", ("More Information",)),
)
"""Sections of a model card, in the order of the Hub's template."""

SECTIONS = {"data": DATA, "model": MODEL}


def section_of(kind: str, anchor: str) -> Section | None:
    """Return the section that a heading with this anchor begins; None for one of the author's own."""
    return next(
        (one for one in SECTIONS[kind] if anchor == one.key or anchor in (_slug(one), *one.names)), None
    )


def _slug(section: Section) -> str:
    return "-".join("".join(sign if sign.isalnum() else " " for sign in section.title.lower()).split())
