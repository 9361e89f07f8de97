/** What a drawing says where there is nothing to draw: the table has nothing, or its author's filter leaves nothing. */
import type { Context } from "./view.ts";
import { say } from "./words.ts";

/** What is known of a view where its rows are none. */
type About = Pick<Context, "request" | "table">;

export function noRows(about: About): string {
  return isLeftOut(about)
    ? say("The filter of this view leaves no rows of the table.")
    : say("The table has no rows.");
}

export function noSamples(about: About): string {
  return isLeftOut(about)
    ? say("The filter of this view leaves no samples of the table.")
    : say("The table has no samples.");
}

export function noUnits(about: About): string {
  return isLeftOut(about)
    ? say("The filter of this view leaves no units of the table.")
    : say("The table has no units.");
}

export function noLayers(about: About): string {
  return isLeftOut(about)
    ? say("The filter of this view leaves no layers of the table.")
    : say("The table has no layers.");
}

/** Whether the table has rows, and the filter that the author wrote into the block passes none of them. */
function isLeftOut({ request, table }: About): boolean {
  return request.member !== undefined && table.rows > 0;
}
