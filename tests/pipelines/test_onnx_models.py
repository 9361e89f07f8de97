"""ONNX models against PyTorch's forward and ONNX Runtime's own answers; nothing beside them is read."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from pipelines.contract import ContractError
from tests.pipelines import networks
from tests.pipelines.asked import UNIT, ask, reference


def export(root: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own libraries
        torch.onnx.export(
            networks.small(),
            (torch.zeros(2, 1, 8, 8),),
            root / "net.onnx",
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            input_names=["pixels"],
            output_names=["scores"],
            external_data=True,
            dynamo=True,
            verbose=False,
        )


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("exported")
    export(root)
    return root


def test_a_graph_answers_as_pytorch_does(exported: Path) -> None:
    graph = onnx.load(exported / "net.onnx", load_external_data=False)
    relu = next(node for node in reversed(graph.graph.node) if node.op_type == "Relu")
    probabilities, hidden = reference()
    for layer in (relu.output[0], relu.name):
        asked = ask(exported, "net.onnx", layer, **UNIT)
        assert np.abs(asked.probabilities - probabilities).max() < 1e-4
        assert np.abs(asked.embeddings - hidden).max() < 1e-4
    count = sum(item.numel() for item in networks.small().parameters())
    assert asked.model["parameter_count"] >= count
    assert asked.model["output"] == "logits"
    assert set(asked.manifest.libraries) >= {"onnx", "onnxruntime"}
    assert {"models/net", "models/net/net.onnx.data"} <= asked.manifest.inputs.keys()
    with pytest.raises(
        ContractError, match=rf'no layer "{relu.output[0]}x"\n  did you mean "{relu.output[0]}"'
    ):
        ask(exported, "net.onnx", f"{relu.output[0]}x", **UNIT)


def save(root: Path, nodes: list[Any], inputs: list[Any], outputs: list[Any], **weights: Any) -> None:
    initializers = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "made", inputs, outputs, initializers)
    opsets = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), root / "net.onnx")


def value(name: str, kind: int, *shape: int | str) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


CSV = "a,b,label\n0.5,2,no\n1.5,3,yes\n-1,0.25,yes\n"
DATA = {"source": "data.csv"}
FLOAT = TensorProto.FLOAT
MATRIX = np.array([[1, -1], [0.5, 2]], np.float32)


def test_columns_are_given_in_order_or_by_name(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(CSV)
    columns = np.array([[0.5, 2], [1.5, 3], [-1, 0.25]])
    save(
        tmp_path,
        [
            helper.make_node("MatMul", ["x", "w"], ["y"]),
            helper.make_node("Softmax", ["y"], ["p"], name="last"),
        ],
        [value("x", FLOAT, "n", 2)],
        [value("p", FLOAT, "n", 2)],
        w=MATRIX,
    )
    with pytest.raises(
        ContractError, match=r'which columns of dataset "data" it reads\n .*features = .*: a, b'
    ):
        ask(tmp_path, "net.onnx", dataset=DATA)
    with pytest.raises(ContractError, match="takes 2 columns and features name 1"):
        ask(tmp_path, "net.onnx", dataset=DATA, features=["a"])
    with pytest.raises(ContractError, match=r'features name column "c", which is not there'):
        ask(tmp_path, "net.onnx", dataset=DATA, features=["a", "c"])
    with pytest.raises(
        ContractError, match=r'column "label" holds text and the model takes a number per column'
    ):
        ask(tmp_path, "net.onnx", dataset=DATA, features=["a", "label"])
    asked = ask(tmp_path, "net.onnx", "y", dataset=DATA, features=["a", "b"])
    powers = np.exp(columns @ MATRIX)
    assert np.allclose(asked.probabilities, powers / powers.sum(1, keepdims=True), atol=1e-6)
    assert np.allclose(asked.embeddings, columns @ MATRIX, atol=1e-6)
    assert asked.model["output"] == "probabilities"
    nodes = [
        helper.make_node("Concat", ["b", "a"], ["x"], axis=1),
        helper.make_node("MatMul", ["x", "w"], ["y"]),
    ]
    inputs = [value("b", FLOAT, "n", 1), value("a", FLOAT, "n", 1)]
    save(tmp_path, nodes, inputs, [value("y", FLOAT, "n", 2)], w=MATRIX)
    asked = ask(tmp_path, "net.onnx", dataset=DATA)
    powers = np.exp(columns[:, ::-1] @ MATRIX)
    assert np.allclose(asked.probabilities, powers / powers.sum(1, keepdims=True), atol=1e-6)
    assert asked.model["input"]["features"] == ["b", "a"]


def test_channels_last_and_whole_numbers_are_inferred(tmp_path: Path) -> None:
    from tests.pipelines.asked import digits

    weights = np.random.default_rng(0).normal(size=(64, 10)).astype(np.float32) / 255
    nodes = [
        helper.make_node("Cast", ["x"], ["f"], to=FLOAT),
        helper.make_node("Flatten", ["f"], ["v"]),
        helper.make_node("MatMul", ["v", "w"], ["y"]),
    ]
    outputs = [value("label", TensorProto.INT64, "n"), value("y", FLOAT, "n", 10)]
    nodes.append(helper.make_node("ArgMax", ["y"], ["label"], axis=1, keepdims=0))
    save(tmp_path, nodes, [value("x", TensorProto.UINT8, "n", 8, 8, 1)], outputs, w=weights)
    asked = ask(tmp_path, "net.onnx")
    assert asked.model["input"]["range"] == [0, 255]
    assert asked.model["input"]["layout"] == "channels_last"
    pixels = digits()[0].reshape(-1, 64).astype(np.float32)
    assert (asked.probabilities.argmax(1) == (pixels @ weights).argmax(1)).all()
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    label = session.run(["label"], {"x": digits()[0][..., None]})[0]
    assert (asked.column("samples", "prediction").astype(int) == label).all()


def test_weights_outside_the_folder_are_refused(tmp_path: Path) -> None:
    outside = tmp_path / "weights.bin"
    outside.write_bytes(MATRIX.tobytes())
    report = tmp_path / "report"
    report.mkdir()
    (report / "data.csv").write_text(CSV)
    node, given = helper.make_node("MatMul", ["x", "w"], ["y"]), [value("x", FLOAT, "n", 2)]
    save(report, [node], given, [value("y", FLOAT, "n", 2)], w=MATRIX)
    graph = onnx.load(report / "net.onnx")
    for place, message in (
        ("../weights.bin", 'keeps weights in "../weights.bin", outside its folder'),
        ("lost.bin", 'keeps weights in "lost.bin", which is not there'),
    ):
        weights = graph.graph.initializer[0]
        weights.ClearField("raw_data")
        weights.ClearField("external_data")
        weights.data_location = TensorProto.EXTERNAL
        weights.external_data.add(key="location", value=place)
        (report / "net.onnx").write_bytes(graph.SerializeToString())
        with pytest.raises(ContractError, match=message):
            ask(report, "net.onnx", dataset=DATA, features=["a", "b"])


@pytest.mark.parametrize("content", [b"this is no model\n" * 50, b"\x08\x09", bytes(1000)])
def test_says_that_a_file_is_no_graph(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(ContractError, match=r"net\.onnx: is not readable as an ONNX model: "):
        ask(tmp_path, "net.onnx", **UNIT)


def test_says_that_a_graph_is_cut_short(tmp_path: Path) -> None:
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    save(tmp_path, [node], [value("x", FLOAT, "n", 2)], [value("y", FLOAT, "n", 2)], w=MATRIX)
    content = (tmp_path / "net.onnx").read_bytes()
    (tmp_path / "net.onnx").write_bytes(content[: len(content) // 2])
    with pytest.raises(ContractError, match=r"net\.onnx: is not readable as an ONNX model: "):
        ask(tmp_path, "net.onnx", **UNIT)


def test_says_that_a_model_gives_labels_alone(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(CSV)
    node = helper.make_node("ArgMax", ["x"], ["label"], axis=1, keepdims=0)
    save(tmp_path, [node], [value("x", FLOAT, "n", 2)], [value("label", TensorProto.INT64, "n")])
    with pytest.raises(ContractError, match=r"gives tensor\(int64\): no array of fractions"):
        ask(tmp_path, "net.onnx", dataset=DATA, features=["a", "b"])
