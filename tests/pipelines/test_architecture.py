"""Architectures: shapes and counts are those of the frameworks themselves, however a network is read."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from pipelines.architecture import torch_source
from pipelines.architecture.axes import FIRST, with_axes
from pipelines.architecture.compute import tables
from pipelines.architecture.graph import Graph, Layer, ordered
from pipelines.architecture.own_models import Given, Sample, samples
from pipelines.architecture.torch_exports import exported
from pipelines.architecture.torch_steps import folded
from pipelines.architecture.torch_traces import traced
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
    assert {each.place for each in graph.notices if "how many parameters are in 1 layer" in each.what} == {
        "last"
    }


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
