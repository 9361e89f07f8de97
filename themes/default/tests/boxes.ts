/** What must not be in a figure: labels on labels, labels on others' glyphs, marks beyond its edges. */
import type { Figure } from "../src/architecture/figure.ts";
import { boxOf, extentOf, type Box, type Mark, type Text } from "../src/architecture/scene.ts";

type Drawn = Pick<Figure, "scene">;

export const isText = (mark: Mark): mark is Text => mark.kind === "text";

/** Labels that touch another one. */
export function overlaps({ scene }: Drawn): string[] {
  const texts = scene.marks.filter(isText).map((mark) => ({ text: mark.text, ...boxOf(mark) }));
  return texts.flatMap((a, index) =>
    texts.slice(index + 1).flatMap((b) => (touch(a, b) ? [`${a.text} / ${b.text}`] : [])),
  );
}

export const touch = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width - 0.01 &&
  b.x < a.x + a.width - 0.01 &&
  a.y < b.y + b.height - 0.01 &&
  b.y < a.y + a.height - 0.01;

/** Marks that the drawing cuts off. */
export function clipped({ scene }: Drawn): Mark[] {
  return scene.marks.filter((mark) => {
    const { x, y, width, height } = extentOf(mark);
    return x < -0.01 || y < -0.01 || x + width > scene.width + 0.01 || y + height > scene.height + 0.01;
  });
}

/** Labels of a glyph that lie on the body of another. */
export function covered({ scene }: Drawn): string[] {
  const bodies = scene.marks.filter((mark) => mark.kind === "area" && mark.glyph !== undefined);
  return scene.marks
    .filter(isText)
    .flatMap((text) =>
      bodies.some((body) => body.glyph !== (text as Mark).glyph && touch(boxOf(text), extentOf(body)))
        ? [text.text]
        : [],
    );
}
