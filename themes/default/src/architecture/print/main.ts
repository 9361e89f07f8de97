/** What makes files for papers of a figure: loaded when a reader asks for one, and by the command line. */
import { pdfOf, type Pixels, type Printed } from "./pdf.ts";
import { Font } from "./fonts.ts";
import type { Scene } from "../scene.ts";
import latin from "@fontsource/inter/files/inter-latin-400-normal.woff";
import latinHeavy from "@fontsource/inter/files/inter-latin-600-normal.woff";
import extended from "@fontsource/inter/files/inter-latin-ext-400-normal.woff";
import extendedHeavy from "@fontsource/inter/files/inter-latin-ext-600-normal.woff";
import greek from "@fontsource/inter/files/inter-greek-400-normal.woff";
import greekHeavy from "@fontsource/inter/files/inter-greek-600-normal.woff";
import cyrillic from "@fontsource/inter/files/inter-cyrillic-400-normal.woff";
import cyrillicHeavy from "@fontsource/inter/files/inter-cyrillic-600-normal.woff";

export type { Pixels, Printed };

const REGULAR = [latin, extended, greek, cyrillic].map((bytes) => () => new Font(bytes, "Inter-Regular"));
const HEAVY = [latinHeavy, extendedHeavy, greekHeavy, cyrillicHeavy].map(
  (bytes) => () => new Font(bytes, "Inter-SemiBold"),
);

export function printed(scene: Scene, title: string, pictures: readonly (Pixels | null)[] = []): Printed {
  const fonts = { 400: REGULAR.map((made) => made()), 650: HEAVY.map((made) => made()) };
  return pdfOf(scene, { title, fonts, pictures });
}
