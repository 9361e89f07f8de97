"""Declares what several tools are told alike. As light as a tool's own declaration, which takes it over."""

from pipelines.contract import Column, Parameter

GROUP_COLUMNS = Parameter(
    "columns",
    "",
    "columns to group by, with commas between them, a name with a comma in double quotes; by default "
    "label, split, group and those of few values",
)
EDGES = Parameter("edges", "", "where ranges of numbers begin, by column: age = 18 65, income = 1000")
BINS = Parameter(
    "bins", 4, "ranges of a column of numbers without edges, of as many samples", minimum=2, maximum=20
)
LABEL = Parameter("label", "", "the column of labels; the one of that role by default")
PREDICTION = Parameter("prediction", "", "the column of predictions; the one of that role by default")

LAYER_NAMES = Parameter(
    "layers", "", "names of layers, separated by commas, * for any letters; all without parts when empty"
)
AXIS = Parameter(
    "axis",
    "auto",
    "which axis of a response counts units: the first after that of samples, or the last",
    choices=("auto", "first", "last"),
)
LAYER = Column("layer", "dictionary", None, None, "the layer's name in the model")
"""Of tables about the layers of a model."""
