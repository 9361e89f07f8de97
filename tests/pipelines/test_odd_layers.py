"""Layers that are hard to look at: one takes no other with it, and which axis counts units is known."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from pipelines import runner
from pipelines.contract import ContractError
from pipelines.pfa import compute
from tests.pipelines import odd, test_torch_models
from tests.pipelines.asked import DIGITS, UNIT, Asked, analyse, digits

GOOD = ["flat", "kind", "logits"]


def saved(root: Path, name: str) -> dict[str, Any]:
    """Save the weights of a network in a report, and return the settings of its model."""
    shutil.copy(odd.__file__, root / "odd.py")
    torch.save(getattr(odd, name)().state_dict(), root / "net.pt")
    return {"factory": f"odd:{name}", **UNIT}


def units_of(asked: Asked) -> dict[str, list[int]]:
    """Return the units and places of each layer."""
    frame = asked.frame("layers").set_index("layer")
    found: dict[str, list[int]] = {
        name: frame.loc[name, ["units", "places"]].tolist() for name in frame.index
    }
    return found


# Odd layers ---------------------------------------------------------------------------------------


def reason(asked: Asked, layer: str) -> str:
    (found,) = [said for said in asked.model["left_out"] if said.startswith(f"{layer} ")]
    return str(found.removeprefix(f"{layer} "))


@pytest.mark.parametrize("tool", ["pfa", "inactive_units"])
def test_an_odd_layer_is_named_and_all_others_are_kept(tmp_path: Path, tool: str) -> None:
    asked = analyse(tmp_path, tool, "net.pt", **saved(tmp_path, "odd"))
    assert asked.frame("layers")["layer"].tolist() == GOOD
    assert {said.split(" ")[0] for said in asked.model["left_out"]} == odd.ODD.keys()
    for layer in ("nothing", "empty", "words", "eight"):
        assert reason(asked, layer).startswith("gives nothing for each sample")
    assert reason(asked, "sparse").startswith("cannot be read: TypeError")
    assert (
        reason(asked, "square")
        == "varies: it gives float32 of shape (8,) for a sample, then float32 of shape (5,)"
    )
    wide = "varies: it gives float32 of shape (4,) for a sample, and float32 of shape (5,) from row 1 on"
    assert reason(asked, "widening") == wide
    narrow = "varies: it gives float32 of shape (64,) for a sample, and no row for each from row 1 on"
    assert reason(asked, "shrinking") == narrow
    rows = digits()[0].reshape(-1, 64).astype(np.float32) / 255
    spoilt = int((rows.sum(1) * 16 > 385).argmax())
    assert reason(asked, "spoilt") == f"gives NaN or infinity, first for row {spoilt + 1}"
    flat = asked.frame("units").query("layer == 'flat'").sort_values("unit")
    assert np.allclose(flat["mean"], rows.mean(axis=0), atol=1e-6)
    kind = asked.frame("units").query("layer == 'kind'")
    assert kind["mean"].iloc[0] == pytest.approx(rows.argmax(1).mean())


@pytest.mark.parametrize("layer", ["sparse", "eight", "widening", "spoilt"])
def test_an_odd_layer_that_is_named_is_refused(tmp_path: Path, layer: str) -> None:
    settings = saved(tmp_path, "odd")
    with pytest.raises(ContractError, match=rf'^tools\.asked\.parameters\.layers: layer "{layer}" '):
        analyse(tmp_path, "pfa", "net.pt", {"layers": f"flat, {layer}"}, **settings)
    asked = analyse(tmp_path, "pfa", "net.pt", {"layers": f"flat, {layer[:-1]}*"}, **settings)
    assert asked.frame("layers")["layer"].tolist() == ["flat"]


def test_a_network_that_cannot_answer_is_said_as_such(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"^models\.net: cannot answer: RuntimeError"):
        analyse(tmp_path, "pfa", "net.pt", **saved(tmp_path, "broken"))


def graph(root: Path, batch: int | str) -> None:
    """Write an ONNX model of a hidden layer, a constant of eight rows and a sequence."""
    generator = np.random.default_rng(7)

    def weights(name: str, *shape: int) -> Any:
        return numpy_helper.from_array(generator.normal(size=shape).astype(np.float32), name)

    nodes = [
        helper.make_node("Identity", ["eight"], ["constant"]),
        helper.make_node("Flatten", ["pixels"], ["flat"]),
        helper.make_node("MatMul", ["flat", "into"], ["sums"]),
        helper.make_node("Relu", ["sums"], ["hidden"]),
        helper.make_node("SequenceConstruct", ["hidden", "sums"], ["several"]),
        helper.make_node("MatMul", ["hidden", "out"], ["scores"]),
    ]
    made = helper.make_graph(
        nodes,
        "odd",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [batch, 1, 8, 8])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [batch, 10])],
        [weights("eight", 8, 3), weights("into", 64, 5), weights("out", 5, 10)],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, root / "net.onnx")


@pytest.mark.parametrize("batch", ["any", 8])
def test_a_constant_with_as_many_rows_as_a_batch_is_no_layer(tmp_path: Path, batch: int | str) -> None:
    graph(tmp_path, batch)
    asked = analyse(tmp_path, "pfa", "net.onnx", **UNIT)
    assert asked.frame("layers")["layer"].tolist() == ["flat", "sums", "hidden", "scores"]
    assert reason(asked, "constant").startswith("gives nothing for each sample")
    assert reason(asked, "several")


# Which axis counts units --------------------------------------------------------------------------


def test_convolutions_of_a_sequence_have_their_channels_first(tmp_path: Path) -> None:
    found = units_of(analyse(tmp_path, "inactive_units", "net.pt", **saved(tmp_path, "sequence")))
    assert found == {**odd.UNITS, "logits": [10, 1]}
    asked = analyse(tmp_path, "inactive_units", "net.pt", {"axis": "last"}, **saved(tmp_path, "sequence"))
    assert units_of(asked)["conv"] == [16, 6]


def test_an_exported_program_says_so_by_its_operations(tmp_path: Path) -> None:
    test_torch_models.export(tmp_path, odd.sequence(), torch.zeros(2, 1, 8, 8))
    found = units_of(analyse(tmp_path, "inactive_units", "net.pt2", **UNIT))
    assert {name: found[name] for name in odd.UNITS} == odd.UNITS


def test_recurrent_layers_have_their_features_last(tmp_path: Path) -> None:
    found = units_of(analyse(tmp_path, "inactive_units", "net.pt", **saved(tmp_path, "recurrent")))
    assert found == {"lstm": [6, 8], "drop": [6, 8], "logits": [10, 1]}


def test_an_onnx_graph_says_so_by_its_operations(tmp_path: Path) -> None:
    network = odd.sequence()
    state = {
        name: numpy_helper.from_array(value.numpy(), name) for name, value in network.state_dict().items()
    }
    turned = [
        numpy_helper.from_array(network.dense.weight.detach().numpy().T.copy(), "into"),
        numpy_helper.from_array(network.logits.weight.detach().numpy().T.copy(), "out"),
        numpy_helper.from_array(np.array([-1, 4, 16], np.int64), "shape"),
    ]
    node = helper.make_node
    names = ("weight", "bias", "running_mean", "running_var")
    nodes = [
        node("Reshape", ["pixels", "shape"], ["steps"]),
        node("Conv", ["steps", "conv.weight", "conv.bias"], ["conv"], kernel_shape=[3], pads=[1, 1]),
        node("BatchNormalization", ["conv", *(f"norm.{name}" for name in names)], ["norm"]),
        node("Relu", ["norm"], ["relu"]),
        node("MaxPool", ["relu"], ["pool"], kernel_shape=[2], strides=[2]),
        node("Transpose", ["pool"], ["turned"], perm=[0, 2, 1]),
        node("MatMul", ["turned", "into"], ["dense"]),
        node("Tanh", ["dense"], ["gelu"]),
        node("ReduceMean", ["gelu"], ["mean"], axes=[1], keepdims=0),
        node("MatMul", ["mean", "out"], ["scores"]),
    ]
    made = helper.make_graph(
        nodes,
        "sequence",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["any", 1, 8, 8])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["any", 10])],
        [*state.values(), *turned],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, tmp_path / "net.onnx")
    found = units_of(analyse(tmp_path, "inactive_units", "net.onnx", **UNIT))
    assert {name: found[name] for name in odd.UNITS} == odd.UNITS


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_keras_layer_says_so_by_its_settings(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.ZeroPadding2D(1, data_format="channels_first", name="rows"),
            layers.Cropping2D(1, data_format="channels_first", name="cropped"),
            layers.Reshape((16, 4)),
            layers.Conv1D(6, 3, padding="same", name="conv"),
            layers.Permute((2, 1), name="turned"),
            layers.BatchNormalization(axis=1, name="norm"),
            layers.ReLU(name="relu"),
            layers.Flatten(),
            layers.Dense(10, name="logits"),
        ]
    )
    model.save(tmp_path / "net.keras")
    found = units_of(analyse(tmp_path, "inactive_units", "net.keras", **UNIT))
    assert (found["rows"], found["cropped"]) == ([8, 30], [8, 8])
    assert (found["conv"], found["norm"], found["relu"]) == ([6, 16], [6, 16], [6, 16])


# Passes -------------------------------------------------------------------------------------------


def steps_of(root: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> tuple[Any, list[str], int]:
    """Analyse with a bound of covariances; return digests, the steps that were said and the bytes at once."""
    shutil.copy(odd.__file__, root / "odd.py")
    torch.save(odd.sequence().state_dict(), root / "net.pt")
    monkeypatch.setattr(compute, "MOST_BYTES", most)
    held: list[int] = []
    plain = compute._moments

    def watched(*given: Any) -> Any:
        found = plain(*given)
        held.append(sum(moments.covariance().nbytes for moments in found.values()))
        return found

    monkeypatch.setattr(compute, "_moments", watched)
    report = {
        "datasets": {"data": DIGITS},
        "models": {"net": {"source": "net.pt", "factory": "odd:sequence", **UNIT}},
        "tools": {"asked": {"tool": "pfa", "dataset": "data", "model": "net"}},
    }
    said: list[str] = []
    (manifest,) = runner.run(report, root, device="cpu", report=lambda each: said.append(each.step))
    monkeypatch.undo()
    digests = [file.sha256 for table in manifest.tables for file in table.files]
    return digests, list(dict.fromkeys(said)), max(held)


def test_covariances_that_do_not_fit_are_taken_in_several_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    whole, steps, _ = steps_of(tmp_path / "one", monkeypatch, 1 << 30)
    assert "responses" in steps
    # Layers of 6, 6, 6, 6, 5, 5 and 10 units: two of 336 bytes fit at once, and that of 880 bytes is alone.
    cut, steps, held = steps_of(tmp_path / "many", monkeypatch, 700)
    assert cut == whole
    assert [step for step in steps if step.startswith("responses")] == [
        f"responses, pass {number} of 4" for number in (1, 2, 3, 4)
    ]
    assert held <= 8 * 10**2
