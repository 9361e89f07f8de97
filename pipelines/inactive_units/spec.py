"""Declares `inactive_units`: how often each unit of a network answers nothing, overall and for each class."""

from pipelines.contract import Column, Input, Parameter, Spec, TableSpec
from pipelines.parameters import AXIS, LAYER, LAYER_NAMES

UNIT = Column("unit", "int32", None, None, "the unit's number in its layer, from 0")
SHARES = (
    Column("inputs", "int32", None, "samples", "samples whose responses were read"),
    Column("inactive", "int32", None, "samples", "samples for which the unit is inactive at every place"),
    Column("share", "float64", None, "share", "inactive / inputs, 0 to 1"),
    Column("low", "float64", None, "share", "lower end of the share's interval at 95 %"),
    Column("high", "float64", None, "share", "upper end of the share's interval at 95 %"),
)

LAYERS = TableSpec(
    "layers",
    "each layer in the order of computation, with how many of its units are inactive for a sample",
    (
        LAYER,
        Column("position", "int32", None, None, "place in the order of computation, from 0"),
        Column("units", "int32", None, "units", "units of the layer: channels of a convolution"),
        Column(
            "places",
            "int32",
            None,
            None,
            "numbers that each unit gives for a sample: pixels of a feature map",
        ),
        Column("inputs", "int32", None, "samples", "samples whose responses were read"),
        Column("dead", "int32", None, "units", "units that are inactive for every sample"),
        Column("mean_inactive", "float64", None, "units", "units that are inactive for a sample, on average"),
        Column("sd_inactive", "float64", None, "units", "standard deviation of that over the samples"),
    ),
)

UNITS = TableSpec(
    "units",
    "each unit of each layer, and how often it is inactive",
    (
        Column("id", "string", "id", None, "the layer and the unit's number"),
        LAYER,
        UNIT,
        *SHARES,
        Column("is_dead", "bool", None, None, "whether it is inactive for every sample"),
        Column("zeros", "float64", None, "share", "of its responses at all places that are inactive, 0 to 1"),
        Column(
            "mean", "float64", None, None, "of its responses, the mean over places being that of a sample"
        ),
        Column("variance", "float64", None, None, "of the same", True),
        Column("peak", "float64", None, None, "the largest size of any response"),
    ),
)

CLASSES = TableSpec(
    "classes",
    "how often each unit is inactive for the samples of each label",
    (
        Column("id", "string", None, None, "the layer and the unit's number, as in units"),
        LAYER,
        UNIT,
        Column("label", "dictionary", "label", None, "the samples' label"),
        *SHARES,
    ),
    optional=True,
)

SPEC = Spec(
    "inactive_units",
    1,
    "Inactive units",
    "How often each unit of a network answers nothing, which are dead, and for which classes.",
    inputs=(Input("dataset", "dataset"), Input("model", "model")),
    parameters=(
        LAYER_NAMES,
        AXIS,
        Parameter(
            "threshold",
            1e-8,
            "size of a response up to which it is none; a unit is inactive when all its places are",
            minimum=0,
            maximum=1e9,
        ),
        Parameter("by_class", True, "whether to count each label's samples apart, where there are labels"),
    ),
    tables=(LAYERS, UNITS, CLASSES),
)
