"""Declares `summary`: what every column of a dataset holds, in numbers."""

from pipelines.contract import Column, Input, Parameter, Spec, TableSpec

_COLUMN = Column("column", "string", None, None, "the column of the dataset")


def _quantile(name: str, share: str) -> Column:
    return Column(name, "float64", None, None, f"{share} of its finite numbers are at most this", True)


COLUMNS = TableSpec(
    "columns",
    "one row per column of the dataset, in its order",
    (
        _COLUMN,
        Column("type", "dictionary", None, None, "what its values are"),
        Column(
            "role", "dictionary", None, None, "what it means to tools and views; null where nothing", True
        ),
        Column("unit", "string", None, None, "of its values; null where they have none", True),
        Column("description", "string", None, None, "what the dataset says of it"),
        Column("rows", "int64", None, "rows", "rows of the dataset"),
        Column("missing", "int64", None, "rows", "rows without a value"),
        Column("not_finite", "int64", None, "rows", "rows with NaN or an infinity"),
        Column("distinct", "int64", None, "values", "different values; null for lists and bytes", True),
        Column("least", "string", None, None, "its least value, in words; null without one", True),
        Column("greatest", "string", None, None, "its greatest value, in words; null without one", True),
        Column("mean", "float64", None, None, "mean of its finite numbers", True),
        Column("deviation", "float64", None, None, "their standard deviation, over n - 1", True),
        _quantile("q05", "5%"),
        _quantile("q25", "25%"),
        _quantile("median", "half"),
        _quantile("q75", "75%"),
        _quantile("q95", "95%"),
        Column("shortest", "int64", None, "characters", "length of its shortest text", True),
        Column("longest", "int64", None, "characters", "length of its longest text", True),
    ),
)

VALUES = TableSpec(
    "values",
    "the most frequent values of each column of texts, truth values, or whole numbers where they are few",
    (
        _COLUMN,
        Column(
            "rank", "int32", None, None, "1 for the most frequent; equal ones in the order of their names"
        ),
        Column("value", "string", None, None, "the value, in words"),
        Column("count", "int64", None, "rows", "rows that hold it"),
        Column("share", "float64", None, None, "of the rows that have a value, 0 to 1"),
    ),
)

HISTOGRAMS = TableSpec(
    "histograms",
    "the finite numbers of each column in bins of equal width; the last one holds its upper end",
    (
        _COLUMN,
        Column("bin", "int32", None, None, "from 0"),
        Column("low", "float64", None, None, "lower end, part of the bin"),
        Column("high", "float64", None, None, "upper end"),
        Column("count", "int64", None, "rows", "rows in it"),
    ),
)

SPEC = Spec(
    "summary",
    1,
    "Summary",
    "What every column of a dataset holds: missing and distinct values, quantiles, frequent values, bins.",
    inputs=(Input("dataset", "dataset"),),
    parameters=(
        Parameter("values", 20, "most frequent values that are kept of each column", minimum=1, maximum=1000),
        Parameter("bins", 20, "bins of each histogram", minimum=1, maximum=1000),
    ),
    tables=(COLUMNS, VALUES, HISTOGRAMS),
)
