"""Declares `comparison`: which of two classifiers is right for each sample, and where they differ."""

from pipelines.contract import Column, Input, Parameter, Spec, TableSpec
from pipelines.parameters import BINS, EDGES, GROUP_COLUMNS

SAMPLES = TableSpec(
    "samples",
    "each sample with which of the two models is right",
    (
        Column(
            "outcome",
            "dictionary",
            None,
            None,
            "both, only the one or the other, or neither; missing without a label or a prediction",
            True,
        ),
        Column("agree", "bool", None, None, "whether both models predict the same class", True),
    ),
    entity=True,
    open=True,
)

DIFFERENCES = TableSpec(
    "differences",
    "both models on all samples, on those of each class and of each group, the most significant first",
    (
        Column("kind", "dictionary", None, None, "all, class (samples of that label) or group"),
        Column("rank", "int32", None, None, "1 for the most significant of its kind"),
        Column("group", "string", None, None, "the samples in words"),
        Column("columns", "list<string>", None, None, "the columns that make the group"),
        Column("expression", "string", None, None, "the samples as a filter expression"),
        Column("n", "int32", None, None, "samples that have a label and both predictions"),
        Column("both", "int32", None, None, "samples that both get right"),
        Column("only_first", "int32", None, None, "samples that only the first gets right"),
        Column("only_second", "int32", None, None, "samples that only the second gets right"),
        Column("neither", "int32", None, None, "samples that both get wrong"),
        Column("first", "float64", None, None, "share that the first gets right, 0 to 1"),
        Column("second", "float64", None, None, "share that the second gets right, 0 to 1"),
        Column("difference", "float64", None, None, "the first's share less the second's"),
        Column("low", "float64", None, None, "lower end of the interval at 95 % (Newcombe, paired)"),
        Column("high", "float64", None, None, "upper end of the interval at 95 % (Newcombe, paired)"),
        Column("p", "float64", None, None, "p-value of equal shares by McNemar's exact test"),
        Column("p_mid", "float64", None, None, "the same with the mid-p correction, which is less cautious"),
        Column(
            "q", "float64", None, None, "the mid-p value after Benjamini and Hochberg, over all of its kind"
        ),
        Column("better", "string", None, None, "the model that is right more often, or same"),
    ),
)

SPEC = Spec(
    "comparison",
    1,
    "Comparison",
    "Two classifiers on the same samples: who is right where, with paired differences and intervals.",
    inputs=(Input("table", "first"), Input("table", "second", optional=True)),
    parameters=(
        Parameter("first_name", "A", "what the first model is called"),
        Parameter("second_name", "B", "what the second model is called"),
        Parameter("label", "", "the column of labels in the first table; the one of that role by default"),
        Parameter("prediction", "", "the first model's predictions; the column of that role by default"),
        Parameter(
            "second_prediction",
            "",
            "the second model's predictions: a column of the second table, by its role by default, or of the "
            "first where there is no second",
        ),
        GROUP_COLUMNS,
        EDGES,
        BINS,
        Parameter("depth", 2, "columns that are crossed at most", minimum=1, maximum=4),
        Parameter(
            "minimum",
            20,
            "samples that a group needs to be told; a class needs none",
            minimum=1,
            maximum=10**9,
        ),
    ),
    tables=(SAMPLES, DIFFERENCES),
)
