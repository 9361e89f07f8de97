"""Declares `pfa`, principal filter analysis: how many units of each layer would do, and which ones."""

from pipelines.contract import Column, Input, Parameter, Spec, TableSpec
from pipelines.parameters import AXIS, LAYER, LAYER_NAMES

STRATEGIES = ("kl", "energy", "size")
SELECTIONS = ("l1_max", "l1_min", "abs_max", "abs_min")


LAYERS = TableSpec(
    "layers",
    "each layer in the order of computation, with how many of its units each strategy recommends",
    (
        LAYER,
        Column("position", "int32", None, None, "place in the order of computation, from 0"),
        Column("units", "int32", None, "units", "units of the layer: channels of a convolution"),
        Column("inputs", "int32", None, "samples", "samples whose responses were read"),
        Column(
            "is_enough",
            "bool",
            None,
            None,
            "whether there are more inputs than units, without which no strategy recommends anything",
        ),
        Column(
            "inactive",
            "int32",
            None,
            "units",
            "units whose variance is less than a 100-millionth of the largest of the layer",
        ),
        Column("rank", "int32", None, "units", "eigenvalues that are not zero but for rounding"),
        Column(
            "variance", "float64", None, None, "sum of the variances of all units: that of the eigenvalues"
        ),
        Column(
            "kl",
            "float64",
            None,
            "nats",
            "divergence of the eigenvalues from equal ones, 0 to log(units); null where nothing varies",
            True,
        ),
        Column("ratio", "float64", None, "share", "1 - kl / log(units): the share that kl keeps", True),
        *(
            Column(
                f"recommended_{name}",
                "int32",
                None,
                "units",
                f"units that the strategy {name} keeps; null where it cannot say",
                True,
            )
            for name in STRATEGIES
        ),
        Column("recommended", "int32", None, "units", "units that the chosen strategy keeps", True),
        Column("energy", "float64", None, "share", "variance that so many principal components hold", True),
    ),
)

SPECTRUM = TableSpec(
    "spectrum",
    "the eigenvalues of each layer's covariance, the largest first",
    (
        LAYER,
        Column("component", "int32", None, None, "place among the layer's eigenvalues, from 1"),
        Column("eigenvalue", "float64", None, None, "variance along the principal component"),
        Column("share", "float64", None, "share", "of the layer's variance, 0 to 1"),
        Column("before", "float64", None, "share", "of the variance in the components before this one"),
        Column("energy", "float64", None, "share", "of the variance in this and the components before"),
    ),
)

UNITS = TableSpec(
    "units",
    "each unit of each layer, and the order in which units are kept",
    (
        Column("id", "string", "id", None, "the layer and the unit's number"),
        LAYER,
        Column("unit", "int32", None, None, "the unit's number in its layer, from 0"),
        Column("mean", "float64", None, None, "of its responses"),
        Column("variance", "float64", None, None, "of its responses"),
        Column(
            "is_active", "bool", None, None, "whether its variance is worth mentioning beside the layer's"
        ),
        Column(
            "correlation",
            "float64",
            None,
            None,
            "mean size of its correlation with the layer's other active units; null where there are none",
            True,
        ),
        Column("nearest", "int32", None, None, "the unit it is most correlated with", True),
        Column("nearest_correlation", "float64", None, None, "with that unit, -1 to 1", True),
        Column(
            "place",
            "int32",
            None,
            None,
            "order of keeping, from 1: of k units those up to place k are kept; null for an inactive one",
            True,
        ),
        Column(
            "is_kept", "bool", None, None, "whether the chosen strategy keeps it; null where none can", True
        ),
    ),
)

SPEC = Spec(
    "pfa",
    1,
    "Principal filter analysis",
    "How many units of each layer would do, by how their responses vary together, and which ones to keep.",
    inputs=(Input("dataset", "dataset"), Input("model", "model")),
    parameters=(
        LAYER_NAMES,
        AXIS,
        Parameter(
            "pooling",
            "mean",
            "how the places of a feature map become one number for each unit",
            choices=("mean", "max"),
        ),
        Parameter("strategy", "kl", "what recommends how many units are kept", choices=STRATEGIES),
        Parameter(
            "energy", 0.95, "share of the variance that the strategy energy keeps", minimum=0, maximum=1
        ),
        Parameter(
            "size", 0.5, "share of all units of all layers that the strategy size keeps", minimum=0, maximum=1
        ),
        Parameter(
            "selection",
            "l1_max",
            "which unit goes first: with the largest sum of correlations, or the largest one; or the least",
            choices=SELECTIONS,
        ),
    ),
    tables=(LAYERS, SPECTRUM, UNITS),
)
