"""Declares `dataset`: the samples of a dataset as they are, so that it can be shown without any model."""

from pipelines.contract import Column, Input, Spec, TableSpec

SAMPLES = TableSpec(
    "samples",
    "each sample with the dataset's own columns",
    (
        Column("sheet", "int16", "sheet", None, "index of the sprite sheet that shows the sample"),
        Column("x", "int16", "x", "pixels", "left edge of the sample's tile on its sheet"),
        Column("y", "int16", "y", "pixels", "top edge of the sample's tile on its sheet"),
    ),
    entity=True,
    open=True,
    optional_columns=frozenset({"sheet", "x", "y"}),
)

SPEC = Spec(
    "dataset",
    1,
    "Dataset",
    "The samples of a dataset as they are: columns with roles, images, texts and sounds, and no model.",
    inputs=(Input("dataset", "dataset"),),
    parameters=(),
    tables=(SAMPLES,),
)
