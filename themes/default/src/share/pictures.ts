/** The charts of the page as images: as the live page shows them, or where it cannot be live as they were built. */
import { chartIn, DRAWN, pngOf } from "../live/export/image.ts";
import { sheetImage } from "../live/export/sheet.ts";
import { standaloneSvg, type Standalone } from "../live/export/svg.ts";
import { resolveVariable } from "../live/colours.ts";
import { trusted } from "../markup.ts";

/** How long a page may take to become live, in ms. */
const PATIENCE = 60_000;

export interface Drawn {
  id: string;
  title: string;
}

interface Handle {
  picture(id: string): Promise<Standalone>;
}

/** Views that can be had as an image: all that are shown, but for the bare ones, which are for using the page. */
export function chartsOfPage(): Drawn[] {
  return [...document.querySelectorAll<HTMLElement>("figure.view[id]:not(.view-bare)")]
    .filter((figure) => figure.checkVisibility())
    .map((figure) => ({
      id: figure.id,
      title: figure.querySelector(":scope > .view-header > .view-title")?.textContent ?? figure.id,
    }));
}

/** One view's chart, or with no id all of them below the page's title. */
export async function imageOf(id: string | null): Promise<Blob> {
  const handle = await liveHandle();
  const draw = async (of: string): Promise<Standalone> => (handle ? handle.picture(of) : builtPicture(of));
  if (id !== null) return pngOf(await draw(id));
  const charts = [];
  for (const { id: each } of chartsOfPage()) {
    const drawn = await draw(each);
    const { top } = document.getElementById(each)!.getBoundingClientRect();
    charts.push({ ...drawn, top, image: await pngOf(drawn) });
  }
  const style = getComputedStyle(document.body);
  return sheetImage(document.querySelector("h1")?.textContent.trim() ?? document.title, charts, {
    ...{ background: resolveVariable("--page-background"), text: resolveVariable("--page-text") },
    font: style.fontFamily,
  });
}

/** Brings the page to life, if it can be. */
async function liveHandle(): Promise<Handle | null> {
  const root = document.documentElement;
  dispatchEvent(new Event("sitegen:begin"));
  const until = Date.now() + PATIENCE;
  while (root.dataset["sitegen"] === "static" && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return root.dataset["sitegen"] === "live" ? (document as unknown as { sitegen: Handle }).sitegen : null;
}

async function builtPicture(id: string): Promise<Standalone> {
  const figure = document.getElementById(id)!;
  const drawn = figure.querySelector(`.view-body :is(${DRAWN})`);
  const chart = await chartIn(figure, drawn && trusted(drawn.outerHTML));
  const said = (selector: string): string => figure.querySelector(selector)?.textContent.trim() ?? "";
  const report = document.querySelector<HTMLMetaElement>("meta[name=application-name]")?.content ?? "";
  const picture = {
    ...chart,
    title: said(".view-title"),
    description: said(".view-description"),
    fonts: "",
  };
  return standaloneSvg(
    { ...picture, caption: [said(".view-count"), report].filter(Boolean) },
    resolveVariable,
  );
}
