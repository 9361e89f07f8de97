"""Declares `label_errors`: how well labels fit, which classes are taken for each other, and near twins."""

from pipelines.contract import TILE, Column, Input, Parameter, Spec, TableSpec

SCORES = {
    "quality": "e / (1 + e), where e is self_confidence over its mean, times noise_posterior squared",
    "self_confidence": "probability of the label",
    "normalized_margin": "probability of the label less that of the likeliest other class, carried to 0 to 1",
    "confidence_weighted_entropy": "log(1 + r) / r, where r is normalised entropy over the label's share",
    "adjusted_self_confidence": "self_confidence of probabilities less what is usual for each class",
    "adjusted_normalized_margin": "normalized_margin of probabilities less what is usual for each class",
    "noise_posterior": "probability that the label is right, given how labels of each class are confused",
}
"""Scores by name, the one that ranks by default first: 0 is doubtful, 1 fits."""

_FITS = "0 doubtful to 1 fits; null without a label"

SAMPLES = TableSpec(
    "samples",
    "each sample: the dataset's columns, what a model that did not see it says, and how its label fits",
    (
        Column(
            "prediction",
            "dictionary",
            "prediction",
            None,
            "the likeliest class; null without probabilities",
            True,
        ),
        Column(
            "confidence", "float32", "confidence", None, "probability of the predicted class, 0 to 1", True
        ),
        Column("correct", "bool", "correct", None, "whether prediction and label are the same", True),
        Column("quality", "float64", "score", None, f"{SCORES['quality']}: {_FITS}", True),
        *(
            Column(name, "float64", None, None, f"{meaning}: {_FITS}", True)
            for name, meaning in SCORES.items()
            if name != "quality"
        ),
        Column(
            "rank", "int32", None, None, "place by the score that ranks, 1 for the most doubtful label", True
        ),
        Column(
            "likely_error",
            "bool",
            None,
            None,
            "whether the label is no prediction and among the most doubtful, as many as errors are estimated",
            True,
        ),
        Column("fold", "int16", None, None, "the fold in which the sample was held out, from 0", True),
        Column(
            "twin",
            "dictionary",
            None,
            None,
            "what a near twin has that it should not: label, split, label and split, or none",
            True,
        ),
        Column(
            "wrong",
            "bool",
            None,
            None,
            "whether the label is not the true one; null where that is unknown",
            True,
        ),
        Column("consensus", "dictionary", None, None, "likeliest class by all annotators", True),
        Column("consensus_certainty", "float64", None, None, "probability of the consensus, 0 to 1", True),
        Column("annotations", "int16", None, None, "annotators that labelled the sample"),
        Column(
            "annotator_agreement", "float64", None, None, "share of them that the consensus agrees with", True
        ),
        *TILE,
    ),
    entity=True,
    open=True,
    optional_columns=frozenset(
        {
            *(
                "fold",
                "twin",
                "wrong",
                "consensus",
                "consensus_certainty",
                "annotations",
                "annotator_agreement",
            ),
            *("sheet", "x", "y"),
        }
    ),
)

PROBABILITIES = TableSpec(
    "probabilities",
    "the probability of every class for each sample, by models that did not learn from it",
    (
        Column(
            "probabilities", "list<float32>", "probability", None, "in the order of the manifest's classes"
        ),
    ),
    entity=True,
    open=True,
)

_LABEL = Column("label", "dictionary", "label", None, "the label that samples have")
_CLASS = Column("class", "dictionary", "prediction", None, "the class that they may be of")

PAIRS = TableSpec(
    "pairs",
    "which classes are taken for which: pairs of a label and another class, by three measures",
    (
        _LABEL,
        _CLASS,
        Column(
            "samples", "int32", None, "samples", "samples of the label that are predicted to be of the class"
        ),
        Column("summed", "float64", None, None, "sum of their predictions' probabilities"),
        Column(
            "confident", "int32", None, "samples", "samples of the label that are confidently of the class"
        ),
        Column("estimated", "int32", None, "samples", "the same, scaled to all samples of the label"),
        Column(
            "expected",
            "float64",
            None,
            "samples",
            "samples of the label that are of the class, by the noise matrix",
        ),
    ),
)

CLASSES = TableSpec(
    "classes",
    "each class: how sure models are of it, and how many of its labels are wrong",
    (
        Column("class", "dictionary", "label", None, "the class"),
        Column("labelled", "int32", None, "samples", "samples with this label"),
        Column(
            "threshold",
            "float64",
            None,
            None,
            "mean probability of the class among samples labelled so",
            True,
        ),
        Column(
            "estimated_errors", "int32", None, "samples", "labels of the class that are wrong, by the joint"
        ),
        Column("expected_errors", "float64", None, "samples", "the same, by the noise matrix"),
        Column("kept", "float64", None, None, "probability that a sample of the class is labelled so"),
    ),
)

TOTALS = TableSpec(
    "totals",
    "how many labels are wrong, estimated in several ways",
    (
        Column("way", "dictionary", None, None, "how: joint, noise_matrix, disagreement, or known"),
        Column("errors", "float64", None, "samples", "labels that are wrong"),
        Column("samples", "int32", None, "samples", "samples with a label"),
        Column("share", "float64", None, None, "errors / samples, 0 to 1"),
    ),
)

MEMBERS = TableSpec(
    "members",
    "the models whose probabilities are used, with their weights",
    (
        Column("member", "int16", None, None, "number of the model, from 0"),
        Column(
            "accuracy", "float64", "accuracy", None, "share of labels that it predicts, of samples held out"
        ),
        Column("weight", "float64", None, None, "its weight: accuracy over the sum of all"),
    ),
)

