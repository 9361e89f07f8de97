"""Reads a network from anywhere: a file of a known kind, own code, or one that is trained here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pipelines.architecture.graph import Graph, ordered
from pipelines.architecture.own_models import Given, builder, samples
from pipelines.errors import ContractError, installed
from pipelines.models.files import checked, present
from pipelines.models.model import Model
from pipelines.models.notes import without_notes
from pipelines.models.settings import FILES, Kind, ModelSettings


def _torch() -> Any:
    from pipelines.architecture import torch_source

    return torch_source


def _keras() -> Any:
    from pipelines.architecture import keras_source

    return keras_source


def _onnx() -> Any:
    from pipelines.architecture import onnx_source

    return onnx_source


Source = Callable[[], Any]
"""Loads a module that reads one framework's networks: with `read_file` and `read_object`."""

SOURCES: Mapping[str, Source] = {
    **dict.fromkeys((".pt2", ".pt", ".pth", ".safetensors"), _torch),
    **dict.fromkeys((".keras", ".json"), _keras),
    ".onnx": _onnx,
}
"""What reads files, by their suffix."""

CODE = ".py"
FRAMEWORKS: Mapping[str, Source] = {"keras": _keras, "torch": _torch}
"""What reads what own code builds, by the package of a class that it is made from."""

_KERAS_JSON = Kind("keras_archive", "the JSON of a Keras model", "keras")


def read_graph(
    source: Path, *, shapes: str = "", factory: str = "", is_trusted: bool = False, root: Path | None = None
) -> Graph:
    """Return the network in a file, or the one that a Python file's `get_model()` builds, as a graph.

    `shapes` says the sizes of one sample of each input where the network does not (`3x224x224, int64:128`);
    `factory`, such as "networks:build", names the function of the folder `root` that builds the network of a
    file which holds weights alone. Only with `is_trusted` the code in a Python file is run. Raise
    `ContractError` for what cannot be read, and for what no network has.
    """
    folder = (root or source.parent).resolve()
    name = str(source.resolve().relative_to(folder)) if root else source.name
    model = Model(source.stem, ModelSettings(name, factory=factory), folder, is_trusted)
    return read_model(model, Given(samples(shapes, "shapes")))


def read_model(model: Model, given: Given) -> Graph:
    """Return the network of a report's model as a graph; see `read_graph`."""
    suffix = model.path.suffix.lower()
    where = model.where
    if model.settings.source == "cnn":
        return ordered(_bundled(model, given), where)
    if suffix == CODE or (model.settings.factory and suffix in SOURCES):
        present(model)
        return ordered(_own(model, given), str(model.path))
    kind = _KERAS_JSON if suffix == ".json" else FILES.get(suffix)
    if suffix not in SOURCES or kind is None:
        listed = ", ".join((*SOURCES, CODE))
        what = f'"{model.settings.source}" holds no network whose layers can be read'
        raise ContractError(where, what, f"name a file that ends in {listed}")
    if kind.module == "torch_weights":
        what = "holds weights and no network"
        raise ContractError(str(model.path), what, 'name what builds it: factory = "module:function"')
    with installed(where, kind.extra):
        graph = SOURCES[suffix]().read_file(checked(model, kind), given)
    return ordered(graph, str(model.path))


def _own(model: Model, given: Given) -> Graph:
    with without_notes():  # the code may load TensorFlow
        return _built(model, given)


def _built(model: Model, given: Given) -> Graph:
    build, where = builder(model), str(model.path)
    made = _unfilled(build)
    packages = {kind.__module__.partition(".")[0] for kind in type(made).__mro__}
    source = next((source for package, source in FRAMEWORKS.items() if package in packages), None)
    if source is None:
        what = f"builds {type(made).__name__}, which is no network"
        raise ContractError(where, what, "return a torch.nn.Module or a Keras model")
    ready = [made]
    graph: Graph = source().read_object(lambda: ready.pop() if ready else build(), where, given)
    return graph


def _unfilled(build: Callable[[], Any]) -> Any:
    """Return what own code builds, without its numbers where the code allows that."""
    torch, keras = (sys.modules.get(name) for name in ("torch", "keras"))
    try:
        with ExitStack() as stack:
            if keras:
                keras.utils.clear_session(free_memory=False)  # its names are counted from 1
                stack.enter_context(keras.StatelessScope(initialize_variables=False))
            if torch:
                stack.enter_context(torch.device("meta"))
            return build()
    except ContractError:  # of code that looks at numbers while it builds, or that fails in any case
        if keras:
            keras.utils.clear_session(free_memory=False)
        return build()


def _bundled(model: Model, given: Given) -> Graph:
    """Return the small network that is trained here, for the images and classes of the dataset."""
    if not given.image:
        what = "is built for the images of a dataset"
        raise ContractError(model.where, what, "name the dataset: dataset = …")
    from pipelines.models import cnn

    width = int(model.settings.parameters["width"])
    graph: Graph = _torch().read_object(
        lambda: cnn.build(given.image, max(given.classes, 2), width), model.where, given
    )
    return graph
