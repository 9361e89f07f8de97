/**
 * What an operation of ONNX gives for what it takes: sizes, and the numbers of those small arrays that are sizes
 * themselves. Only what surely follows is told; what is left is null, and so is each size of which that is true.
 */
export type Sizes = readonly (number | null)[];
export type Values = Sizes;

export type Attribute = number | readonly number[] | string;

export interface Operation {
  type: string;
  attributes: Readonly<Record<string, Attribute>>;
  /** By input; null where nothing is known. */
  given: readonly (Sizes | null)[];
  values: readonly (Values | null)[];
  outputs: number;
}

/** More than any array has; what is more, a file made up. */
const LARGEST = 2 ** 40;
const MOST_RANK = 32;
/** Numbers of a small array that are followed. */
export const MOST_VALUES = 64;

const list = ({ attributes }: Operation, name: string): readonly number[] => {
  const value = attributes[name];
  return Array.isArray(value) ? (value as readonly number[]) : [];
};
const whole = ({ attributes }: Operation, name: string, otherwise: number): number => {
  const value = attributes[name];
  return typeof value === "number" && Number.isInteger(value) ? value : otherwise;
};

/** Where an axis is that may be counted from the end; -1 for nowhere. */
function placeOf(axis: number, rank: number): number {
  const place = axis < 0 ? axis + rank : axis;
  return Number.isInteger(place) && place >= 0 && place < rank ? place : -1;
}

export function productOf(sizes: Sizes): number | null {
  return sizes.includes(null) ? null : sizes.reduce<number>((product, size) => product * (size ?? 1), 1);
}

const sane = (sizes: Sizes | null): Sizes | null =>
  sizes && sizes.length <= MOST_RANK
    ? sizes.map((size) =>
        size !== null && Number.isInteger(size) && size >= 0 && size < LARGEST ? size : null,
      )
    : null;

/** Sizes by output; null for those of which nothing is known. */
export function madeBy(operation: Operation): (Sizes | null)[] {
  const rule = Object.hasOwn(RULES, operation.type) ? RULES[operation.type]! : null;
  const [first = null] = operation.given;
  if (!rule || (!first && !FROM_VALUES.has(operation.type))) return [];
  return rule(operation, first ?? []).map(sane);
}

type Rule = (operation: Operation, first: Sizes) => (Sizes | null)[];
const FROM_VALUES = new Set(["Constant", "ConstantOfShape", "Range"]);

const kept: Rule = (_, first) => [first];

/** A size by its axis; null where there is none. */
const at = (sizes: Sizes | null | undefined, axis: number): number | null => sizes?.[axis] ?? null;

/** Sizes that meet: where one of two is 1, the other counts; where one is unknown, only another that is greater tells. */
export function spread(one: Sizes, other: Sizes): Sizes | null {
  const rank = Math.max(one.length, other.length);
  const whole = (sizes: Sizes): Sizes => [...new Array<number>(rank - sizes.length).fill(1), ...sizes];
  const [first, second] = [whole(one), whole(other)];
  const isFit = first.every(
    (size, axis) => [null, 1, size].includes(second[axis]!) || size === null || size === 1,
  );
  return isFit ? first.map((size, axis) => met(size, second[axis]!)) : null;
}

function met(one: number | null, other: number | null): number | null {
  if (one === 1) return other;
  return other === 1 ? one : (one ?? other);
}

const spreadAll: Rule = ({ given }) => [
  given.reduce<Sizes | null>((all, each) => (all && each ? spread(all, each) : null), []),
];

/* Windows */

interface Window {
  kernel: Sizes;
  strides: readonly number[];
  dilations: readonly number[];
  /** What edges are filled with, at both ends of an axis together. */
  around: readonly number[];
  isSame: boolean;
}

const kernelOf = (operation: Operation): Sizes =>
  operation.given[1]?.slice(2) ?? list(operation, "kernel_shape");

/** The window of an operation, by how the file says that edges are filled. */
function windowOf(operation: Operation): Window {
  const kernel = kernelOf(operation);
  const [strides, pads, dilations] = ["strides", "pads", "dilations"].map((name) =>
    list(operation, name),
  ) as [readonly number[], readonly number[], readonly number[]];
  const filled = String(operation.attributes["auto_pad"]);
  const around = (axis: number): number => (pads[axis] ?? 0) + (pads[axis + kernel.length] ?? 0);
  return {
    kernel,
    strides: kernel.map((_, axis) => Math.max(1, strides[axis] ?? 1)),
    dilations: kernel.map((_, axis) => dilations[axis] ?? 1),
    around: kernel.map((_, axis) => (filled === "VALID" ? 0 : around(axis))),
    isSame: filled.startsWith("SAME"),
  };
}

