"""Responses of units in models of every framework: the same numbers, layers by name, bounded memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pipelines.contract import ContractError
from pipelines.models import answering
from pipelines.responses import chosen
from tests.pipelines import networks, test_keras_models, test_onnx_models, test_torch_models
from tests.pipelines.asked import UNIT, Asked, analyse, digits, with_factory

FACTORY = {"factory": "networks:small", **UNIT}
SIXTEEN = {"input": {"range": [0, 16]}}


def inner() -> tuple[Any, Any]:
    """Return what PyTorch itself gives: of the convolution's four channels after ReLU, and of `hidden`."""
    network = networks.small()
    pixels = torch.from_numpy(digits()[0][:, None].astype(np.float32) / 255)
    with torch.no_grad():
        maps = network.stage[:2](pixels - 0.5)
        return maps.numpy(), network.hidden(network.stage[2](maps)).numpy()


def check(asked: Asked, maps: str, hidden: str) -> None:
    """Compare the tables with numbers of PyTorch."""
    units = asked.frame("units").sort_values(["layer", "unit"])
    expected = dict(zip((maps, hidden), inner(), strict=True))
    layers = asked.frame("layers").set_index("layer")
    for name, values in expected.items():
        found = units[units["layer"] == name]
        flat = values.reshape(*values.shape[:2], -1)
        assert layers.loc[name, ["units", "places"]].tolist() == list(flat.shape[1:])
        assert np.allclose(found["mean"], flat.mean(axis=(0, 2)), atol=1e-5)
        assert np.allclose(found["peak"], flat.max(axis=(0, 2)), atol=1e-4)
        # A response that rounding makes 0 in one framework is hardly more in another.
        assert np.abs(found["zeros"] - (flat <= 1e-8).mean(axis=(0, 2))).max() < 2e-3
        assert np.abs(found["inactive"] - (flat <= 1e-8).all(axis=2).sum(axis=0)).max() <= 2


@pytest.fixture(scope="module")
def keras() -> Any:
    return pytest.importorskip("keras")


def test_weights_with_a_factory(tmp_path: Path) -> None:
    with_factory(tmp_path)
    torch.save(networks.small().state_dict(), tmp_path / "net.pt")
    asked = analyse(tmp_path, "inactive_units", "net.pt", {"layers": "stage.1, hidden"}, **FACTORY)
    check(asked, "stage.1", "hidden")
    every = analyse(tmp_path, "inactive_units", "net.pt", **FACTORY)
    names = ["stage.0", "stage.1", "stage.2", "hidden.0", "hidden.1", "hidden.2", "logits"]
    assert every.frame("layers")["layer"].tolist() == names
    assert every.model["precision"] == "float32"


def test_an_exported_program(tmp_path: Path) -> None:
    test_torch_models.export(tmp_path, networks.small(), torch.zeros(2, 1, 8, 8))
    asked = analyse(tmp_path, "inactive_units", "net.pt2", {"layers": "stage.1, hidden"}, **UNIT)
    check(asked, "stage.1", "hidden")


def test_an_onnx_graph(tmp_path: Path) -> None:
    import onnx

    test_onnx_models.export(tmp_path)
    graph = onnx.load(tmp_path / "net.onnx", load_external_data=False).graph
    first, last = (node.output[0] for node in graph.node if node.op_type == "Relu")
    asked = analyse(tmp_path, "inactive_units", "net.onnx", {"layers": f"{first}, {last}"}, **UNIT)
    check(asked, first, last)
    every = analyse(tmp_path, "inactive_units", "net.onnx", **UNIT)
    assert {first, last} <= set(every.frame("layers")["layer"])


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_keras_model_whose_channels_are_last(keras: Any, tmp_path: Path) -> None:
    test_keras_models.equal(keras).save(tmp_path / "net.keras")
    asked = analyse(tmp_path, "inactive_units", "net.keras", {"layers": "stage, hidden"}, **UNIT)
    check(asked, "stage", "hidden")


def test_the_hidden_layers_of_a_perceptron(tmp_path: Path) -> None:
    pixels, labels = digits()
    values = pixels.reshape(-1, 64) * (16 / 255)
    perceptron = MLPClassifier((12, 5), solver="lbfgs", max_iter=10, random_state=0)
    model = make_pipeline(StandardScaler(), perceptron)
    with pytest.warns(match="failed to converge"):
        model.fit(values, labels)
    skops.io.dump(model, tmp_path / "net.skops")
    asked = analyse(tmp_path, "inactive_units", "net.skops", **SIXTEEN)
    units = asked.frame("units").sort_values(["layer", "unit"])
    scaled = model[:1].transform(values)
    for number, width in enumerate((12, 5)):
        scaled = np.maximum(scaled @ perceptron.coefs_[number] + perceptron.intercepts_[number], 0)
        found = units[units["layer"] == f"mlpclassifier/hidden_{number + 1}"]
        assert len(found) == width
        assert np.allclose(found["mean"], scaled.mean(axis=0), rtol=1e-4, atol=1e-5)
        assert np.abs(found["inactive"] - (scaled <= 1e-8).sum(axis=0)).max() <= 1


