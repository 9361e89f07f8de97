"""Classification against independent computations, of a trained network and of a dataset's own columns."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from scipy.special import softmax
from scipy.stats import entropy as reference_entropy
from sklearn.metrics import accuracy_score, log_loss

from pipelines import contract, runner
from pipelines.classification import compute
from pipelines.contract import ContractError, Manifest
from tests.pipelines.conftest import DIGITS

Report = tuple[Path, Manifest]


def table(report: Report, name: str) -> pd.DataFrame:
    folder, manifest = report
    frame: pd.DataFrame = contract.read_table(folder, manifest.table(name)).to_pandas()
    return frame


def vectors(report: Report, name: str, column: str) -> np.ndarray[Any, Any]:
    return np.stack(table(report, name)[column].to_list()).astype(np.float64)


def test_network_learns_the_digits(digits: Report) -> None:
    samples = table(digits, "samples")
    test = samples[samples["split"] == "test"]
    assert accuracy_score(test["label"], test["prediction"]) >= 0.97


def test_manifest_says_where_everything_comes_from(digits: Report) -> None:
    folder, manifest = digits
    assert contract.verify(folder, manifest) == []
    assert manifest.classes == tuple("0123456789")
    assert manifest.dataset == "digits"
    assert manifest.licence.startswith("Creative Commons")
    assert set(manifest.seconds) == {"load", "train", "predict", "sprites"}
    assert {"torch", "pillow", "pyarrow"} <= manifest.libraries.keys()
    assert [item.entity for item in manifest.tables] == ["digits", "digits", "digits", None]
    for item in manifest.tables:
        assert all(column.description for column in item.columns)


def test_measures_agree_with_scipy_and_with_sorting(digits: Report) -> None:
    samples, probabilities = table(digits, "samples"), vectors(digits, "probabilities", "probabilities")
    ordered = np.sort(probabilities, axis=1)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(samples["confidence"], ordered[:, -1], atol=1e-6)
    assert np.allclose(samples["margin"], ordered[:, -1] - ordered[:, -2], atol=1e-6)
    assert np.allclose(samples["entropy"], reference_entropy(probabilities, base=2, axis=1), atol=1e-5)
    assert (samples["prediction"].astype(int) == probabilities.argmax(axis=1)).all()
    assert (samples["correct"] == (samples["prediction"].astype(str) == samples["label"].astype(str))).all()


def test_last_epoch_of_training_agrees_with_the_answers(digits: Report) -> None:
    samples, training = table(digits, "samples"), table(digits, "training")
    probabilities = vectors(digits, "probabilities", "probabilities")
    assert training.groupby("split", observed=True)["epoch"].apply(list).to_dict() == {
        "train": list(range(1, 9)),
        "test": list(range(1, 9)),
    }
    assert training["learning_rate"].is_monotonic_decreasing
    last = training[training["epoch"] == 8].set_index("split")
    for split in ("train", "test"):
        chosen = (samples["split"] == split).to_numpy()
        truth, said = samples["label"][chosen].astype(str), samples["prediction"][chosen].astype(str)
        assert last.loc[split, "accuracy"] == pytest.approx(accuracy_score(truth, said))
        labels = [str(code) for code in range(10)]
        exact = probabilities[chosen] / probabilities[chosen].sum(axis=1, keepdims=True)
        assert last.loc[split, "loss"] == pytest.approx(log_loss(truth, exact, labels=labels), abs=1e-4)


def test_embedding_is_the_named_layer(digits: Report, tmp_path: Path) -> None:
    settings = {
        "datasets": {"digits": {"source": "digits"}},
        "models": {"small": {"source": "cnn", "epochs": 1, "width": 4}},
        "tools": {
            "digits": {
                "tool": "classification",
                "dataset": "digits",
                "model": "small",
                "parameters": {"layer": "logits"},
            }
        },
    }
    (manifest,) = runner.run(settings, tmp_path, device="cpu")
    report = (tmp_path / "artifacts" / "digits", manifest)
    logits = vectors(report, "embeddings", "embedding")
    assert np.allclose(softmax(logits, axis=1), vectors(report, "probabilities", "probabilities"), atol=1e-5)
    settings["tools"]["digits"]["parameters"] = {"layer": "hiden"}  # type: ignore[assignment]
    with pytest.raises(
        ContractError, match=r'no layer "hiden"\n  did you mean "hidden"\?  \(hidden, logits, stage1\)'
    ):
        runner.run(settings, tmp_path, device="cpu")
    assert contract.read_manifest(report[0]) == manifest


def test_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    settings = {**DIGITS, "models": {"small": {"source": "cnn", "epochs": 2}}}
    once, again = (runner.run(settings, tmp_path / name, device="cpu")[0] for name in ("once", "again"))
    assert (again.tables, again.media, again.key) == (once.tables, once.media, once.key)


def test_tiles_are_the_pixels_of_the_dataset(digits: Report) -> None:
    from sklearn.datasets import load_digits

    folder, manifest = digits
    samples = table(digits, "samples")
    sheets = [np.asarray(Image.open(folder / media.file).convert("RGB")) for media in manifest.media]
    assert [sheet.shape[:2] for sheet in sheets] == [(media.height, media.width) for media in manifest.media]
    levels = np.rint(load_digits().images * (255 / 16)).astype(np.uint8)
    for row in samples.itertuples():
        tile = sheets[row.sheet][row.y : row.y + 8, row.x : row.x + 8]
        assert (tile == levels[row.id][..., None]).all()


def test_network_takes_colour_images_of_any_size_without_a_split(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    contents, labels = [], ["dark", "light"] * 20
    for label in labels:
        sink = io.BytesIO()
        low, high = (0, 100) if label == "dark" else (150, 255)
        Image.fromarray(random.integers(low, high, (17, 30, 3), np.uint8)).save(sink, "PNG")
        contents.append(sink.getvalue())
    keys = [f"s{index:02}" for index in range(40)]
    pq.write_table(pa.table({"id": keys, "image": contents, "label": labels}), tmp_path / "data.parquet")
    settings = {
        "datasets": {"shades": {"source": "data.parquet"}},
        "models": {"small": {"source": "cnn", "epochs": 3, "width": 4}},
        "tools": {"shades": {"tool": "classification", "dataset": "shades", "model": "small"}},
    }
    (manifest,) = runner.run(settings, tmp_path, device="cpu")
    samples = table((tmp_path / "artifacts" / "shades", manifest), "samples")
    assert samples["id"].to_list() == keys
    assert samples["split"].value_counts().to_dict() == {"train": 30, "test": 10}
    assert (manifest.media[0].tile_width, manifest.media[0].tile_height) == (30, 17)


def test_takes_the_answers_that_a_dataset_carries(told: Callable[..., Manifest], tmp_path: Path) -> None:
    manifest = told("id,label,prediction,weight\n2,a,b,nan\n1,b,b,inf\n3,,a,1\n4,a,,2\n")
    samples = contract.read_table(tmp_path / "artifacts" / "told", manifest.table("samples"))
    rows = {name: samples[name].to_pylist() for name in ("id", "label", "prediction", "correct")}
    assert rows["id"] == [1, 2, 3, 4]
    assert rows["prediction"] == ["b", "b", "a", None]
    assert rows["label"] == ["b", "a", None, "a"]
    assert rows["correct"] == [True, False, None, None]
    assert manifest.classes == ("a", "b")
    assert [item.name for item in manifest.tables] == ["samples"]
    assert "margin" not in samples.column_names


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_nobody_said_is_null_not_nan_and_not_wrong(tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame(
        {
            "label": ["a", "b", None, "a"],
            "prediction": ["a", None, "b", "b"],
            "confidence": [0.5, None, 1, 0],
        }
    )
    getattr(frame, f"to_{ending}")(tmp_path / f"told.{ending}", index=False)
    settings = {
        "datasets": {"told": {"source": f"told.{ending}"}},
        "models": {"own": {"source": "columns"}},
        "tools": {"told": {"tool": "classification", "dataset": "told", "model": "own"}},
    }
    (manifest,) = runner.run(settings, tmp_path)
    samples = contract.read_table(tmp_path / "artifacts" / "told", manifest.table("samples")).to_pylist()
    rows = {row["id"]: (row["prediction"], row["confidence"], row["correct"]) for row in samples}
    assert rows == {0: ("a", 0.5, True), 1: (None, None, None), 2: ("b", 1, None), 3: ("b", 0, False)}
    assert manifest.classes == ("a", "b")


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        (["0.5", "high"], 'column "confidence" is string: confidence is a number', 'is "high" in row 2'),
        (["0.5", "87"], "holds 1 value outside 0 to 1, the first is 87.0 in row 2", "0.87 for 87"),
        (["-0.1", "inf"], "holds 2 values outside 0 to 1, the first is -0.1 in row 1", "fractions"),
    ],
)
def test_refuses_what_is_no_confidence(
    told: Callable[..., Manifest], values: list[str], message: str, hint: str
) -> None:
    roles = {"datasets": {"told": {"source": "told.csv", "roles": {"confidence": "confidence"}}}}
    lines = [f"{index},a,a,{value}" for index, value in enumerate(values)]
    with pytest.raises(ContractError) as caught:
        told("\n".join(["id,label,prediction,confidence", *lines]) + "\n", roles)
    assert caught.value.where == "datasets.told"
    assert message in caught.value.what
    assert hint in caught.value.hint


def probable(tmp_path: Path, probabilities: list[list[float]], **columns: list[Any]) -> Manifest:
    data = {"probabilities": pa.array(probabilities, pa.list_(pa.float64())), **columns}
    pq.write_table(pa.table(data), tmp_path / "told.parquet")
    settings = {
        "datasets": {"told": {"source": "told.parquet", "classes": ["a", "b", "c"]}},
        "models": {"own": {"source": "columns"}},
        "tools": {"told": {"tool": "classification", "dataset": "told", "model": "own"}},
    }
    return runner.run(settings, tmp_path)[0]


def test_predicts_from_probabilities_alone(tmp_path: Path) -> None:
    manifest = probable(tmp_path, [[0.5, 0.25, 0.25], [0, 0, 1]], label=[0, 1])
    samples = contract.read_table(tmp_path / "artifacts" / "told", manifest.table("samples")).to_pydict()
    assert samples["prediction"] == ["a", "c"]
    assert samples["correct"] == [True, False]
    assert samples["margin"] == [0.25, 1]
    assert samples["entropy"] == [1.5, 0]
    assert manifest.classes == ("a", "b", "c")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([0.5, 0.5], "row 2 has a list of 2 values in column .probabilities., the others of 3"),
        ([0.5, 0.5, np.nan], "holds 1 row of no probabilities, the first is row 2"),
        ([np.inf, 0, 0], "holds 1 row of no probabilities, the first is row 2"),
        ([0.9, 0.9, 0.9], "each is between 0 and 1, and a sample's sum to 1"),
    ],
)
def test_refuses_what_are_no_probabilities(tmp_path: Path, row: list[float], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        probable(tmp_path, [[1, 0, 0], row], label=[0, 1])


def test_says_what_a_model_misses(told: Callable[..., Manifest]) -> None:
    message = "neither a column of predictions nor one of probabilities\n.*; its columns: id, label$"
    with pytest.raises(ContractError, match=message):
        told("id,label\n1,a\n")
    cnn = {"models": {"own": {"source": "cnn"}}}
    with pytest.raises(ContractError, match='looks at images and dataset "told" has none'):
        told("id,label\n1,a\n", cnn)


def test_refuses_a_column_that_would_be_overwritten(told: Callable[..., Manifest]) -> None:
    with pytest.raises(
        ContractError, match='column "correct" has the name of one that classification writes'
    ):
        told("label,prediction,correct\na,b,1\n")


def test_margin_and_entropy_at_their_bounds() -> None:
    even = np.full((1, 8), 1 / 8, np.float32)
    assert compute.entropy(even).tolist() == [3]
    assert compute.margin(even).tolist() == [0]
    assert compute.margin(np.ones((2, 1), np.float32)).tolist() == [1, 1]
