"""Declares `dataset`: the samples of a dataset as they are, so that it can be shown without any model."""

from pipelines.contract import TILE, Input, Spec, TableSpec

SAMPLES = TableSpec(
    "samples",
    "each sample with the dataset's own columns",
    (*TILE,),
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
