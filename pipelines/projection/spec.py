"""Declares `projection`: embeddings laid out in two dimensions, so that neighbours stay neighbours."""

from pipelines.contract import Column, Input, Parameter, Spec, TableSpec

POINTS = TableSpec(
    "points",
    "each sample's place in the plane; distances between far groups mean little",
    (
        Column("projection_x", "float32", "projection_x", None, "first coordinate, without a unit"),
        Column("projection_y", "float32", "projection_y", None, "second coordinate, without a unit"),
    ),
    entity=True,
    open=True,
)

SPEC = Spec(
    "projection",
    1,
    "Projection",
    "Embeddings of any table or dataset, laid out in two dimensions with UMAP: neighbours stay neighbours.",
    inputs=(
        Input("table", "embeddings", either="embeddings"),
        Input("dataset", "dataset", either="embeddings"),
    ),
    parameters=(
        Parameter("column", "", "the column of embeddings; otherwise the one with that role"),
        Parameter("neighbors", 15, "neighbours that each sample is kept near", minimum=2, maximum=1000),
        Parameter("min_dist", 0.1, "least distance between points in the plane", minimum=0, maximum=0.99),
        Parameter(
            "metric", "euclidean", "distance between embeddings", choices=("euclidean", "cosine", "manhattan")
        ),
        Parameter("seed", 0, "of the layout", minimum=0, maximum=2**31),
    ),
    tables=(POINTS,),
)
