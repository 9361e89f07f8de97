"""PyTorch models from files: equal to PyTorch's own forward, and nothing in a file is executed."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from torch import nn

from pipelines.contract import ContractError
from pipelines.models import torch_device, torch_weights
from tests.pipelines import networks
from tests.pipelines.asked import UNIT, ask, digits, reference, with_factory
from tests.pipelines.pictured import pictured

FACTORY = {"factory": "networks:small", **UNIT}


def export(root: Path, network: nn.Module, example: torch.Tensor, *, any_batch: bool = True) -> None:
    shapes = ({0: torch.export.Dim("batch")},) if any_batch else None
    program = torch.export.export(network, (example,), dynamic_shapes=shapes)
    torch.export.save(program, root / "net.pt2")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("exported")
    export(root, networks.small(), torch.zeros(2, 1, 8, 8))
    return root


def save(root: Path, suffix: str) -> str:
    with_factory(root)
    weights = networks.small().state_dict()
    if suffix == ".safetensors":
        from safetensors.torch import save_file

        save_file(weights, root / "net.safetensors")
    elif suffix == ".pth":
        torch.save(
            {"epoch": 3, "state_dict": {f"module.{key}": item for key, item in weights.items()}},
            root / "net.pth",
        )
    else:
        torch.save(weights, root / "net.pt")
    return f"net{suffix}"


def test_a_layer_is_kept_from_what_a_later_one_writes_over() -> None:
    module = torch.nn.Sequential(torch.nn.Identity(), torch.nn.ReLU(inplace=True)).eval()
    network = torch_weights.WeightedNetwork(module, "net.pt", "cpu", "float32", ".pt")
    given = np.array([[-1.0, 2.0]], np.float32)
    _, (first, second) = network.answer(given, ["0", "1"])
    assert first.tolist() == [[-1.0, 2.0]]
    assert second.tolist() == [[0.0, 2.0]]


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".safetensors"])
def test_weights_answer_as_pytorch_does(tmp_path: Path, suffix: str) -> None:
    asked = ask(tmp_path, save(tmp_path, suffix), "hidden", **FACTORY)
    probabilities, hidden = reference()
    assert np.abs(asked.probabilities - probabilities).max() < 1e-5
    assert np.abs(asked.embeddings - hidden).max() < 1e-5
    assert (asked.column("samples", "prediction").astype(int) == probabilities.argmax(1)).all()
    assert asked.model["parameter_count"] == sum(item.numel() for item in networks.small().parameters())
    assert asked.model["output"] == "logits"
    assert asked.manifest.libraries["torch"] == version("torch")
    assert {"models/net", "models/net/factory"} <= asked.manifest.inputs.keys()


def test_a_program_answers_as_pytorch_does(exported: Path) -> None:
    probabilities, hidden = reference()
    for layer in ("hidden", "relu_1"):
        asked = ask(exported, "net.pt2", layer, **UNIT)
        assert np.abs(asked.probabilities - probabilities).max() < 1e-5
        assert np.abs(asked.embeddings - hidden).max() < 1e-5
    assert asked.model["parameter_count"] == sum(item.numel() for item in networks.small().parameters())
    assert asked.model["input"] == {
        "kind": "images",
        "size": [8, 8],
        "channels": 1,
        "layout": "channels_first",
        "range": [0, 1],
    }
    assert asked.model["inferred"] == ["classes", "input.channels", "input.layout", "input.size", "output"]


class Many(nn.Module):
    """Uses what programs hold beside plain layers: sizes, constants, several results, types and devices."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.5]), persistent=False)
        self.ones = torch.ones(3)
        self.norm = nn.BatchNorm2d(4)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.last = nn.Linear(8, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        count = images.shape[0]
        maps = self.norm(self.first(images - self.mean)).to(memory_format=torch.channels_last)
        top, _ = maps.max(dim=1)
        left, right = torch.chunk(top.reshape(count, 8, 8), 2, dim=1)
        rows = torch.cat([left, right * self.ones.sum()], dim=1) + torch.arange(8, device=images.device)
        rows, _ = self.attention(rows, rows, rows)
        return torch.softmax(self.last(rows.to(torch.float32).mean(1)) / (count - count + 2), dim=1)


def test_a_program_of_many_operations_answers_as_pytorch_does(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = Many().eval()
    export(tmp_path, network, torch.zeros(3, 1, 8, 8))
    asked = ask(tmp_path, "net.pt2", "attention", **UNIT)
    pixels = torch.from_numpy(digits()[0][:, None].astype(np.float32) / 255)
    with torch.no_grad():
        assert np.abs(asked.probabilities - network(pixels).numpy()).max() < 1e-5
    assert asked.model["output"] == "probabilities"
    assert asked.embeddings.shape == (1797, 64)


def test_a_program_for_batches_of_one_size_is_given_such(tmp_path: Path) -> None:
    export(tmp_path, networks.small(), torch.zeros(100, 1, 8, 8), any_batch=False)
    assert np.abs(ask(tmp_path, "net.pt2", **UNIT).probabilities - reference()[0]).max() < 1e-5


def test_one_output_is_the_second_of_two_classes(tmp_path: Path) -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 1))
    export(tmp_path, network, torch.zeros(2, 1, 8, 8))
    asked = ask(tmp_path, "net.pt2", classes=["0", "1"], **UNIT)
    pixels = torch.from_numpy(digits()[0][:, None].astype(np.float32) / 255)
    with torch.no_grad():
        truth = torch.sigmoid(network(pixels))[:, 0].numpy()
    assert np.allclose(asked.probabilities[:, 1], truth, atol=1e-6)
    assert (asked.probabilities[:, 2:] == 0).all()


