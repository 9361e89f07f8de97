/** The views for notebooks: what the loader of every output calls, with one report for all outputs of a document. */
import { installPopovers } from "../boot/popovers.ts";
import type { WidgetModel } from "./model.ts";
import { giveBack, layer } from "./place.ts";
import { Report } from "./report.ts";

export interface Bundle {
  mount(report: WidgetModel, view: WidgetModel, place: HTMLElement): Promise<() => void>;
}

const reports = new Map<string, Report>();
installPopovers();
layer();

/** Brings an output to life; resolves with what to call when the output goes. */
export const mount: Bundle["mount"] = async (report, view, place) => {
  const key = String(report.get("key"));
  const found = reports.get(key) ?? new Report(report);
  reports.set(key, found);
  try {
    const leave = await found.mount({ markup: String(view.get("markup")), place });
    return () => {
      giveBack(place);
      leave();
    };
  } catch (error) {
    place.append(problem(error));
    throw error;
  }
};

/** What stands is the picture of all rows; it stays, with what went wrong. */
function problem(error: unknown): HTMLElement {
  const said = document.createElement("p");
  said.setAttribute("role", "alert");
  said.textContent = `This view cannot be filtered: ${error instanceof Error ? error.message : String(error)}`;
  return said;
}
