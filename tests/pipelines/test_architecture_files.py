"""Architectures from ONNX files and programs, and files that are damaged or made to do harm."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from pipelines.architecture import onnx_wire
from pipelines.architecture.compute import tables
from pipelines.architecture.graph import Graph, Layer
from pipelines.architecture.reading import read_graph
from tests.pipelines import zoo
from tests.pipelines.refusing import bounded
from tests.pipelines.test_architecture import layer, sources

FLOAT = TensorProto.FLOAT

# ONNX -----------------------------------------------------------------------------------------------


def value(name: str, kind: int, *shape: int | str) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def save(path: Path, nodes: list[Any], inputs: list[Any], outputs: list[Any], **weights: Any) -> Path:
    held = [numpy_helper.from_array(np.asarray(array), name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "made", inputs, outputs, held)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path


def zeros(*shape: int) -> Any:
    return np.zeros(shape, np.float32)


def residual(path: Path) -> Path:
    """Save a network as PyTorch's older exporter names its operations."""
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["c"], "/layer1/layer1.0/conv1/Conv", pads=[1] * 4),
        helper.make_node(
            "BatchNormalization", ["c", "s", "b", "m", "v"], ["n"], "/layer1/layer1.0/bn1/BatchNormalization"
        ),
        helper.make_node("Relu", ["n"], ["r"], "/layer1/layer1.0/relu/Relu"),
        helper.make_node("Conv", ["x", "w2"], ["d"], "/layer1/layer1.0/downsample/downsample.0/Conv"),
        helper.make_node("Add", ["r", "d"], ["a"], "/layer1/layer1.0/Add"),
        helper.make_node("GlobalAveragePool", ["a"], ["p"], "/pool/GlobalAveragePool"),
        helper.make_node("Shape", ["p"], ["shape"], "/Shape"),
        helper.make_node("Gather", ["shape", "zero"], ["first"], "/Gather", axis=0),
        helper.make_node("Concat", ["first", "minus"], ["to"], "/Concat", axis=0),
        helper.make_node("Reshape", ["p", "to"], ["f"], "/Reshape"),
        helper.make_node("Gemm", ["f", "w3", "b3"], ["y"], "/fc/Gemm", transB=1),
    ]
    weights = {
        "w1": zeros(4, 3, 3, 3),
        "b1": zeros(4),
        "s": zeros(4),
        "b": zeros(4),
        "m": zeros(4),
        "v": zeros(4),
    }
    weights |= {"w2": zeros(4, 3, 1, 1), "w3": zeros(5, 4), "b3": zeros(5)}
    indices = {"zero": np.array([0]), "minus": np.array([-1])}
    given = [value("x", FLOAT, "batch", 3, 8, 8)]
    return save(path, nodes, given, [value("y", FLOAT, "batch", 5)], **weights, **indices)


def test_onnx_names_become_paths_and_initialisers_parameters(tmp_path: Path) -> None:
    graph = read_graph(residual(tmp_path / "net.onnx"))
    assert [each.id for each in graph.layers] == [
        *("x", "layer1.0.conv1", "layer1.0.bn1", "layer1.0.relu", "layer1.0.downsample.0", "layer1.0.Add"),
        *("pool", "Reshape", "fc", "y"),
    ]
    add = layer(graph, "layer1.0.Add")
    assert (add.kind, add.module, sorted(sources(graph, add.id))) == (
        "operation",
        "layer1.0",
        ["layer1.0.downsample.0", "layer1.0.relu"],
    )
    norm = layer(graph, "layer1.0.bn1")
    assert (norm.type, norm.parameter_count, norm.trainable_count) == ("BatchNorm2d", 16, 8)
    assert layer(graph, "fc").type == "Linear"
    assert graph.parameter_count == 108 + 4 + 16 + 12 + 20 + 5
    assert graph.flops == 2 * (64 * 108 + 64 * 12 + 20)
    assert layer(graph, "layer1.0.conv1").outputs[0].shape == (None, 4, 8, 8)
    assert {each.channel_axis for each in graph.layers} == {1}


def ran(path: Path, graph: Graph, given: dict[str, Any]) -> None:
    """Assert that ONNX Runtime gives arrays of the shapes that the graph says."""
    model = onnx.load(path)
    names = {name for node in model.graph.node for name in node.output if name}
    there = {item.name for item in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in sorted(names - there))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs = [item.name for item in session.get_outputs()]
    real = {tuple(array.shape) for array in session.run(None, given)}
    assert outputs
    for each in graph.layers:
        if each.kind in ("layer", "operation"):
            sizes = {tuple(1 if size is None else size for size in array.shape) for array in each.outputs}
            assert sizes <= real, each.id


