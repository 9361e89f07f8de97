"""What a report says of a model, and the sources there are: one visible list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pipelines.contract import Parameter

BUNDLED: Mapping[str, tuple[Parameter, ...]] = {
    "cnn": (
        Parameter("epochs", 14, "passes over the training samples", minimum=1, maximum=1000),
        Parameter("batch_size", 64, "samples per step of training", minimum=1, maximum=65_536),
        Parameter(
            "learning_rate", 0.004, "largest step size; it falls along a cosine", minimum=0, maximum=10
        ),
        Parameter(
            "width", 32, "channels of the first convolution; each stage doubles it", minimum=1, maximum=1024
        ),
        Parameter("seed", 0, "of the first weights and of the order of samples", minimum=0, maximum=2**31),
        Parameter(
            "factory",
            "",
            "module:function of the report that makes another untrained torch network, given (height, width, "
            "channels) and the number of classes; it is trained in the same way",
        ),
    ),
    "columns": (),
}
"""The sources that are no files, with their parameters: trained here, or told by the dataset's columns."""


@dataclass(frozen=True)
class Kind:
    """One kind of model file.

    `module` is the one of this package that reads it, `extra` what installs its libraries, `archive` whether
    the file is a zip archive: "yes", "no", or "maybe" where older files are not. `runs_code` marks files
    that cannot be read without running what is in them, `split` those that may keep weights beside them.
    """

    module: str
    name: str
    extra: str
    archive: str = "no"
    runs_code: bool = False
    accelerated: bool = True
    split: bool = False


_PICKLE = Kind(
    "sklearn_estimator", "a pickled scikit-learn model", "sklearn", runs_code=True, accelerated=False
)
FILES: Mapping[str, Kind] = {
    ".pt2": Kind("torch_program", "a program of torch.export", "pipelines", "yes"),
    ".pt": Kind("torch_weights", "a PyTorch state_dict", "pipelines", "maybe"),
    ".pth": Kind("torch_weights", "a PyTorch state_dict", "pipelines", "maybe"),
    ".safetensors": Kind("torch_weights", "a safetensors file", "safetensors"),
    ".keras": Kind("keras_archive", "a Keras model", "keras", "yes"),
    ".onnx": Kind("onnx_graph", "an ONNX model", "onnx", split=True),
    ".py": Kind("python_file", "a Python file", "pipelines", runs_code=True, accelerated=False),
    ".skops": Kind("sklearn_estimator", "a scikit-learn model", "sklearn", "yes", accelerated=False),
    ".joblib": _PICKLE,
    ".pkl": _PICKLE,
    ".pickle": _PICKLE,
}
"""The kinds of model files, by suffix."""


@dataclass(frozen=True)
class InputSettings:
    """`input` of a model from a file: how samples become what it takes. What is not said is inferred."""

    kind: Annotated[str, "what the model is given: images, columns or text"] = ""
    size: Annotated[tuple[int, ...], "height and width in pixels"] = ()
    channels: Annotated[int, "1 for grey, 3 for colour"] = 0
    layout: Annotated[str, "channels_first, channels_last or flat"] = ""
    order: Annotated[str, "of colour channels: rgb or bgr"] = "rgb"
    range: Annotated[tuple[float, ...], "what the pixel values 0 and 255 become"] = ()
    mean: Annotated[tuple[float, ...], "taken off each channel, after range"] = ()
    std: Annotated[tuple[float, ...], "what each channel is then divided by"] = ()


@dataclass(frozen=True)
class ModelSettings:
    """`[models.NAME]`: a bundled source with its parameters, or a file and how it is used."""

    source: str
    parameters: Annotated[dict[str, Any], "of a bundled source; written as keys of the model"] = field(
        default_factory=dict
    )
    factory: Annotated[str, "module:function of the report that builds the network for a state_dict"] = ""
    arguments: Annotated[dict[str, Any], "what the factory is called with"] = field(default_factory=dict)
    features: Annotated[tuple[str, ...], "the dataset's columns that the model reads, in order"] = ()
    input: InputSettings = field(default_factory=InputSettings)
    output: Annotated[str, "what the model gives: logits or probabilities"] = ""
    classes: Annotated[tuple[str, ...], "class names, in the order of the model's output"] = ()
    precision: Annotated[str, "on a GPU: auto (mixed) or float32"] = "auto"
    history: Annotated[str, "a file that says how the model learned, epoch by epoch"] = ""
    licence: str = ""
    citation: str = ""

    @property
    def kind(self) -> Kind | None:
        """The kind of model file; None for a bundled source."""
        return None if self.source in BUNDLED else FILES.get(Path(self.source).suffix.lower())


HISTORIES = (".csv", ".tsv", ".json", ".jsonl", ".parquet")
"""The endings of files that `history` can name."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "output": ("logits", "probabilities"),
    "precision": ("auto", "float32"),
    "input.kind": ("images", "columns", "text"),
    "input.layout": ("channels_first", "channels_last", "flat"),
    "input.order": ("rgb", "bgr"),
}
"""The settings that are one of a few words."""


def settings_problems(settings: ModelSettings) -> list[tuple[str, str, str]]:
    """Return what is wrong with the settings of a model file: key, what, hint."""
    problems = []
    for key, known in CHOICES.items():
        holder = settings.input if key.startswith("input.") else settings
        value = getattr(holder, key.removeprefix("input."))
        if value and value not in known:
            problems.append((key, f'is "{value}"', f"one of: {', '.join(known)}"))
    problems += _input_problems(settings.input)
    problems += history_problems(settings)
    is_weights = settings.kind is not None and settings.kind.module == "torch_weights"
    if is_weights and not settings.factory:
        what = "is missing: a state_dict holds weights and no network"
        problems.append(("factory", what, 'name what builds it: factory = "module:function"'))
    if (settings.factory or settings.arguments) and not is_weights:
        used = "factory" if settings.factory else "arguments"
        problems.append((used, "is for .pt, .pth and .safetensors files only", "leave it out"))
    return problems


def history_problems(settings: ModelSettings) -> list[tuple[str, str, str]]:
    """Return what is wrong with the name of a model's history: key, what, hint."""
    if not settings.history or Path(settings.history).suffix.lower() in HISTORIES:
        return []
    return [("history", f'names "{settings.history}"', f"name a file that ends in {', '.join(HISTORIES)}")]


def _input_problems(given: InputSettings) -> list[tuple[str, str, str]]:
    problems = []
    if given.size and (len(given.size) != 2 or min(given.size) < 1):
        problems.append(("input.size", f"is {list(given.size)}", "write [height, width], in pixels"))
    if given.channels not in (0, 1, 3):
        problems.append(("input.channels", f"is {given.channels}", "1 for grey, 3 for colour"))
    if given.range and (len(given.range) != 2 or given.range[0] == given.range[1]):
        what = f"is {list(given.range)}"
        problems.append(("input.range", what, "write what 0 and 255 become, such as [0, 1]"))
    for key, values in (("mean", given.mean), ("std", given.std)):
        if len(values) not in (0, 1, 3) or (key == "std" and 0 in values):
            what = f"is {list(values)}"
            problems.append((f"input.{key}", what, "write one number, or one per channel; std is not 0"))
    return problems
