"""Small files of ONNX and Keras that name no sizes but those of their inputs, with what the frameworks say.

`python -m tests.pipelines.sized` writes them for the theme's tests, which read them as the browser does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

TARGET = Path(__file__).parents[2] / "themes/default/tests/networks/onnx-sizes.json"
IMAGE, STEPS = (1, 8, 17, 12), (5, 1, 6)


def one(operation: str, given: Sequence[int], *weights: Any, outputs: int = 1, **attributes: Any) -> Any:
    """Return a model of one operation on an input of float numbers and further weights."""
    names = ["x", *(f"w{number}" for number in range(len(weights)))]
    made = [f"y{number}" for number in range(outputs)]
    held = [
        numpy_helper.from_array(np.asarray(weight), name)
        for name, weight in zip(names[1:], weights, strict=True)
        if weight is not None
    ]
    used = [name if weight is not None else "" for name, weight in zip(names, [0, *weights], strict=True)]
    node = helper.make_node(operation, used, made, name="one", **attributes)
    return model([node], {"x": given}, made, held)


def model(
    nodes: Sequence[Any], given: dict[str, Sequence[Any]], made: Sequence[str], held: Sequence[Any] = ()
) -> Any:
    """Return a model; what it gives has a name and no sizes."""
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes) for name, sizes in given.items()]
    outputs = [onnx.ValueInfoProto(name=name) for name in made]
    graph = helper.make_graph(nodes, "sized", inputs, outputs, list(held))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


def weights(*sizes: int) -> Any:
    return np.zeros(sizes, np.float32)


def whole(*numbers: int) -> Any:
    return np.array(numbers, np.int64)


def windows() -> Iterator[Any]:
    yield one("Conv", IMAGE, weights(16, 8, 3, 5), strides=[2, 1], pads=[1, 0, 2, 1], dilations=[1, 2])
    yield one("Conv", IMAGE, weights(16, 4, 3, 3), group=2, auto_pad="SAME_UPPER", strides=[2, 2])
    yield one("Conv", IMAGE, weights(16, 8, 3, 3), auto_pad="VALID")
    yield one(
        "ConvTranspose", IMAGE, weights(8, 6, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1]
    )
    yield one("ConvTranspose", IMAGE, weights(8, 6, 2, 2), strides=[2, 2], group=2)
    yield one("MaxPool", IMAGE, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    yield one("MaxPool", IMAGE, kernel_shape=[2, 2], strides=[2, 2], outputs=2)
    yield one("AveragePool", IMAGE, kernel_shape=[3, 2], pads=[1, 0, 1, 0])
    yield one("GlobalAveragePool", IMAGE)
    yield one("Resize", IMAGE, None, np.array([1, 1, 2, 1.5], np.float32))
    yield one("Resize", IMAGE, None, None, whole(1, 8, 20, 20))
    yield one("Pad", IMAGE, whole(0, 0, 1, 2, 0, 0, 3, 4))
    yield one("DepthToSpace", IMAGE, blocksize=2)
    yield one("SpaceToDepth", (1, 8, 16, 12), blocksize=4)


def matrices() -> Iterator[Any]:
    yield one("Gemm", (3, 8), weights(8, 5))
    yield one("Gemm", (8, 3), weights(5, 8), transA=1, transB=1)
    yield one("MatMul", (2, 3, 8), weights(8, 5))
    yield one("MatMul", (4, 1, 3, 8), weights(6, 8, 5))
    yield one("MatMul", (3, 8), weights(8))
    yield one(
        "LSTM",
        STEPS,
        weights(2, 28, 6),
        weights(2, 28, 7),
        outputs=3,
        hidden_size=7,
        direction="bidirectional",
    )
    yield one("GRU", STEPS, weights(1, 21, 6), weights(1, 21, 7), outputs=2, hidden_size=7)


def shapes() -> Iterator[Any]:
    yield one("Reshape", IMAGE, whole(0, 2, -1))
    yield one("Flatten", IMAGE, axis=2)
    yield one("Flatten", IMAGE, axis=-1)
    yield one("Transpose", IMAGE, perm=[0, 2, 3, 1])
    yield one("Transpose", IMAGE)
    yield one("Squeeze", (1, 8, 1, 3), whole(2))
    yield one("Squeeze", (1, 8, 1, 3))
    yield one("Unsqueeze", (4, 5), whole(0, -1))
    yield one("Slice", IMAGE, whole(1, -5), whole(6, 2**31), whole(1, -1), whole(2, 1))
    yield one("Slice", IMAGE, whole(-1), whole(-(2**40)), whole(2), whole(-1))
    yield one("Split", IMAGE, whole(3, 5), axis=1, outputs=2)
    yield one("Split", IMAGE, axis=-1, outputs=3)
    yield one("Concat", IMAGE, weights(1, 3, 17, 12), weights(1, 5, 17, 12), axis=-3)
    yield one("Gather", IMAGE, np.zeros((2, 3), np.int64), axis=1)
    yield one("Expand", (8, 1, 3), whole(2, 1, 4, 1))
    yield one("Tile", (2, 3), whole(4, 5))
    yield one("ReduceMean", IMAGE, axes=[-1, 2], keepdims=0)
    yield one("ReduceSum", IMAGE, whole(1))
    yield one("ReduceMax", IMAGE)
    yield one("ArgMax", IMAGE, axis=1, keepdims=0)
    yield one("Add", IMAGE, weights(8, 1, 1))
    yield one("Mul", (5, 1), weights(3, 1, 4))
    yield one("Softmax", IMAGE)
    yield one("BatchNormalization", IMAGE, weights(8), weights(8), weights(8), weights(8))


def chains() -> Iterator[Any]:
    """Sizes that an exporter computes in the graph: of the batch, which is open, and of the rest."""
    nodes = [
        helper.make_node("Shape", ["x"], ["sizes"], name="shape"),
        helper.make_node("Constant", [], ["zero"], name="zero", value=numpy_helper.from_array(whole(0))),
        helper.make_node("Constant", [], ["rest"], name="rest", value=numpy_helper.from_array(whole(-1))),
        helper.make_node("Gather", ["sizes", "zero"], ["batch"], name="batch"),
        helper.make_node("Concat", ["batch", "rest"], ["wanted"], name="wanted", axis=0),
        helper.make_node("Reshape", ["x", "wanted"], ["flat"], name="flat"),
        helper.make_node("Gemm", ["flat", "w"], ["y"], name="dense", transB=1),
    ]
    held = [numpy_helper.from_array(weights(10, 24), "w")]
    yield model(nodes, {"x": ["batch", 2, 3, 4]}, ["y"], held)
    yield model(nodes, {"x": [5, 2, 3, 4]}, ["y"], held)


def inferred(given: Any) -> dict[str, list[int | None]]:
    """Return the sizes of what each operation gives; None for those that are open."""
    known = shape_inference.infer_shapes(given, strict_mode=True, data_prop=True)
    made = [name for node in given.graph.node if node.op_type != "Constant" for name in node.output]
    values = {value.name: value for value in [*known.graph.value_info, *known.graph.output]}
    return {
        name: [
            each.dim_value if each.HasField("dim_value") else None
            for each in values[name].type.tensor_type.shape.dim
        ]
        for name in made
    }


def layers() -> Iterator[tuple[Any, Sequence[int | None]]]:
    """Return layers of Keras with what each takes."""
    from keras import layers as of

    image, steps = (17, 12, 8), (9, 6)
    yield of.Conv2D(16, (3, 5), strides=(2, 1), padding="same"), image
    yield of.Conv2D(16, 3, dilation_rate=2, groups=2, use_bias=False), image
    yield of.Conv1D(4, 3, padding="causal"), steps
    yield of.Conv3D(4, (1, 3, 3)), (5, 9, 9, 2)
    yield of.DepthwiseConv2D(3, depth_multiplier=2), image
    yield of.SeparableConv2D(12, 3, padding="same"), image
    yield of.Conv2DTranspose(4, 3, strides=2), image
    yield of.Conv2DTranspose(4, 2, strides=2, padding="same"), image
    yield of.MaxPooling2D((3, 2), strides=2), image
    yield of.AveragePooling2D(2, padding="same"), image
    yield of.GlobalAveragePooling2D(), image
    yield of.GlobalMaxPooling1D(keepdims=True), steps
    yield of.UpSampling2D((2, 3)), image
    yield of.ZeroPadding2D(((1, 2), (3, 4))), image
    yield of.ZeroPadding1D((1, 2)), steps
    yield of.Cropping2D(2), image
    yield of.Flatten(), image
    yield of.Dense(5), steps
    yield of.LSTM(7, return_sequences=True), steps
    yield of.LSTM(7), steps
    yield of.GRU(7), steps
    yield of.GRU(7, reset_after=False), steps
    yield of.SimpleRNN(7), steps
    yield of.Bidirectional(of.LSTM(7, return_sequences=True)), steps
    yield of.Bidirectional(of.GRU(7), merge_mode="sum"), steps
    yield of.TimeDistributed(of.Dense(4)), steps
    yield of.Embedding(50, 6), (9,)
    yield of.Reshape((6, -1)), image
    yield of.Permute((3, 1, 2)), image
    yield of.RepeatVector(4), (6,)
    yield of.BatchNormalization(), image
    yield of.BatchNormalization(scale=False), steps
    yield of.LayerNormalization(), steps
    yield of.GroupNormalization(4), image
    yield of.Dropout(0.5), image
    yield of.ReLU(), image


def _same(network: Any) -> Any:
    return network


def built() -> Iterator[dict[str, Any]]:
    import keras

    from pipelines.architecture.keras_source import read_object
    from pipelines.architecture.own_models import Given

    for layer, given in layers():
        network = keras.Sequential([keras.Input(given), layer])
        graph = read_object(partial(_same, network), "sized", Given())
        told = next(each for each in graph.layers if each.kind == "layer")
        config = json.loads(network.to_json())
        for each in config["config"]["layers"]:
            each.pop("build_config", None)
        yield {
            "name": type(layer).__name__,
            "config": config,
            "sizes": [None, *network.output_shape[1:]],
            "weights": layer.count_params(),
            "flops": told.flops,
        }


def main() -> None:
    cases = [
        {
            "name": " then ".join(node.op_type for node in each.graph.node),
            "file": base64.b64encode(each.SerializeToString()).decode(),
            "sizes": inferred(each),
        }
        for part in (windows, matrices, shapes, chains)
        for each in part()
    ]
    _write(TARGET, cases)
    _write(TARGET.with_name("keras-sizes.json"), list(built()))


def _write(target: Path, cases: Sequence[Any]) -> None:
    target.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n", "utf-8")


if __name__ == "__main__":
    main()
