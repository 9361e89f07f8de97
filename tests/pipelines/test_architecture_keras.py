"""Architectures from Keras: files and code, and what is refused."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from pipelines.architecture import keras_source
from pipelines.architecture.compute import facts, tables
from pipelines.architecture.graph import Graph, ordered
from pipelines.architecture.own_models import Given, Sample
from pipelines.architecture.reading import read_graph
from tests.pipelines.refusing import bounded
from tests.pipelines.test_architecture import by_trace, layer, sources


def of_keras(build: Any, *given: Sample) -> Graph:
    return ordered(keras_source.read_object(build, "net", Given(given)), "net")


APPLICATIONS = {
    "vgg16": keras.applications.VGG16,
    "resnet50": keras.applications.ResNet50,
    "densenet121": keras.applications.DenseNet121,
    "inception_v3": keras.applications.InceptionV3,
    "mobilenet_v3": keras.applications.MobileNetV3Large,
}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_keras_networks_have_the_frameworks_shapes_and_counts(name: str) -> None:
    shape = (299, 299, 3) if name == "inception_v3" else (224, 224, 3)
    kept: list[Any] = []

    def build() -> Any:
        kept.append(APPLICATIONS[name](weights=None, input_shape=shape))
        return kept[0]

    graph = of_keras(build)
    model = kept[0]
    assert graph.parameter_count == model.count_params()
    trainable = sum(int(np.prod(item.shape)) for item in model.trainable_weights)
    assert sum(each.trainable_count for each in graph.layers) == trainable
    rows = {each.id: each for each in graph.layers}
    for own in model.layers:
        if not isinstance(own, keras.layers.InputLayer):
            assert rows[own.name].outputs[0].shape == tuple(own.output.shape)
    if name in ("vgg16", "densenet121", "inception_v3"):  # the same networks, but for biases
        assert graph.flops == by_trace(name)[0].flops
    assert {each.channel_axis for each in graph.layers if each.category == "convolution"} == {3}


L = keras.layers


@pytest.mark.parametrize(
    ("layers", "shape", "flops"),
    [
        ([L.Conv3D(5, 3, padding="same")], (4, 6, 6, 2), 2 * 4 * 6 * 6 * 27 * 2 * 5),
        ([L.Conv2D(4, 3, groups=2)], (8, 8, 6), 2 * 36 * 9 * 3 * 4),
        ([L.DepthwiseConv2D(3, depth_multiplier=2)], (8, 8, 6), 2 * 36 * 9 * 6 * 2),
        ([L.SeparableConv2D(7, 3)], (8, 8, 6), 2 * 36 * (9 * 6 + 6 * 7)),
        ([L.Conv2DTranspose(5, 3, strides=2)], (4, 4, 6), 2 * 16 * 9 * 5 * 6),
        ([L.Conv1D(5, 3, data_format="channels_first")], (4, 10), 2 * 8 * 3 * 4 * 5),
        ([L.Dense(5)], (7, 6), 2 * 7 * 6 * 5),
        ([L.EinsumDense("abc,cd->abd", (7, 5))], (7, 6), 2 * 7 * 6 * 5),
        ([L.ConvLSTM2D(3, 3, padding="same")], (5, 8, 8, 2), 2 * 5 * 64 * 9 * 12 * (2 + 3)),
        ([L.SimpleRNN(5), L.Reshape((5, 1)), L.GRU(4)], (7, 6), 2 * 7 * 5 * 11 + 2 * 5 * 12 * 5),
        ([L.BatchNormalization(), L.LayerNormalization(), L.Dropout(0.5)], (7, 6), 0),
    ],
)
def test_keras_layers_count_what_a_closed_form_says(
    layers: list[Any], shape: tuple[int, ...], flops: int
) -> None:
    graph = of_keras(lambda: keras.Sequential([keras.Input(shape), *[copied(each) for each in layers]]))
    assert graph.flops == flops


def copied(each: Any) -> Any:
    return type(each).from_config(each.get_config())


def test_attention_of_keras_counts_projections_and_products() -> None:
    def build() -> Any:
        query, value = keras.Input((5, 8)), keras.Input((7, 8))
        return keras.Model([query, value], L.MultiHeadAttention(2, 3, value_dim=4)(query, value))

    graph = of_keras(build)
    projections = 2 * 8 * (5 * 6 + 7 * 6 + 7 * 8 + 5 * 8)
    assert graph.flops == projections + 2 * 2 * 5 * 7 * (3 + 4)
    assert graph.parameter_count == build().count_params()


def test_a_python_file_with_a_keras_model_is_read_without_its_numbers(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(
        "import keras\n\n\ndef get_model():\n    given = keras.Input((2**20,))\n"
        "    wide = keras.layers.Dense(2**20, name='wide')(given)\n    return keras.Model(given, wide)\n"
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    graph = read_graph(path, is_trusted=True)
    assert layer(graph, "wide").parameter_count == 2**40 + 2**20
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 500


class Block(keras.layers.Layer):
    """A layer of own code, made of two of Keras."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.wide, self.narrow = keras.layers.Dense(16, "relu"), keras.layers.Dense(4)

    def call(self, given: Any) -> Any:
        """Return what was given, changed."""
        return given + self.narrow(self.wide(given))


