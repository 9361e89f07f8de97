"""A small convolutional network for images of any size; on a CPU a seed gives the same weights each time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipelines import own_code
from pipelines.datasets import Codes, Dataset, stratified_split
from pipelines.errors import ContractError, nearest
from pipelines.images import Images
from pipelines.models import torch_device
from pipelines.models.model import Answers, Choice, Layer, Model, Responses
from pipelines.progress import Steps

EVALUATION_BATCH = 512
HIDDEN = 64  # units of the layer before the classes
TRAINING_NAMES = ("train", "training")
DEFAULT_LAYER = "hidden"
devices = torch_device.devices


def answer(model: Model, dataset: Dataset, layer: str, device: str, steps: Steps) -> Answers:
    """Train on the dataset's labels, and return what the network then says of each sample."""
    samples, made = _samples(model, dataset)
    network = _trained(model, dataset, samples, _settings(model, layer, device), steps)
    probabilities, embeddings = network.answer(samples, steps)
    return Answers(
        probabilities.argmax(axis=1).astype(np.int64),
        dataset.classes,
        probabilities,
        embeddings,
        history=network.history,
        split=made,
        libraries=("torch",),
        facts={"parameter_count": network.parameter_count},
    )


def responses(model: Model, dataset: Dataset, choose: Choice, device: str, steps: Steps) -> Responses:
    """Train as `answer` does, and return what stages, `hidden` and `logits` give for each sample."""
    samples, _ = _samples(model, dataset)
    settings = _settings(model, "", device)
    known = [name for name, _ in settings.network(samples.images.shape, samples.classes).named_children()]
    chosen = choose(known, known)  # before it learns for nothing
    network = _trained(model, dataset, samples, settings, steps)
    first = next(network.parts(samples, chosen))
    return Responses(
        {name: Layer(values.shape[1:], values.dtype) for name, values in zip(chosen, first, strict=True)},
        partial(network.parts, samples),
        len(samples.labels),
        libraries=("torch",),
        facts={"parameter_count": network.parameter_count},
    )


def _trained(model: Model, dataset: Dataset, samples: Samples, settings: Settings, steps: Steps) -> Network:
    """Train, or take the network that another tool of the run trained on the same dataset."""
    key = (model.name, dataset.name, settings.device)
    if key not in model.trained:
        model.trained[key] = train(samples, settings, steps)
    network: Network = model.trained[key]
    _check_layer(network.module, settings.layer)
    return replace(network, settings=settings)


def held_out(
    model: Model, dataset: Dataset, is_held: NDArray[np.bool_], seed: int, device: str, steps: Steps
) -> NDArray[np.float32]:
    """Train on the labelled samples that are not held out; return the probabilities of those that are.

    The dataset's own splits do not matter. `seed` is added to the model's own.
    """
    samples, _ = _samples(model, dataset)
    known = [None if held else TRAINING_NAMES[0] for held in is_held]
    settings = _settings(model, "", device)
    network = train(replace(samples, splits=known), replace(settings, seed=settings.seed + seed), steps)
    return network.answer(samples, steps)[0][is_held]


def _settings(model: Model, layer: str, device: str) -> Settings:
    """Return how to train a model; the network is the one built here, or that of the report's factory."""
    told = dict(model.settings.parameters)
    factory = told.pop("factory", "")
    network = partial(_made_by, model, factory) if factory else partial(build, width=told["width"])
    del told["width"]
    return Settings(**told, layer=layer, device=device, network=network)


def _made_by(model: Model, factory: str, shape: tuple[int, int, int], classes: int) -> nn.Sequential:
    """Return what the report's factory makes; a module of its own kind becomes the one layer `network`."""
    where = f"{model.where}.factory"
    function = own_code.load_function(factory, model.root, where)
    with own_code.told(own_code.module_path(factory, model.root)):
        made = function(shape, classes)
    if not isinstance(made, nn.Module):
        raise ContractError(where, f"returned {type(made).__name__}, not a torch.nn.Module")
    return made if isinstance(made, nn.Sequential) else nn.Sequential(OrderedDict(network=made))


def _samples(model: Model, dataset: Dataset) -> tuple[Samples, pa.Array | None]:
    """Return what there is to learn from, and the split where the dataset has none of its own."""
    if dataset.images is None:
        what = f'looks at images and dataset "{dataset.name}" has none'
        raise ContractError(model.where, what, 'name its column with roles = {image = "…"}')
    if "label" not in dataset.roles:
        what = f'learns from labels and dataset "{dataset.name}" has none'
        raise ContractError(model.where, what, 'name its column with roles = {label = "…"}')
    parameters = model.settings.parameters
    labels, split, made = dataset.codes("label"), dataset.role("split"), None
    if split is None:
        split = made = stratified_split(labels, parameters["seed"])
    samples = Samples(dataset.images, labels, split.cast(pa.string()).to_pylist(), len(dataset.classes))
    samples.check(dataset.name)
    return samples, made


