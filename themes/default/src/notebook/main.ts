/** The views for notebooks: what the loader of every output calls, with one report for all outputs of a document. */
import { installPopovers } from "../boot/popovers.ts";
import { language } from "../words.ts";
import type { WidgetModel } from "./model.ts";
import { giveBack, layer } from "./place.ts";
import { Report } from "./report.ts";

export interface Bundle {
  mount(report: WidgetModel, view: WidgetModel, place: HTMLElement): Promise<() => void>;
}

/** By its model: a notebook that is opened again has another one, with a connection of its own. */
const reports = new Map<WidgetModel, Report>();
// The words are those that this script came with, whatever one in another language brings later.
language();
installPopovers();
layer();

/** Brings an output to life; resolves with what to call when the output goes. */
export const mount: Bundle["mount"] = async (model, view, place) => {
  const report = reports.get(model) ?? new Report(model, () => reports.delete(model));
  reports.set(model, report);
  const output = { markup: String(view.get("markup")), place };
  await report.mount(output);
  return () => {
    giveBack(place);
    report.unmount(output);
    place.remove();
  };
};
