"""Architectures from files: code that is trusted, factories, programs, and what makes them be read anew."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from pipelines import contract, runner
from pipelines.architecture import torch_source
from pipelines.architecture.compute import tables
from pipelines.architecture.graph import ordered
from pipelines.architecture.own_models import Given, Sample, samples
from pipelines.architecture.reading import read_graph
from pipelines.architecture.symbols import evaluate
from pipelines.contract import ContractError, Manifest
from tests.pipelines import zoo
from tests.pipelines.test_architecture import layer

NET = """
import torch
from torch import nn

def get_model():
    return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(10))
"""


def run(root: Path, settings: Mapping[str, Any], shapes: str = "", **keywords: Any) -> Manifest:
    tool = {"tool": "architecture", "model": "net", "parameters": {"shapes": shapes}}
    report = {"models": {"net": settings}, "tools": {"net": tool}}
    (manifest,) = runner.run(report, root, device="cpu", **keywords)
    return manifest


def rows(root: Path, manifest: Manifest, table: str) -> list[dict[str, Any]]:
    found = contract.read_table(root / "artifacts" / "net", manifest.table(table)).to_pylist()
    return sorted(found, key=lambda row: row.get("position", 0))


def test_a_file_with_get_model_is_run_when_it_is_trusted(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET)
    with pytest.raises(
        ContractError, match=r"net\.py: is Python code, which runs when it is read\n .*--trust"
    ):
        run(tmp_path, {"source": "net.py"})
    with pytest.raises(ContractError, match="is Python code"):
        read_graph(tmp_path / "net.py")
    manifest = run(tmp_path, {"source": "net.py"}, "1x28x28", trust=True)
    layers = rows(tmp_path, manifest, "layers")
    assert [row["type"] for row in layers] == ["Input", "Conv2d", "ReLU", "Flatten", "Linear", "Output"]
    assert layers[4]["parameter_count"] == 26 * 26 * 8 * 10 + 10
    assert manifest.parameters["model"]["parameter_count"] == 26 * 26 * 8 * 10 + 10 + 80
    graph = read_graph(tmp_path / "net.py", is_trusted=True)
    assert "nothing says what it takes: read for 1x224x224" in [each.what for each in graph.notices]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def get_model():\n    return 3\n", "builds int, which is no network"),
        ("def get_model():\n    raise ValueError('no')\n", r"net\.py:2: fails with ValueError: no"),
        ("def other():\n    pass\n", 'has no function "get_model"'),
        ("def get_model(:\n", r"net\.py:1: fails with SyntaxError"),
    ],
)
def test_code_that_builds_no_network_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "net.py").write_text(text)
    with pytest.raises(ContractError, match=message):
        read_graph(tmp_path / "net.py", is_trusted=True)


def test_other_tools_refuse_a_file_that_was_never_trained(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET)
    report = {
        "datasets": {"digits": {"source": "digits"}},
        "models": {"net": {"source": "net.py"}},
        "tools": {"a": {"tool": "classification", "dataset": "digits", "model": "net"}},
    }
    with pytest.raises(ContractError, match="never trained"):
        runner.run(report, tmp_path, device="cpu", trust=True)


def test_a_factory_is_read_without_its_weights(tmp_path: Path) -> None:
    (tmp_path / "networks.py").write_text(NET.replace("get_model", "build"))
    (tmp_path / "net.pt").write_bytes(b"not looked at")
    manifest = run(tmp_path, {"source": "net.pt", "factory": "networks:build"}, "1x12x12")
    assert rows(tmp_path, manifest, "layers")[1]["type"] == "Conv2d"


def test_the_bundled_network_is_read_for_the_datasets_images(tmp_path: Path) -> None:
    report = {
        "datasets": {"digits": {"source": "digits"}},
        "models": {"net": {"source": "cnn", "width": 4}},
        "tools": {"net": {"tool": "architecture", "model": "net", "dataset": "digits"}},
    }
    (manifest,) = runner.run(report, tmp_path, device="cpu")
    layers = rows(tmp_path, manifest, "layers")
    assert layers[0]["output_resolution"] == [8, 8]
    assert layers[-1]["features"] == 10
    del report["tools"]["net"]["dataset"]
    with pytest.raises(ContractError, match="is built for the images of a dataset"):
        runner.run(report, tmp_path, device="cpu")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("program")
    parts = [nn.Conv2d(3, 4, 3, padding=1), zoo.Gate(4, 2), nn.Flatten(2), nn.LSTM(64, 8, batch_first=True)]
    module = nn.Sequential(*parts).eval()
    given = (torch.zeros(2, 3, 8, 8),)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of attributes that PyTorch's own LSTM keeps
        made = torch.export.export(module, given, dynamic_shapes=({0: torch.export.Dim("batch")},))
    torch.export.save(made, folder / "net.pt2")
    return folder / "net.pt2"


def test_a_program_is_read_without_running_it(program: Path) -> None:
    graph = read_graph(program)
    assert (graph.framework, graph.method) == ("torch", "torch.export")
    assert [each.id for each in graph.layers if each.kind == "layer"] == [
        "0",
        "1.pool",
        "1.fc1",
        "1.fc2",
        "2",
        "3",
    ]
    assert layer(graph, "1.mul").type == "Multiply"
    assert layer(graph, "0").outputs[0].shape == (None, 4, 8, 8)
    assert layer(graph, "0").hyperparameters["kernel_size"] == [3, 3]
    assert layer(graph, "0").flops == 2 * 64 * 3 * 4 * 9
    assert layer(graph, "3").flops == 4 * 2 * (64 * 32 + 8 * 32)
    assert graph.parameter_count == 112 + 10 + 12 + 32 * 64 + 32 * 8 + 64
    assert graph.modules["1"].type == "Gate"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4*s7", 12),
        ("FloorDiv(s7 + 2, 2) - 1", 1),
        ("Max(1, s7)**2", 9),
        ("Mul(Integer(4), Symbol('s7', positive=True, integer=True))", 12),
        ("Pow(Add(Symbol('s7'), Integer(1)), Integer(2))", 16),
        ("Pow(Integer(2), Integer(4000))", None),
        ("s8", None),
        ("__import__('os')", None),
        ("s7.real", None),
        ("((((s7**8)**8)**8)**8)", None),
        ("s7//0", None),
        ("(" * 900, None),
        ("1+" * 2000 + "1", None),
    ],
)
def test_sizes_are_evaluated_and_nothing_else(text: str, found: int | None) -> None:
    assert evaluate(text, {"s7": 3}) == found


@pytest.mark.parametrize("is_decomposed", [False, True])
def test_a_program_has_the_counts_of_its_network(tmp_path: Path, is_decomposed: bool) -> None:
    block = zoo.EncoderBlock(48)
    parts = [
        nn.Conv2d(3, 48, 4, 4),
        nn.BatchNorm2d(48),
        nn.Flatten(2),
        nn.Linear(16, 16),
        nn.Linear(16, 48),
        block,
    ]
    module = nn.Sequential(*parts, nn.GRU(48, 6, batch_first=True)).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = torch.export.export(module, (torch.zeros(1, 3, 16, 16),))
        torch.export.save(made.run_decompositions() if is_decomposed else made, tmp_path / "net.pt2")
    graph = read_graph(tmp_path / "net.pt2")
    assert graph.parameter_count == sum(each.numel() for each in module.parameters())
    with FlopCounterMode(display=False) as counter:
        module.to("meta")(torch.zeros(1, 3, 16, 16, device="meta"))
    assert graph.flops == counter.get_total_flops()
    assert [each.type for each in graph.layers if each.kind == "layer"] == [
        *("Conv2d", "BatchNorm2d", "Flatten", "Linear", "Linear", "LayerNorm", "MultiheadAttention"),
        *("LayerNorm", "Linear", "GELU", "Linear", "GRU"),
    ]


def test_a_change_to_what_the_code_imports_reads_it_anew(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("from .parts import made\n\ndef get_model():\n    return made()\n")
    (tmp_path / "parts.py").write_text("from torch import nn\n\ndef made():\n    return nn.Linear(3, 4)\n")
    first = run(tmp_path, {"source": "net.py"}, trust=True)
    assert run(tmp_path, {"source": "net.py"}, trust=True).key == first.key
    (tmp_path / "parts.py").write_text("from torch import nn\n\ndef made():\n    return nn.Linear(3, 5)\n")
    second = run(tmp_path, {"source": "net.py"}, trust=True)
    assert second.parameters["model"]["parameter_count"] == 20
    (tmp_path / "my-net.py").write_text(NET)
    with pytest.raises(ContractError, match="has a name that Python cannot import"):
        read_graph(tmp_path / "my-net.py", is_trusted=True)


def test_a_change_to_a_source_computes_anew() -> None:
    from pipelines import code

    read = []
    with pytest.MonkeyPatch.context() as patch:
        # What an earlier test read would not be read again, nor may a later one see what is told here.
        patch.setattr(code, "_read", code._read.__wrapped__)
        patch.setattr(code, "meaning", lambda tree: read.append(tree) or "")
        code.source_digest.__wrapped__("pipelines.architecture")
    told = {node.name for tree in read for node in tree.body if hasattr(node, "name")}
    assert {"_Walk", "_Reading", "_Tracer", "_Folding", "check_parts"} <= told


def test_inputs_are_told_as_sizes() -> None:
    assert samples("3x224x224, int64:128", "x") == (Sample((3, 224, 224)), Sample((128,), "int64"))
    assert samples("", "x") == ()
    assert samples("int64:, 3", "x") == (Sample((), "int64"), Sample((3,)))
    for text in ("3x", "a", "complex:3", "3x-1", "99999999999"):
        with pytest.raises(ContractError, match=r"x: shapes names .*\n .*3x224x224"):
            samples(text, "x")


def test_a_network_of_five_thousand_layers_is_read(tmp_path: Path) -> None:
    made = nn.Sequential(*(nn.Linear(4, 4) if at % 2 else nn.ReLU() for at in range(5000)))
    graph = ordered(torch_source.read_object(lambda: made, "net", Given((Sample((4,)),))), "net")
    assert len(graph.layers) == 5002
    assert graph.parameter_count == 2500 * 20
    assert sum(rows.data.num_rows for rows in tables(graph)) > 10_000
