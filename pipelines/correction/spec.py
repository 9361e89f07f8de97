"""Declares `correction`: how a model does that learns from labels before and after they were corrected."""

from pipelines.contract import TILE, Column, Input, Parameter, Spec, TableSpec

_TRAINED = Column(
    "trained_on", "dictionary", None, None, "the labels that the model learned from: before, after"
)
_JUDGED = Column(
    "judged_by", "dictionary", None, None, "the labels that it is judged by: before, after, truth"
)

SAMPLES = TableSpec(
    "samples",
    "each sample with the dataset's own columns, its label before and after, and what the models say of it",
    (
        Column(
            "label_after", "dictionary", None, None, "the corrected label; null where it was deleted", True
        ),
        Column(
            "action", "dictionary", None, None, "what was decided: confirm, relabel, delete, unsure, none"
        ),
        Column("changed", "bool", None, None, "whether the label is another, or the sample was deleted"),
        Column("who", "dictionary", None, None, "who decided", True),
        Column("why", "string", None, None, "the reason that was given", True),
        Column("prediction_before", "dictionary", None, None, "by models that learned before", True),
        Column(
            "prediction",
            "dictionary",
            "prediction",
            None,
            "by models that learned from what is corrected",
            True,
        ),
        *TILE,
    ),
    entity=True,
    open=True,
    optional_columns=frozenset({"sheet", "x", "y"}),
)

RUNS = TableSpec(
    "runs",
    "the accuracy of each training, on samples that it did not learn from",
    (
        *(_TRAINED, _JUDGED),
        Column("seed", "int32", None, None, "of the training"),
        Column("rows", "int32", None, "samples", "samples that are judged"),
        Column("correct", "int32", None, "samples", "those whose prediction is the label"),
        Column("accuracy", "float64", "accuracy", None, "correct / rows, 0 to 1", True),
    ),
)

SUMMARY = TableSpec(
    "summary",
    "mean accuracy over the seeds, with Student's interval",
    (
        *(_TRAINED, _JUDGED),
        Column("seeds", "int32", None, None, "trainings"),
        Column("rows", "int32", None, "samples", "samples that each is judged by"),
        Column("accuracy", "float64", "accuracy", None, "mean over the seeds", True),
        Column("low", "float64", None, None, "lower end of the interval of the mean at 95 %", True),
        Column("high", "float64", None, None, "upper end of the interval of the mean at 95 %", True),
    ),
)

CLASSES = TableSpec(
    "classes",
    "mean accuracy in each class, by the labels that are corrected",
    (
        Column("class", "dictionary", "label", None, "the class, by the corrected labels"),
        _TRAINED,
        Column("rows", "int32", None, "samples", "samples of the class that are judged"),
        Column("accuracy", "float64", "accuracy", None, "mean over the seeds", True),
    ),
)

CHANGES = TableSpec(
    "changes",
    "how many labels became which",
    (
        Column("old", "dictionary", "label", None, "the label before", True),
        Column("new", "dictionary", None, None, "the label after; null for samples that were deleted", True),
        Column("samples", "int32", None, "samples", "samples"),
    ),
)

SPEC = Spec(
    "correction",
    1,
    "Correction",
    "How accurate a model is that learns from labels before and after they are corrected, with seeds.",
    inputs=(Input("dataset", "dataset"), Input("model", "model"), Input("table", "dataset/samples")),
    parameters=(
        Parameter("seeds", 3, "trainings of each kind", minimum=1, maximum=100),
        Parameter("truth", "", "column of the true classes, where they are known, to be judged by, too"),
    ),
    tables=(SAMPLES, RUNS, SUMMARY, CLASSES, CHANGES),
)
