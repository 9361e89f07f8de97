/** A canvas by hand: every row a small square, drawn anew for each window, and a lasso as a loop over all rows. */

interface Setup {
  /** One file of little-endian float32 per column. */
  columns: Record<string, string>;
}

const SIZE = { width: 900, height: 420 };
const COLOURS = ["#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#eeca3b"];

async function column(url: string): Promise<Float32Array> {
  return new Float32Array(await (await fetch(url)).arrayBuffer());
}

const setup = (await (await fetch("canvas-points.json")).json()) as Setup;
const [x, y, kind] = await Promise.all(
  ["projection_x", "projection_y", "class"].map((name) => column(setup.columns[name]!)),
);
const canvas = Object.assign(document.createElement("canvas"), SIZE);
document.getElementById("all")!.append(canvas);
const context = canvas.getContext("2d")!;

/** The canvas is drawn when one of its pixels can be read. */
function draw(scale: number): void {
  context.clearRect(0, 0, SIZE.width, SIZE.height);
  for (let colour = 0; colour < COLOURS.length; colour++) {
    context.fillStyle = COLOURS[colour]!;
    for (let row = 0; row < x!.length; row++)
      if (kind![row]! % COLOURS.length === colour)
        context.fillRect(450 + x![row]! * 26 * scale, 210 - y![row]! * 12 * scale, 2, 2);
  }
  context.getImageData(0, 0, 1, 1);
}

function timed(act: () => void): number {
  const started = performance.now();
  act();
  return performance.now() - started;
}

/** Counts the rows in a polygon by the even-odd rule. */
function lasso(corners: readonly (readonly [number, number])[]): number {
  let found = 0;
  for (let row = 0; row < x!.length; row++) {
    let isInside = false;
    corners.forEach(([x0, y0], at) => {
      const [x1, y1] = corners[(at + 1) % corners.length]!;
      if (y0 <= y![row]! !== y1 <= y![row]! && x![row]! < x0 + ((y![row]! - y0) * (x1 - x0)) / (y1 - y0))
        isInside = !isInside;
    });
    if (isInside) found++;
  }
  return found;
}

const POLYGON: readonly (readonly [number, number])[] = Array.from({ length: 24 }, (_, corner) => {
  const angle = (corner / 24) * 2 * Math.PI;
  return [6 * Math.cos(angle), 6 * Math.sin(angle)];
});

Object.assign(window, {
  drawn: (): number => timed(() => draw(1)),
  zoomed: (step: number): number => timed(() => draw(1.1 ** step)),
  lassoed: (): number =>
    timed(() => {
      lasso(POLYGON);
      draw(1);
    }),
});
document.documentElement.dataset["state"] = "live";
