/** What a chart is called: by its author, or by what it shows. */
import { isObject } from "../../src/vega/channels.ts";
import { chartName } from "../../src/vega/names.ts";
import type { Context } from "../../src/view.ts";

/** By what it shows; null where its encodings say nothing. */
export function nameIn({ request, table }: Context): string | null {
  const { spec } = request.options;
  return isObject(spec) ? chartName(spec, table) : null;
}

/** What stands above it. */
export function titleIn(context: Context): string {
  return context.request.title ?? nameIn(context) ?? context.request.id;
}
