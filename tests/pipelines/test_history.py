"""How a model from elsewhere learned: the logs that tools write, and what is said of broken ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipelines import contract
from pipelines.contract import ContractError, Manifest
from pipelines.models.history import read_history
from pipelines.models.model import Model
from pipelines.models.settings import ModelSettings

LONG = """epoch,split,loss,accuracy,learning_rate
1,train,1.5,0.4,0.01
1,test,1.6,0.35,0.01
2,train,0.9,0.7,0.005
2,test,1.1,0.6,0.005
"""
KERAS = {"loss": [1.5, 0.9], "accuracy": [0.4, 0.7], "val_loss": [1.6, 1.1], "val_accuracy": [0.35, 0.6]}
LIGHTNING = """epoch,lr-Adam,step,train_acc,train_loss_epoch,train_loss_step,val_acc,val_loss
,0.01,0,,,,,
0,,9,,,1.7,,
0,,19,,,,0.35,1.6
0,,19,0.4,1.5,,,
,0.005,20,,,,,
1,,39,,,,0.6,1.1
1,,39,0.7,0.9,,,
"""
TRAINER = {
    "log_history": [
        {"epoch": 0.5, "loss": 2.0, "learning_rate": 0.02, "step": 5},
        {"epoch": 1.0, "loss": 1.0, "learning_rate": 0.01, "step": 10},
        {"epoch": 1.0, "eval_loss": 1.6, "eval_accuracy": 0.35, "step": 10},
    ]
}


def read(root: Path, name: str, content: str) -> dict[str, list[Any]]:
    (root / name).write_text(content)
    table = read_history(Model("net", ModelSettings("net.onnx", history=name), root))
    return {
        column: [round(value, 5) if isinstance(value, float) else value for value in values]
        for column, values in table.to_pydict().items()
    }


WHOLE = {
    "epoch": [1, 1, 2, 2],
    "split": ["train", "validation", "train", "validation"],
    "loss": [1.5, 1.6, 0.9, 1.1],
    "accuracy": [0.4, 0.35, 0.7, 0.6],
}
RATES = {"learning_rate": [0.01, 0.01, 0.005, 0.005]}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("log.csv", LONG.replace("test", "validation"), {**WHOLE, **RATES}),
        ("log.tsv", LONG.replace("test", "validation").replace(",", "\t"), {**WHOLE, **RATES}),
        ("history.json", json.dumps(KERAS), WHOLE),
        ("history.json", json.dumps({"history": {**KERAS, "lr": [0.01, 0.005]}}), {**WHOLE, **RATES}),
        ("metrics.csv", LIGHTNING, {**WHOLE, **RATES}),
        ("log.csv", "epoch,loss,val/loss\n0,1.5,1.6\n1,nan,1.1\n", {**WHOLE, "loss": [1.5, 1.6, 1.1]}),
    ],
)
def test_reads_what_tools_write(tmp_path: Path, name: str, content: str, expected: Any) -> None:
    if "nan" in content:
        expected = {
            "epoch": [1, 1, 2],
            "split": ["train", "validation", "validation"],
            "loss": expected["loss"],
        }
    assert read(tmp_path, name, content) == expected


def test_several_numbers_of_an_epoch_are_their_mean(tmp_path: Path) -> None:
    found = read(tmp_path, "trainer_state.json", json.dumps(TRAINER))
    assert found == {
        "epoch": [1, 1],
        "split": ["train", "validation"],
        "loss": [1.5, 1.6],
        "accuracy": [None, 0.35],
        "learning_rate": [0.01, 0.01],
    }


def test_reads_parquet_and_lines_of_json_as_pandas_writes_them(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LONG)
    frame = pd.read_csv(tmp_path / "log.csv")
    frame.to_parquet(tmp_path / "log.parquet")
    frame.to_json(tmp_path / "log.jsonl", orient="records", lines=True)
    for name in ("log.csv", "log.parquet", "log.jsonl"):
        table = read_history(Model("net", ModelSettings("net.onnx", history=name), tmp_path)).to_pandas()
        assert table["split"].tolist() == frame["split"].tolist()
        assert np.allclose(table["loss"], frame["loss"])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "epoch,split,loss\n1,train,x\n", r'a\.csv:2: loss is "x", not a number'),
        (
            "a.csv",
            "epoch,accuracy\n1,87\n",
            r"a\.csv:2: accuracy is 87, which is not from 0 to 1",
        ),
        ("a.csv", "epoch,split,loss\n1,a,1\n1,a,2\n", r'a\.csv:3: is a second row of epoch 1 and split "a"'),
        ("a.csv", "epoch,split,loss\n1,,1\n", r"a\.csv:2: says no split"),
        ("a.csv", "epok,loss\n1,1\n", r'a\.csv: has no column "epoch"\n  did you mean "epok"'),
        ("a.csv", "epoch,los\n1,1\n", r"a\.csv: has neither loss nor accuracy\n.*there is epoch, los"),
        ("a.csv", "epoch,loss\n-1,1\n", r"a\.csv:2: epoch is -1\n  count epochs from 1, or from 0"),
        ("a.csv", "epoch,loss\n,1\n", r"a\.csv: says no epoch"),
        ("a.csv", "epoch,loss,lr\n1,1,-2\n", r"a\.csv:2: lr is -2, and a step is not negative"),
        (
            "a.csv",
            "epoch,loss,train_loss\n1,1,2\n",
            r'columns "loss" and "train_loss" both say the',
        ),
        ("a.csv", "epoch,loss\n", r"a\.csv: holds no epochs"),
        (
            "a.json",
            '{"loss": [1, 2], "val_loss": [1]}',
            r"a\.json: has lists of different lengths: loss 2",
        ),
        ("a.json", "[1, 2]", r"a\.json: is no history\n  write lists by name"),
        ("a.json", "{", r"a\.json: is not readable as the history of a training"),
    ],
)
def test_says_what_is_wrong_with_a_history(tmp_path: Path, name: str, content: str, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        read(tmp_path, name, content)


def test_says_every_problem_at_once(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        read(tmp_path, "a.csv", "epoch,loss,accuracy\n1,x,0.5\n2,1,9\n")
    assert len(caught.value.problems) == 2


def test_a_history_becomes_the_table_training(told: Callable[..., Manifest], tmp_path: Path) -> None:
    (tmp_path / "history.json").write_text(json.dumps(KERAS))
    own = {"models": {"own": {"source": "columns", "history": "history.json"}}}
    manifest = told("label,prediction\na,b\nb,b\n", own)
    table = manifest.table("training")
    assert [(column.name, column.unit) for column in table.columns] == [
        ("epoch", "epochs"),
        ("split", None),
        ("loss", None),
        ("accuracy", None),
    ]
    rows = contract.read_table(tmp_path / "artifacts" / "told", table)
    assert rows["loss"].to_pylist() == pytest.approx([1.5, 1.6, 0.9, 1.1])
    assert manifest.parameters["model"]["history"] == "history.json"
    (tmp_path / "history.json").write_text(json.dumps({"loss": [3.0]}))
    assert told("label,prediction\na,b\nb,b\n", own).key != manifest.key


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (
            {"source": "columns", "history": "log.xlsx"},
            r'models\.own\.history names "log\.xlsx"\n.*\.csv',
        ),
        ({"source": "columns", "history": "hist.csv"}, r'history "hist\.csv" is not there\n.*"history\.csv"'),
        ({"source": "cnn", "history": "log.csv"}, r"models\.own\.history is not known"),
    ],
)
def test_a_name_of_no_history_is_refused(
    told: Callable[..., Manifest], tmp_path: Path, model: Any, said: str
) -> None:
    (tmp_path / "history.csv").write_text(LONG)
    with pytest.raises(ContractError, match=said):
        told("label,prediction\na,b\n", {"models": {"own": model}})
