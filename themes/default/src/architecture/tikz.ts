/** A figure as TikZ, for papers whose text is set with TeX: labels are the paper's own text. */
import { darker } from "./palettes.ts";
import type { Area, Mark, Point, Scene, Text } from "./scene.ts";
import { fixed, PAPER } from "./svg.ts";

const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "×": "$\\times$",
  "∥": "$\\parallel$",
  "…": "\\ldots{}",
  "−": "$-$",
};

/** Text that TeX sets as it stands: none of it is a command. */
export const escapeTex = (text: string): string =>
  text.replace(/[\\{}$&#%_^~×∥…−]/g, (sign) => SPECIAL[sign]!).replace(/\p{Cc}/gu, " ");

const PATTERNS = [
  "north east lines",
  "north west lines",
  "horizontal lines",
  "vertical lines",
  "grid",
  "crosshatch",
];

export function tikzOf({ width, height, marks }: Scene, title: string): string {
  const colours = new Map<string, string>();
  const colour = (name: string): string => {
    const value = name === "ink" || name === "quiet" || name === "panel" ? PAPER[name] : name;
    if (!colours.has(value)) colours.set(value, `net${colours.size}`);
    return colours.get(value)!;
  };
  const body = marks.flatMap((mark) => markText(mark, colour));
  const defined = [...colours].map(
    ([value, name]) => `\\definecolor{${name}}{HTML}{${value.slice(1).toUpperCase()}}`,
  );
  return [
    `% ${escapeTex(title).replace(/\n/g, " ")}`,
    "% In the preamble: \\usepackage{tikz} \\usetikzlibrary{patterns,arrows.meta}",
    ...defined,
    "\\begin{tikzpicture}[x=1bp,y=-1bp,line join=round]",
    `\\useasboundingbox (0,0) rectangle (${fixed(width)},${fixed(height)});`,
    ...body,
    "\\end{tikzpicture}",
    "",
  ].join("\n");
}

const at = ([x, y]: Point): string => `(${fixed(x)},${fixed(y)})`;

type Colour = (name: string) => string;

function markText(mark: Mark, colour: Colour): string[] {
  if (mark.kind === "picture") return [];
  if (mark.kind === "text") return [nodeText(mark, colour)];
  const width = `line width=${fixed(mark.width)}bp${mark.dash ? ",dashed" : ""}`;
  if (mark.kind === "area") return areaText(mark, width, colour);
  const head = mark.arrow ? ",-{Stealth[length=4bp]}" : "";
  const looks = `${colour(mark.stroke)},${width}${head},rounded corners=2bp`;
  return [`\\draw[${looks}] ${mark.points.map(at).join(" -- ")};`];
}

function nodeText({ x, y, size, weight, anchor, turned, text, fill }: Text, colour: Colour): string {
  const side = anchor === "start" ? "base west" : anchor === "end" ? "base east" : "base";
  const place = at(turned ? [x - size * 0.26, y] : [x, y]);
  const looks = `anchor=${side},inner sep=0pt,text=${colour(fill)}${turned ? ",rotate=-90" : ""}`;
  const font = `\\fontsize{${fixed(size)}}{${fixed(size * 1.2)}}\\selectfont${weight === 400 ? "" : "\\bfseries"}`;
  return `\\node[${looks},font=${font}] at ${place} {${escapeTex(text)}};`;
}

function areaText(mark: Area, width: string, colour: Colour): string[] {
  const path = `${mark.points.map(at).join(" -- ")} -- cycle;`;
  if (mark.texture !== undefined) {
    const pattern = PATTERNS[mark.texture % PATTERNS.length]!;
    return [`\\path[pattern=${pattern},pattern color=${colour(darker("#888888", 0.4))}] ${path}`];
  }
  const fill = mark.fill === "none" ? [] : [`fill=${colour(mark.fill)}`];
  const stroke = mark.stroke === "none" || mark.width === 0 ? [] : [`draw=${colour(mark.stroke)},${width}`];
  return fill.length + stroke.length ? [`\\path[${[...fill, ...stroke].join(",")}] ${path}`] : [];
}