def nested() -> Any:
    image, text = keras.Input((8, 8, 3), name="image"), keras.Input((5,), dtype="int32", name="text")
    stages = [keras.layers.Conv2D(4, 3), keras.layers.ReLU(), keras.layers.GlobalAveragePooling2D()]
    encoder = keras.Sequential([keras.Input((8, 8, 3)), *stages], name="encoder")
    shared = keras.layers.Dense(4, name="shared")
    words = keras.layers.LSTM(4, name="lstm")(keras.layers.Embedding(10, 6, name="words")(text))
    first, second = shared(encoder(image)), shared(words)
    joined = keras.layers.Concatenate(name="join")([first, second, Block(name="block")(first)])
    ends = [
        keras.layers.Dense(2, name="label")(joined),
        keras.layers.Activation("softmax", name="odds")(joined),
    ]
    return keras.Model([image, text], ends)


def test_nested_models_are_expanded_and_shared_layers_kept() -> None:
    graph = of_keras(nested)
    assert layer(graph, "encoder.conv2d").path == "encoder.conv2d"
    assert graph.modules["encoder"].type == "Sequential"
    assert sources(graph, "encoder.conv2d") == ["image"]
    assert layer(graph, "shared@2").shared == "shared"
    assert sources(graph, "join") == ["shared", "shared@2", "block.add"]
    assert layer(graph, "block.add").kind == "operation"
    assert sorted(sources(graph, "block.add")) == ["block.dense_1", "shared"]
    assert [each.name for each in graph.layers if each.kind == "output"] == ["label", "odds"]
    assert layer(graph, "odds").type == "Softmax"
    assert layer(graph, "lstm").flops == 5 * 2 * (6 * 16 + 4 * 16)
    assert graph.parameter_count == nested().count_params()


class Subclassed(keras.Model):
    """A model whose code alone says what is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.block, self.spare = keras.layers.Dense(4), Block(), keras.layers.Dense(3)

    def call(self, given: Any) -> Any:
        """Return four numbers."""
        return keras.ops.relu(self.block(self.first(given)))


def test_a_subclassed_model_is_followed_for_the_sizes_that_are_told() -> None:
    graph = of_keras(Subclassed, Sample((6,)))
    kinds = [(each.id, each.type) for each in graph.layers]
    assert kinds[1] == ("dense", "Linear")
    assert {
        ("block.dense_1", "Linear"),
        ("block.dense_2", "Linear"),
        ("block.add", "Add"),
        ("relu", "ReLU"),
    } <= {*kinds}
    assert layer(graph, "dense").parameter_count == 28


class Unfollowed(keras.layers.Layer):
    """A layer that leaves Keras's operations."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.inner = keras.layers.Dense(4)

    def call(self, given: Any) -> Any:
        """Return numbers that only a real array has."""
        if isinstance(given, keras.KerasTensor):
            message = "numbers are wanted"
            raise TypeError(message)
        return self.inner(given)

    def compute_output_spec(self, _: Any) -> Any:
        """Return what it gives."""
        return keras.KerasTensor((None, 4))


def test_code_that_cannot_be_followed_is_one_layer_and_told() -> None:
    def build() -> Any:
        given = keras.Input((3,))
        return keras.Model(given, Unfollowed(name="own")(given))

    graph = of_keras(build)
    assert layer(graph, "own").type == "Unfollowed"
    (notice,) = [each for each in graph.notices if each.is_missing]
    assert (notice.place, "numbers are wanted" in notice.what) == ("own", True)
    assert graph.is_partial


