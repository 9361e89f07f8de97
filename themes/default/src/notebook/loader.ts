/**
 * The small module that each output of a notebook has: it fetches the views from the kernel, once for all outputs of
 * the document, and hands over. Without a kernel the picture in the saved notebook stays.
 */
import { BUNDLE, Kernel } from "../data/kernel.ts";
import { channelOf, reportOf, type WidgetModel } from "./model.ts";
import type { Bundle } from "./main.ts";

/** Bundles by their digest: outputs are modules of their own, and find the one that another has loaded. */
const BUNDLES = Symbol.for("sitegen.notebook");

type Registry = typeof globalThis & { [BUNDLES]?: Map<string, Promise<Bundle>> };

async function load(report: WidgetModel): Promise<Bundle> {
  const bundles = ((globalThis as Registry)[BUNDLES] ??= new Map<string, Promise<Bundle>>());
  const digest = String(report.get("bundle"));
  const found = bundles.get(digest) ?? fetched(report);
  bundles.set(digest, found);
  // A kernel that was restarted may answer the next time.
  found.catch(() => bundles.delete(digest));
  return found;
}

async function fetched(report: WidgetModel): Promise<Bundle> {
  const kernel = new Kernel(channelOf(report));
  const [script, styles] = await kernel.ask(BUNDLE).finally(() => kernel.end());
  const sheet = document.createElement("style");
  sheet.textContent = new TextDecoder().decode(styles);
  document.head.append(sheet);
  const url = URL.createObjectURL(new Blob([script as Uint8Array<ArrayBuffer>], { type: "text/javascript" }));
  try {
    return (await import(url)) as Bundle;
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function render({ model, el }: { model: WidgetModel; el: HTMLElement }): Promise<() => void> {
  const place = document.createElement("div");
  el.append(place);
  const report = await reportOf(model);
  return (await load(report)).mount(report, model, place);
}

export default { render };
