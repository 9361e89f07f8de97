"""Declares `architecture`: the layers of a network as one flat graph, read from its file or its code."""

from pipelines.contract import Column, Input, Parameter, Spec, TableSpec

_SHAPES = "as JSON: a list of arrays, each a list of sizes, null where any size fits"

LAYERS = TableSpec(
    "layers",
    "each layer of the network as one flat graph; a layer that is applied twice has two rows",
    (
        Column("id", "string", "id", None, "the layer's path, with @2 where it is applied a second time"),
        Column("position", "int32", None, None, "place in an order in which every layer follows its inputs"),
        Column("name", "string", None, None, "the last part of the path"),
        Column(
            "path",
            "string",
            None,
            None,
            "dotted path of the layer's module; of an operation, that of the module in which it is called",
        ),
        Column("module", "string", None, None, "dotted path of the module around it; empty at the top"),
        Column(
            "kind",
            "dictionary",
            None,
            None,
            "layer (a module of its own), operation (called by code), input or output of the network",
        ),
        Column("type", "dictionary", None, None, "the field's term: Conv2d, Linear, Add, MultiheadAttention"),
        Column("framework_type", "dictionary", None, None, "what the framework calls it"),
        Column(
            "category",
            "dictionary",
            None,
            None,
            "convolution, dense, normalization, activation, pooling, recurrent, attention, embedding, merge, "
            "shape, regularization, arithmetic, input, output or other",
        ),
        Column(
            "parameter_count",
            "int64",
            None,
            "parameters",
            "weights and biases; those that two rows share are counted in the first, so that sums are right; "
            "null where it is not known",
            True,
        ),
        Column("trainable_count", "int64", None, "parameters", "those of them that training changes", True),
        Column("is_trainable", "bool", None, None, "whether training changes any parameter that it uses"),
        Column(
            "flops",
            "int64",
            None,
            "FLOPs",
            "for one sample, two for each multiplication with addition; null where it is not known",
            True,
        ),
        Column("activation_bytes", "int64", None, "bytes", "of its outputs for one sample", True),
        Column("input_shapes", "string", None, None, _SHAPES),
        Column("output_shapes", "string", None, None, _SHAPES),
        Column("dtype", "dictionary", None, None, "numbers of the first output, such as float32"),
        Column(
            "batch_axis",
            "int32",
            None,
            None,
            "axis of the first output that counts samples, from 0; null without one",
            True,
        ),
        Column(
            "channel_axis",
            "int32",
            None,
            None,
            "axis of the first output that counts channels or features, from 0; the others but "
            "batch_axis are places: height and width, steps of a sequence",
            True,
        ),
        Column("layout", "dictionary", None, None, "channels_first, channels_last, or empty without places"),
        Column("features", "int32", None, "channels", "channels or features of the first output", True),
        Column("input_resolution", "list<int32>", None, None, "sizes of the first input's places, 0 for any"),
        Column("output_resolution", "list<int32>", None, None, "sizes of the output's places, 0 for any"),
        Column("hyperparameters", "string", None, None, "as JSON: kernel_size, stride, units and the like"),
        Column(
            "shared",
            "string",
            None,
            None,
            "id of the first row with the same parameters, or module; null where that is the row itself",
            True,
        ),
        Column("use", "int32", None, None, "which application of its module the row is, from 1"),
        Column("is_connected", "bool", None, None, "whether any connection leads to it or away"),
    ),
)

CONNECTIONS = TableSpec(
    "connections",
    "each array that one layer hands to another",
    (
        Column("position", "int32", None, None, "place in the order of the layers that take"),
        Column("source", "string", None, None, "id of the layer that gives"),
        Column("source_output", "int32", None, None, "which of its outputs, from 0"),
        Column("target", "string", None, None, "id of the layer that takes"),
        Column("target_input", "int32", None, None, "which of its inputs, from 0"),
        Column("shape", "string", None, None, "as JSON: a list of sizes, null where any size fits"),
        Column("dtype", "dictionary", None, None, "such as float32"),
    ),
)

MODULES = TableSpec(
    "modules",
    "each module that holds layers: the hierarchy in which the code has them",
    (
        Column("path", "string", "id", None, "dotted path; empty for the network itself"),
        Column("position", "int32", None, None, "place in the order of the first layer in it"),
        Column("name", "string", None, None, "the last part of the path"),
        Column("parent", "string", None, None, "path of the module around it; null for the network", True),
        Column("depth", "int32", None, None, "modules around it"),
        Column(
            "type", "dictionary", None, None, "its class, such as Bottleneck; empty where nothing says it"
        ),
        Column("framework_type", "dictionary", None, None, "its class with the package it is from"),
        Column("layers", "int32", None, None, "rows of layers in it, however deep"),
        Column("parameter_count", "int64", None, "parameters", "of those that are known"),
        Column("flops", "int64", None, "FLOPs", "of those that are known"),
    ),
)

NOTICES = TableSpec(
    "notices",
    "what could not be traced, and what is unusual",
    (
        Column("place", "string", None, None, "the layer or module it is about; empty for the network"),
        Column(
            "kind",
            "dictionary",
            None,
            None,
            "missing where a part of the network is not in the graph, or notice",
        ),
        Column("what", "string", None, None, "one sentence"),
    ),
)

SPEC = Spec(
    "architecture",
    2,
    "Architecture",
    "The layers of a network and how they are connected, with shapes, parameters and FLOPs.",
    inputs=(Input("model", "model"), Input("dataset", "dataset", optional=True)),
    parameters=(
        Parameter(
            "shapes",
            "",
            "sizes of one sample of each input, such as 3x224x224, or int64:128 for tokens, with commas "
            "between; by default what the model or the dataset says",
        ),
    ),
    tables=(LAYERS, CONNECTIONS, MODULES, NOTICES),
)
