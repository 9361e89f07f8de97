/** What editing in place needs, loaded when a reader edits, or when a link carries an edit. */
import { clean } from "./clean.ts";
import { toHtml, type Place } from "./markdown.ts";

export { clean } from "./clean.ts";
export { withChoice } from "./options.ts";
export { blockText, patch } from "./patch.ts";

/** The HTML of an edited text, sanitised. */
export function render(text: string, place: Place): string {
  return clean(toHtml(text, place));
}