def test_onnx_shapes_are_those_of_onnx_runtime(tmp_path: Path) -> None:
    path = residual(tmp_path / "net.onnx")
    ran(path, read_graph(path), {"x": zeros(1, 3, 8, 8)})


@pytest.mark.filterwarnings("ignore")
def test_an_export_of_pytorch_has_its_parameters_and_flops(tmp_path: Path) -> None:
    module = torch.nn.Sequential(
        zoo.BasicConv(3, 4, 3), zoo.Gate(4, 2), torch.nn.Flatten(), torch.nn.Linear(144, 7)
    ).eval()
    example = torch.zeros(2, 3, 8, 8)
    shapes = ({0: torch.export.Dim("batch")},)
    torch.onnx.export(
        module, (example,), tmp_path / "net.onnx", dynamo=True, dynamic_shapes=shapes, verbose=False
    )
    graph = read_graph(tmp_path / "net.onnx")
    assert graph.modules["1"].type == "Gate"
    assert [each.type for each in graph.layers if each.category == "dense"] == ["Linear"]
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        module(example[:1])
    assert graph.flops == counter.get_total_flops()
    ran(tmp_path / "net.onnx", graph, {graph.layers[0].name: zeros(1, 3, 8, 8)})


def test_recurrent_and_branching_onnx_operations_are_read(tmp_path: Path) -> None:
    body = helper.make_graph(
        [helper.make_node("Identity", ["y"], ["z"])], "body", [], [value("z", FLOAT, 7, 1, 2, 6)]
    )
    nodes = [
        helper.make_node("LSTM", ["x", "w", "r"], ["y", "h"], "lstm", hidden_size=6),
        helper.make_node("If", ["flag"], ["o"], "choice", then_branch=body, else_branch=body),
    ]
    inputs = [value("x", FLOAT, 7, "n", 5), value("flag", TensorProto.BOOL)]
    outputs = [value("o", FLOAT, 7, 1, "n", 6), value("h", FLOAT, 1, "n", 6)]
    graph = read_graph(
        save(tmp_path / "net.onnx", nodes, inputs, outputs, w=zeros(1, 24, 5), r=zeros(1, 24, 6))
    )
    lstm = layer(graph, "lstm")
    assert (lstm.parameter_count, len(lstm.outputs)) == (24 * 11, 2)
    (notice,) = [each for each in graph.notices if each.is_missing]
    assert (notice.place, "2 operations" in notice.what) == ("choice", True)


def test_what_stands_inside_of_operations_is_weighed_and_what_it_uses_is_connected(tmp_path: Path) -> None:
    made = value("z", FLOAT, "n", 4)
    held = [numpy_helper.from_array(zeros(3, 4), "inner")]
    bodies = [
        helper.make_graph([helper.make_node("MatMul", ["a", name], ["z"])], "body", [], [made], held[:count])
        for name, count in (("inner", 1), ("outer", 0))
    ]
    nodes = [
        helper.make_node("Relu", ["x"], ["a"], "first"),
        helper.make_node("If", ["flag"], ["o"], "choice", then_branch=bodies[0], else_branch=bodies[1]),
    ]
    inputs = [value("x", FLOAT, "n", 3), value("flag", TensorProto.BOOL)]
    path = save(tmp_path / "net.onnx", nodes, inputs, [value("o", FLOAT, "n", 4)], outer=zeros(3, 4))
    graph = read_graph(path)
    assert layer(graph, "choice").parameter_count == 24
    assert sources(graph, "choice") == ["flag", "first"]
    assert layer(graph, "choice").flops is None
    assert not [each for each in graph.notices if "not connected" in each.what]


def test_operations_that_onnx_does_not_define_are_kept_and_told(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["a"], "first"),
        helper.make_node("Swizzle", ["a", "w"], ["b"], "/block/odd", domain="own.domain"),
        helper.make_node("Gemm", ["b", "w"], ["y"], "last"),
    ]
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("own.domain", 1)]
    held = [numpy_helper.from_array(zeros(3, 3), "w")]
    ends = [value("x", FLOAT, "n", 3)], [onnx.ValueInfoProto(name="y")]
    model = helper.make_model(
        helper.make_graph(nodes, "made", *ends, held), opset_imports=opsets, ir_version=9
    )
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    graph = read_graph(tmp_path / "net.onnx")
    odd = next(each for each in graph.layers if each.type == "Swizzle")
    assert (odd.flops, odd.outputs[0].shape, odd.parameter_count) == (None, (), 9)
    assert sources(graph, "last") == [odd.id]
    assert layer(graph, "last").flops is None
    told = {each.place: each.what for each in graph.notices}
    assert "which ONNX does not define" in told["block.odd"]
    assert any("sizes are not fixed" in each for each in told.values())