def test_mixed_precision_stays_close(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_device, "precision", lambda *_: "bfloat16")
    asked = ask(exported, "net.pt2", "hidden", **{**UNIT, "precision": "auto", "licence": "CC0"})
    probabilities, hidden = reference()
    assert asked.model["precision"] == "bfloat16"
    assert 0 < np.abs(asked.embeddings - hidden).max() < 0.05
    assert np.mean(asked.probabilities.argmax(1) == probabilities.argmax(1)) > 0.95


def test_batches_become_smaller_when_memory_runs_out(tmp_path: Path) -> None:
    save(tmp_path, ".pt")
    (tmp_path / "networks.py").write_text(
        (tmp_path / "networks.py").read_text()
        + "\n\nsizes = []\n\n\ndef hungry():\n    network = small()\n    inner = network.forward\n\n"
        "    def forward(images):\n        sizes.append(len(images))\n        if len(images) > 60:\n"
        "            raise torch.OutOfMemoryError('CUDA out of memory')\n        return inner(images)\n\n"
        "    network.forward = forward\n    return network\n"
    )
    asked = ask(tmp_path, "net.pt", **{**FACTORY, "factory": "networks:hungry"})
    assert np.abs(asked.probabilities - reference()[0]).max() < 1e-5


class Several(nn.Module):
    """Is given an image, an age and a place."""

    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(64 + 3, 2)

    def forward(self, image: torch.Tensor, age: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
        return self.last(torch.cat([image.flatten(1), age / 90, place], 1))


def several(root: Path) -> tuple[str, Any]:
    """Export a program of several inputs; return its data and what PyTorch answers."""
    table, pixels, ages = pictured(root)
    torch.manual_seed(2)
    network = Several().eval()
    given = (torch.zeros(2, 1, 8, 8), torch.zeros(2, 1, dtype=torch.int64), torch.zeros(2, 2))
    batch = torch.export.Dim("batch")
    program = torch.export.export(network, given, dynamic_shapes=({0: batch}, {0: batch}, {0: batch}))
    torch.export.save(program, root / "net.pt2")
    places = torch.tensor(pq.read_table(root / table)["place"].to_pylist())
    images = torch.from_numpy(pixels / 255)[:, None]
    with torch.no_grad():
        return table, network(images, torch.from_numpy(ages)[:, None], places).softmax(1).numpy()


@pytest.mark.parametrize("features", [None, ["image", "age", "place"], ["image", "age", "embedding"]])
def test_a_program_of_several_inputs_is_given_columns_and_images(tmp_path: Path, features: Any) -> None:
    table, truth = several(tmp_path)
    data = {"source": table, "roles": {"embedding": "place"}}
    told = {} if features is None else {"features": features}
    asked = ask(tmp_path, "net.pt2", "last", data, output="logits", **UNIT, **told)
    assert np.allclose(asked.probabilities, truth, atol=1e-5)
    assert asked.embeddings.shape == (7, 2)
    assert asked.model["input"]["features"] == ["image", "age", "place"]
    assert asked.model["input"]["size"] == [8, 8]
    assert ("features" in asked.model["inferred"]) == (features is None)


@pytest.mark.parametrize("features", [None, ["image", "age", "place"]])
def test_weights_of_several_inputs_are_given_them_by_name(tmp_path: Path, features: Any) -> None:
    table, pixels, ages = pictured(tmp_path)
    with_factory(tmp_path)
    network = networks.several()
    torch.save(network.state_dict(), tmp_path / "net.pt")
    told = {} if features is None else {"features": features}
    made = {"factory": "networks:several", **UNIT, **told}
    asked = ask(tmp_path, "net.pt", "last", {"source": table}, output="logits", **made)
    places = torch.tensor(pq.read_table(tmp_path / table)["place"].to_pylist())
    with torch.no_grad():
        truth = network(torch.from_numpy(pixels / 255)[:, None], torch.from_numpy(ages), places).softmax(1)
    assert np.allclose(asked.probabilities, truth.numpy(), atol=1e-5)
    assert asked.model["input"]["features"] == ["image", "age", "place"]


@pytest.mark.parametrize("features", [None, ["image"]])
def test_texts_beside_images_are_not_what_a_network_of_numbers_reads(tmp_path: Path, features: Any) -> None:
    table, pixels, _ = pictured(tmp_path)
    with_factory(tmp_path)
    torch.save(networks.small().state_dict(), tmp_path / "net.pt")
    data = {"source": table, "roles": {"text": "label"}}
    told = {} if features is None else {"features": features}
    asked = ask(tmp_path, "net.pt", dataset=data, **FACTORY, **told)
    with torch.no_grad():
        truth = networks.small()(torch.from_numpy(pixels / 255)[:, None]).softmax(1)
    assert np.allclose(asked.probabilities, truth.numpy(), atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"features": ["image", "age"]},
            r"takes 3 arrays \(image, age, place\) and features name 2\n  name a column or a role for each, "
            r"in this order: features = \[…\] for image, age, place",
        ),
        (
            {"features": ["image", "agee", "place"]},
            r'"agee" is no column and no role.*\n.*did you mean "age"',
        ),
        ({"features": ["image", "place", "place"]}, r'takes "age" of shape \(1\) for a sample, and is given'),
        ({"features": ["image", "label", "place"]}, r'takes "age" as numbers, and is given text'),
        ({"features": ["age", "age", "place"]}, r'takes "image" of shape \(1, 8, 8\) for a sample, and is'),
        (
            {"input": {"kind": "images", "range": [0, 1]}},
            r"input\.kind says what a single one is\n  leave it",
        ),
        ({"input": {}}, r"write what 0 and 255 become"),
    ],
)
def test_what_several_inputs_are_given_is_checked(tmp_path: Path, settings: Any, said: str) -> None:
    table, _ = several(tmp_path)
    with pytest.raises(ContractError, match=said):
        ask(tmp_path, "net.pt2", dataset={"source": table}, output="logits", **{**UNIT, **settings})


