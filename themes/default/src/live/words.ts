/** Selections in words, for chips: `confidence 0.50 to 0.80`, `label is 3 or 5`. */
import { filterInWords } from "../data/phrase.ts";
import { formatCell } from "../markup.ts";
import { FILTER, type ViewRequest } from "../page.ts";
import type { ViewState } from "../view.ts";
import type { Chip, Selected } from "../selected.ts";
import type { Page } from "./page.ts";
import { findView } from "./registry.ts";
import type { PageState } from "./state.ts";
import { say } from "../words.ts";

const MOST_NAMED = 3;

/** What narrows a relation: the page's filter, where it reaches it, and what its views select. */
export function chipsOf(page: Page, relation: string, { filter, views }: PageState): Chip[] {
  const written = page.filters(relation)
    ? [{ id: FILTER, text: filterInWords(filter) ?? filter, title: filter }]
    : [];
  const selections = page.payload.views.flatMap((request) => {
    const isOurs = page.context(request).table.relation === relation;
    const value = isOurs ? views[request.id] : undefined;
    const text = value ? describeSelection(page, request, value) : null;
    return text ? [{ id: request.id, text }] : [];
  });
  return [...written, ...selections];
}

export function describeSelection(page: Page, request: ViewRequest, value: ViewState): string | null {
  const view = findView(request.view);
  if (!view?.selected) return null;
  const context = page.context(request);
  const parts = view.selected(view.parse(context), value, context).map(inWords);
  return parts.length ? parts.join(` ${say("and")} `) : null;
}

function inWords({ column, range, values = [] }: Selected): string {
  if (range) return say("{column} {range} to {range2}", { column, range: range[0], range2: range[1] });
  const named = values
    .slice(0, MOST_NAMED)
    .map((value) =>
      value === "" ? say("(empty)") : formatCell(typeof value === "number" ? String(value) : value, 24),
    );
  const more =
    values.length > MOST_NAMED ? [say("{values} more", { values: values.length - MOST_NAMED })] : [];
  return say("{column} is {names}", { column, names: [...named, ...more].join(` ${say("or")} `) });
}
