/**
 * What a layer of Keras gives for what it takes, from its configuration alone: sizes, weights and floating-point
 * operations. Only what surely follows is told; what only building the layer would tell is null.
 */
import { categoryOf, termOf } from "./vocabulary.ts";

export type Json = Readonly<Record<string, unknown>>;
type Sizes = readonly (number | null)[];
export type Shape = Sizes | null;

export interface Asked {
  type: string;
  config: Json;
  given: Shape;
  /** Of each layer that it is called with. */
  all: readonly Shape[];
}

export const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const inner = (value: unknown, name: string): Json => {
  const found = isRecord(value) ? value[name] : null;
  return isRecord(found) ? found : {};
};

export function shapeIn(value: unknown): Shape {
  if (!Array.isArray(value) || value.length > 16) return null;
  return value.every((size) => size === null || (Number.isInteger(size) && Number(size) >= 0))
    ? (value as (number | null)[])
    : null;
}

const numberIn = (config: Json, name: string): number | null =>
  typeof config[name] === "number" && Number.isFinite(config[name]) ? config[name] : null;

/** A number for each axis; one that is written once counts for all. */
const listIn = (config: Json, name: string): number[] => {
  const value = config[name];
  if (Array.isArray(value)) return value.slice(0, 8).map(Number);
  return typeof value === "number" ? [value, value, value] : [];
};

export function productOf(sizes: Sizes): number | null {
  return sizes.includes(null) ? null : sizes.reduce<number>((product, size) => product * (size ?? 1), 1);
}

const isFirst = (config: Json): boolean => config["data_format"] === "channels_first";
const batchOf = (given: Sizes): number | null => given[0] ?? null;
const featuresOf = (given: Sizes, config: Json): number | null =>
  (isFirst(config) && given.length > 2 ? given[1] : given.at(-1)) ?? null;
const placesOf = (given: Sizes, config: Json): Sizes =>
  isFirst(config) ? given.slice(2) : given.slice(1, -1);

/** An array of samples, places and features, in the layer's own order. */
const arrayOf = (given: Sizes, places: Sizes, features: number | null, config: Json): Sizes =>
  isFirst(config) ? [batchOf(given), features, ...places] : [batchOf(given), ...places, features];

const KEPT = new Set(["activation", "normalization", "regularization", "attention"]);

/** What a layer gives; null where only running it would tell. */
export function madeBy(asked: Asked): Shape {
  const { type, config, given } = asked;
  if (type === "Input") return shapeIn(config["batch_shape"] ?? config["batch_input_shape"]);
  if (!given) return null;
  const rule = RULES.find(([pattern]) => pattern.test(type))?.[1];
  const made = rule ? rule(config, given, asked) : KEPT.has(categoryOf(type)) ? given : null;
  return made && made.every((size) => size === null || (Number.isInteger(size) && size >= 0)) ? made : null;
}

type Rule = (config: Json, given: Sizes, asked: Asked) => Shape;

/** What a window leaves of each place. */
function windowed(config: Json, places: Sizes, kernel: string): Sizes {
  const [sizes, strides, dilations] = ["", "", ""].map((_, index) =>
    listIn(config, [kernel, "strides", "dilation_rate"][index]!),
  ) as [number[], number[], number[]];
  return places.map((size, axis) => {
    if (size === null) return null;
    const length = sizes[axis] ?? 1;
    const stride = Math.max(1, strides[axis] ?? (kernel === "pool_size" ? length : 1));
    const reach = config["padding"] === "valid" ? (dilations[axis] ?? 1) * (length - 1) : 0;
    const rest = config["padding"] === "causal" ? size : size - reach;
    return Math.max(0, Math.ceil(rest / stride));
  });
}

const convolved: Rule = (config, given) =>
  arrayOf(given, windowed(config, placesOf(given, config), "kernel_size"), madeIn(config, given), config);

/** Features that a layer makes. */
function madeIn(config: Json, given: Sizes): number | null {
  const taken = featuresOf(given, config);
  const times = numberIn(config, "depth_multiplier");
  const own = numberIn(config, "filters") ?? numberIn(config, "units");
  return own ?? (times === null || taken === null ? null : taken * times);
}

