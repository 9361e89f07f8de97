/** A figure from the command line: one request as JSON, one answer. No page, no document, no database. */
import { AUTOMATIC } from "./detail.ts";
import { differencesFigure } from "./differences.ts";
import { figureOf, WANTED, type NamedGroup, type Wanted } from "./figure.ts";
import { readNetwork, type Network, type Tables } from "./network.ts";
import { lookOf } from "./papers.ts";
import { NO_STYLES, type Styles } from "./preferences.ts";
import type { Problem } from "../problem.ts";
import type { printed } from "./print/main.ts";
import { shorten } from "../markup.ts";
import { missingIn } from "./print/missing.ts";
import type { Scene } from "./scene.ts";
import { PAPER, svgOf } from "./svg.ts";
import { tikzOf } from "./tikz.ts";

export interface Request {
  /** Columns by name and table: of one network, or of two to be compared. */
  networks: readonly {
    name: string;
    tables: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;
  }[];
  presets: readonly string[];
  preferences: Readonly<Record<string, unknown>>;
  styles?: Partial<Styles>;
  groups?: readonly NamedGroup[];
  /** Null for the level that suits the network. */
  detail: number | null;
  format: "svg" | "tikz" | "pdf";
}

export interface Answer {
  /** Of a PDF its bytes, two digits each. */
  drawing: string;
  /** In points where a column was asked for, else in pixels. */
  width: number;
  height: number;
  isExact: boolean;
  glyphs: number;
  notices: readonly string[];
  /** One line for each layer that differs. */
  changes: readonly string[];
}

/** Letters of a name in a line. */
const SHOWN = 80;

/** Gives what writes PDF, which is loaded for itself; throws where it is not there yet. */
export type Printing = () => typeof printed;

export function figureFor(request: Request, printing: Printing): Answer | { problems: readonly Problem[] } {
  const look = lookOf(request.presets, request.preferences);
  if (look.problems.length) return { problems: look.problems };
  const networks = request.networks.map(({ tables }) => readNetwork(rowsOf(tables)));
  const wanted: Wanted = {
    ...WANTED,
    preferences: look.preferences,
    styles: { ...NO_STYLES, ...request.styles },
    groups: request.groups ?? [],
    detail: { ...AUTOMATIC, level: request.detail },
    ...{ width: look.paper?.width ?? null, isExact: look.paper !== null },
  };
  return answerOf(request, networks, wanted, printing);
}

function answerOf(
  request: Request,
  networks: readonly Network[],
  wanted: Wanted,
  printing: Printing,
): Answer {
  const title = request.networks.map(({ name }) => name).join(" and ");
  if (networks.length === 2) {
    const [first, second] = networks as [Network, Network];
    const names = request.networks.map(({ name }) => name) as [string, string];
    const { scene, comparison, notices } = differencesFigure([first, second], names, wanted);
    const changes = comparison.pairs
      .filter(({ change }) => change !== "same")
      .map((pair) => {
        const id = pair.first === null ? second.layers[pair.second!]!.id : first.layers[pair.first]!.id;
        return `${pair.change}: ${shorten(id, SHOWN)}${pair.differences.length ? `, ${pair.differences.join(", ")}` : ""}`;
      });
    const drawn = written(request, scene, `What differs between ${title}`, wanted, printing);
    return { ...drawn, glyphs: 0, notices: [...notices, ...drawn.notices], changes };
  }
  const figure = figureOf(networks[0]!, wanted);
  const { glyphs } = figure.shown;
  const drawn = written(request, figure.scene, `Architecture of ${title}`, wanted, printing);
  return { ...drawn, glyphs: glyphs.length, notices: [...figure.notices, ...drawn.notices], changes: [] };
}

function written(
  { format }: Request,
  scene: Scene,
  title: string,
  { isExact }: Wanted,
  printing: Printing,
): Pick<Answer, "drawing" | "width" | "height" | "isExact" | "notices"> {
  const { width, height } = scene;
  const sizes = { width, height, isExact, notices: [] };
  if (format === "tikz") return { ...sizes, drawing: tikzOf(scene, title) };
  if (format === "svg") {
    const unit = isExact ? { unit: "pt" as const } : {};
    return { ...sizes, drawing: svgOf(scene, { id: "network", title, ink: PAPER, ...unit }) };
  }
  const { bytes, missing } = printing()(scene, title);
  const drawing = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { ...sizes, drawing, notices: missingIn(missing) };
}

/** Tables as rows, of columns as an analysis writes them. */
export function rowsOf(tables: Request["networks"][number]["tables"]): Tables {
  const rows = (name: string): Record<string, unknown>[] => {
    const columns = Object.entries(tables[name] ?? {});
    const length = columns[0]?.[1].length ?? 0;
    return Array.from({ length }, (_, row) =>
      Object.fromEntries(columns.map(([column, values]) => [column, values[row]])),
    );
  };
  return {
    layers: rows("layers"),
    connections: rows("connections"),
    modules: rows("modules"),
    notices: rows("notices"),
  };
}
