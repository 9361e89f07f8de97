"""Asks any model: the one place that knows which module reads or trains it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines import own_code
from pipelines.datasets import Dataset
from pipelines.errors import ContractError, installed
from pipelines.models.batches import Batches
from pipelines.models.files import checked, present
from pipelines.models.history import history_path, read_history
from pipelines.models.inputs import feed
from pipelines.models.model import Answers, Choice, Model, Parts, Responses, file_digest
from pipelines.models.network import Array, Batch, Network, check_layer
from pipelines.models.outputs import judge
from pipelines.models.probing import probe
from pipelines.models.settings import BUNDLED, Kind, ModelSettings
from pipelines.progress import Steps

_PACKAGE = "pipelines.models"
MOST_BYTES = 256 << 20  # what the layers of one batch may take


def answer(model: Model, dataset: Dataset, layer: str, device: str, steps: Steps) -> Answers:
    """Return what a model says of each sample, training it if need be; embeddings come from `layer`.

    Raise `ContractError` for a file that cannot be read or is not trusted, for a layer that is not there, and
    for what settings have to say because nothing else does.
    """
    history = read_history(model) if model.settings.history else None
    answers = _answers(model, dataset, layer, device, steps)
    return answers if history is None else replace(answers, history=history)


def held_out(
    model: Model, dataset: Dataset, is_held: NDArray[np.bool_], seed: int, device: str, steps: Steps
) -> NDArray[np.float32]:
    """Train a model without some samples; return its probabilities of theirs, shape (held out, classes).

    Raise `ContractError` for a model that is not trained here: it may have learned from any of them.
    """
    if not is_trained_here(model):
        what = "is trained already, maybe on these very samples, and what it says of those tells little"
        hint = 'use a model with source = "cnn", or probabilities of samples that were held out'
        raise ContractError(model.where, what, hint)
    found: NDArray[np.float32] = _module(model).held_out(model, dataset, is_held, seed, device, steps)
    return found


def is_trained_here(model: Model) -> bool:
    """Whether a model learns in the run that uses it."""
    return bool(BUNDLED.get(model.settings.source))


def _answers(model: Model, dataset: Dataset, layer: str, device: str, steps: Steps) -> Answers:
    kind = model.settings.kind
    if kind is None:
        answers: Answers = _module(model).answer(model, dataset, layer, device, steps)
        return answers
    network = _opened(model, kind, device, steps)
    check_layer(network.layers(), layer, "parameters.layer")
    return _ask(model, network, dataset, layer, device, steps)


def _ask(model: Model, network: Network, dataset: Dataset, layer: str, device: str, steps: Steps) -> Answers:
    given = feed(model, dataset, network.traits)
    batches = Batches(network, [layer] if layer else [], model.where, device)
    outputs: list[Array] = []
    embeddings: list[Array] = []
    done = 0
    with steps.step("predict", dataset.rows.num_rows) as advance:
        for output, inner in batches.answers(given.batches()):
            outputs.append(output)
            embeddings += [_flat(model, layer, values) for values in inner]
            done += len(output)
            advance(done)
    verdict = judge(model, dataset, network.traits, np.concatenate(outputs))
    traits = network.traits
    facts = {
        "parameter_count": traits.parameter_count,
        "input": given.used,
        "output": verdict.output,
        "classes": list(verdict.classes),
        "precision": traits.precision,
        "inferred": sorted({*given.inferred, *verdict.inferred}),
    }
    return Answers(
        verdict.predictions,
        verdict.classes,
        verdict.probabilities,
        np.concatenate(embeddings) if embeddings else None,
        libraries=traits.libraries,
        facts=facts,
    )


def _flat(model: Model, layer: str, values: Array | None) -> Array:
    if values is None:
        what = (
            f'layer "{layer}" gives nothing for each sample: it takes no part, or its first axis is another'
        )
        raise ContractError(model.where, what, "choose a layer whose first axis counts samples")
    return np.asarray(values.reshape(len(values), -1), np.float32)


def responses(model: Model, dataset: Dataset, choose: Choice, device: str, steps: Steps) -> Responses:
    """Return what layers of a model give for each sample, batch by batch, training it if need be.

    `choose` is given the names of all layers and of those that hold no others, and returns those wanted.
    Raise `ContractError` for a model that cannot be read, and for one that has no layers.
    """
    kind = model.settings.kind
    if kind is None:
        found: Responses = _module(model).responses(model, dataset, choose, device, steps)
        return found
    network = _opened(model, kind, device, steps)
    if not network.layers():
        what = "has no layers that can be named: there are no units to look at"
        raise ContractError(model.where, what, "name a network, or a pipeline with steps that transform")
    layers = choose(network.layers(), network.leaves())
    given, traits = feed(model, dataset, network.traits), network.traits
    batches = Batches(network, (), model.where, device)
    first = next(given.batches(), None)
    if first is None:
        raise ContractError(model.where, f'is given no samples: dataset "{dataset.name}" is empty')
    probed = probe(batches, layers, first)
    bytes_each = sum(layer.bytes for layer in probed.layers.values()) or 1
    size = int(min(max(MOST_BYTES // bytes_each, 1), probed.most))
    facts = {"input": given.used, "precision": traits.precision, "inferred": sorted(given.inferred)}
    return Responses(
        probed.layers,
        partial(_parts, replace(batches, size=size, most=probed.most), given.batches),
        dataset.rows.num_rows,
        probed.left_out,
        traits.channels_last,
        traits.libraries,
        facts,
    )


def _parts(batches: Batches, given: Callable[[], Iterator[Batch]], layers: Sequence[str]) -> Iterator[Parts]:
    """Yield what layers give."""
    for _, inner in replace(batches, layers=layers).answers(given()):
        yield inner


def _opened(model: Model, kind: Kind, device: str, steps: Steps) -> Network:
    """Read the file of a model that is not trained here."""
    module = _module(model)
    with steps.step("read model"), installed(model.where, kind.extra):
        network: Network = module.open_model(model, checked(model, kind), device)
    return network


def _module(model: Model) -> Any:
    """Return the module that reads or trains a model, importing its framework."""
    kind = model.settings.kind
    with installed(model.where, kind.extra if kind else "pipelines"):
        return import_module(_name(model))


def _name(model: Model) -> str:
    kind = model.settings.kind
    return f"{_PACKAGE}.{kind.module if kind else model.settings.source}"


def modules(model: Model | None) -> tuple[str, ...]:
    """Return the names of the modules that answering loads for a model, for the digest of the code."""
    return (_name(model),) if model else ()


def said(name: str, settings: ModelSettings) -> dict[str, Any]:
    """Return what a manifest says of a model before it is read: its name and the settings that were given."""
    if settings.source in BUNDLED:
        history = {"history": settings.history} if settings.history else {}
        return {"name": name, "source": settings.source, "parameters": settings.parameters, **history}
    told = asdict(settings)
    told["input"] = {key: value for key, value in told["input"].items() if value}
    return {"name": name, **{key: value for key, value in told.items() if value}}


def digests(model: Model | None) -> Mapping[str, str]:
    """Return the SHA-256 of each file of a model, and of the code that a report adds to it."""
    if model is None:
        return {}
    root = f"models/{model.name}"
    found = {f"{root}/history": file_digest(history_path(model))} if model.settings.history else {}
    if model.settings.kind is None:
        return {**found, **_factory_digest(model, root, model.settings.parameters.get("factory", ""))}
    path = present(model)
    found[root] = file_digest(path)
    further = _module(model).further_files(path) if model.settings.kind.split else []
    found |= {f"{root}/{item.name}": file_digest(item) for item in further}
    if model.settings.kind.module == "python_file":
        found[f"{root}/code"] = own_code.source_digest(
            _module(model).reference(model), model.root, model.where
        )
    return {**found, **_factory_digest(model, root, model.settings.factory)}


def _factory_digest(model: Model, root: str, factory: str) -> Mapping[str, str]:
    where = f"{model.where}.factory"
    return {f"{root}/factory": own_code.source_digest(factory, model.root, where)} if factory else {}


def _is_accelerated(model: Model) -> bool:
    """Whether models of this kind can compute on anything but a CPU."""
    kind = model.settings.kind
    return kind.accelerated if kind else bool(BUNDLED[model.settings.source])


def devices(model: Model) -> tuple[str, ...]:
    """Return the devices that a model can compute on here, the best first."""
    found: tuple[str, ...] = _module(model).devices() if _is_accelerated(model) else ("cpu",)
    return found


def torch_devices() -> tuple[str, ...]:
    """Return the devices that PyTorch can compute on here, the best first; the CPU alone where it is not."""
    try:
        from pipelines.models import torch_device
    except ModuleNotFoundError:
        return ("cpu",)
    return torch_device.devices()


def choose_device(model: Model, asked: str) -> str:
    """Return the device to compute on: the one asked for, or with "auto" the best that the model can use.

    A model that only ever computes on the CPU does so whatever is asked. Raise `ContractError` when another
    model's device is not here.
    """
    here = devices(model)
    if asked == "auto":
        return here[0]
    if asked in here:
        return asked
    if not _is_accelerated(model):
        return "cpu"
    what = f'there is no device "{asked}" here for it'
    raise ContractError(model.where, what, f"use one of: auto, {', '.join(sorted(here))}")
