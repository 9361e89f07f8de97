"""Architectures: shapes and counts are those of the frameworks themselves, however a network is read."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from pipelines import contract, runner
from pipelines.architecture import torch_source
from pipelines.architecture.axes import FIRST, with_axes
from pipelines.architecture.compute import tables
from pipelines.architecture.graph import Graph, Layer, ordered
from pipelines.architecture.own_models import Given, Sample, samples
from pipelines.architecture.reading import read_graph
from pipelines.architecture.symbols import evaluate
from pipelines.architecture.torch_exports import exported
from pipelines.architecture.torch_steps import folded
from pipelines.architecture.torch_traces import traced
from pipelines.contract import ContractError, Manifest
from tests.pipelines import zoo
from tests.pipelines.zoo import ZOO


@cache
def by_export(name: str) -> tuple[Graph, nn.Module]:
    module, given = zoo.build(name)
    graph = folded(exported(module, given, list(given)), "torch.export")
    return ordered(with_axes(graph, FIRST), name), module


@cache
def by_trace(name: str) -> tuple[Graph, nn.Module]:
    module, _ = zoo.build(name)

    def given(count: int) -> tuple[list[Tensor], dict[str, Any]]:
        with torch.device("meta"):
            return [make(count) for make in ZOO[name][1].values()], {}

    trace = traced(module, given, "meta")
    assert trace.error is None
    return ordered(with_axes(folded(trace.program, "trace"), FIRST), name), module


def counted(name: str, module: nn.Module) -> int:
    with torch.device("meta"):
        given = [make(1) for make in ZOO[name][1].values()]
    with FlopCounterMode(display=False) as counter:
        module(*given)
    return int(counter.get_total_flops())


def shapes(name: str, module: nn.Module) -> dict[str, list[tuple[int, ...]]]:
    """Return what each module without modules inside gives for two samples, call by call."""
    found: dict[str, list[tuple[int, ...]]] = {}

    def keep(path: str) -> Any:
        def hook(_: nn.Module, __: Any, made: Any) -> None:
            first = made[0] if isinstance(made, tuple) else made
            found.setdefault(path, []).append(tuple(first.shape))

        return hook

    handles = [
        each.register_forward_hook(keep(path))
        for path, each in module.named_modules()
        if not any(each.children())
    ]
    with torch.device("meta"):
        module(*(make(2) for make in ZOO[name][1].values()))
    for handle in handles:
        handle.remove()
    return found


def check(graph: Graph, name: str, module: nn.Module) -> None:
    own = sum(each.numel() for each in module.parameters())
    assert graph.parameter_count == own == (ZOO[name][2] or own)
    assert graph.flops == counted(name, module)
    wanted = shapes(name, module)
    layers = [
        layer for layer in graph.layers if layer.kind == "layer" and layer.path in wanted and layer.outputs
    ]
    assert len(layers) == sum(map(len, wanted.values()))
    for path, made in wanted.items():
        rows = [layer for layer in layers if layer.path == path]
        assert Counter(made) == Counter(
            tuple(2 if size is None else size for size in row.outputs[0].shape) for row in rows
        )


EXPORTED = ("vit_b_16", "volumes", "unet")


@pytest.mark.parametrize("name", EXPORTED)
def test_an_exported_network_has_the_frameworks_shapes_and_counts(name: str) -> None:
    graph, module = by_export(name)
    check(graph, name, module)
    trace, _ = by_trace(name)
    for of in ("layer", "input", "output"):
        first, second = ([layer.type for layer in each.layers if layer.kind == of] for each in (graph, trace))
        assert Counter(first) == Counter(second)


@pytest.mark.parametrize("name", ZOO)
def test_a_traced_network_has_the_frameworks_shapes_and_counts(name: str) -> None:
    graph, module = by_trace(name)
    check(graph, name, module)
    places = {layer.id: place for place, layer in enumerate(graph.layers)}
    assert all(places[each.source] < places[each.target] for each in graph.connections)
    assert len(places) == len(graph.layers)


def layer(graph: Graph, name: str) -> Layer:
    (found,) = [each for each in graph.layers if each.id == name]
    return found


def sources(graph: Graph, name: str) -> list[str]:
    return [each.source for each in graph.connections if each.target == name]


def test_skip_connections_lead_into_the_layer_that_adds() -> None:
    graph, _ = by_trace("resnet50")
    add = next(each for each in graph.layers if each.type == "Add" and each.module == "layer1.1")
    assert add.path == "layer1.1"
    assert sorted(sources(graph, add.id)) == ["layer1.0.relu@3", "layer1.1.bn3"]
    assert layer(graph, "layer1.0.relu@3").shared == "layer1.0.relu"
    assert layer(graph, "layer1.0.relu@3").use == 3
    graph, _ = by_trace("unet")
    join = next(each for each in graph.layers if each.type == "Concatenate")
    assert sources(graph, join.id) == ["down.2.5", "up.0"]


def test_attention_of_pytorch_is_one_layer_and_its_parameters_are_counted_once() -> None:
    graph, _ = by_export("vit_b_16")
    attention = layer(graph, "encoder.0.attention")
    assert (attention.type, attention.category) == ("MultiheadAttention", "attention")
    assert attention.parameter_count == 4 * 768 * 768 + 4 * 768
    assert attention.hyperparameters["num_heads"] == 12
    assert graph.modules["encoder.0"].type == "EncoderBlock"
    token = next(each for each in graph.layers if each.type == "Concatenate")
    assert (token.parameter_count, token.category) == (768, "merge")


def test_shared_weights_are_counted_in_the_first_row() -> None:
    graph, _ = by_trace("translator")
    first, second = layer(graph, "words"), layer(graph, "words@2")
    assert (first.parameter_count, second.parameter_count) == (8000 * 256, 0)
    assert (first.shared, second.shared) == (None, "words")


class Tied(nn.Module):
    """An output layer with the weights of the embedding, and a head that nothing calls."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.logits = nn.Embedding(50, 8), nn.Linear(8, 50, bias=False)
        self.logits.weight = self.words.weight
        self.spare = nn.Sequential(nn.Linear(8, 4), nn.ReLU())
        self.words.weight.requires_grad_(False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return logits."""
        return self.logits(self.words(tokens))


@pytest.mark.parametrize("way", ["export", "trace"])
def test_tied_weights_and_uncalled_layers_are_told(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.architecture.torch_exports.MOST_MODULES", 300 if way == "export" else 0)
    graph = ordered(torch_source.read_object(Tied, "net", Given((Sample((6,)),))), "net")
    assert graph.method == ("torch.export" if way == "export" else "trace")
    assert graph.parameter_count == sum(each.numel() for each in Tied().parameters())
    assert layer(graph, "logits").shared == "words"
    assert layer(graph, "words").trainable_count == 0
    spare = layer(graph, "spare.0")
    assert (spare.type, spare.parameter_count, spare.outputs) == ("Linear", 36, ())
    told = {(each.place, each.what) for each in graph.notices}
    assert ("spare", "has 36 parameters that the forward pass never uses") in told
    assert ("spare.0", "is not connected to any other layer") in told
    assert not graph.is_partial


class Broken(nn.Module):
    """A network whose code fails midway."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third = nn.Conv2d(3, 4, 3), nn.Conv2d(5, 6, 3), nn.Conv2d(6, 7, 3)

    def forward(self, image: Tensor) -> Tensor:
        """Never return."""
        return self.third(self.second(self.first(image).relu()))


def test_a_network_that_fails_midway_gives_what_comes_before() -> None:
    graph = ordered(torch_source.read_object(Broken, "net", Given((Sample((3, 8, 8)),))), "net")
    assert [each.id for each in graph.layers if each.outputs] == ["image", "first", "relu"]
    assert graph.is_partial
    (missing,) = [each for each in graph.notices if each.is_missing]
    assert missing.place == "second"
    lines = Path(__file__).read_text("utf-8").splitlines()
    line = 1 + lines.index("        return self.third(self.second(self.first(image).relu()))")
    assert f"the forward pass fails here, in test_architecture.py:{line}" in missing.what
    assert {"second", "third"} <= {each.id for each in graph.layers}


class Lazy(nn.Module):
    """A network that fails before a layer learns its sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(3, 4), nn.LazyLinear(5)

    def forward(self, given: Tensor) -> Tensor:
        """Never return."""
        return self.last(self.first(given).reshape(7, 7))


def test_weights_that_never_got_a_size_are_unknown_and_not_none() -> None:
    graph = ordered(torch_source.read_object(Lazy, "net", Given((Sample((3,)),))), "net")
    last = layer(graph, "last")
    assert (last.parameter_count, last.trainable_count, last.flops) == (None, None, None)
    assert (graph.parameter_count, graph.is_partial, graph.unweighed) == (16, True, 1)
    assert {each.place for each in graph.notices if "how many parameters 1 layer" in each.what} == {"last"}


class Packed(nn.Module):
    """A network over sequences of several lengths, none of which may be 0."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.steps = nn.Embedding(20, 8), nn.LSTM(8, 6, bidirectional=True, batch_first=True)
        self.last = nn.Linear(12, 3)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Return three numbers for each step."""
        packed = nn.utils.rnn.pack_padded_sequence(
            self.words(tokens), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        found, _ = nn.utils.rnn.pad_packed_sequence(self.steps(packed)[0], batch_first=True)
        return self.last(found)


def test_packed_sequences_are_followed_with_lengths_that_may_be() -> None:
    graph = ordered(torch_source.read_object(Packed, "net", Given(samples("int64:5, int64:", "net"))), "net")
    assert (graph.method, graph.is_partial) == ("trace", False)
    kinds = [each.type for each in graph.layers]
    assert kinds[-2:] == ["Linear", "Output"]
    assert layer(graph, "steps").parameter_count == 2 * 4 * 6 * (8 + 6 + 2)
    assert {"words", "lengths"} <= {each.name for each in graph.layers}


class Named(nn.Module):
    """A network of several inputs, one of which it takes by name alone."""

    def __init__(self) -> None:
        super().__init__()
        self.image, self.words, self.last = nn.Conv2d(3, 8, 3), nn.Embedding(20, 8), nn.Linear(8, 2)

    def forward(self, image: Tensor, scale: Tensor, *, tokens: Tensor) -> Tensor:
        """Return two numbers."""
        return self.last(self.image(image).mean((2, 3)) * scale + self.words(tokens).mean(1))


@pytest.mark.parametrize("limit", [300, 0])
def test_inputs_that_are_taken_by_name_alone_are_given_so(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.architecture.torch_exports.MOST_MODULES", limit)
    told = samples("3x8x8, 8, int64:5", "net")
    graph = ordered(torch_source.read_object(Named, "net", Given(told)), "net")
    assert graph.method == ("torch.export" if limit else "trace")
    assert not graph.is_partial
    assert [each.name for each in graph.layers if each.kind == "input"] == ["image", "scale", "tokens"]
    assert sources(graph, "words") == [next(each.id for each in graph.layers if each.name == "tokens")]
    # One input too few: the reason is told, and what the network holds is shown.
    graph = ordered(torch_source.read_object(Named, "net", Given(told[:2])), "net")
    (missing,) = [each for each in graph.notices if each.is_missing]
    assert "scale" in missing.what or "tokens" in missing.what
    assert {"image", "words", "last"} <= {each.path for each in graph.layers}


class Deciding(nn.Module):
    """A network whose way depends on numbers, which no export follows."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.LSTM(4, 8, batch_first=True)

    def forward(self, steps: Tensor) -> Tensor:
        """Return the last step, or what is added to it."""
        found, _ = self.first(steps)
        return found[:, -1] + 1 if found.sum() > -1e9 else found[:, -1]


def test_a_network_that_looks_at_numbers_is_run_with_numbers() -> None:
    graph = ordered(torch_source.read_object(Deciding, "net", Given((Sample((5, 4)),))), "net")
    assert (graph.method, graph.is_partial) == ("trace", False)
    assert layer(graph, "first").flops == 5 * 2 * (4 * 32 + 8 * 32)
    assert [each.type for each in graph.layers] == ["Input", "LSTM", "Slice", "Add", "Output"]


def test_in_place_operations_are_followed() -> None:
    class Placed(nn.Module):
        def forward(self, given: Tensor) -> Tensor:
            found = given * 2
            found.add_(given)
            found.relu_()
            return found

    for limit in (300, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipelines.architecture.torch_exports.MOST_MODULES", limit)
            graph = ordered(torch_source.read_object(Placed, "net", Given((Sample((4,)),))), "net")
        kinds = {each.id: each.type for each in graph.layers}
        chain = [(kinds[each.source], kinds[each.target]) for each in graph.connections]
        assert chain.count(("Multiply", "Add")) == chain.count(("Add", "ReLU")) == 1
        assert ("ReLU", "Output") in chain


def test_a_layer_that_hands_on_what_it_is_given_keeps_its_place() -> None:
    class Dropped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.drop = nn.Dropout()

        def forward(self, given: Tensor) -> Tensor:
            return torch.cat([self.drop(given), given, nn.functional.dropout(given, training=False)], 1)

    for limit in (300, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipelines.architecture.torch_exports.MOST_MODULES", limit)
            graph = ordered(torch_source.read_object(Dropped, "net", Given((Sample((4,)),))), "net")
        assert sources(graph, "cat") == ["drop", "given", "dropout"]


@pytest.mark.parametrize("limit", [300, 0])
def test_weights_that_are_computed_belong_to_the_layer_that_uses_them(limit: int) -> None:
    def build() -> nn.Module:
        normal = nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 8, 3))
        return nn.Sequential(normal, nn.Identity(), nn.ReLU())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.architecture.torch_exports.MOST_MODULES", limit)
        graph = ordered(torch_source.read_object(build, "net", Given((Sample((4, 9)),))), "net")
    assert [each.type for each in graph.layers] == ["Input", "Conv1d", "ReLU", "Output"]
    assert graph.layers[1].parameter_count == 4 * 8 * 3 + 8 + 8
    assert graph.flops == 2 * 7 * 4 * 8 * 3


class Lightning(nn.Module):
    """A network that says what it takes, by its places or by names."""

    def __init__(self, name: str, example: Any) -> None:
        super().__init__()
        self.words, self.last = nn.Embedding(9, 4), nn.Linear(4, 2)
        setattr(self, name, example)

    def forward(self, other: Tensor | None = None, tokens: Tensor | None = None) -> Any:
        """Return what it was given, by its name."""
        return {"tokens": tokens, "other": None if other is None else self.last(self.words(other))}


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("example_input_array", torch.zeros(3, 5, dtype=torch.int64)),
        ("dummy_inputs", {"other": torch.zeros(3, 5, dtype=torch.int64)}),
    ],
)
def test_a_networks_own_example_is_taken(name: str, example: Any) -> None:
    for limit in (300, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipelines.architecture.torch_exports.MOST_MODULES", limit)
            graph = ordered(torch_source.read_object(lambda: Lightning(name, example), "net", Given()), "net")
        assert [each.type for each in graph.layers] == ["Input", "Embedding", "Linear", "Output"]
        assert graph.layers[0].outputs[0].shape == (None, 5)
        assert graph.layers[-1].name == "other"


@pytest.mark.parametrize(
    ("module", "shape", "axis", "layout", "places"),
    [
        (nn.Conv1d(3, 5, 3), (3, 20), 1, FIRST, [18]),
        (nn.Conv2d(3, 5, 3), (3, 20, 30), 1, FIRST, [18, 28]),
        (nn.Conv3d(3, 5, 3), (3, 9, 20, 30), 1, FIRST, [7, 18, 28]),
        (nn.Linear(6, 5), (7, 6), 2, "channels_last", [7]),
        (nn.Linear(6, 5), (6,), 1, "", []),
    ],
)
def test_axes_are_told_apart(
    module: nn.Module, shape: tuple[int, ...], axis: int, layout: str, places: list[int]
) -> None:
    graph = ordered(
        torch_source.read_object(lambda: nn.Sequential(module), "net", Given((Sample(shape),))), "net"
    )
    rows = {row["id"]: row for row in tables(graph)[0].data.to_pylist()}
    row = rows["0"]
    assert (row["batch_axis"], row["channel_axis"], row["layout"], row["features"]) == (0, axis, layout, 5)
    assert row["output_resolution"] == places
    assert json.loads(row["output_shapes"])[0][0] is None


def test_channels_follow_a_permutation() -> None:
    graph, _ = by_trace("vit_b_16")
    axes = {each.type: each.channel_axis for each in graph.layers[:4]}
    assert axes == {"Input": 1, "Conv2d": 1, "Flatten": 1, "Permute": 2}
    graph, _ = by_trace("bert_base")
    permute = next(each for each in graph.layers if each.type == "Permute")
    assert permute.channel_axis == 3


# The seed's files, factories and programs -----------------------------------------------------------

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
