/** A text in Markdown that readers can edit in the page. The generator makes its HTML; a live page makes that of an edit. */
import { html, trusted } from "../../src/markup.ts";
import type { Context, Drawing, View, ViewState } from "../../src/view.ts";
import { readEdit } from "./state.ts";
import { say } from "../../src/words.ts";

export interface Options {
  /** Sanitised by the generator; empty in the browser, where the page holds it already. */
  html: string;
  /** Whether readers can edit it. */
  edited: boolean;
}

function parse({ request }: Context): Options {
  const { html: text, edited } = request.options;
  return { html: typeof text === "string" ? text : "", edited: edited === true };
}

function render(options: Options, _results: unknown, _state: ViewState, { request }: Context): Drawing {
  const { title, id } = request;
  const heading = title && html`<h3 class="view-title" id="${id}-title">${title}</h3>`;
  const button = html`<button
    type="button"
    class="edit-open"
    data-action="edit"
    aria-label="${say("Edit {title}", { title: title ?? say("this text") })}"
  >
    ${say("Edit")}
  </button>`;
  return {
    body: html`<div class="prose${title ? "" : " prose-untitled"}">
      ${heading || options.edited ? html`<div class="prose-head">${heading}${options.edited ? button : null}</div>` : null}
      <div class="prose-text">${trusted(options.html)}</div>
    </div>`,
    rows: 0,
    total: 0,
    notices: [],
    data: null,
    description: "",
  };
}

export const view: View<Options> = {
  name: "markdown",
  summary:
    "A text in Markdown, which is the block's body; readers can edit it in the page and send the edit back as a patch.",
  options: {
    edit: "in the first line; false where readers shall not edit it",
  },
  parse,
  queries: () => ({}),
  render,
  accept: ({ edited }, state) => (edited && readEdit(state) ? { ...state } : {}),
  bare: true,
  tableless: true,
  groups: false,
};