@dataclass(frozen=True)
class Settings:
    """How to train: see `settings.BUNDLED` for each; `layer` is the one whose output is the embedding.

    `network` makes the untrained network for images of a shape and a number of classes. Where no layer is
    named, it is `hidden`, or the last where there is none of that name.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    seed: int
    layer: str
    device: str
    network: Callable[[tuple[int, int, int], int], nn.Sequential]


@dataclass(frozen=True)
class Samples:
    """Images with their classes (-1 where unknown) and splits, in the dataset's order."""

    images: Images
    labels: Codes
    splits: Sequence[str | None]
    classes: int

    def members(self) -> dict[str, Codes]:
        """Return the labelled samples of each split by its name, the training split first."""
        known = [
            (split, index) for index, split in enumerate(self.splits) if split and self.labels[index] >= 0
        ]
        names = sorted({split for split, _ in known}, key=lambda name: (not is_training(name), name))
        return {name: np.array([index for split, index in known if split == name]) for name in names}

    def check(self, dataset: str) -> None:
        """Raise `ContractError` when there is nothing to train on, or only one class."""
        training = [split for split in self.members() if is_training(split)]
        where = f"datasets.{dataset}"
        if not training:
            found = ", ".join(sorted({str(split) for split in self.splits})[:5])
            what = f'no labelled sample is in the split "train" (splits: {found})'
            raise ContractError(where, what, 'one value of the split column must be "train"')
        if self.classes < 2:
            raise ContractError(where, f"labels name {self.classes} classes, training needs two")

    def pixels(self) -> NDArray[np.uint8]:
        """Return all images, shape (samples, channels, height, width), to draw from in random order."""
        height, width, channels = self.images.shape
        held = np.empty((len(self.labels), channels, height, width), np.uint8)
        start = 0
        for batch in self.images.batches():
            held[start : start + len(batch)] = batch.transpose(0, 3, 1, 2)
            start += len(batch)
        return held


def is_training(split: str) -> bool:
    """Whether a split of this name is the one to learn from."""
    return split.lower() in TRAINING_NAMES


def build(shape: tuple[int, int, int], classes: int, width: int) -> nn.Sequential:
    """Return the untrained network for images of (height, width, channels).

    Stages of two convolutions halve the sides until the smaller is at most 4; `hidden` and `logits` follow.
    """
    height, across, channels = shape
    network = nn.Sequential()
    stage, out = 0, width
    while stage == 0 or min(height, across) > 4:
        stage += 1
        network.add_module(f"stage{stage}", _stage(channels, out, pools=min(height, across) > 1))
        channels, out = out, min(out * 2, 256)
        if min(height, across) > 1:
            height, across = height // 2, across // 2
    flat = nn.Sequential(nn.Flatten(), nn.Linear(channels * height * across, HIDDEN), nn.ReLU())
    network.add_module("hidden", flat)
    network.add_module("logits", nn.Linear(HIDDEN, classes))
    return network


