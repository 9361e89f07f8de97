"""What all models share: devices, missing libraries, and how images become what a network takes."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from pipelines import config, models
from pipelines.contract import ContractError
from pipelines.images import ArrayImages
from pipelines.models import Model, inputs, torch_device
from pipelines.models.inputs import Recipe
from pipelines.models.network import Traits
from pipelines.models.settings import FILES, InputSettings, ModelSettings
from pipelines.registry import registry
from tests.pipelines.asked import UNIT, ask


def model(source: str, **settings: Any) -> Model:
    return Model("net", ModelSettings(source, **settings))


def test_a_device_is_one_that_the_model_can_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_device.torch.cuda, "is_available", lambda: True)
    network, trained, forest = model("net.pt2"), model("cnn"), model("net.skops")
    for one in (network, trained):
        assert models.choose_device(one, "auto") == "cuda"
        assert models.choose_device(one, "cpu") == "cpu"
    assert [models.choose_device(forest, asked) for asked in ("auto", "cuda", "mps")] == ["cpu"] * 3
    assert models.choose_device(model("columns"), "cuda") == "cpu"
    monkeypatch.setattr(torch_device.torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(
        ContractError, match=r'models\.net: there is no device "mps" here for it\n  .*auto, cpu, cuda'
    ):
        models.choose_device(network, "mps")


def test_mixed_precision_is_for_cuda_unless_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for can, numbers in ((True, "bfloat16"), (False, "float16")):
        monkeypatch.setattr(torch_device.torch.cuda, "is_bf16_supported", lambda can=can: can)
        assert torch_device.precision("cuda", "auto") == numbers
        assert torch_device.precision("cuda", "float32") == "float32"
    assert torch_device.precision("cpu", "auto") == torch_device.precision("mps", "auto") == "float32"


@pytest.mark.parametrize(
    ("file", "library", "extra"),
    [("net.onnx", "onnxruntime", "onnx"), ("net.keras", "keras", "keras"), ("net.skops", "skops", "sklearn")],
)
def test_a_missing_library_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, library: str, extra: str
) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / file, "w") as archive:
        archive.writestr("a", "b")
    real = builtins.__import__

    def without(name: str, *others: Any, **more: Any) -> Any:
        if name.split(".")[0] == library:
            message = f"No module named {library!r}"
            raise ModuleNotFoundError(message, name=library)
        return real(name, *others, **more)

    kind = FILES[Path(file).suffix]
    monkeypatch.delitem(sys.modules, f"pipelines.models.{kind.module}", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ContractError, match=rf'needs the library "{library}"\n.*explainsite\[{extra}\]'):
        ask(tmp_path, file, **UNIT)
    monkeypatch.delitem(sys.modules, f"pipelines.models.{kind.module}", raising=False)


PIXELS = np.random.default_rng(0).integers(0, 256, (5, 6, 9, 3), np.uint8)


def test_pixels_become_what_a_network_takes() -> None:
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    recipe = Recipe((6, 9, 3), "channels_first", "rgb", (0, 1), mean, std, "float32")
    expected = ((PIXELS / 255 - mean) / std).transpose(0, 3, 1, 2)
    assert np.abs(recipe.apply(PIXELS) - expected).max() < 1e-5
    swapped = Recipe((6, 9, 3), "channels_last", "bgr", (-1, 1), (), (), "float32").apply(PIXELS)
    assert np.abs(swapped - (PIXELS[..., ::-1] / 127.5 - 1)).max() < 1e-6
    grey = Recipe((6, 9, 1), "plain", "rgb", (0, 255), (), (), "uint8").apply(PIXELS)
    own = np.stack([np.asarray(Image.fromarray(pixels).convert("L")) for pixels in PIXELS])
    assert grey.dtype == np.uint8
    assert np.abs(grey.astype(int) - own).max() <= 1
    colour = Recipe((6, 9, 3), "flat", "rgb", (0, 255), (), (), "float32").apply(grey[..., None])
    assert (colour.reshape(5, 6, 9, 3) == grey[..., None]).all()


def test_images_are_fitted_into_the_size_a_network_takes() -> None:
    fitted = np.concatenate(list(inputs.sized(ArrayImages(PIXELS), (12, 12, 3)).batches()))
    for made, pixels in zip(fitted, PIXELS, strict=True):
        own = ImageOps.pad(Image.fromarray(pixels), (12, 12), Image.Resampling.LANCZOS)
        assert (made == np.asarray(own)).all()


@pytest.mark.parametrize(
    ("shape", "given", "made", "layout"),
    [
        ((None, 3, 32, 32), {}, (32, 32, 3), "channels_first"),
        ((None, 32, 32, 1), {}, (32, 32, 1), "channels_last"),
        ((None, 3, None, None), {}, (6, 9, 3), "channels_first"),
        ((None, 3, None, None), {"size": (5, 7)}, (5, 7, 3), "channels_first"),
        ((None, 162), {}, (6, 9, 3), "flat"),
        ((None, 6, 9), {"channels": 1}, (6, 9, 1), "plain"),
        (None, {"size": (4, 4), "channels": 1}, (4, 4, 1), "channels_first"),
    ],
)
def test_a_shape_says_size_channels_and_layout(
    shape: tuple[int | None, ...] | None, given: dict[str, Any], made: tuple[int, int, int], layout: str
) -> None:
    told = model("net.pt2", input=InputSettings(range=(0, 1), **given))
    recipe, _ = inputs._recipe(told, (6, 9, 3), Traits((), shape=shape))
    assert (recipe.shape, recipe.layout) == (made, layout)


def test_says_which_images_do_not_fit() -> None:
    told = model("net.pt2", input=InputSettings(range=(0, 1)))
    message = r"models.net: takes arrays of shape \(64\), the images would be \(162\)"
    with pytest.raises(ContractError, match=message):
        inputs._recipe(told, (6, 9, 3), Traits((), shape=(None, 64)))


def test_says_what_is_wrong_with_the_settings_of_a_model() -> None:
    wrong = {
        "a": {"source": "net.pt", "outputs": "logits", "output": "scores"},
        "b": {
            "source": "net.onnx",
            "factory": "a:b",
            "input": {"size": [1], "range": [1, 1], "mean": [0, 0]},
        },
        "c": {"source": "net.h5"},
        "d": {"source": "net.onnx", "input": {"kind": "sound", "std": [0], "channels": 2}},
    }
    with pytest.raises(ContractError) as caught:
        config.read({"models": wrong}, registry())
    said = str(caught.value)
    for part in (
        'models.a.outputs is not known\n  did you mean "output"?',
        "models.b.factory is for .pt, .pth and .safetensors files only",
        "models.b.input.size is [1]\n  write [height, width], in pixels",
        "models.b.input.range is [1.0, 1.0]",
        "models.b.input.mean is [0.0, 0.0]",
        'models.c.source "net.h5" is not known\n',
        'models.d.input.kind is "sound"\n  one of: images, columns, text',
        "models.d.input.std is [0.0]",
        "models.d.input.channels is 2\n  1 for grey, 3 for colour",
    ):
        assert part in said
    with pytest.raises(
        ContractError, match=r"models.a.factory is missing: .*\n  name what builds it"
    ) as caught:
        config.read({"models": {"a": {"source": "net.pt", "output": "scores"}}}, registry())
    assert 'models.a.output is "scores"\n  one of: logits, probabilities' in str(caught.value)
