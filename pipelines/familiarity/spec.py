"""Declares `familiarity`: how usual each sample is among all others, and among those of each label."""

from pipelines.contract import Column, Input, Parameter, Spec, TableSpec

SAMPLES = TableSpec(
    "samples",
    "how familiar each sample is: the higher, the more like the others",
    (
        Column(
            "familiarity_embedding",
            "float64",
            "familiarity",
            "nats",
            "log-likelihood of the embedding under the mixture of all samples",
        ),
        Column(
            "familiarity_label",
            "float64",
            "familiarity",
            "nats",
            "log-likelihood under the mixture of the sample's own label; null where that has too few samples",
            True,
        ),
        Column(
            "familiarity_other",
            "float64",
            None,
            "nats",
            "log-likelihood under the mixture of the other dataset's samples",
        ),
    ),
    entity=True,
    open=True,
    optional_columns=frozenset({"familiarity_label", "familiarity_other"}),
)

LABELS = TableSpec(
    "labels",
    "each sample under the mixture of every label that has one",
    (
        Column(
            "split_familiarity",
            "list<float32>",
            "split_familiarity",
            "nats",
            "log-likelihoods, in the order of the column place of mixtures",
        ),
    ),
    entity=True,
    open=True,
    optional=True,
)

MIXTURES = TableSpec(
    "mixtures",
    "the mixtures that were fitted: of all samples, then of each label",
    (
        Column("label", "dictionary", "label", None, "whose samples; null for all of them", True),
        Column("rows", "int32", None, "samples", "samples of the label"),
        Column(
            "place",
            "int32",
            None,
            None,
            "place of its scores in the lists of labels, from 0; null for all samples, and for too few",
            True,
        ),
        Column(
            "mean",
            "float64",
            None,
            "nats",
            "mean log-likelihood of these samples under it, which they were fitted to; null for too few",
            True,
        ),
        Column("iterations", "int32", None, None, "steps of the fit; null for too few samples", True),
        Column("converged", "bool", None, None, "whether the fit came to rest; null for too few", True),
    ),
)

GAPS = TableSpec(
    "gaps",
    "how much less familiar one part, or dataset, is to a mixture of another: 0 when they are alike",
    (
        Column("fitted", "dictionary", None, None, "the part that the mixtures were fitted to"),
        Column("scored", "dictionary", None, None, "the part that is set beside it"),
        Column("fitted_rows", "int32", None, "samples", "samples of the one"),
        Column("scored_rows", "int32", None, "samples", "samples of the other"),
        Column(
            "fitted_mean",
            "float64",
            None,
            "nats",
            "mean log-likelihood of the one, each sample under a mixture of others; null for too few",
            True,
        ),
        Column(
            "scored_mean",
            "float64",
            None,
            "nats",
            "mean log-likelihood of the other under the same mixtures",
            True,
        ),
        Column(
            "gap", "float64", None, "nats", "scored_mean - fitted_mean: below 0 it is less familiar", True
        ),
        Column("low", "float64", None, "nats", "lower end of the interval of the gap at 95 %", True),
        Column("high", "float64", None, "nats", "upper end of the interval of the gap at 95 %", True),
    ),
    optional=True,
)

SPEC = Spec(
    "familiarity",
    1,
    "Familiarity",
    "How usual each sample is among all and those of its label, and how far splits or datasets are apart.",
    inputs=(
        Input("dataset", "dataset", optional=True),
        Input("table", "embeddings", optional=True),
        Input("table", "samples", optional=True),
        Input("table", "other", optional=True),
    ),
    parameters=(
        Parameter("components", 5, "Gaussians of a mixture", minimum=1, maximum=100),
        Parameter(
            "dimensions",
            40,
            "principal components that longer embeddings are reduced to",
            minimum=1,
            maximum=1000,
        ),
        Parameter(
            "minimum_rows", 50, "samples below which a label or a part has no mixture", minimum=2, maximum=1e9
        ),
        Parameter(
            "compare",
            "split",
            "which parts are set beside each other: values of this role",
            choices=("split", "group"),
        ),
        Parameter("this_name", "this dataset", "what the samples are called beside another dataset"),
        Parameter("other_name", "the other", "what the dataset is called whose embeddings are in `other`"),
        Parameter("seed", 0, "of where the mixtures begin, and of the folds", minimum=0, maximum=2**31),
    ),
    tables=(SAMPLES, LABELS, MIXTURES, GAPS),
)
