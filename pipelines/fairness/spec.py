"""Declares `fairness`: how a classifier does in each group of samples, and which groups it fails."""

from pipelines.contract import Column, Input, Parameter, Spec, TableSpec
from pipelines.parameters import BINS, EDGES, GROUP_COLUMNS, LABEL, PREDICTION

METRICS = (
    *("accuracy", "base_rate", "precision", "recall", "specificity", "npv", "fnr", "fpr", "fdr", "for"),
    "f1",
)
AVERAGES = ("all", "micro", "macro", "weighted", "binary", "class")

GROUP = "the group in words"
EXPRESSION = "the group as a filter expression"
INTERVAL = "end of the interval at 95 %"
COLUMNS = "the columns that make the group"

GROUPS = TableSpec(
    "groups",
    "each group of samples: every value or range of the columns, alone and crossed",
    (
        Column("group", "string", None, None, GROUP),
        Column("columns", "list<string>", None, None, COLUMNS),
        Column("level", "int8", None, None, "how many columns make the group; 0 for all samples"),
        Column("expression", "string", None, None, EXPRESSION),
        Column("n", "int32", None, None, "samples of the group that have a label and a prediction"),
        Column("share", "float64", None, None, "of all samples, 0 to 1"),
        Column("is_small", "bool", None, None, "whether the group has fewer samples than the minimum"),
    ),
)

MEASURES = TableSpec(
    "metrics",
    "every metric of every group, with its interval at 95 %",
    (
        Column("group", "string", None, None, GROUP),
        Column("level", "int8", None, None, "how many columns make the group"),
        Column("metric", "dictionary", None, None, f"one of {', '.join(METRICS)}"),
        Column(
            "average",
            "dictionary",
            None,
            None,
            "all classes at once (all), micro, macro or weighted mean of classes, the positive class "
            "(binary) or a class against the rest (class)",
        ),
        Column("class", "dictionary", None, None, "the class, of binary and class", True),
        Column(
            "n",
            "float64",
            None,
            None,
            "samples that the metric is a share of; a mean's are those of the group",
        ),
        Column("value", "float64", None, None, "the metric, 0 to 1; missing where it is undefined", True),
        Column("low", "float64", None, None, f"lower {INTERVAL}", True),
        Column("high", "float64", None, None, f"upper {INTERVAL}", True),
    ),
)

COMPARED = (
    Column("value", "float64", None, None, "the metric in the group, 0 to 1"),
    Column("difference", "float64", None, None, "the group's value less the other's"),
    Column("low", "float64", None, None, f"of the difference, lower {INTERVAL}"),
    Column("high", "float64", None, None, f"of the difference, upper {INTERVAL}"),
    Column("effect", "float64", None, None, "Cohen's h of both values: 0.2 is small, 0.8 is large"),
    Column("p", "float64", None, None, "p-value of equal values, by a test of two proportions"),
    Column("q", "float64", None, None, "the p-value after Benjamini and Hochberg, over all that were tested"),
)

SUGGESTED = TableSpec(
    "suggested",
    "groups that differ from all other samples, the most significant first",
    (
        Column("rank", "int32", None, None, "1 for the most significant"),
        Column("group", "string", None, None, GROUP),
        Column("columns", "list<string>", None, None, COLUMNS),
        Column("level", "int8", None, None, "how many columns make the group"),
        Column("expression", "string", None, None, EXPRESSION),
        Column("metric", "dictionary", None, None, "the metric that is compared"),
        Column("n", "int32", None, None, "samples of the group that the metric is a share of"),
        Column("rest", "float64", None, None, "the metric of all other samples, 0 to 1"),
        Column("is_worse", "bool", None, None, "whether the classifier does worse in the group"),
        *COMPARED,
    ),
)

SIMILAR = TableSpec(
    "similar",
    "pairs of groups that differ in exactly one column, the most significant first",
    (
        Column("rank", "int32", None, None, "1 for the most significant"),
        Column("group", "string", None, None, f"{GROUP}; of the pair the one with the lower value"),
        Column("other", "string", None, None, "the other group in words"),
        Column("column", "string", None, None, "the column in which the two differ"),
        Column("expression", "string", None, None, EXPRESSION),
        Column("other_expression", "string", None, None, "the other group as a filter expression"),
        Column("metric", "dictionary", None, None, "the metric that is compared"),
        Column("n", "int32", None, None, "samples of the group that the metric is a share of"),
        Column("other_n", "int32", None, None, "samples of the other group"),
        Column("other_value", "float64", None, None, "the metric in the other group, 0 to 1"),
        *COMPARED,
    ),
)

SPEC = Spec(
    "fairness",
    1,
    "Fairness",
    "How a classifier does in each group of samples: metrics with intervals, groups that differ from the "
    "rest, and pairs of groups that differ in one column.",
    inputs=(Input("table", "samples"),),
    parameters=(
        LABEL,
        PREDICTION,
        GROUP_COLUMNS,
        EDGES,
        BINS,
        Parameter("depth", 2, "columns that are crossed at most", minimum=1, maximum=4),
        Parameter(
            "positive",
            "",
            "the positive class; of two classes the second by default. Of more classes, groups are then "
            "compared by that class against the rest",
        ),
        Parameter(
            "metric",
            "accuracy",
            "by which groups are compared; all but accuracy need a positive class",
            choices=tuple(name for name in METRICS if name != "f1"),
        ),
        Parameter(
            "undefined",
            "omit",
            "what a class with an undefined metric counts in a mean of classes: omit leaves it out, zero "
            "counts it as 0",
            choices=("omit", "zero"),
        ),
        Parameter("minimum", 20, "samples that a group needs to be compared", minimum=1, maximum=10**9),
        Parameter("classes", True, "whether each class has metrics of its own, against the rest"),
        Parameter("suggested", 50, "groups that are suggested at most", minimum=1, maximum=10_000),
        Parameter("similar", 200, "pairs of groups that are told at most", minimum=1, maximum=100_000),
    ),
    tables=(GROUPS, MEASURES, SUGGESTED, SIMILAR),
)
