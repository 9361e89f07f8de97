"""Declares `slices`: conjunctions of column values in which a classifier is wrong more often."""

from pipelines.contract import Column, Input, Parameter, Spec, TableSpec
from pipelines.parameters import BINS, EDGES, LABEL, PREDICTION

FOUND = TableSpec(
    "slices",
    "the slices of the highest scores, the highest first",
    (
        Column("rank", "int32", None, None, "1 for the highest score"),
        Column("slice", "string", None, None, "the slice in words"),
        Column("columns", "list<string>", None, None, "the columns that make the slice"),
        Column("level", "int8", None, None, "how many columns make the slice"),
        Column("expression", "string", None, None, "the slice as a filter expression"),
        Column("n", "int32", None, None, "samples of the slice that have a label and a prediction"),
        Column("share", "float64", None, None, "of all samples, 0 to 1"),
        Column("errors", "int32", None, None, "samples of the slice that are predicted wrong"),
        Column("error_rate", "float64", None, None, "share of wrong samples in the slice, 0 to 1"),
        Column("error_low", "float64", None, None, "lower end of the rate's interval at 95 % (Wilson)"),
        Column("error_high", "float64", None, None, "upper end of the rate's interval at 95 % (Wilson)"),
        Column("rest", "float64", None, None, "share of wrong samples among all others", True),
        Column("difference", "float64", None, None, "the slice's rate less that of all others", True),
        Column("low", "float64", None, None, "of the difference, lower end of the interval at 95 %", True),
        Column("high", "float64", None, None, "of the difference, upper end of the interval at 95 %", True),
        Column("effect", "float64", None, None, "Cohen's h of both rates: 0.2 is small, 0.8 is large", True),
        Column(
            "score", "float64", None, None, "of size and error, as SliceLine weighs them; above 0 is worse"
        ),
        Column("p", "float64", None, None, "p-value of equal rates, by a test of two proportions", True),
        Column(
            "q",
            "float64",
            None,
            None,
            "the p-value after Benjamini and Hochberg over all slices that there can be; never too small",
            True,
        ),
    ),
)

SPEC = Spec(
    "slices",
    1,
    "Slices",
    "Conjunctions of column values in which a classifier is wrong more often: found exactly, and how sure "
    "each is.",
    inputs=(Input("table", "samples"),),
    parameters=(
        LABEL,
        PREDICTION,
        Parameter(
            "columns",
            "",
            "columns to look for slices in, with commas between them, a name with a comma in double quotes; "
            "by default label, split, group and those of few values",
        ),
        EDGES,
        BINS,
        Parameter("level", 3, "columns that make a slice at most", minimum=1, maximum=6),
        Parameter("most", 20, "slices that are told at most", minimum=1, maximum=1000),
        Parameter("minimum", 20, "samples that a slice has at least", minimum=1, maximum=10**9),
        Parameter(
            "alpha",
            0.95,
            "weight of the error against the size in the score, above 0 to 1: higher finds smaller slices",
            minimum=0.01,
            maximum=1,
        ),
    ),
    tables=(FOUND,),
)