const widened: Rule = (config, given) => {
  const [kernel, strides, more] = [
    listIn(config, "kernel_size"),
    listIn(config, "strides"),
    listIn(config, "output_padding"),
  ];
  const isValid = config["padding"] === "valid";
  const places = placesOf(given, config).map((size, axis) => {
    const [length, stride] = [kernel[axis] ?? 1, Math.max(1, strides[axis] ?? 1)];
    if (size === null || more.length) return null;
    return size * stride + (isValid ? Math.max(length - stride, 0) : 0);
  });
  return arrayOf(given, places, numberIn(config, "filters"), config);
};

const pooled: Rule = (config, given) =>
  arrayOf(given, windowed(config, placesOf(given, config), "pool_size"), featuresOf(given, config), config);

const pooledWhole: Rule = (config, given) => {
  const ones = placesOf(given, config).map(() => 1);
  const features = featuresOf(given, config);
  return config["keepdims"] === true ? arrayOf(given, ones, features, config) : [batchOf(given), features];
};

const upsampled: Rule = (config, given) => {
  const by = listIn(config, "size");
  const places = placesOf(given, config).map((size, axis) => (size === null ? null : size * (by[axis] ?? 2)));
  return arrayOf(given, places, featuresOf(given, config), config);
};

/** Padding is a number, one for each axis, or a pair for each; what is cut off is negative. */
const bordered =
  (name: string, sign: 1 | -1): Rule =>
  (config, given) => {
    const written = config[name];
    const pair = (axis: number): number => {
      const own = Array.isArray(written) ? (written as unknown[])[axis] : written;
      return Array.isArray(own) ? Number(own[0]) + Number(own[1]) : 2 * Number(own);
    };
    const places = placesOf(given, config);
    // In one place a pair is its two ends.
    const isPair = places.length === 1 && Array.isArray(written) && typeof written[0] === "number";
    const around = (axis: number): number => (isPair ? Number(written[0]) + Number(written[1]) : pair(axis));
    const made = places.map((size, axis) => (size === null ? null : size + sign * around(axis)));
    return arrayOf(given, made, featuresOf(given, config), config);
  };

function afterSteps(config: Json, given: Sizes): Sizes {
  const units = numberIn(config, "units");
  return config["return_sequences"] === true ? [...given.slice(0, -1), units] : [batchOf(given), units];
}

const recurrent: Rule = (config, given) => afterSteps(config, given);

/** Both ways of a layer, side by side unless they are added or handed on one by one. */
const bothWays: Rule = (config, given) => {
  const layer = isRecord(config["layer"]) ? config["layer"] : {};
  const made = afterSteps(inner(layer, "config"), given);
  const last = made?.at(-1) ?? null;
  if (config["merge_mode"] === null || !made) return null;
  const isBeside = (config["merge_mode"] ?? "concat") === "concat";
  return [...made.slice(0, -1), last === null ? null : isBeside ? last * 2 : last];
};

const eachStep: Rule = (config, given) => {
  const layer = isRecord(config["layer"]) ? config["layer"] : {};
  const own = inner(layer, "config");
  const type = termOf(String(layer["class_name"] ?? ""));
  const part = [batchOf(given), ...given.slice(2)];
  const made = madeBy({ type, config: own, given: part, all: [part] });
  return made && [batchOf(made), given[1] ?? null, ...made.slice(1)];
};

const reshaped: Rule = (config, given) => {
  const wanted = shapeOf(config["target_shape"]);
  if (!wanted) return null;
  const [all, others] = [productOf(given.slice(1)), productOf(wanted.filter((size) => size !== -1))];
  const rest = all === null || !others ? null : all / others;
  return [batchOf(given), ...wanted.map((size) => (size === -1 ? rest : size))];
};

const shapeOf = (value: unknown): number[] | null =>
  Array.isArray(value) && value.length <= 16 && value.every((size) => Number.isInteger(size))
    ? (value as number[])
    : null;

const permuted: Rule = (config, given) => {
  const order = shapeOf(config["dims"]);
  return order && [batchOf(given), ...order.map((axis) => given[axis] ?? null)];
};