function windowed(operation: Operation, places: Sizes): Sizes {
  const { kernel, strides, dilations, around, isSame } = windowOf(operation);
  const round = whole(operation, "ceil_mode", 0) === 1 ? Math.ceil : Math.floor;
  return places.map((size, axis) => {
    const [length, stride] = [at(kernel, axis), strides[axis]!];
    if (size === null || length === null) return null;
    if (isSame) return Math.ceil(size / stride);
    const reach = dilations[axis]! * (length - 1) + 1;
    return Math.max(0, round((size + around[axis]! - reach) / stride) + 1);
  });
}

const convolved: Rule = (operation, first) => [
  [at(first, 0), at(operation.given[1], 0), ...windowed(operation, first.slice(2))],
];

const pooled: Rule = (operation, first) => {
  const made = [...first.slice(0, 2), ...windowed(operation, first.slice(2))];
  return [made, made];
};

const widened: Rule = (operation, first) => {
  const { kernel, strides, dilations, around, isSame } = windowOf(operation);
  const [more, wanted] = [list(operation, "output_padding"), list(operation, "output_shape")];
  const places = first.slice(2).map((size, axis) => {
    const [length, stride] = [at(kernel, axis), strides[axis]!];
    if (size === null || length === null) return null;
    if (isSame) return size * stride;
    return stride * (size - 1) + (at(more, axis) ?? 0) + (length - 1) * dilations[axis]! + 1 - around[axis]!;
  });
  const features = at(operation.given[1], 1);
  const made = features === null ? null : features * whole(operation, "group", 1);
  return [[at(first, 0), made, ...(wanted.length ? wanted.slice(-places.length) : places)]];
};

/* Matrices */

const gemm: Rule = (operation, first) => {
  const weight = operation.given[1];
  const rows = whole(operation, "transA", 0) ? first[1] : first[0];
  const columns = whole(operation, "transB", 0) ? weight?.[0] : weight?.[1];
  return [[rows ?? null, columns ?? null]];
};

const multiplied: Rule = ({ given }, first) => {
  const second = given[1];
  if (!second || first.length === 0 || second.length === 0) return [null];
  const samples = spread(first.slice(0, -2), second.slice(0, -2));
  if (!samples) return [null];
  const rows = first.length > 1 ? [first.at(-2)!] : [];
  const columns = second.length > 1 ? [second.at(-1)!] : [];
  return [[...samples, ...rows, ...columns]];
};

/** Steps, directions, samples and features; then the states at the end. */
const recurrent: Rule = (operation, first) => {
  const features = whole(operation, "hidden_size", -1);
  const ways = operation.attributes["direction"] === "bidirectional" ? 2 : 1;
  const isTurned = whole(operation, "layout", 0) === 1;
  const made = features < 0 ? null : features;
  const [samples, steps] = isTurned ? [at(first, 0), at(first, 1)] : [at(first, 1), at(first, 0)];
  const state = isTurned ? [samples, ways, made] : [ways, samples, made];
  return [isTurned ? [samples, steps, ways, made] : [steps, ways, samples, made], state, state];
};

/* Shapes */

const flattened: Rule = (operation, first) => {
  const axis = whole(operation, "axis", 1);
  const at = axis < 0 ? axis + first.length : axis;
  return [[productOf(first.slice(0, at)), productOf(first.slice(at))]];
};

const reshaped: Rule = (operation, first) => {
  const wanted = operation.values[1] ?? (list(operation, "shape").length ? list(operation, "shape") : null);
  if (!wanted) return [null];
  const isZeroKept = whole(operation, "allowzero", 0) === 0;
  const sizes = wanted.map((size, axis) => (size === 0 && isZeroKept ? (first[axis] ?? null) : size));
  const open = sizes.indexOf(-1);
  if (open < 0) return [sizes];
  const [all, others] = [productOf(first), productOf(sizes.filter((_, axis) => axis !== open))];
  const rest = all === null || others === null || others === 0 ? null : all / others;
  return [sizes.map((size, axis) => (axis === open ? rest : size))];
};

const permuted: Rule = (operation, first) => {
  const order = list(operation, "perm");
  const places = order.length ? order : first.map((_, axis) => first.length - 1 - axis);
  return [places.map((place) => first[place] ?? null)];
};