def test_the_network_that_is_trained_here(tmp_path: Path) -> None:
    settings = {"epochs": 1, "width": 4, "seed": 0}
    asked = analyse(tmp_path, "inactive_units", "cnn", {"layers": "stage*, hidden"}, **settings)
    assert asked.frame("layers")["layer"].tolist() == ["stage1", "hidden"]
    same = analyse(tmp_path, "pfa", "cnn", {"layers": "hidden"}, **settings)
    first, second = (each.frame("units").query("layer == 'hidden'") for each in (asked, same))
    assert np.allclose(first["mean"].to_numpy(), second["mean"].to_numpy())
    assert np.allclose(first["variance"].to_numpy(), second["variance"].to_numpy())


def test_memory_is_bounded_and_the_numbers_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_factory(tmp_path)
    torch.save(networks.small().state_dict(), tmp_path / "net.pt")
    sizes = []
    plain = answering.Batches.answers

    def watched(self: Any, batches: Any) -> Any:
        for output, parts in plain(self, batches):
            sizes.append(len(output))
            yield output, parts

    monkeypatch.setattr(answering.Batches, "answers", watched)
    # Four maps of 64 pixels and 16 units take 1,088 bytes a sample.
    monkeypatch.setattr(answering, "MOST_BYTES", 1088 * 20)
    asked = analyse(tmp_path, "inactive_units", "net.pt", {"layers": "stage.1, hidden"}, **FACTORY)
    assert max(sizes) == 20
    check(asked, "stage.1", "hidden")


def test_an_axis_that_is_named_counts_the_units(tmp_path: Path) -> None:
    with_factory(tmp_path)
    torch.save(networks.small().state_dict(), tmp_path / "net.pt")
    asked = analyse(tmp_path, "inactive_units", "net.pt", {"layers": "stage.1", "axis": "last"}, **FACTORY)
    assert asked.frame("layers")[["units", "places"]].to_numpy().tolist() == [[8, 32]]


def test_what_has_no_units_is_left_out_or_refused_where_it_is_named(tmp_path: Path) -> None:
    pixels, labels = digits()
    model = LogisticRegression(max_iter=5)
    with pytest.warns(match="lbfgs failed"):
        model.fit(pixels.reshape(-1, 64) * (16 / 255), labels)
    skops.io.dump(model, tmp_path / "net.skops")
    with pytest.raises(ContractError, match="has no layers that can be named"):
        analyse(tmp_path, "pfa", "net.skops", **SIXTEEN)
    (tmp_path / "networks.py").write_text(IDLE)
    torch.save(torch.nn.Linear(64, 10).state_dict(), tmp_path / "net.pt")
    asked = analyse(tmp_path, "pfa", "net.pt", factory="networks:idle", **UNIT)
    assert asked.frame("layers")["layer"].tolist() == ["flat", "logits"]
    (left_out,) = asked.model["left_out"]
    assert left_out.startswith("idle gives nothing for each sample")
    assert "left_out" in asked.model["inferred"]
    with pytest.raises(ContractError, match='layer "idle" gives nothing for each sample'):
        analyse(tmp_path, "pfa", "net.pt", {"layers": "idle"}, factory="networks:idle", **UNIT)


IDLE = """
from torch import nn


class Idle(nn.Module):
    def __init__(self):
        super().__init__()
        self.flat, self.idle, self.logits = nn.Flatten(), nn.ReLU(), nn.Linear(64, 10)

    def forward(self, images):
        return self.logits(self.flat(images))

    def load_state_dict(self, weights, strict=True):
        return self.logits.load_state_dict(weights, strict)


def idle():
    return Idle()
"""


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        ([], ("a.0", "a.1", "b[0]")),
        (["b[0]", "a"], ("a", "b[0]")),
        (["a.*"], ("a.0", "a.1")),
        (["b[*"], ("b[0]",)),
        (["*"], ("a", "a.0", "a.1", "b[0]")),
    ],
)
def test_names_and_stars_choose_layers_in_their_order(patterns: list[str], found: tuple[str, ...]) -> None:
    layers = ["a", "a.0", "a.1", "b[0]"]
    assert chosen(patterns, "here", layers, layers[1:]) == found


def test_a_name_that_no_layer_has_is_said_with_the_nearest() -> None:
    with pytest.raises(
        ContractError, match=r'here: the network has no layer "hiden"\n  did you mean "hidden"\?'
    ):
        chosen(["hiden"], "here", ["stage", "hidden"], [])
