"""Declares `classification`: what a classifier says of each sample, how sure it is, and how it learned."""

from pipelines.contract import TILE, Column, Input, Parameter, Spec, TableSpec

ID = "the sample's own name, the same in every table of the dataset"

SAMPLES = TableSpec(
    "samples",
    "each sample with the dataset's own columns and what the model says of it",
    (
        Column(
            "prediction", "dictionary", "prediction", None, "the class that the model gives the sample", True
        ),
        Column(
            "confidence", "float32", "confidence", None, "probability of the predicted class, 0 to 1", True
        ),
        Column("correct", "bool", "correct", None, "whether prediction and label are the same", True),
        Column("margin", "float32", "margin", None, "largest probability less the second largest, 0 to 1"),
        Column("entropy", "float32", "entropy", "bits", "entropy of the probabilities: 0 when certain"),
        *TILE,
    ),
    entity=True,
    open=True,
    optional_columns=frozenset({"confidence", "correct", "margin", "entropy", "sheet", "x", "y"}),
)

PROBABILITIES = TableSpec(
    "probabilities",
    "the model's probability of every class for each sample",
    (
        Column(
            "probabilities", "list<float32>", "probability", None, "in the order of the manifest's classes"
        ),
    ),
    entity=True,
    open=True,
    optional=True,
)

EMBEDDINGS = TableSpec(
    "embeddings",
    "the output of one layer for each sample",
    (Column("embedding", "list<float32>", "embedding", None, "the layer's output, flattened"),),
    entity=True,
    open=True,
    optional=True,
)

TRAINING = TableSpec(
    "training",
    "how the model learned: one row per epoch and split",
    (
        Column("epoch", "int32", "epoch", "epochs", "passes over the training samples so far, from 1"),
        Column("split", "dictionary", "split", None, "the part of the dataset that was evaluated"),
        Column("loss", "float32", "loss", "nats", "mean cross-entropy after the epoch"),
        Column("accuracy", "float32", "accuracy", None, "share of samples classified as labelled, 0 to 1"),
        Column("learning_rate", "float32", "learning_rate", None, "step size during the epoch"),
    ),
    optional=True,
    optional_columns=frozenset({"loss", "accuracy", "learning_rate"}),
)

SPEC = Spec(
    "classification",
    2,
    "Classification",
    "What a classifier says of each sample of a dataset, how sure it is, and how it learned.",
    inputs=(Input("dataset", "dataset"), Input("model", "model")),
    parameters=(
        Parameter("layer", "", 'the layer of the model whose output is the embedding; "hidden" of a cnn'),
    ),
    tables=(SAMPLES, PROBABILITIES, EMBEDDINGS, TRAINING),
)