const concatenated: Rule = (operation, first) => {
  const at = placeOf(whole(operation, "axis", 1), first.length);
  const { given } = operation;
  if (at < 0 || given.some((each) => each?.length !== first.length)) return [null];
  const along = given.map((each) => each![at] ?? null);
  const sum = along.includes(null) ? null : along.reduce<number>((total, size) => total + size!, 0);
  return [
    first.map((size, axis) =>
      axis === at ? sum : (given.map((each) => each![axis]!).find((one) => one !== null) ?? size),
    ),
  ];
};

/** Axes that an attribute names in old files, and an input in new ones; null where they are not known. */
function axesOf(operation: Operation, rank: number): number[] | null {
  const written = list(operation, "axes");
  const given = operation.values[1];
  if (!written.length && operation.given.length > 1 && !given) return null;
  const axes = written.length ? written : (given ?? []);
  const places = axes.map((axis) => placeOf(axis ?? Number.NaN, rank));
  return places.includes(-1) ? null : places;
}

const squeezed: Rule = (operation, first) => {
  const axes = axesOf(operation, first.length);
  if (!axes || (axes.length === 0 && first.includes(null))) return [null];
  return [first.filter((size, axis) => (axes.length ? !axes.includes(axis) : size !== 1))];
};

const unsqueezed: Rule = (operation, first) => {
  const written = list(operation, "axes");
  const count = (written.length ? written : (operation.values[1] ?? [])).length;
  const axes = axesOf(operation, first.length + count);
  if (!axes || count === 0) return [null];
  const rest = [...first];
  return [
    Array.from({ length: first.length + count }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!)),
  ];
};

/** What an attribute names in old files, and an input in new ones. */
function named(operation: Operation, name: string, input: number): Values | null {
  const written = list(operation, name);
  return written.length ? written : (operation.values[input] ?? null);
}

const sliced: Rule = (operation, first) => {
  const [starts, ends] = [named(operation, "starts", 1), named(operation, "ends", 2)];
  const axes = slicedAxes(operation, starts);
  if (!starts || !ends || !axes) return [null];
  const steps = operation.given[4] ? named(operation, "steps", 4) : starts.map(() => 1);
  const made = [...first];
  for (const [index, axis] of axes.entries()) {
    const place = placeOf(axis ?? Number.NaN, first.length);
    if (place < 0) return [null];
    made[place] = cut(first[place]!, at(starts, index), at(ends, index), at(steps, index));
  }
  return [made];
};

/** Without axes, the first ones; with axes that nobody knows, nothing follows. */
function slicedAxes(operation: Operation, starts: Values | null): Values | null {
  const written = named(operation, "axes", 3);
  if (written || operation.given[3] || !starts) return written;
  return starts.map((_, axis) => axis);
}

function cut(
  size: number | null,
  start: number | null,
  end: number | null,
  step: number | null,
): number | null {
  if (size === null || start === null || end === null || !step) return null;
  const within = (place: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, place < 0 ? place + size : place));
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  return Math.max(0, Math.ceil((within(end, low, high) - within(start, low, high)) / step));
}

const parted: Rule = (operation, first) => {
  const at = placeOf(whole(operation, "axis", 0), first.length);
  const written = list(operation, "split");
  const sizes = written.length ? written : (operation.values[1] ?? null);
  const { outputs } = operation;
  if (at < 0 || outputs > 1000) return [];
  const each = first[at] === null ? null : Math.ceil(first[at]! / outputs);
  return Array.from({ length: outputs }, (_, output) => {
    const rest = each === null ? null : Math.min(each, first[at]! - each * output);
    const own = sizes ? (sizes[output] ?? null) : operation.given.length > 1 ? null : rest;
    return first.map((size, axis) => (axis === at ? own : size));
  });
};

const padded: Rule = (operation, first) => {
  const written = list(operation, "pads");
  const pads = written.length ? written : (operation.values[1] ?? null);
  const axes = operation.given.length > 3 ? operation.values[3] : first.map((_, axis) => axis);
  if (!pads || !axes) return [null];
  const made = [...first];
  for (const [index, axis] of axes.entries()) {
    const place = placeOf(axis ?? Number.NaN, first.length);
    if (place < 0) return [null];
    const all = [at(first, place), at(pads, index), at(pads, index + axes.length)];
    made[place] = all.includes(null) ? null : all.reduce<number>((sum, each) => sum + each!, 0);
  }
  return [made];
};

const resized: Rule = (operation, first) => {
  const last = operation.given.length > 3 ? operation.values[3] : null;
  if (last) return [[...last]];
  const scales = operation.values[operation.type === "Upsample" || operation.given.length === 2 ? 1 : 2];
  if (!scales || scales.length !== first.length) return [first.map(() => null)];
  return [
    first.map((size, axis) =>
      size === null || scales[axis] === null ? null : Math.floor(size * scales[axis]!),
    ),
  ];
};