def test_weights_in_a_file_that_is_not_there_are_counted_all_the_same(tmp_path: Path) -> None:
    path = residual(tmp_path / "net.onnx")
    graph = read_graph(path)
    model = onnx.load(path)
    onnx.save(model, path, save_as_external_data=True, location="net.data", size_threshold=0)
    (tmp_path / "net.data").unlink()
    other = read_graph(path)
    assert other.parameter_count == graph.parameter_count
    assert [each.id for each in other.layers] == [each.id for each in graph.layers]


def test_unusual_onnx_graphs_are_kept_with_a_notice(tmp_path: Path) -> None:
    name = "n" * 10_000
    nodes = [
        helper.make_node("Relu", ["x"], ["y"], name),
        helper.make_node("Slice", ["x", "zero", "zero"], ["none"], "empty"),
        helper.make_node("RandomNormal", [], ["alone"], "lonely", shape=[2, 2]),
    ]
    outputs = [value("y", FLOAT, "n", "k", 3), value("none", FLOAT, "m", "k", 3)]
    path = save(tmp_path / "net.onnx", nodes, [value("x", FLOAT, "n", "k", 3)], outputs, zero=np.array([0]))
    graph = read_graph(path)
    told = {each.place: each.what for each in graph.notices}
    assert "10,000 letters" in told[name]
    assert "one of its sizes is 0" in told["empty"]
    assert told["lonely"] == "is not connected to any other layer"
    assert any("sizes are not fixed" in each.what for each in graph.notices)
    assert layer(graph, name).outputs[0].shape == (None, None, 3)
    assert tables(graph)[0].data.num_rows == len(graph.layers) == 6
    assert not graph.is_partial


def many(path: Path, count: int, kind: str = "Relu") -> Path:
    nodes = [
        helper.make_node(kind, [f"t{at}"], [f"t{at + 1}"], f"/block{at // 10}/{kind}_{at}")
        for at in range(count)
    ]
    return save(path, nodes, [value("t0", FLOAT, "n", 3)], [value(f"t{count}", FLOAT, "n", 3)])


def test_an_onnx_graph_of_five_thousand_layers_is_read_in_seconds(tmp_path: Path) -> None:
    path = many(tmp_path / "net.onnx", 5000)
    start = time.perf_counter()
    graph = read_graph(path)
    made = tables(graph)
    assert time.perf_counter() - start < 20  # about one second on a machine that does nothing else
    assert made[0].data.num_rows == 5002
    assert made[2].data.num_rows == 501


def test_hostile_onnx_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = [value("x", FLOAT, "n", 3)], [value("y", FLOAT, "n", 3)]
    circle = [
        helper.make_node("Add", ["x", "b"], ["a"], "first"),
        helper.make_node("Relu", ["a"], ["b"], "second"),
    ]
    path = tmp_path / "net.onnx"
    save(path, [*circle, helper.make_node("Relu", ["b"], ["y"])], x, y)
    bounded(path, 'holds a cycle: layer "first" needs what follows it')
    save(path, [helper.make_node("Relu", ["x"], ["y"]), helper.make_node("Tanh", ["x"], ["y"])], x, y)
    bounded(path, 'holds two operations that make "y"')
    model = onnx.load(save(path, [helper.make_node("Add", ["x", "w"], ["y"])], x, y, w=zeros(3)))
    for dims, message in (
        ([2**40, 2**20], "is said to have 1099511627776 x 1048576 numbers"),
        ([-3], "is said to have -3 numbers"),
    ):
        model.graph.initializer[0].dims[:] = dims
        path.write_bytes(model.SerializeToString())
        bounded(path, message)
    save(
        path, [helper.make_node("Relu", ["x"], ["y"])], [value("x", FLOAT, 2**40)], [value("y", FLOAT, 2**40)]
    )
    bounded(path, "more than can be counted")
    content = many(path, 200).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    bounded(path, "is not readable as an ONNX model: it ends in the middle of a field")
    monkeypatch.setattr(onnx_wire, "MOST_PARTS", 500)
    path.write_bytes(content)
    bounded(path, "names more than 500 parts: it is not opened")


def field(number: int, content: bytes) -> bytes:
    """Return a field of a message as Protocol Buffers writes it."""
    size, length = len(content), b""
    while size > 127:
        length, size = length + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