def saved(folder: Path) -> Path:
    # Names of their own: those that Keras gives depend on what was made before.
    recurrent = keras.layers.GRU(8, return_sequences=True)
    stages = [keras.Input((6, 16)), keras.layers.Bidirectional(recurrent, name="bidirectional")]
    stages.append(keras.layers.TimeDistributed(keras.layers.Dense(3), name="time_distributed"))
    model = keras.Sequential([*stages, keras.layers.Conv1D(4, 3, name="conv1d")])
    model.save(folder / "net.keras")
    (folder / "net.json").write_text(model.to_json())
    return folder / "net.keras"


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_saved_model_and_its_json_are_the_same(tmp_path: Path) -> None:
    path = saved(tmp_path)
    graph, other = read_graph(path), read_graph(path.with_suffix(".json"))
    assert [each.id for each in graph.layers] == [each.id for each in other.layers]
    assert graph.parameter_count == other.parameter_count == keras.models.load_model(path).count_params()
    assert layer(graph, "bidirectional").flops == 2 * 6 * 2 * (16 * 24 + 8 * 24)
    assert layer(graph, "time_distributed").flops == 2 * 6 * 16 * 3
    assert layer(graph, "conv1d").channel_axis == 2


def changed(path: Path, change: Any) -> Path:
    """Rewrite the configuration in a .keras file."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(contents["config.json"])
    contents["config.json"] = json.dumps(change(told)).encode()
    made = path.with_name("changed.keras")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return made


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_hostile_keras_files_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path)

    def huge(told: Any) -> Any:
        told["config"]["layers"][-1]["config"]["filters"] = 2**40
        return told

    bounded(changed(path, huge), "holds the number 1,099,511,627,776, more than any size")

    (tmp_path / "many.json").write_text(json.dumps([{"class_name": "Dense"}] * 250_000))
    bounded(tmp_path / "many.json", "names 250,000 objects, at most")

    def wide(told: Any) -> Any:
        told["config"]["layers"][-1]["config"]["filters"] = 2**31 - 1
        return told

    assert read_graph(changed(path, wide)).parameter_count > 2**31  # no memory is taken for what is told

    def foreign(told: Any) -> Any:
        told["config"]["layers"][-1]["class_name"] = "os.system"
        return told

    bounded(changed(path, foreign), "changed.keras: ")
    content = path.read_bytes()
    (tmp_path / "cut.keras").write_bytes(content[: len(content) // 2])
    bounded(tmp_path / "cut.keras", "is not a Keras model: no zip archive")
    with zipfile.ZipFile(tmp_path / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", b" " * (200 << 20))
    bounded(tmp_path / "bomb.keras", "would unpack to 209,715,200: it is not opened")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    bounded(tmp_path / "deep.json", "is not readable as a Keras model")
    (tmp_path / "wide.json").write_text(f"[{'{},' * 5_000_000}1]")
    bounded(tmp_path / "wide.json", "describes a network in 10,000,001 parts, at most 4,000,000 are read")
    (tmp_path / "long.json").write_text(f'"{"a" * (40 << 20)}"')
    bounded(tmp_path / "long.json", "describes a network in 33,554,433 bytes, at most 33,554,432 are read")
    (tmp_path / "list.json").write_text("[1, 2]")
    bounded(tmp_path / "list.json", r"list\.json: ")


@pytest.mark.parametrize("given", [[], [{"class_name": "InputLayer", "config": {"batch_shape": [None, 4]}}]])
def test_a_sequence_of_very_many_layers_is_built_once(tmp_path: Path, given: list[Any]) -> None:
    layers = [{"class_name": "ReLU", "config": {"name": f"rectify{at}"}} for at in range(2000)]
    told = {"class_name": "Sequential", "config": {"name": "deep", "layers": [*given, *layers]}}
    (tmp_path / "net.json").write_text(json.dumps(told))
    start = time.process_time()
    graph = read_graph(tmp_path / "net.json")
    assert time.process_time() - start < 60  # about 3 s; building it anew for each layer takes ten minutes
    assert [len(graph.layers), len(graph.connections)] == [2002, 2001]
    assert graph.modules[""].type == "Sequential"
    assert not graph.is_partial


class Deciding(keras.Model):
    """A model that looks at numbers, after which nobody without numbers can follow it."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.block, self.last = keras.layers.Dense(4), Block(), keras.layers.Dense(3)
        self.drop, self.head = (
            keras.layers.Dropout(0.1),
            keras.Sequential([keras.layers.Dense(2)], name="head"),
        )

    def call(self, given: Any) -> Any:
        """Return what two layers make, or one of them."""
        found = keras.ops.relu(self.first(given))
        if float(keras.ops.max(found)) > 0:
            found = self.block(found)
        return self.head(self.drop(self.last(found)))