const reduced: Rule = (operation, first) => {
  const axes = axesOf(operation, first.length);
  if (!axes) return [null];
  const gone = axes.length ? axes : first.map((_, axis) => axis);
  const isKept = whole(operation, "keepdims", 1) === 1;
  return [first.flatMap((size, axis) => (gone.includes(axis) ? (isKept ? [1] : []) : [size]))];
};

const best: Rule = (operation, first) => {
  const at = placeOf(whole(operation, "axis", 0), first.length);
  const isKept = whole(operation, "keepdims", 1) === 1;
  return [at < 0 ? null : first.flatMap((size, axis) => (axis === at ? (isKept ? [1] : []) : [size]))];
};

const gathered: Rule = (operation, first) => {
  const [, places] = operation.given;
  const at = placeOf(whole(operation, "axis", 0), first.length);
  return [places && at >= 0 ? [...first.slice(0, at), ...places, ...first.slice(at + 1)] : null];
};

const expanded: Rule = ({ values }, first) => [values[1] ? spread(first, values[1]) : null];

const tiled: Rule = ({ values }, first) => {
  const repeats = values[1];
  return [
    repeats
      ? first.map((size, axis) => (size === null || repeats[axis] == null ? null : size * repeats[axis]!))
      : null,
  ];
};

const toSpace: Rule = (operation, first) => {
  const side = whole(operation, "blocksize", 1);
  const times = (size: number | null | undefined, by: number): number | null =>
    size == null ? null : size * by;
  const by = operation.type === "DepthToSpace" ? side : 1 / side;
  return [[first[0] ?? null, times(first[1], 1 / by ** 2), ...first.slice(2).map((size) => times(size, by))]];
};

const ones: Rule = (_, first) => [[...first.slice(0, 2), ...first.slice(2).map(() => 1)]];
const all = (rule: Rule, ...types: string[]): Record<string, Rule> =>
  Object.fromEntries(types.map((type) => [type, rule]));

const RULES: Readonly<Record<string, Rule>> = {
  ...all(kept, "Relu", "LeakyRelu", "Elu", "Selu", "Celu", "Gelu", "HardSwish", "HardSigmoid", "Sigmoid"),
  ...all(kept, "Tanh", "Softplus", "Softsign", "Softmax", "LogSoftmax", "Hardmax", "Mish", "ThresholdedRelu"),
  ...all(kept, "Erf", "Clip", "Identity", "Cast", "CastLike", "Dropout", "Neg", "Abs", "Sqrt", "Exp", "Log"),
  ...all(
    kept,
    "Reciprocal",
    "Floor",
    "Ceil",
    "Round",
    "Sign",
    "Sin",
    "Cos",
    "Not",
    "IsNaN",
    "CumSum",
    "Trilu",
  ),
  ...all(kept, "BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization"),
  ...all(kept, "RMSNormalization", "LpNormalization", "MeanVarianceNormalization", "LRN", "PRelu", "Swish"),
  ...all(kept, "QuantizeLinear", "DequantizeLinear", "ScatterND", "ScatterElements", "Bernoulli"),
  ...all(spreadAll, "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min", "Mean", "Sum", "Where"),
  ...all(spreadAll, "And", "Or", "Xor", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"),
  ...all(pooled, "MaxPool", "AveragePool", "LpPool"),
  ...all(ones, "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"),
  ...all(recurrent, "LSTM", "GRU", "RNN"),
  ...all(reduced, "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2"),
  ...all(reduced, "ReduceLogSumExp", "ReduceLogSum", "ReduceSumSquare"),
  ...all(toSpace, "DepthToSpace", "SpaceToDepth"),
  ...all(best, "ArgMax", "ArgMin"),
  ...all(resized, "Resize", "Upsample"),
  ...{ Conv: convolved, ConvTranspose: widened, Gemm: gemm, MatMul: multiplied, Flatten: flattened },
  ...{
    Reshape: reshaped,
    Transpose: permuted,
    Concat: concatenated,
    Squeeze: squeezed,
    Unsqueeze: unsqueezed,
  },
  ...{ Slice: sliced, Split: parted, Pad: padded, Gather: gathered, Expand: expanded, Tile: tiled },
  Shape: (operation, first) => [[first.slice(...shapeEnds(operation)).length]],
  ConstantOfShape: ({ values }) => [values[0] ?? null],
  GatherElements: ({ given }) => [given[1] ?? null],
};

const shapeEnds = (operation: Operation): [number, number | undefined] => [
  whole(operation, "start", 0),
  typeof operation.attributes["end"] === "number" ? operation.attributes["end"] : undefined,
];

/* Arrays that are sizes */

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => Math.trunc(a / b),
};