const concatenated: Rule = (config, given, { all }) => {
  const axis = numberIn(config, "axis") ?? -1;
  const place = axis < 0 ? axis + given.length : axis;
  if (all.some((each) => each?.length !== given.length)) return null;
  const sizes = all.map((each) => each![place] ?? null);
  const sum = sizes.includes(null) ? null : sizes.reduce<number>((total, size) => total + size!, 0);
  return given.map((size, at) => (at === place ? sum : size));
};

/** Arrays that are added are as large as the largest, along each axis. */
const merged: Rule = (_, given, { all }) => {
  if (all.some((each) => each?.length !== given.length)) return null;
  return given.map((_size, axis) => {
    const sizes: (number | null)[] = all.map((each) => each![axis]!);
    return sizes.includes(null)
      ? (sizes.find((size) => size !== null && size > 1) ?? null)
      : Math.max(...(sizes as number[]));
  });
};

/** How sizes follow, by the field's term; the first that fits counts. */
const RULES: readonly (readonly [RegExp, Rule])[] = [
  [/^(Separable|Depthwise)?Conv\dd$/, convolved],
  [/^ConvTranspose\dd$/, widened],
  [/^Global\w+Pool\dd$/, pooledWhole],
  [/Pool\dd$/, pooled],
  [/^Upsample$/, upsampled],
  [/^Pad$/, bordered("padding", 1)],
  [/^Cropping\dd$/, bordered("cropping", -1)],
  [/^Flatten$/, (_, given) => [batchOf(given), productOf(given.slice(1))]],
  [/^Linear$/, (config, given) => [...given.slice(0, -1), numberIn(config, "units")]],
  [/^(LSTM|GRU|RNN)$/, recurrent],
  [/^Bidirectional$/, bothWays],
  [/^TimeDistributed$/, eachStep],
  [/^Embedding$/, (config, given) => [...given, numberIn(config, "output_dim")]],
  [/^Reshape$/, reshaped],
  [/^Permute$/, permuted],
  [/^RepeatVector$/, (config, given) => [batchOf(given), numberIn(config, "n"), given.at(-1) ?? null]],
  [/^Concatenate$/, concatenated],
  [/^(Add|Subtract|Multiply|Average|Maximum|Minimum)$/, merged],
  [/^Identity$/, (_, given) => given],
];

/* Weights */

type Count = (config: Json, taken: number, given: Sizes) => number | null;

const bias = (config: Json, count: number): number => (config["use_bias"] === false ? 0 : count);
const windowSize = (config: Json, type: string): number =>
  listIn(config, "kernel_size")
    .slice(0, Number(type.at(-2)))
    .reduce((product, size) => product * size, 1);

/** Weights of a recurrent layer with so many gates. */
const gated =
  (gates: number): Count =>
  (config, taken) => {
    const units = numberIn(config, "units");
    if (units === null) return null;
    // A GRU that resets behind its matrix has a bias for what it takes, and one for what it kept.
    const biases = gates === 3 && config["reset_after"] !== false ? 2 : 1;
    return gates * (units * (taken + units) + bias(config, units) * biases);
  };

const WEIGHTS: readonly (readonly [RegExp, (type: string) => Count])[] = [
  [/^Linear$/, () => (config, taken) => withUnits(config, (units) => taken * units + bias(config, units))],
  [
    /^Conv\dd$/,
    (type) => (config, taken) =>
      withFilters(
        config,
        (filters) =>
          (windowSize(config, type) * taken * filters) / (numberIn(config, "groups") ?? 1) +
          bias(config, filters),
      ),
  ],
  [
    /^ConvTranspose\dd$/,
    (type) => (config, taken) =>
      withFilters(config, (filters) => windowSize(config, type) * taken * filters + bias(config, filters)),
  ],
  [
    /^DepthwiseConv\dd$/,
    (type) => (config, taken) => {
      const made = taken * (numberIn(config, "depth_multiplier") ?? 1);
      return windowSize(config, type) * made + bias(config, made);
    },
  ],
  [
    /^SeparableConv\dd$/,
    (type) => (config, taken) =>
      withFilters(config, (filters) => {
        const between = taken * (numberIn(config, "depth_multiplier") ?? 1);
        return windowSize(config, type) * between + between * filters + bias(config, filters);
      }),
  ],
  [
    /^BatchNorm$/,
    () => (config, taken) =>
      taken * (2 + Number(config["scale"] !== false) + Number(config["center"] !== false)),
  ],
  [
    /^(Layer|Group)Norm$/,
    () => (config, taken) => taken * (Number(config["scale"] !== false) + Number(config["center"] !== false)),
  ],
  [
    /^Embedding$/,
    () => (config) => {
      const [rows, width] = [numberIn(config, "input_dim"), numberIn(config, "output_dim")];
      return rows === null || width === null ? null : rows * width;
    },
  ],
  [/^LSTM$/, () => gated(4)],
  [/^GRU$/, () => gated(3)],
  [/^RNN$/, () => gated(1)],
];