def test_a_subclassed_model_that_decides_by_numbers_gives_what_comes_before_and_its_other_layers() -> None:
    graph = of_keras(Deciding, Sample((6,)))
    assert graph.is_partial
    (missing,) = [each for each in graph.notices if each.is_missing]
    line = 1 + Path(__file__).read_text("utf-8").splitlines().index(
        "        if float(keras.ops.max(found)) > 0:"
    )
    assert f"cannot be followed further, in test_architecture_keras.py:{line}: " in missing.what
    kinds = {each.id: each.type for each in graph.layers}
    assert sources(graph, "relu") == ["dense"]
    assert (layer(graph, "dense").parameter_count, layer(graph, "dense").outputs[0].shape) == (28, (None, 4))
    assert {"block.dense_1", "block.dense_2", "dense_3", "dropout", "head.dense_4"} <= kinds.keys()
    assert graph.modules["block"].type == "Block"
    # Nothing says what they would be given, so neither edges nor sizes nor weights are made up.
    for name in ("block.dense_1", "dense_3", "head.dense_4"):
        found = layer(graph, name)
        assert (found.outputs, found.parameter_count, found.flops) == ((), None, None)
        assert sources(graph, name) == []
    assert layer(graph, "dropout").parameter_count == 0
    assert graph.parameter_count == 28
    assert facts(graph)["layers_of_unknown_weights"] == 4
    rows = {row["id"]: row for row in tables(graph)[0].data.to_pylist()}
    assert rows["dense_3"]["parameter_count"] is None


def test_channels_first_hold_for_what_the_network_is_given_too() -> None:
    def build() -> Any:
        given = keras.Input((3, 16, 8), name="given")
        made = keras.layers.Conv2D(4, 3, data_format="channels_first", padding="same", name="first")(given)
        pool = keras.layers.MaxPooling2D(data_format="channels_first")
        return keras.Model(given, keras.layers.ReLU()(pool(made)))

    graph = of_keras(build)
    assert {each.channel_axis for each in graph.layers} == {1}
    row = tables(graph)[0].data.to_pylist()[0]
    assert (row["features"], row["output_resolution"], row["layout"]) == (3, [16, 8], "channels_first")