@pytest.mark.parametrize("number", [4, 9, 10], ids=["bytes", "texts", "tensors"])
def test_a_small_file_of_very_many_parts_is_refused(tmp_path: Path, number: int) -> None:
    values = field(1, b"a") + field(number, b"") * 4_000_000
    node = field(2, b"y") + field(4, b"Relu") + field(5, values)
    (tmp_path / "net.onnx").write_bytes(b"\x08\x09" + field(7, field(1, node)))
    bounded(tmp_path / "net.onnx", "names more than 1,000,000 parts")
    (tmp_path / "net.onnx").write_bytes(b"\x08\x09" + field(7, field(5, b"\x08\x01" * 4_000_000)))
    bounded(tmp_path / "net.onnx", "names more than 1,000,000 parts")


def test_functions_that_multiply_are_refused(tmp_path: Path) -> None:
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
    functions = [
        helper.make_function("own", "f0", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], opsets)
    ]
    for level in range(1, 12):
        names = ["a", *(f"t{at}" for at in range(9)), "b"]
        nodes = [
            helper.make_node(f"f{level - 1}", [names[at]], [names[at + 1]], domain="own") for at in range(10)
        ]
        functions.append(helper.make_function("own", f"f{level}", ["a"], ["b"], nodes, opsets))
    node = helper.make_node("f11", ["x"], ["y"], domain="own")
    graph = helper.make_graph([node], "made", [value("x", FLOAT, 3)], [value("y", FLOAT, 3)])
    model = helper.make_model(graph, functions=functions, opset_imports=opsets, ir_version=9)
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    bounded(tmp_path / "net.onnx", "has functions that make 100,000,000,000 operations")
    functions[0].node[0].CopyFrom(helper.make_node("f3", ["a"], ["b"], domain="own"))
    model = helper.make_model(graph, functions=functions, opset_imports=opsets, ir_version=9)
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    bounded(tmp_path / "net.onnx", "calls itself")


# PyTorch's programs ---------------------------------------------------------------------------------


def rewritten(path: Path, change: Any) -> Path:
    """Rewrite the JSON of a program."""
    made = path.with_name("changed.pt2")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(made, "w") as other:
        for name in archive.namelist():
            content = archive.read(name)
            if "/models/" in name and name.endswith(".json"):
                told = json.loads(content)
                change(told["graph_module"])
                content = json.dumps(told).encode()
            other.writestr(name, content)
    return made


def test_hostile_programs_are_refused(tmp_path: Path) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU())
    path = tmp_path / "net.pt2"
    torch.export.save(torch.export.export(module, (torch.zeros(2, 3),)), path)
    assert [each.what for each in read_graph(path).notices] == [
        "was exported for batches of 2: FLOPs and bytes are those of a whole batch"
    ]
    content = path.read_bytes()
    (tmp_path / "cut.pt2").write_bytes(content[: len(content) // 2])
    bounded(tmp_path / "cut.pt2", "no zip archive")
    with zipfile.ZipFile(tmp_path / "bomb.pt2", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/models/model.json", b" " * (200 << 20))
    bounded(tmp_path / "bomb.pt2", "it is not opened")

    def huge(told: Any) -> None:
        for meta in told["graph"]["tensor_values"].values():
            meta["sizes"] = [{"as_int": 2**50}, {"as_int": 2**50}]

    bounded(rewritten(path, huge), "more than can be counted")

    def symbolic(told: Any) -> None:
        for meta in told["graph"]["tensor_values"].values():
            meta["sizes"][0] = {"as_expr": {"expr_str": "__import__('os').system('true')", "hint": None}}

    bounded(rewritten(path, symbolic), "changed.pt2: ")

    def lost(told: Any) -> None:
        told["graph"]["tensor_values"].clear()

    bounded(rewritten(path, lost), "is not readable as a program of torch.export")

    def foreign(told: Any) -> None:
        told["graph"]["nodes"][0]["target"] = "torch.ops.own.system.default"

    graph = read_graph(rewritten(path, foreign))  # named, and never called
    assert Layer in {type(each) for each in graph.layers}


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    for name, message in (
        ("net.txt", "holds no network whose layers can be read"),
        ("net.pt", "holds weights"),
    ):
        (tmp_path / name).write_bytes(b"x")
        bounded(tmp_path / name, message)
    bounded(tmp_path / "lost.onnx", "is not there")
    (tmp_path / "empty.onnx").touch()
    bounded(tmp_path / "empty.onnx", "is empty")
