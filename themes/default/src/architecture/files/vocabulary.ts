/** The field's terms for what ONNX and Keras call their layers, and the families that these belong to. */

const TERMS: Readonly<Record<string, string>> = {
  ...{ Relu: "ReLU", LeakyRelu: "LeakyReLU", PRelu: "PReLU", Elu: "ELU", Selu: "SELU", Gelu: "GELU" },
  ...{ HardSwish: "Hardswish", HardSigmoid: "Hardsigmoid", Gemm: "Linear", Dense: "Linear" },
  ...{ BatchNormalization: "BatchNorm", LayerNormalization: "LayerNorm", GroupNormalization: "GroupNorm" },
  ...{ InstanceNormalization: "InstanceNorm", MultiHeadAttention: "MultiheadAttention", SimpleRNN: "RNN" },
  ...{
    Sub: "Subtract",
    Mul: "Multiply",
    Div: "Divide",
    Sum: "Add",
    Concat: "Concatenate",
    Transpose: "Permute",
  },
  ...{
    ReduceMean: "Mean",
    Resize: "Upsample",
    UpSampling2D: "Upsample",
    UpSampling1D: "Upsample",
    UpSampling3D: "Upsample",
  },
  ...{
    ZeroPadding2D: "Pad",
    ZeroPadding1D: "Pad",
    GlobalAveragePool: "GlobalAvgPool",
    AveragePool: "AvgPool",
  },
  ...{ DepthToSpace: "PixelShuffle", InputLayer: "Input" },
};

const KERAS_POOL = /^(Global)?(Max|Average)Pooling(\d)D$/;
const DIMENSIONAL = /^(\w*?)(\d)D(Transpose)?$/;

/** `Conv2DTranspose` is `ConvTranspose2d`; `MaxPooling2D` is `MaxPool2d`. */
export function termOf(type: string): string {
  if (Object.hasOwn(TERMS, type)) return TERMS[type]!;
  const pool = KERAS_POOL.exec(type);
  if (pool) return `${pool[1] ?? ""}${pool[2] === "Max" ? "Max" : "Avg"}Pool${pool[3]!}d`;
  const sized = DIMENSIONAL.exec(type);
  return sized ? `${sized[1]!}${sized[3] ?? ""}${sized[2]!}d` : type;
}

const CATEGORIES: readonly (readonly [string, RegExp])[] = [
  ["input", /^Input$/],
  ["convolution", /^(Depthwise|Separable)*Conv(Transpose|LSTM|Integer)?(\dd)?$/],
  ["dense", /^Linear$/],
  ["normalization", /Norm(\dd)?$|^LRN$|^Normaliz|^Rescaling$/],
  [
    "activation",
    /ReLU6?$|^[SCG]?ELU$|^SiLU$|^Mish$|[Ss]igmoid$|^Hard|^Tanh$|^Soft|Softmax$|^Activation$|^Erf$|^Clip$/,
  ],
  ["pooling", /Pool(\dd)?$|^Mean$/],
  ["recurrent", /^(LSTM|GRU|RNN)$|^Bidirectional$|Cell$/],
  ["attention", /[Aa]ttention/],
  ["embedding", /Embedding$/],
  ["merge", /^(Add|Subtract|Multiply|Concatenate|Stack|Maximum|Minimum|Average|Dot)$/],
  [
    "shape",
    /^(Reshape|Flatten|Permute|Squeeze|Unsqueeze|Expand|Repeat|RepeatVector|Slice|Split|Pad|Upsample|PixelShuffle|Cropping\dd|Gather|Shape|Cast|Constant|Tile|Where|Identity)/,
  ],
  ["regularization", /Dropout(\dd)?$|^GaussianNoise$|^Random/],
  ["arithmetic", /^(MatMul|Einsum|Divide|Neg|Pow|Sqrt|Exp|Log|Abs|Sin|Cos)$|Reduce/],
];

export const categoryOf = (term: string): string =>
  CATEGORIES.find(([, pattern]) => pattern.test(term))?.[0] ?? "other";