class Foreign(keras.Model):
    """A model that cannot be called without numbers at all."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = keras.layers.Dense(4, name="first"), Block(name="block")

    def call(self, given: Any) -> Any:
        """Raise before any layer."""
        return self.second(self.first(np.asarray(given).astype("float32")))


def test_a_model_that_cannot_be_called_shows_its_layers_in_the_order_in_which_it_holds_them() -> None:
    graph = of_keras(Foreign)
    assert [each.id for each in graph.layers][:1] == ["first"]
    assert [each.path for each in graph.layers][1].startswith("block.")
    assert graph.connections == ()
    told = [each.what for each in graph.notices]
    assert any("cannot be followed further" in each for each in told)
    assert any("the sizes of its inputs may be wrong; say what it takes" in each for each in told)


def test_a_model_that_fails_within_a_layer_says_in_which() -> None:
    class Wrong(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = (
                keras.layers.Conv2D(4, 3, name="first"),
                keras.layers.Conv2D(4, 9, name="second"),
            )

        def call(self, given: Any) -> Any:
            return self.second(self.first(given))

    graph = of_keras(Wrong, Sample((8, 8, 3)))
    (missing,) = [each for each in graph.notices if each.is_missing]
    assert missing.place == "second"
    assert sources(graph, "first") == [graph.layers[0].id]
    assert {each.id for each in graph.layers[1:]} == {"first", "second"}
    sequence = keras.Sequential(
        [keras.layers.Conv2D(4, 3, name="first"), keras.layers.Conv2D(4, 9, name="second")]
    )
    graph = of_keras(lambda: sequence, Sample((8, 8, 3)))
    assert graph.is_partial
    assert sources(graph, "first") == [graph.layers[0].id]
    assert sources(graph, "second") == []


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_layers_of_own_code_in_a_file_are_kept_as_layers_of_which_only_their_ends_are_known(
    tmp_path: Path,
) -> None:
    given = keras.Input((6,), name="given")
    first = keras.layers.Dense(4, name="first")(given)
    own = Block(name="own")(first)
    doubled = keras.layers.Lambda(lambda each: each * 2, name="doubled")(own)
    model = keras.Model(given, keras.layers.Dense(3, name="last")(doubled))
    model.save(tmp_path / "net.keras")
    graph = read_graph(tmp_path / "net.keras")
    assert [each.id for each in graph.layers][:5] == ["given", "first", "own", "doubled", "last"]
    assert sources(graph, "doubled") == ["own"]
    block = layer(graph, "own")
    assert (block.type, block.outputs[0].shape) == ("Block", (None, 4))
    assert (block.parameter_count, block.flops) == (None, None)
    assert layer(graph, "doubled").parameter_count == 0
    assert (graph.parameter_count, graph.is_partial) == (28 + 15, True)
    told = {each.place: each.what for each in graph.notices if each.is_missing}
    assert "which is not Keras's own" in told["own"]
    assert "is Python code, which is not run" in told["doubled"]
    blocks = [Block(), Block()]  # whose names their code does not tell
    sequence = keras.Sequential([keras.Input((4,)), *blocks, keras.layers.Dense(3, name="last")])
    (tmp_path / "net.json").write_text(sequence.to_json())
    graph = read_graph(tmp_path / "net.json")
    assert layer(graph, "block_1").outputs[0].shape == (None, 4)
    assert [sources(graph, name) for name in ("last", "block_1")] == [["block_1"], ["block"]]


def test_own_code_that_loads_tensorflow_writes_nothing_to_the_terminal(tmp_path: Path) -> None:
    source = """
import sys
import keras
def get_model():
    print("own words", file=sys.stderr)
    given = keras.Input((8,))
    return keras.Model(given, keras.layers.Dense(2)(given))
"""
    (tmp_path / "net.py").write_text(source)
    code = (
        "from pathlib import Path; from pipelines.architecture.reading import read_graph; "
        f"print(len(read_graph(Path({str(tmp_path / 'net.py')!r}), is_trusted=True).layers))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "3\n"
    assert done.stderr == "own words\n"


class Held(keras.Model):  # type: ignore[misc]
    """A model that its file says nothing of but its weights."""

    def __init__(self) -> None:
        super().__init__()
        self.first = keras.layers.Dense(8)
        self.blocks = [keras.layers.Dense(8), keras.layers.Dense(8)]
        self.last = keras.layers.Dense(3, use_bias=False)

    def call(self, rows: Any) -> Any:
        """Return what the layers give."""
        rows = self.first(rows)
        for block in self.blocks:
            rows = rows + block(rows)
        return self.last(rows)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras, which saves
def test_a_saved_model_of_own_code_shows_the_layers_that_hold_weights_and_says_what_is_missing(
    tmp_path: Path,
) -> None:
    model = Held()
    model(np.ones((2, 5), "float32"))
    path = tmp_path / "own.keras"
    model.save(path)
    graph = read_graph(path)
    assert {each.id: each.parameter_count for each in graph.layers} == {
        "first": 48,
        "blocks.dense": 72,
        "blocks.dense_1": 72,
        "last": 24,
    }
    assert graph.parameter_count == model.count_params()
    assert graph.connections == ()
    assert graph.is_partial
    (notice,) = graph.notices
    assert 'the class "Held", whose code is not in the file' in notice.what
    assert len(tables(graph)[0].data) == 4
    # Without weights nothing is known of it.
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "bare.keras", "w") as bare:
        bare.writestr("config.json", whole.read("config.json"))
    bounded(tmp_path / "bare.keras", "holds a layer that is not Keras's own")
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "cut.keras", "w") as cut:
        cut.writestr("config.json", whole.read("config.json"))
        cut.writestr("model.weights.h5", whole.read("model.weights.h5")[:900])
    bounded(tmp_path / "cut.keras", "is not readable as a Keras model")
