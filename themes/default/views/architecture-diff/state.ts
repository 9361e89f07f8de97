/** What a reader changes in a comparison, read from links that may say anything. */
import { PAPERS } from "../../src/architecture/papers.ts";
import { inOrderOf, type ViewState } from "../../src/view.ts";
import { textsIn } from "../../src/written.ts";
import type { Options } from "./options.ts";

export interface DiffState {
  detail: number | null;
  /** Ids of the layers that are selected, of the first network and of the second. */
  first: readonly string[];
  second: readonly string[];
  /** The column for which PDF and TikZ are laid out; null for the figure as it stands here. */
  paper: string | null;
}

export function readState(options: Options, written: ViewState): DiffState {
  const { detail } = written;
  const isLevel = Number.isInteger(detail) && Number(detail) >= 0 && Number(detail) <= 1000;
  return {
    detail: isLevel ? Number(detail) : options.detail,
    first: textsIn(written["first"]),
    second: textsIn(written["second"]),
    paper: Object.keys(PAPERS).find((each) => each === written["paper"]) ?? null,
  };
}

/** The state as a link holds it: only what is not as at first. */
export function writeState(options: Options, { detail, first, second, paper }: DiffState): ViewState {
  return {
    ...(detail === options.detail ? {} : { detail }),
    ...(first.length ? { first } : {}),
    ...(second.length ? { second } : {}),
    ...(paper === null ? {} : { paper }),
  };
}

export function accept(options: Options, written: ViewState): ViewState {
  return inOrderOf(written, writeState(options, readState(options, written)));
}
