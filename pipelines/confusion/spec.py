"""Declares `confusion`: which labels are taken for which, and how well each class is told from the others."""

from pipelines.contract import Column, Input, Parameter, Spec, TableSpec

OUTPUT = Column("output", "dictionary", None, None, "the label column that the row is about")

COUNTS = TableSpec(
    "counts",
    "how many samples of one label were given one prediction; pairs that never occur have no row",
    (
        OUTPUT,
        Column("actual", "string", "label", None, "the label; levels of a hierarchy are joined", True),
        Column("predicted", "string", "prediction", None, "what was predicted, written like the label", True),
        Column("n", "int64", None, "samples", "samples of this label and this prediction"),
    ),
)

_RATES = {
    "precision": "share of those predicted to be in the node that are: TP / (TP + FP)",
    "recall": "share of those in the node that are predicted so: TP / (TP + FN)",
    "specificity": "share of those outside the node that are predicted so: TN / (n - samples in it)",
    "f1": "harmonic mean of precision and recall",
    "accuracy": "share of all samples that are decided rightly: (TP + TN) / n",
}


def _measured(name: str, description: str) -> tuple[Column, ...]:
    ends = {"low": "lower", "high": "upper"}
    return (
        Column(name, "float64", None, None, f"{description}; missing where there is nothing to divide", True),
        *(
            Column(f"{name}_{end}", "float64", None, None, f"{word} end of the interval of {name}", True)
            for end, word in ends.items()
        ),
    )


MEASURES = TableSpec(
    "measures",
    "each class, each inner node of a hierarchy and all together (depth 0), one against the rest",
    (
        OUTPUT,
        Column("node", "string", "group", None, "the class or inner node; missing for all together", True),
        Column("depth", "int16", None, None, "levels above the node: 0 for all together, 1 for flat labels"),
        Column("leaf", "bool", None, None, "whether no other label lies below the node"),
        Column(
            "counted",
            "dictionary",
            None,
            None,
            "what is a hit of an inner node: exact, the very label; within, any label below the node",
        ),
        Column("n", "int64", None, "samples", "samples with label and prediction"),
        Column("labelled", "int64", None, "samples", "samples whose label is in the node"),
        Column("predicted", "int64", None, "samples", "samples whose prediction is in the node"),
        Column("tp", "int64", None, "samples", "hits: label and prediction are in the node"),
        Column("fp", "int64", None, "samples", "predicted in the node and no hit"),
        Column("fn", "int64", None, "samples", "labelled in the node and no hit"),
        Column("tn", "int64", None, "samples", "neither label nor prediction is in the node"),
        *(column for name, text in _RATES.items() for column in _measured(name, text)),
    ),
)

SPEC = Spec(
    "confusion",
    1,
    "Confusion",
    "Which labels are taken for which, flat, hierarchical or several at once, and each class's measures.",
    inputs=(Input("dataset", "dataset", True), Input("table", "classification/samples", True)),
    parameters=(
        Parameter("labels", "", "columns of labels, separated by commas; the one with the role label"),
        Parameter("predictions", "", "columns of predictions in the same order; the one with that role"),
        Parameter("separator", ":", 'between levels of a hierarchical label: "animal:dog"; "" for none'),
        Parameter("level", 0.95, "confidence level of the intervals", minimum=0.5, maximum=0.9999),
    ),
    tables=(COUNTS, MEASURES),
)
