/** Several charts as one image: where each stands, and the image of all. */

export interface Sized {
  width: number;
  height: number;
  /** Where its figure begins in the page, in px from its top; those that begin together share a row. */
  top: number;
}

export interface Laid {
  left: number;
  top: number;
}

export interface Sheet {
  width: number;
  height: number;
  places: readonly Laid[];
}

const GAP = 16;
/** Figures whose tops are so near each other stand in one row, in px. */
const SAME_ROW = 12;

/** Rows of charts, in the order of the page, below a head so many px high. */
export function sheetOf(charts: readonly Sized[], head: number): Sheet {
  const places: Laid[] = [];
  let [width, top, left, height, rowTop] = [0, head, 0, 0, -Infinity];
  for (const chart of charts) {
    const isBeside = Math.abs(chart.top - rowTop) <= SAME_ROW;
    if (!isBeside && places.length) [top, left, height] = [top + height + GAP, 0, 0];
    if (!isBeside) rowTop = chart.top;
    places.push({ left, top });
    left += chart.width + GAP;
    width = Math.max(width, left - GAP);
    height = Math.max(height, chart.height);
  }
  return { width, height: top + height, places };
}

/** Most pixels that browsers draw along a side, and pixels of the image for each of the page. */
const MOST_PIXELS = 16_000;
const SCALE = 2;

const HEAD = { margin: 16, size: 20, line: 26, room: 48 };

/** The charts' images below the page's title. Rejects where the browser cannot draw it. */
export async function sheetImage(
  title: string,
  charts: readonly (Sized & { image: Blob })[],
  colours: { background: string; text: string; font: string },
): Promise<Blob> {
  const sheet = sheetOf(charts, HEAD.room);
  const scale = Math.min(SCALE, MOST_PIXELS / sheet.width, MOST_PIXELS / sheet.height);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(sheet.width * scale);
  canvas.height = Math.round(sheet.height * scale);
  const context = canvas.getContext("2d")!;
  context.scale(scale, scale);
  context.fillStyle = colours.background;
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.fillStyle = colours.text;
  context.font = `600 ${HEAD.size}px ${colours.font}`;
  context.fillText(title, HEAD.margin, HEAD.margin + HEAD.size, sheet.width - 2 * HEAD.margin);
  for (const [index, { image, width, height }] of charts.entries()) {
    const { left, top } = sheet.places[index]!;
    const bitmap = await createImageBitmap(image);
    context.drawImage(bitmap, left, top, width, height);
    bitmap.close();
  }
  return new Promise((done, fail) => {
    canvas.toBlob(
      (blob) => (blob ? done(blob) : fail(new Error("the image is too large for this browser"))),
      "image/png",
    );
  });
}