def test_missing_values_are_no_whole_numbers(tmp_path: Path) -> None:
    several(tmp_path)
    table = pq.read_table(tmp_path / "pictured.parquet")
    ages = pa.array([None, *table["age"].to_pylist()[1:]])
    pq.write_table(table.set_column(1, "age", ages), tmp_path / "pictured.parquet")
    with pytest.raises(
        ContractError, match=r'takes "age" as whole numbers, and its column has missing values'
    ):
        ask(tmp_path, "net.pt2", dataset={"source": "pictured.parquet"}, output="logits", **UNIT)


# What is wrong with a file, and what a file must not do --------------------------------------------


class Code:
    """Writes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.marker),)


def rewritten(path: Path, change: Callable[[dict[str, Any]], Any], entry: str = "models/model.json") -> None:
    """Change one JSON entry of a program in place."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    name = next(name for name in contents if name.endswith(entry))
    told = json.loads(contents[name])
    change(told)
    contents[name] = json.dumps(told).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for key, content in contents.items():
            archive.writestr(key, content)


@pytest.mark.parametrize("trust", [False, True])
def test_a_malicious_state_dict_runs_only_when_trusted(tmp_path: Path, trust: bool) -> None:
    with_factory(tmp_path)
    torch.save({"weights": Code(tmp_path / "ran")}, tmp_path / "net.pt")
    message = (
        "holds no weights" if trust else r"net.pt: holds more than weights, and reading that may run code"
    )
    with pytest.raises(ContractError, match=message):
        ask(tmp_path, "net.pt", trust=trust, **FACTORY)
    assert (tmp_path / "ran").exists() == trust