type Known = (operation: Operation, first: Values) => Values | null;

const handedOn: Known = (_, first) => first;
const calculating =
  (of: (a: number, b: number) => number): Known =>
  ({ values }, first) =>
    calculated(of, first, values[1] ?? null);

/** How the numbers of the first output follow from those that are taken. */
const KNOWN: Readonly<Record<string, Known>> = {
  ...{ Cast: handedOn, Identity: handedOn, Squeeze: handedOn, Unsqueeze: handedOn, Reshape: handedOn },
  ...Object.fromEntries(Object.entries(ARITHMETIC).map(([type, of]) => [type, calculating(of)])),
  Gather: ({ values }, first) => values[1]?.map((place) => first.at(place ?? first.length) ?? null) ?? null,
  Concat: ({ values }) => (values.every((each) => each !== null) ? small(values.flat()) : null),
  Slice: slicedValues,
};

/** The numbers of the first output where they follow from sizes; null otherwise. */
export function valuesOf(operation: Operation): Values | null {
  const { type, given, values } = operation;
  if (type === "Shape") return given[0]?.slice(...shapeEnds(operation)) ?? null;
  const rule = Object.hasOwn(KNOWN, type) ? KNOWN[type]! : null;
  const [first = null] = values;
  return rule && first ? rule(operation, first) : null;
}

function slicedValues(operation: Operation, first: Values): Values | null {
  const { values } = operation;
  const [starts, ends] = [values[1] ?? list(operation, "starts"), values[2] ?? list(operation, "ends")];
  const isPlain = values.length < 5 || at(values[4], 0) === 1;
  const end = at(ends, 0);
  return isPlain && starts.length === 1 && end !== null ? first.slice(at(starts, 0) ?? 0, end) : null;
}

const small = (values: Values): Values | null => (values.length <= MOST_VALUES ? values : null);

function calculated(
  of: (a: number, b: number) => number,
  one: Values | null,
  other: Values | null,
): Values | null {
  if (!one || !other || (one.length !== other.length && one.length !== 1 && other.length !== 1)) return null;
  return Array.from({ length: Math.max(one.length, other.length) }, (_, index) => {
    const [a, b] = [one[one.length === 1 ? 0 : index]!, other[other.length === 1 ? 0 : index]!];
    return a === null || b === null ? null : of(a, b);
  });
}

/* Floating-point operations */

type Count = (operation: Operation, made: Sizes | null) => number | null;

/** Places of an array behind its samples and features; one that is not known where the array is not. */
const placesOf = (sizes: Sizes | null | undefined): Sizes => sizes?.slice(2) ?? [null];
const twice = (...sizes: Sizes): number | null => productOf([2, ...sizes]);

const COUNTS: Readonly<Record<string, Count>> = {
  Conv: ({ given }, made) => twice(...placesOf(made), ...(given[1] ?? [null])),
  ConvTranspose: ({ given }) => twice(...placesOf(given[0]), ...(given[1] ?? [null])),
  Gemm: ({ given, attributes }, made) =>
    twice(...(made?.slice(1) ?? [null]), at(given[0], attributes["transA"] === 1 ? 0 : 1)),
  MatMul: ({ given }, made) => twice(...(made?.slice(1) ?? [null]), given[0]?.at(-1) ?? null),
  ...{ LSTM: recurrentCount, GRU: recurrentCount, RNN: recurrentCount },
};

function recurrentCount({ given, attributes }: Operation): number | null {
  const total = [given[1], given[2]].map((sizes) => (sizes ? productOf(sizes) : null));
  const steps = at(given[0], attributes["layout"] === 1 ? 1 : 0);
  return total.includes(null) ? null : twice(steps, total[0]! + total[1]!);
}

/** Operations that hold products which are not counted here. */
const UNCOUNTED = /^(Einsum|Attention|If|Loop|Scan|\w*Integer|QLinear\w+|DeformConv|MultiHeadAttention)$/;

/** Those of one sample, two for each multiplication with an addition; what works element by element counts nothing. */
export function flopsOf(operation: Operation, made: Sizes | null): number | null {
  const { type } = operation;
  if (Object.hasOwn(COUNTS, type)) return COUNTS[type]!(operation, made);
  return UNCOUNTED.test(type) ? null : 0;
}