AGREEMENT = TableSpec(
    "agreement",
    "how far each two scores agree",
    (
        Column("first", "dictionary", None, None, "one score"),
        Column("second", "dictionary", None, None, "another score"),
        Column("correlation", "float64", None, None, "Spearman's rank correlation, -1 to 1", True),
        Column(
            "overlap",
            "float64",
            None,
            None,
            "share in common of their most doubtful, as many as errors are estimated",
            True,
        ),
    ),
)

MEASURES = TableSpec(
    "measures",
    "how well each score finds the labels that are known to be wrong",
    (
        Column("score", "dictionary", None, None, "the score"),
        Column("samples", "int32", None, "samples", "samples whose true class is known"),
        Column("errors", "int32", None, "samples", "those whose label is another"),
        Column("auroc", "float64", None, None, "area under the ROC curve", True),
        Column("auprc", "float64", None, None, "average precision", True),
        Column(
            "precision_at_errors", "float64", None, None, "share of errors among as many most doubtful", True
        ),
        Column("precision_low", "float64", None, None, "lower end of its Wilson interval at 95 %", True),
        Column("precision_high", "float64", None, None, "upper end of its Wilson interval at 95 %", True),
    ),
    optional=True,
)

CURVES = TableSpec(
    "curves",
    "precision and recall of each score by how many samples are looked at, where the true class is known",
    (
        Column("score", "dictionary", None, None, "the score"),
        Column("flagged", "int32", None, "samples", "most doubtful samples that are looked at"),
        Column("precision", "float64", None, None, "share of them whose label is wrong"),
        Column("recall", "float64", None, None, "share of all wrong labels that are among them"),
    ),
    optional=True,
)

TWINS = TableSpec(
    "twins",
    "pairs of near twins, the most alike first",
    (
        Column("distance", "float32", "distance", None, "between the two embeddings, in their own unit"),
        Column("relative", "float32", None, None, "distance as a multiple of what is usual around both"),
        Column(
            "similarity", "float64", None, None, "structural similarity of the two images; null without", True
        ),
        Column("other_label", "bool", None, None, "whether they have different labels", True),
        Column("other_split", "bool", None, None, "whether they stand in different splits", True),
    ),
    open=True,
    optional=True,
)

ANNOTATORS = TableSpec(
    "annotators",
    "each annotator: how far the others agree, and how reliable",
    (
        Column("annotator", "dictionary", None, None, "the column of the annotator's labels"),
        Column("labelled", "int32", None, "samples", "samples that the annotator labelled"),
        Column(
            "agreement",
            "float64",
            None,
            None,
            "share of others' labels of these samples that are the same",
            True,
        ),
        Column("with_consensus", "float64", None, None, "share of them that are the consensus", True),
        Column("reliability", "float64", None, None, "probability of labelling a sample rightly"),
        Column("worst_class", "dictionary", None, None, "class that is labelled rightly least often", True),
        Column(
            "worst_reliability", "float64", None, None, "probability of labelling that class rightly", True
        ),
    ),
    optional=True,
)

ANNOTATOR_PAIRS = TableSpec(
    "annotator_pairs",
    "how far each two annotators agree",
    (
        Column("first", "dictionary", None, None, "one annotator"),
        Column("second", "dictionary", None, None, "another annotator"),
        Column("samples", "int32", None, "samples", "samples that both labelled"),
        Column("agreement", "float64", None, None, "share of them with the same label", True),
        Column("kappa", "float64", None, None, "Cohen's kappa: agreement beyond chance", True),
    ),
    optional=True,
)

SPEC = Spec(
    "label_errors",
    1,
    "Label errors",
    "Which labels are wrong: how well each fits what models say that did not learn from it, which classes "
    "are taken for each other, and near twins with different labels or in different splits.",
    inputs=(
        Input("dataset", "dataset"),
        Input("model", "model", optional=True),
        Input("table", "classification/probabilities", optional=True),
        Input("table", "duplicates/neighbors", optional=True),
    ),
    parameters=(
        Parameter("folds", 5, "parts of the samples, each held out once", minimum=2, maximum=100),
        Parameter(
            "repeats",
            1,
            "models of each fold, whose scores are averaged by their accuracy",
            minimum=1,
            maximum=50,
        ),
        Parameter(
            "seed",
            0,
            "of the folds; the model's own is added to those of its trainings",
            minimum=0,
            maximum=2**31,
        ),
        Parameter("score", "quality", "the score that ranks", choices=tuple(SCORES)),
        Parameter(
            "probabilities",
            "",
            "columns of probabilities of samples that were held out, with commas between them, one a model; "
            "the one of that role by default",
        ),
        Parameter("truth", "", "column of the true classes, where they are known"),
        Parameter("annotators", "", "columns of several annotators' labels, with commas between them"),
        Parameter(
            "dissimilarity",
            0.13,
            "1 less structural similarity of near twins at most, as a multiple of what is usual around them",
            minimum=0,
            maximum=100,
        ),
        Parameter(
            "relative",
            0.13,
            "the same of the distance of their embeddings, where there are no images",
            minimum=0,
            maximum=100,
        ),
    ),
    tables=(
        *(SAMPLES, PROBABILITIES, PAIRS, CLASSES, TOTALS, MEMBERS, AGREEMENT, MEASURES, CURVES, TWINS),
        *(ANNOTATORS, ANNOTATOR_PAIRS),
    ),
)