def test_a_program_executes_nothing_that_its_file_holds(exported: Path, tmp_path: Path) -> None:
    source = (exported / "net.pt2").read_bytes()
    ran = tmp_path / "ran"
    code = f"__import__('os').mkdir({str(ran)!r})"
    path = tmp_path / "net.pt2"

    def with_code(told: dict[str, Any]) -> None:
        told["guards_code"] = [code]
        told["range_constraints"] = {code: {"min_val": 0, "max_val": None}}
        sizes = told["graph_module"]["graph"]["tensor_values"]
        for value in sizes.values():
            value["sizes"][0] = {"as_expr": {"expr_str": code, "hint": None}}

    path.write_bytes(source)
    rewritten(path, with_code)
    assert np.abs(ask(tmp_path, "net.pt2", **UNIT).probabilities - reference()[0]).max() < 1e-5

    def with_operation(told: dict[str, Any]) -> None:
        told["graph_module"]["graph"]["nodes"][0]["target"] = "os.mkdir"

    rewritten(path, with_operation)
    with pytest.raises(ContractError, match=r'uses the operation "os\.mkdir", which is not among those'):
        ask(tmp_path, "net.pt2", **UNIT)

    def with_pickle(told: dict[str, Any]) -> None:
        for item in told["config"].values():
            item["use_pickle"] = True

    path.write_bytes(source)
    rewritten(path, with_pickle, "model_weights_config.json")
    sink = io.BytesIO()
    torch.save(Code(ran), sink)
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, sink.getvalue() if "/weight_" in name else content)
    with pytest.raises(
        ContractError, match=r"is not readable as a program of torch\.export: UnpicklingError"
    ):
        ask(tmp_path, "net.pt2", **UNIT)
    assert not ran.exists()


def test_files_that_reach_files_are_refused(exported: Path, tmp_path: Path) -> None:
    path = tmp_path / "net.pt2"
    path.write_bytes((exported / "net.pt2").read_bytes())

    def reading(told: dict[str, Any]) -> None:
        told["graph_module"]["graph"]["nodes"][0]["target"] = "torch.ops.aten.from_file.default"

    rewritten(path, reading)
    with pytest.raises(ContractError, match=r'uses the operation "torch\.ops\.aten\.from_file\.default"'):
        ask(tmp_path, "net.pt2", **UNIT)


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/data.pkl", bytes(70 << 20))


def truncated(path: Path) -> None:
    torch.save(networks.small().state_dict(), path)
    path.write_bytes(path.read_bytes()[:-500])


def other_format(path: Path) -> None:
    path.write_text("this is no model\n" * 50)


def whole_module(path: Path) -> None:
    torch.save(networks.small(), path)


