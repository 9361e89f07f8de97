"""Keras models under TensorFlow against Keras's own answers and an equal PyTorch network."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipelines.contract import ContractError
from tests.pipelines import networks
from tests.pipelines.asked import UNIT, ask, digits, reference
from tests.pipelines.pictured import pictured

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def keras() -> Any:
    import os

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    assert keras.backend.backend() == "tensorflow"
    return keras


def equal(keras: Any) -> Any:
    """Return a Keras model with the weights of the PyTorch network; channels come last here."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Rescaling(1, offset=-0.5, name="centred"),
            layers.Conv2D(4, 3, padding="same", activation="relu", name="stage"),
            layers.MaxPooling2D(2),
            layers.Permute((3, 1, 2)),
            layers.Flatten(),
            layers.Dense(16, activation="relu", name="hidden"),
            layers.Dense(10, name="logits"),
        ]
    )
    state = {name: value.numpy() for name, value in networks.small().state_dict().items()}
    model.get_layer("stage").set_weights(
        [state["stage.0.weight"].transpose(2, 3, 1, 0), state["stage.0.bias"]]
    )
    model.get_layer("hidden").set_weights([state["hidden.1.weight"].T, state["hidden.1.bias"]])
    model.get_layer("logits").set_weights([state["logits.weight"].T, state["logits.bias"]])
    return model


def test_a_model_answers_as_keras_and_pytorch_do(keras: Any, tmp_path: Path) -> None:
    model = equal(keras)
    model.save(tmp_path / "net.keras")
    asked = ask(tmp_path, "net.keras", "hidden", **UNIT)
    probabilities, hidden = reference()
    assert np.abs(asked.probabilities - probabilities).max() < 1e-4
    assert np.abs(asked.embeddings - hidden).max() < 1e-4
    own = model.predict(digits()[0][..., None].astype(np.float32) / 255, verbose=0)
    assert (
        np.abs(np.log(asked.probabilities[:, 0]) - np.log(np.exp(own[:, 0]) / np.exp(own).sum(1))).max()
        < 1e-3
    )
    assert asked.model["parameter_count"] == model.count_params()
    assert asked.model["output"] == "logits"
    assert asked.model["input"]["layout"] == "channels_last"
    assert asked.manifest.libraries["keras"] == keras.__version__
    with pytest.raises(ContractError, match=r'no layer "hiden"\n  did you mean "hidden"'):
        ask(tmp_path, "net.keras", "hiden", **UNIT)


def test_columns_and_a_single_output(keras: Any, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b,label\n0.5,2,no\n1.5,3,yes\n-1,0.25,yes\n")
    first, second = keras.Input((1,), name="b"), keras.Input((1,), name="a")
    joined = keras.layers.Concatenate()([first, second])
    model = keras.Model([first, second], keras.layers.Dense(1, activation="sigmoid", name="last")(joined))
    model.save(tmp_path / "net.keras")
    asked = ask(tmp_path, "net.keras", dataset={"source": "data.csv"})
    own = model([np.array([[2], [3], [0.25]]), np.array([[0.5], [1.5], [-1]])]).numpy()[:, 0]
    assert np.allclose(asked.probabilities[:, 1], own, atol=1e-6)
    assert asked.model["output"] == "probabilities"
    assert asked.model["input"]["features"] == ["b", "a"]


def test_a_model_that_rescales_is_given_bytes(keras: Any, tmp_path: Path) -> None:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.save(tmp_path / "net.keras")
    asked = ask(tmp_path, "net.keras")
    own = model(digits()[0][..., None].astype(np.float32)).numpy()
    assert np.abs(asked.probabilities - own).max() < 1e-5
    assert asked.model["input"]["range"] == [0, 255]


@pytest.mark.parametrize("trust", [False, True])
def test_a_lambda_layer_runs_only_when_trusted(keras: Any, tmp_path: Path, trust: bool) -> None:
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Lambda(lambda x: x * 2), layers.Flatten(), layers.Dense(10)]
    )
    model.save(tmp_path / "net.keras")
    if trust:
        asked = ask(tmp_path, "net.keras", trust=True, output="logits", **UNIT)
        assert asked.probabilities.shape == (1797, 10)
        return
    with pytest.raises(
        ContractError, match=r"net\.keras: holds Python code, in a Lambda layer.*\n .* --trust"
    ):
        ask(tmp_path, "net.keras", **UNIT)


def rewritten(path: Path, change: Callable[[str], str]) -> None:
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents["config.json"] = change(contents["config.json"].decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)


def test_a_config_that_names_other_code_is_refused(keras: Any, tmp_path: Path) -> None:
    equal(keras).save(tmp_path / "net.keras")
    named = '"module": "os", "class_name": "mkdir"'
    rewritten(
        tmp_path / "net.keras",
        lambda text: text.replace('"module": "keras.layers", "class_name": "Flatten"', named),
    )
    with pytest.raises(ContractError, match=r"net\.keras: (holds a layer that is not Keras|is not readable)"):
        ask(tmp_path, "net.keras", **UNIT)


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.weights.h5", bytes(70 << 20))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (bomb, "would unpack to 73,400,320: it is not opened"),
        (lambda path: path.write_text("this is no model"), "is not a Keras model: no zip archive"),
        (lambda path: zipfile.ZipFile(path, "w").close(), "is not readable as a Keras model"),
    ],
)
def test_says_what_is_wrong_with_a_file(tmp_path: Path, make: Callable[[Path], Any], message: str) -> None:
    make(tmp_path / "net.keras")
    with pytest.raises(ContractError, match=rf"net\.keras: .*{message}"):
        ask(tmp_path, "net.keras", **UNIT)