def _stage(channels: int, out: int, pools: bool) -> nn.Sequential:
    def convolution(into: int) -> list[nn.Module]:
        return [nn.Conv2d(into, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]

    last: list[nn.Module] = [nn.MaxPool2d(2)] if pools else []
    return nn.Sequential(*convolution(channels), *convolution(out), *last)


@dataclass(frozen=True)
class Network:
    """A trained network with its history: one row per epoch and split."""

    module: nn.Sequential
    history: pa.Table
    settings: Settings

    def answer(self, samples: Samples, steps: Steps) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return probabilities (samples, classes) and embeddings (samples, dimensions), both float32."""
        probabilities: list[NDArray[np.float32]] = []
        embeddings: list[NDArray[np.float32]] = []
        with steps.step("predict", len(samples.labels)) as advance:
            done = 0
            for made in self._made(samples):
                layer = self.settings.layer or (DEFAULT_LAYER if DEFAULT_LAYER in made else [*made][-1])
                embeddings.append(made[layer].flatten(1).cpu().numpy())
                logits = list(made.values())[-1]
                probabilities.append(logits.cpu().double().softmax(1).float().numpy())
                done += len(logits)
                advance(done)
        return np.concatenate(probabilities), np.concatenate(embeddings)

    @property
    def parameter_count(self) -> int:
        """How many numbers it learned."""
        return sum(item.numel() for item in self.module.parameters())

    def parts(self, samples: Samples, layers: Sequence[str]) -> Iterator[list[NDArray[Any]]]:
        """Yield what each of `layers` gives, batch by batch."""
        for made in self._made(samples):
            yield [made[layer].cpu().numpy() for layer in layers]

    def _made(self, samples: Samples) -> Iterator[dict[str, Tensor]]:
        """Yield what every layer makes of a batch of images, in the order of computation."""
        self.module.eval()
        for batch in samples.images.batches():
            with torch.no_grad(), _repeatable(self.settings.device):
                pixels = torch.from_numpy(np.ascontiguousarray(batch.transpose(0, 3, 1, 2)))
                x, made = _inputs(pixels, self.settings.device), {}
                for name, layer in self.module.named_children():
                    made[name] = x = layer(x)
            yield made


@dataclass
class _History:
    rows: dict[str, list[Any]] = field(
        default_factory=lambda: {"epoch": [], "split": [], "loss": [], "accuracy": [], "learning_rate": []}
    )

    def add(self, *row: Any) -> None:
        for column, value in zip(self.rows.values(), row, strict=True):
            column.append(value)

    def table(self) -> pa.Table:
        numbers = {name: pa.float32() for name in ("loss", "accuracy", "learning_rate")}
        kinds = {"epoch": pa.int32(), "split": pa.string(), **numbers}
        arrays = {name: pa.array(values, kinds[name]) for name, values in self.rows.items()}
        return pa.table({**arrays, "split": arrays["split"].dictionary_encode()})


def train(samples: Samples, settings: Settings, steps: Steps) -> Network:
    """Train on the split "train"; after each epoch every split is evaluated as a whole."""
    device, history = torch.device(settings.device), _History()
    with torch.random.fork_rng(), _repeatable(settings.device):
        torch.manual_seed(settings.seed)
        module = settings.network(samples.images.shape, samples.classes).to(device)
        _check_layer(module, settings.layer)
        pixels, labels = torch.from_numpy(samples.pixels()), torch.from_numpy(samples.labels)
        members = {split: torch.from_numpy(index) for split, index in samples.members().items()}
        training = torch.cat([index for split, index in members.items() if is_training(split)])
        optimizer = torch.optim.AdamW(module.parameters(), lr=settings.learning_rate, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.epochs)
        with steps.step("train", settings.epochs) as advance:
            for epoch in range(1, settings.epochs + 1):
                rate = schedule.get_last_lr()[0]
                order = training[torch.randperm(len(training))]
                _learn(module, optimizer, pixels, labels, _cut(order, settings.batch_size))
                schedule.step()
                for split, index in members.items():
                    history.add(epoch, split, *_evaluate(module, pixels, labels, index), rate)
                advance(epoch)
    return Network(module, history.table(), settings)


def _learn(
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    pixels: Tensor,
    labels: Tensor,
    batches: Sequence[Tensor],
) -> None:
    module.train()
    device = next(module.parameters()).device
    for index in batches:
        if len(index) == 1 and len(batches) > 1:
            continue  # normalisation over a batch of one image says nothing
        optimizer.zero_grad()
        answers = module(_inputs(pixels[index], device))
        loss = nn.functional.cross_entropy(answers, labels[index].to(device))
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def _evaluate(module: nn.Module, pixels: Tensor, labels: Tensor, members: Tensor) -> tuple[float, float]:
    """Return mean cross-entropy in nats and accuracy over the given samples."""
    module.eval()
    device = next(module.parameters()).device
    loss, correct = 0.0, 0
    with torch.no_grad():
        for index in _cut(members, EVALUATION_BATCH):
            answers, truth = module(_inputs(pixels[index], device)), labels[index].to(device)
            loss += float(nn.functional.cross_entropy(answers, truth, reduction="sum"))
            correct += int((answers.argmax(1) == truth).sum())
    return loss / len(members), correct / len(members)


def _cut(order: Tensor, size: int) -> list[Tensor]:
    return [order[start : start + size] for start in range(0, len(order), size)]


def _inputs(pixels: Tensor, device: torch.device | str) -> Tensor:
    """Return uint8 pixels as float32 between -1 and 1 on the device."""
    return pixels.to(device, torch.float32) / 127.5 - 1


def _check_layer(module: nn.Module, layer: str) -> None:
    layers = [name for name, _ in module.named_children()]
    if layer and layer not in layers:
        where = "parameters.layer"
        raise ContractError(where, f'the network has no layer "{layer}"', nearest(layer, layers))


@contextmanager
def _repeatable(device: str) -> Iterator[None]:
    """Use operations that give the same bits each time; devices other than the CPU lack some."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(device == "cpu")
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