@pytest.mark.parametrize("suffix", [".pt", ".pt2", ".safetensors"])
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (bomb, r"net\.\w+: (has [\d,]+ bytes and would unpack to 73,400,320|is not readable as safetensors)"),
        (truncated, r"net\.\w+: is not (a (program|PyTorch)|readable as safetensors)"),
        (
            other_format,
            r"net\.\w+: is not (a program|readable as (weights|safetensors))|holds more than weights",
        ),
        (lambda path: path.write_bytes(b""), r"net\.\w+: is empty"),
    ],
)
def test_says_what_is_wrong_with_a_file(
    tmp_path: Path, suffix: str, make: Callable[[Path], Any], message: str
) -> None:
    with_factory(tmp_path)
    make(tmp_path / f"net{suffix}")
    with pytest.raises(ContractError, match=message) as caught:
        ask(tmp_path, f"net{suffix}", **(UNIT if suffix == ".pt2" else FACTORY))
    assert len(caught.value.problems) == 1
    assert not (tmp_path / "artifacts" / "asked").exists()


def test_a_whole_pickled_module_is_refused_and_read_when_trusted(tmp_path: Path) -> None:
    with_factory(tmp_path)
    whole_module(tmp_path / "net.pt")
    with pytest.raises(ContractError, match="holds more than weights"):
        ask(tmp_path, "net.pt", **FACTORY)
    assert np.abs(ask(tmp_path, "net.pt", trust=True, **FACTORY).probabilities - reference()[0]).max() < 1e-5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layer": "hiden"}, r'no layer "hiden"\n  did you mean "hidden"\?  \(stage, stage.0'),
        ({"arguments": {"width": 5}}, "net.pt: does not fit the network of networks:small: .*size mismatch"),
        ({"arguments": {"depth": 5}}, "networks.py: fails with TypeError: .*unexpected keyword argument"),
        ({"factory": "networks:smal"}, r'models.net.factory: networks.py has no function "smal"'),
        ({"input": {}}, r"models.net: cannot know which numbers .*\n  .*input = \{range = \[0, 1\]\}"),
        ({"input": {"range": [0, 1], "channels": 3}}, "models.net: cannot answer: RuntimeError: .*channels"),
        ({"classes": ["a"]}, "models.net: classes names 1 and the model has 10 outputs"),
        ({"classes": list("abcdefghij")}, 'models.net: knows none of the classes of dataset "data"'),
        ({"features": ["id"]}, "models.net: cannot answer: RuntimeError"),
        ({"output": "probabilities"}, "models.net: gives no probabilities for"),
        ({"input": {"kind": "text"}}, 'models.net: reads text and dataset "data" has none'),
    ],
)
def test_says_what_settings_have_to_say(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    save(tmp_path, ".pt")
    with pytest.raises(ContractError, match=message):
        ask(tmp_path, "net.pt", **{**FACTORY, **change})


def test_the_nearest_model_file_is_offered(tmp_path: Path) -> None:
    save(tmp_path, ".pt")
    with pytest.raises(
        ContractError, match=r'models.net: source "nett.pt" is not there\n  did you mean "net.pt"'
    ):
        ask(tmp_path, "nett.pt", **FACTORY)


def test_a_changed_file_or_factory_is_computed_again(tmp_path: Path) -> None:
    save(tmp_path, ".pt")
    first = ask(tmp_path, "net.pt", **FACTORY).manifest
    assert ask(tmp_path, "net.pt", **FACTORY).manifest == first
    own = tmp_path / "networks.py"
    own.write_text(own.read_text() + "\n# another\n")
    second = ask(tmp_path, "net.pt", **FACTORY).manifest
    assert second.inputs["models/net"] == first.inputs["models/net"]
    assert second.key != first.key
    weights = networks.small().state_dict()
    torch.save({**weights, "logits.bias": weights["logits.bias"] + 1}, tmp_path / "net.pt")
    third = ask(tmp_path, "net.pt", **FACTORY).manifest
    assert third.inputs["models/net"] != second.inputs["models/net"]
    assert third.key != second.key


def test_a_pickle_of_another_kind_is_not_unpickled(tmp_path: Path) -> None:
    (tmp_path / "net.pkl").write_bytes(pickle.dumps(Code(tmp_path / "ran")))
    with pytest.raises(
        ContractError, match=r"net\.pkl: is a pickle, which runs code while it is read\n .*skops"
    ):
        ask(tmp_path, "net.pkl")
    assert not (tmp_path / "ran").exists()