def test_a_file_that_is_cut_short_is_no_model(keras: Any, tmp_path: Path) -> None:
    equal(keras).save(tmp_path / "net.keras")
    path = tmp_path / "net.keras"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ContractError, match="is not a Keras model: no zip archive"):
        ask(tmp_path, "net.keras", **UNIT)


def nested(keras: Any) -> Any:
    """Return a model of models: an encoder with layers of its own, a wrapper, and a head."""
    layers = keras.layers
    keras.utils.set_random_seed(5)
    encoder = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(3, 3, activation="relu", name="conv"),
            layers.Flatten(name="flat"),
            layers.Dense(6, activation="tanh", name="dense_1"),
        ],
        name="encoder",
    )
    images = keras.Input((8, 8, 1))
    coded = encoder(images)
    steps = layers.Reshape((3, 2), name="steps")(coded)
    both = layers.Bidirectional(layers.GRU(4, name="gru"), name="both")(steps)
    head = keras.Sequential(
        [keras.Input((8,)), layers.Dense(10, activation="softmax", name="last")], name="head"
    )
    return keras.Model(images, head(both))


def test_a_layer_inside_a_model_inside_a_model_is_an_embedding(keras: Any, tmp_path: Path) -> None:
    model = nested(keras)
    model.save(tmp_path / "net.keras")
    pixels = digits()[0][..., None].astype(np.float32) / 255
    encoder = model.get_layer("encoder")
    asked = ask(tmp_path, "net.keras", "encoder/dense_1", **UNIT)
    assert np.allclose(asked.embeddings, encoder(pixels).numpy(), atol=1e-6)
    assert asked.model["output"] == "probabilities"
    assert np.allclose(asked.probabilities, model(pixels).numpy(), atol=1e-6)
    inner = keras.Model(encoder.inputs[0], encoder.get_layer("conv").output)(pixels).numpy()
    assert np.allclose(
        ask(tmp_path, "net.keras", "encoder/conv", **UNIT).embeddings, inner.reshape(1797, -1), atol=1e-6
    )
    steps = encoder(pixels).numpy().reshape(-1, 3, 2)
    forward = model.get_layer("both").forward_layer(steps).numpy()
    found = ask(tmp_path, "net.keras", "both/forward_gru", **UNIT).embeddings
    assert np.allclose(found, forward, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ("dense_1", r'no layer "dense_1"\n  did you mean "encoder/dense_1"\?  \(encoder, encoder/conv, '),
        ("encoder/dense1", r'did you mean "encoder/dense_1"'),
        ("encoder/flat/x", r'did you mean "encoder/flat"'),
    ],
)
def test_a_path_that_gives_nothing_is_answered_with_one_that_does(
    keras: Any, tmp_path: Path, layer: str, said: str
) -> None:
    nested(keras).save(tmp_path / "net.keras")
    with pytest.raises(ContractError, match=said):
        ask(tmp_path, "net.keras", layer, **UNIT)


TEXTS = ["a good day", "a bad day", "good good", "so bad it is", "", "nothing known here"]


@pytest.mark.parametrize("shape", [(1,), ()])
def test_a_model_reads_text_through_its_vectorization(
    keras: Any, tmp_path: Path, shape: tuple[int, ...]
) -> None:
    lines = [f"{text},{'good' if place % 2 else 'bad'}" for place, text in enumerate(TEXTS)]
    (tmp_path / "data.csv").write_text("\n".join(["text,label", *lines, ""]))
    layers = keras.layers
    keras.utils.set_random_seed(5)
    words = layers.TextVectorization(max_tokens=20, output_sequence_length=5, name="words")
    words.adapt(TEXTS[:4])
    texts = keras.Input(shape, dtype="string")
    vectors = layers.Embedding(20, 4, name="vectors")(words(texts))
    model = keras.Model(
        texts, layers.Dense(2, name="logits")(layers.GlobalAveragePooling1D(name="mean")(vectors))
    )
    model.save(tmp_path / "net.keras")
    data = {"source": "data.csv", "roles": {"text": "text"}, "missing": ["n/a"]}
    asked = ask(tmp_path, "net.keras", "mean", data, output="logits", classes=["bad", "good"])
    import tensorflow

    logits = model(tensorflow.constant([[text] if shape else text for text in TEXTS])).numpy()
    own = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert np.allclose(asked.probabilities, own, atol=1e-6)
    assert asked.embeddings.shape == (6, 4)
    assert asked.model["input"] == {"kind": "text", "column": "text"}


def test_images_and_columns_are_the_inputs_of_one_model(keras: Any, tmp_path: Path) -> None:
    layers = keras.layers
    image, age = keras.Input((8, 8, 1), name="image"), keras.Input((1,), name="age", dtype="int32")
    joined = layers.Concatenate()([layers.Flatten()(image), age])
    model = keras.Model({"image": image, "age": age}, layers.Dense(2, name="last")(joined))
    model.save(tmp_path / "net.keras")
    table, pixels, ages = pictured(tmp_path)
    asked = ask(tmp_path, "net.keras", dataset={"source": table}, output="logits", **UNIT)
    logits = model({"image": pixels[..., None] / 255, "age": ages[:, None]}).numpy()
    assert np.allclose(asked.probabilities, np.exp(logits) / np.exp(logits).sum(1, keepdims=True), atol=1e-5)
    assert asked.model["input"]["features"] == ["age", "image"]
