"""What layers are called: one term for what each framework calls otherwise, and the family it belongs to.

PyTorch's names are the terms, because most of the field's figures use them; what computes without a class in
PyTorch has the name that papers give it (Add, Concatenate, Multiply).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

FUNCTIONS: Mapping[str, str] = {
    "add": "Add",
    "iadd": "Add",
    "radd": "Add",
    "sum_list": "Add",
    "sub": "Subtract",
    "isub": "Subtract",
    "rsub": "Subtract",
    "mul": "Multiply",
    "imul": "Multiply",
    "rmul": "Multiply",
    "multiply": "Multiply",
    "div": "Divide",
    "truediv": "Divide",
    "itruediv": "Divide",
    "rtruediv": "Divide",
    "neg": "Negate",
    "pow": "Power",
    "rpow": "Power",
    "cat": "Concatenate",
    "concat": "Concatenate",
    "concatenate": "Concatenate",
    "stack": "Stack",
    "maximum": "Maximum",
    "minimum": "Minimum",
    "mean": "Mean",
    "mm": "MatMul",
    "bmm": "MatMul",
    "mv": "MatMul",
    "dot": "MatMul",
    "baddbmm": "MatMul",
    "matmul": "MatMul",
    "rmatmul": "MatMul",
    "einsum": "Einsum",
    "linear": "Linear",
    "addmm": "Linear",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "leaky_relu": "LeakyReLU",
    "prelu": "PReLU",
    "elu": "ELU",
    "selu": "SELU",
    "celu": "CELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "swish": "SiLU",
    "mish": "Mish",
    "sigmoid": "Sigmoid",
    "hardsigmoid": "Hardsigmoid",
    "hard_sigmoid": "Hardsigmoid",
    "hardswish": "Hardswish",
    "hardswish_": "Hardswish",
    "hard_swish": "Hardswish",
    "hard_silu": "Hardswish",
    "hardtanh": "Hardtanh",
    "tanh": "Tanh",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "softmax": "Softmax",
    "_softmax": "Softmax",
    "log_softmax": "LogSoftmax",
    "_log_softmax": "LogSoftmax",
    "logsigmoid": "LogSigmoid",
    "glu": "GLU",
    "layer_norm": "LayerNorm",
    "native_layer_norm": "LayerNorm",
    "group_norm": "GroupNorm",
    "native_group_norm": "GroupNorm",
    "rms_norm": "RMSNorm",
    "normalize": "Normalize",
    "embedding": "Embedding",
    "embedding_bag": "EmbeddingBag",
    "scaled_dot_product_attention": "ScaledDotProductAttention",
    "dot_product_attention": "ScaledDotProductAttention",
    "multi_head_attention_forward": "MultiheadAttention",
    "lstm": "LSTM",
    "gru": "GRU",
    "rnn_tanh": "RNN",
    "rnn_relu": "RNN",
    "lstm_cell": "LSTMCell",
    "gru_cell": "GRUCell",
    "rnn_tanh_cell": "RNNCell",
    "rnn_relu_cell": "RNNCell",
    "dropout": "Dropout",
    "native_dropout": "Dropout",
    "interpolate": "Upsample",
    "upsample": "Upsample",
    "grid_sample": "GridSample",
    "grid_sampler": "GridSample",
    "pixel_shuffle": "PixelShuffle",
    "pad": "Pad",
    "constant_pad_nd": "Pad",
    "view": "Reshape",
    "reshape": "Reshape",
    "_unsafe_view": "Reshape",
    "view_as": "Reshape",
    "reshape_as": "Reshape",
    "unflatten": "Unflatten",
    "flatten": "Flatten",
    "permute": "Permute",
    "transpose": "Permute",
    "swapaxes": "Permute",
    "swapdims": "Permute",
    "movedim": "Permute",
    "moveaxis": "Permute",
    "t": "Permute",
    "numpy_t": "Permute",
    "mt": "Permute",
    "unsqueeze": "Unsqueeze",
    "expand_dims": "Unsqueeze",
    "squeeze": "Squeeze",
    "expand": "Expand",
    "expand_as": "Expand",
    "broadcast_to": "Expand",
    "repeat": "Repeat",
    "tile": "Repeat",
    "slice": "Slice",
    "select": "Slice",
    "narrow": "Slice",
    "index": "Slice",
    "index_select": "Slice",
    "getitem": "Slice",
    "split": "Split",
    "split_with_sizes": "Split",
    "chunk": "Split",
    "unbind": "Split",
    "roll": "Roll",
    "setitem": "Assign",
    "copy": "Assign",
}
"""Terms by the bare name of a function of PyTorch, ATen or `keras.ops`."""

CLASSES: Mapping[str, str] = {
    "NonDynamicallyQuantizableLinear": "Linear",
    "Gemm": "Linear",
    "Dense": "Linear",
    "EinsumDense": "Linear",
    "Relu": "ReLU",
    "LeakyRelu": "LeakyReLU",
    "LeakyReLU": "LeakyReLU",
    "PRelu": "PReLU",
    "Elu": "ELU",
    "Selu": "SELU",
    "Gelu": "GELU",
    "HardSwish": "Hardswish",
    "HardSigmoid": "Hardsigmoid",
    "Swish": "SiLU",
    "Silu": "SiLU",
    "BatchNormalization": "BatchNorm",
    "SyncBatchNorm": "BatchNorm",
    "LayerNormalization": "LayerNorm",
    "GroupNormalization": "GroupNorm",
    "RMSNormalization": "RMSNorm",
    "InstanceNormalization": "InstanceNorm",
    "MultiHeadAttention": "MultiheadAttention",
    "GroupQueryAttention": "MultiheadAttention",
    "GroupedQueryAttention": "MultiheadAttention",
    "SimpleRNN": "RNN",
    "DepthwiseConv": "DepthwiseConv",
    "Sub": "Subtract",
    "Mul": "Multiply",
    "Div": "Divide",
    "Neg": "Negate",
    "Pow": "Power",
    "Sum": "Add",
    "Concat": "Concatenate",
    "Transpose": "Permute",
    "ReduceMean": "Mean",
    "ReduceSum": "Sum",
    "Max": "Maximum",
    "Min": "Minimum",
    "Average": "Average",
    "Gather": "Gather",
    "Resize": "Upsample",
    "UpSampling": "Upsample",
    "UpSampling1D": "Upsample",
    "UpSampling2D": "Upsample",
    "UpSampling3D": "Upsample",
    "ZeroPadding1D": "Pad",
    "ZeroPadding2D": "Pad",
    "ZeroPadding3D": "Pad",
    "RepeatVector": "Repeat",
    "GlobalAveragePool": "GlobalAvgPool",
    "AveragePool": "AvgPool",
    "DepthToSpace": "PixelShuffle",
    "GetItem": "Slice",
    "StridedSlice": "Slice",
    "ExpandDims": "Unsqueeze",
    "BroadcastTo": "Expand",
}
"""Terms by the class of a layer of PyTorch or Keras, or an operator of ONNX, where they differ from it."""

_KERAS_POOL = re.compile(r"(Global)?(Max|Average)Pooling(\d)D")
_DIMENSIONAL = re.compile(r"(\w*?)(\d)D(Transpose)?")

_CATEGORIES: tuple[tuple[str, str], ...] = (
    ("input", r"Input"),
    ("output", r"Output"),
    ("convolution", r"(Lazy|Depthwise|Separable)*Conv(Transpose|LSTM|Integer)?(\dd)?|Unfold|Fold"),
    ("dense", r"(Lazy|Bi)?[Ll]inear"),
    (
        "normalization",
        r".*Norm(\dd)?|LocalResponseNorm|LRN|Normalize|Rescaling|Normalization|LpNormalization",
    ),
    (
        "activation",
        r".*ReLU6?|[SCG]?ELU|G?LU|SiLU|Mish|(Log|Hard)?[Ss]igmoid|Hard(swish|tanh|shrink)|Tanh|Tanhshrink"
        r"|Soft(plus|sign|shrink)|(Log)?Softm(ax|in)(2d)?|Threshold|Activation|.*GELU|.*Activation|Erf|Clip|Clamp",
    ),
    ("pooling", r".*Pool(\dd)?|Mean|GlobalLpPool"),
    ("recurrent", r"(LSTM|GRU|RNN)(Base|Cell)?|Bidirectional|StackedRNNCells|ConvLSTM\dd"),
    ("attention", r".*[Aa]ttention.*"),
    ("embedding", r".*Embeddings?(Bag)?|TextVectorization|StringLookup|IntegerLookup|CategoryEncoding"),
    ("merge", r"Add|Subtract|Multiply|Concatenate|Stack|Maximum|Minimum|Average|Dot"),
    (
        "shape",
        r"Reshape|(Un)?[Ff]latten|Permute|(Un)?[Ss]queeze|Expand|Repeat|Slice|Split|Roll|Pad|.*Pad\dd|Upsample.*"
        r"|Upsampling.*|.*Pixel(Uns|S)huffle|PixelShuffle|Cropping|Cropping\dd|Gather|Assign|GridSample|Shape|Cast"
        r"|Constant|ConstantOfShape|Range|ChannelShuffle|Tile|Where",
    ),
    ("regularization", r".*Dropout(\dd)?|DropPath|StochasticDepth|GaussianNoise|Random.*"),
    ("arithmetic", r"MatMul|Einsum|Divide|Negate|Power|Sqrt|Rsqrt|Exp|Log|Sum|Abs|.*Reduce.*|Sin|Cos"),
)
_PATTERNS = [(category, re.compile(pattern)) for category, pattern in _CATEGORIES]
IGNORED = frozenset(
    (
        *(
            "contiguous",
            "clone",
            "detach",
            "detach_copy",
            "alias",
            "to",
            "_to_copy",
            "type_as",
            "type",
            "float",
        ),
        *(
            "half",
            "double",
            "bfloat16",
            "long",
            "int",
            "bool",
            "lift_fresh",
            "lift_fresh_copy",
            "requires_grad",
        ),
        *("cpu", "cuda", "_assert_tensor_metadata", "data", "identity", "as_subclass", "convert_to_tensor"),
    )
)
"""Functions that hand on what they are given: they are no layers."""

KEEPING = frozenset(("slice", "expand", "expand_as", "broadcast_to", "view", "reshape", "getitem", "squeeze"))
"""Functions that hand on what they are given where the shape stays the same."""
CONSTANTS = frozenset(
    (
        *("zeros_like", "ones_like", "full_like", "empty_like", "rand_like", "randn_like"),
        *("new_zeros", "new_ones", "new_full", "new_empty", "new_tensor"),
    )
)
"""Functions that look at the shape of what they are given alone."""

_ATEN_POOLS = re.compile(r"(?:_)?(adaptive_)?(max|avg)_pool(\d)d(?:_with_indices)?")
_ATEN_PADS = re.compile(r"(reflection|replication)_pad\d?d?")

_STARTS = {"upsample_": "Upsample", "_scaled_dot_product": "ScaledDotProductAttention"}


def category(term: str) -> str:
    """Return the family that a term belongs to, "other" where it is of none."""
    return next((name for name, pattern in _PATTERNS if pattern.fullmatch(term)), "other")


def function_term(name: str, rank: int) -> str:
    """Return the term for a function of PyTorch or ATen, whose first input has `rank` axes."""
    bare = (name.strip("_") if name.startswith("__") else name.rstrip("_") or name).lower()
    if bare in FUNCTIONS:
        return FUNCTIONS[bare]
    if pool := _ATEN_POOLS.fullmatch(bare):
        adaptive, kind, axes = pool.groups()
        return f"{'Adaptive' if adaptive else ''}{kind.title()}Pool{axes}d"
    if _ATEN_PADS.fullmatch(bare):
        return "Pad"
    for start, term in _STARTS.items():
        if bare.startswith(start):
            return term
    if bare in ("convolution", "_convolution"):
        return f"Conv{max(rank - 2, 1)}d"
    if transposed := re.fullmatch(r"conv(_transpose)?(\d)d", bare):
        return f"Conv{'Transpose' if transposed[1] else ''}{transposed[2]}d"
    if "batch_norm" in bare:
        return f"BatchNorm{max(rank - 2, 1)}d"
    if "instance_norm" in bare:
        return f"InstanceNorm{max(rank - 2, 1)}d"
    return "".join(part[:1].upper() + part[1:] for part in bare.split("_") if part) or name


def class_term(name: str, rank: int) -> str:
    """Return the term for a class of a layer or an operator, whose first input has `rank` axes."""
    if name in CLASSES:
        name = CLASSES[name]
    elif pool := _KERAS_POOL.fullmatch(name):
        spread, kind, axes = pool.groups()
        name = f"{spread or ''}{'Max' if kind == 'Max' else 'Avg'}Pool{axes}d"
    elif axes := _DIMENSIONAL.fullmatch(name):
        name = f"{axes[1]}{'Transpose' if axes[3] else ''}{axes[2]}d"
    ranked: tuple[str, ...] = ("Conv", "ConvTranspose", "BatchNorm", "InstanceNorm", "MaxPool", "AvgPool")
    ranked += ("GlobalAvgPool", "GlobalMaxPool", "LpPool")
    return f"{name}{max(rank - 2, 1)}d" if name in ranked else name
