import { expect, test } from "vitest";
import type { Context } from "../../src/view.ts";
import { NO_TABLE, type ViewRequest } from "../../src/page.ts";
import { view } from "./view.ts";

function contextOf(options: Record<string, unknown>, title: string | null = "A title"): Context {
  const request: ViewRequest = {
    ...{ view: "markdown", id: "note", title, help: null, width: 12, height: null, options, table: null },
  };
  return { request, table: NO_TABLE, tables: {}, figures: [] };
}

function drawn(options: Record<string, unknown>, title?: string | null): string {
  const context = contextOf(options, title);
  return view.render(view.parse(context), {}, {}, context).body.text;
}

test("the generator's HTML is shown under the title, with a button where it can be edited", () => {
  const body = drawn({ html: "<p>a</p>", edited: true }, "A <title>");
  expect(body).toContain('<div class="prose-text"><p>a</p></div>');
  expect(body).toContain('id="note-title">A &lt;title&gt;</h3>');
  expect(body).toContain('aria-label="Edit A &lt;title&gt;"');
  expect(drawn({ html: "", edited: false })).not.toContain("<button");
  expect(drawn({ html: "", edited: false }, null)).not.toContain("prose-head");
});

test("an edit in a link is taken where the text can be edited, and nowhere else", () => {
  const edit = { of: "abc", edits: [[0, 1, "x\n"]] };
  const accepted = (edited: boolean, state: Record<string, unknown>): unknown => {
    const context = contextOf({ edited });
    return view.accept!(view.parse(context), state, context);
  };
  expect(accepted(true, edit)).toEqual(edit);
  expect(accepted(false, edit)).toEqual({});
  expect(accepted(true, { of: "abc" })).toEqual({});
});