const withUnits = (config: Json, of: (units: number) => number): number | null => {
  const units = numberIn(config, "units");
  return units === null ? null : of(units);
};
const withFilters = (config: Json, of: (filters: number) => number): number | null => {
  const filters = numberIn(config, "filters");
  return filters === null ? null : of(filters);
};

/** Types that have weights which are not counted here. */
const OWN = /Attention|Norm|Recurrent|Cell|PReLU|EinsumDense|ConvLSTM|Spectral/;

/** Weights of a layer; null where its configuration does not tell how many. */
export function weightsOf(asked: Asked): number | null {
  const { type, config, given } = asked;
  if (isWrapper(type)) return wrappedWeights(asked);
  const count = WEIGHTS.find(([pattern]) => pattern.test(type))?.[1](type);
  if (!count) return OWN.test(type) || categoryOf(type) === "other" ? null : 0;
  const taken = takenBy(type, config, given);
  return taken === null ? null : finite(count(config, taken, given ?? []));
}

const finite = (count: number | null): number | null =>
  count !== null && Number.isFinite(count) ? count : null;

/** Features that a layer takes; an embedding takes numbers of rows. */
function takenBy(type: string, config: Json, given: Shape): number | null {
  if (type === "Embedding") return 0;
  return given && featuresOf(given, config);
}

/** The layer in a wrapper, called with each step or with all of them; wrappers in wrappers are not followed. */
function wrapped({ type, config, given }: Asked): Asked | null {
  const layer = isRecord(config["layer"]) ? config["layer"] : {};
  const part = type === "Bidirectional" ? given : given && [batchOf(given), ...given.slice(2)];
  const own = termOf(String(layer["class_name"] ?? ""));
  return isWrapper(own) ? null : { type: own, config: inner(layer, "config"), given: part, all: [part] };
}

const isWrapper = (type: string): boolean => /^(Bidirectional|TimeDistributed)$/.test(type);

function wrappedWeights(asked: Asked): number | null {
  const own = wrapped(asked);
  const each = own && weightsOf(own);
  return each === null || asked.type !== "Bidirectional" ? each : each * 2;
}

function wrappedFlops(asked: Asked): number | null {
  const own = wrapped(asked);
  const each = own && flopsOf(own, madeBy(own));
  const times = asked.type === "Bidirectional" ? 2 : (asked.given?.[1] ?? null);
  return each === null || times === null ? null : each * times;
}

/* Costs */

/** Bytes of what a layer gives for one sample, as numbers of four bytes. */
export function bytesOf(made: Shape): number | null {
  const count = made ? productOf(made.slice(1)) : null;
  return count === null ? null : count * 4;
}

/** Floating-point operations of one sample, two for each multiplication with an addition; null where not known. */
export function flopsOf(asked: Asked, made: Shape): number | null {
  const { type } = asked;
  if (isWrapper(type)) return wrappedFlops(asked);
  if (/^(Linear|LSTM|GRU|RNN|(Separable|Depthwise)?Conv\w*)$/.test(type)) return productsOf(asked, made);
  return weightsOf(asked) === null || type === "Dot" ? null : 0;
}

/** A matrix is used at each place of what is made, and one that widens at each of what is taken. */
function productsOf(asked: Asked, made: Shape): number | null {
  const { type, config, given } = asked;
  const weights = weightsOf({ ...asked, config: { ...config, use_bias: false } });
  const used = type.startsWith("ConvTranspose") ? given : made;
  if (weights === null || !used || !given) return null;
  const places = productOf(type.includes("Conv") ? placesOf(used, config) : given.slice(1, -1));
  return places === null ? null : 2 * weights * places;
}
