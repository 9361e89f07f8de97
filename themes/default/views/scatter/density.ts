/** Counted cells as shades: how many rows each holds, and which category or mean it shows. */
import { rampStep } from "../../src/ramp.ts";
import { densityShare, stepOf, variableOfCode, type Colouring } from "./colouring.ts";
import type { Cells } from "./queries.ts";

export interface Shade {
  column: number;
  row: number;
  n: number;
  /** The most frequent category, or the mean of the measure; NaN for none. */
  code: number;
}

export interface Density {
  shades: Shade[];
  /** Rows in the fullest cell. */
  most: number;
}

/** Cells with what is picked in them; ties go to the first category. */
export function densityOf(cells: Cells, colouring: Colouring, picked: ReadonlySet<number> | null): Density {
  const isSplit = colouring.kind === "categories";
  const found = new Map<number, Shade & { leading: number }>();
  let most = 0;
  for (let index = 0; index < cells.n.length; index++) {
    const [n, code] = [cells.n[index]!, cells.code[index]!];
    if (isSplit && picked && !picked.has(code)) continue;
    const [column, row] = [cells.column[index]!, cells.row[index]!];
    const key = row * cells.lattice.columns + column;
    const shade = found.get(key);
    if (!shade) found.set(key, { column, row, n, code, leading: n });
    else add(shade, n, code);
    most = Math.max(most, shade?.n ?? n);
  }
  return { shades: [...found.values()], most };
}

function add(shade: Shade & { leading: number }, n: number, code: number): void {
  shade.n += n;
  if (n < shade.leading || (n === shade.leading && code > shade.code)) return;
  shade.leading = n;
  shade.code = code;
}

/** A cell's colour: a variable without its dashes, and how opaque. */
export interface Paint {
  variable: string;
  opacity: number;
}

/** Steps of opacity and of the ramp; neighbours of one step are drawn as one stroke. */
const OPACITIES = 6;
const SHADES = 16;
const GREY: Paint = { variable: "chart-grey", opacity: 1 };

export function paintOf({ n, code }: Shade, most: number, colouring: Colouring): Paint {
  const share = densityShare(n, most);
  if (colouring.kind === "plain")
    return { variable: `ramp-${rampStep(Math.round(share * SHADES) / SHADES)}`, opacity: 1 };
  const opacity = Math.max(1, Math.round(share * OPACITIES)) / OPACITIES;
  if (colouring.kind === "categories") return { variable: variableOfCode(code), opacity };
  const step = stepOf(colouring, code);
  if (step === null) return GREY;
  return { variable: `ramp-${Math.min(63, Math.round(step / 4) * 4)}`, opacity: 0.5 + opacity / 2 };
}

/** The whole behind: grey, more opaque where there are more. */
export function greyOf({ n }: Shade, most: number): Paint {
  return { ...GREY, opacity: 0.5 + densityShare(n, most) / 2 };
}
