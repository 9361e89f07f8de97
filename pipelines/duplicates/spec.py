"""Declares `duplicates`: samples that are the same or nearly so, and what leaks between splits by them."""

from pipelines.contract import Column, Input, Parameter, Spec, TableSpec

ALONE = "largest group 0; -1 for a sample that is alone"

SAMPLES = TableSpec(
    "samples",
    "which samples are the same, and which nearly so; group numbers are those of the table groups",
    (
        Column(
            "duplicates_bytes", "int32", "duplicates", None, f"group of the same file, byte for byte; {ALONE}"
        ),
        Column("duplicates_pixels", "int32", "duplicates", None, f"group of the same pixels; {ALONE}"),
        Column(
            "duplicates_content",
            "int32",
            "duplicates",
            None,
            f"group of the same text or row, capitals and spaces aside; {ALONE}",
        ),
        Column("duplicates_near", "int32", "duplicates", None, f"group of embeddings that are near; {ALONE}"),
        Column(
            "nearest_distance",
            "float32",
            "distance",
            None,
            "distance to the nearest other embedding, in the embedding's own unit",
            True,
        ),
        Column(
            "leak",
            "dictionary",
            None,
            None,
            "for a sample that no model learns from: whether one that it learns from is its exact duplicate, "
            "a near one, or none; null for those that are learned from",
            True,
        ),
    ),
    entity=True,
    open=True,
    optional_columns=frozenset(
        {
            *("duplicates_bytes", "duplicates_pixels", "duplicates_content", "duplicates_near"),
            *("nearest_distance", "leak"),
        }
    ),
)

NEIGHBORS = TableSpec(
    "neighbors",
    "pairs of nearest neighbours, each once and nearest first, so that its first rows are enough to draw "
    "another line: those with distance <= line and relative <= the limit in the table thresholds are "
    "duplicates, and so are those at distance 0",
    (
        Column("distance", "float32", "distance", None, "between the two embeddings, in their own unit"),
        Column(
            "relative",
            "float32",
            None,
            None,
            "distance as a multiple of what is usual for nearest neighbours around both",
        ),
        Column(
            "rank",
            "int16",
            None,
            None,
            "which neighbour of the sample it is, from 1; 0 for none of its nearest or an identical one",
        ),
        Column("rank_back", "int16", None, None, "which neighbour of that one the sample is, likewise"),
    ),
    open=True,
    optional=True,
)

GROUPS = TableSpec(
    "groups",
    "one row per group of duplicates, the largest first",
    (
        Column(
            "kind", "dictionary", None, None, "what is the same: bytes, pixels, content, or near embeddings"
        ),
        Column("group", "int32", "duplicates", None, "number in the column duplicates_KIND of samples"),
        Column("size", "int32", None, "samples", "members"),
        Column(
            "spread",
            "float32",
            "distance",
            None,
            "mean distance of the members' embeddings to their mean; null without embeddings",
            True,
        ),
        Column("labels", "int32", None, None, "distinct labels among the members; null without labels", True),
        Column("labels_disagree", "bool", None, None, "whether members have different labels", True),
        Column("splits", "int32", None, None, "splits that have a member; null without splits", True),
        Column("crosses_splits", "bool", None, None, "whether members stand in different splits", True),
    ),
    open=True,
)

LEAKAGE = TableSpec(
    "leakage",
    "how many samples of one split are repeated in another, or elsewhere in their own",
    (
        Column(
            "kind",
            "dictionary",
            None,
            None,
            "how: by an exact duplicate, by a near one and no exact one, or by any",
        ),
        Column("split", "dictionary", "split", None, "the split whose samples are counted"),
        Column("other", "dictionary", None, None, "the split in which they are repeated"),
        Column("rows", "int32", None, "samples", "samples of the split"),
        Column("repeated", "int32", None, "samples", "those of them that are repeated"),
        Column("share", "float64", None, None, "repeated / rows, 0 to 1"),
    ),
    optional=True,
)

ACCURACY = TableSpec(
    "accuracy",
    "accuracy on each split that no model learns from, with and without the samples that leak",
    (
        Column("split", "dictionary", "split", None, "the split that is evaluated"),
        Column(
            "samples",
            "dictionary",
            None,
            None,
            "which of them: all, without exact, without exact and near, repeated only",
        ),
        Column("rows", "int32", None, "samples", "samples with a label and a prediction"),
        Column("correct", "int32", None, "samples", "those whose prediction is their label"),
        Column("accuracy", "float64", "accuracy", None, "correct / rows, 0 to 1; null of no samples", True),
        Column("low", "float64", None, None, "lower end of the Wilson interval at 95 %", True),
        Column("high", "float64", None, None, "upper end of the Wilson interval at 95 %", True),
    ),
    optional=True,
)

THRESHOLDS = TableSpec(
    "thresholds",
    "where each rule draws the line between near duplicates and neighbours, and what that makes",
    (
        Column("rule", "dictionary", None, None, "gap, slope, percentile, or given: a distance of your own"),
        Column("is_used", "bool", None, None, "whether duplicates_near follows it"),
        Column("distance", "float32", "distance", None, "the line; null where the rule finds none", True),
        Column("relative", "float32", None, None, "largest relative distance; null for any", True),
        Column("flagged", "int32", None, "samples", "samples in a group"),
        Column("groups", "int32", None, None, "groups"),
        Column(
            "usual",
            "float32",
            "distance",
            None,
            "usual distance to a nearest neighbour; beyond it all is one",
        ),
        Column("dimension", "float32", None, None, "dimensions that the embeddings fill, estimated", True),
        Column("is_exact", "bool", None, None, "whether every pair was compared, not a search approximate"),
        Column(
            "closed",
            "int32",
            None,
            "samples",
            "samples in groups of more than the neighbours that are listed, and at most ten times as many, "
            "in which all neighbours of all members are; where most are, gap cannot tell them from copies",
        ),
    ),
    optional=True,
)

SPEC = Spec(
    "duplicates",
    2,
    "Duplicates",
    "Samples that are the same or nearly so, in groups; what leaks between splits by them, and what that "
    "does to the accuracy.",
    inputs=(
        Input("dataset", "dataset", optional=True),
        Input("table", "embeddings", optional=True),
        Input("table", "samples", optional=True),
    ),
    parameters=(
        Parameter(
            "neighbors", 10, "nearest neighbours that are found for each sample", minimum=4, maximum=200
        ),
        Parameter(
            "metric",
            "euclidean",
            "distance between embeddings; for cosine they are first made equally long",
            choices=("euclidean", "cosine"),
        ),
        Parameter(
            "rule",
            "gap",
            "what draws the line; slope and percentile are DNIKit's, and flag samples where there are none",
            choices=("gap", "slope", "percentile", "given"),
        ),
        Parameter("sensitivity", 5.0, "of the rule slope: more is stricter", minimum=2.001, maximum=1000),
        Parameter(
            "percentile", 98.5, "of the rule percentile: so many are farther, in %", minimum=0, maximum=100
        ),
        Parameter("distance", 0.0, "of the rule given: the line itself", minimum=0),
        Parameter("seed", 0, "of the approximate search, above 200,000 samples", minimum=0, maximum=2**31),
    ),
    tables=(SAMPLES, NEIGHBORS, GROUPS, LEAKAGE, ACCURACY, THRESHOLDS),
    accelerated=True,
)
