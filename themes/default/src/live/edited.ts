/** The bar below what a reader edited: says where the edit is kept, and gives it away as a patch or as text. */
import { html } from "../markup.ts";
import type { BlockSource } from "../page.ts";
import { copyText } from "./clipboard.ts";
import { loadEditor } from "./editor.ts";
import { save } from "./export/save.ts";
import type { Page } from "./page.ts";
import { say } from "../words.ts";
import { messageOf } from "../problem.ts";

/** Characters of a link that chats and mail programs are known to pass on whole. */
const PASSED_ON = 8000;

/** What a bar is about. */
export interface Edited {
  page: Page;
  id: string;
  source: BlockSource;
  /** What the bar says first. */
  said: string;
  /** The block's text as edited; throws a problem where it cannot be written. */
  text: (editor: Awaited<ReturnType<typeof loadEditor>>) => string;
  discard: () => void;
}

/** Fills the bar's place. */
export function showBar(place: HTMLElement, edited: Edited): void {
  place.innerHTML = html`<div class="edit-bar" role="group" aria-label="${say("Your edit")}">
    <p class="edit-said">${edited.said} ${kept(edited.page)}</p>
    <div class="edit-buttons">
      <button type="button" data-action="patch">${say("Export as a patch")}</button>
      <button type="button" data-action="copy">${say("Copy the block")}</button>
      <button type="button" data-action="discard">${say("Discard")}</button>
    </div>
    <p class="edit-done" role="status"></p>
  </div>`.text;
  const done = place.querySelector<HTMLElement>(".edit-done")!;
  const actions: Readonly<Record<string, () => Promise<string> | string>> = {
    patch: () => savePatch(edited),
    copy: () => copyBlock(edited),
    discard: () => (edited.discard(), ""),
  };
  place.querySelector(".edit-bar")!.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-action]");
    if (button) void perform(actions[button.dataset["action"]!]!, done);
  });
}

export function hideBar(place: HTMLElement): void {
  place.replaceChildren();
}

async function perform(action: () => Promise<string> | string, done: HTMLElement): Promise<void> {
  try {
    done.textContent = await action();
  } catch (error) {
    done.textContent = say("That did not work: {more}.", {
      more: messageOf(error),
    });
  }
}

/** Whether the link carries the edit. */
function kept({ linkProblem }: Page): string {
  if (linkProblem) return say("It is too much for a link, and gone when the page is left: export it.");
  const { length } = location.href;
  if (length <= PASSED_ON) return say("The link of this page keeps it; the report is as it was.");
  return say("The link of this page keeps it, and is {length} kB long: some programs cut such links.", {
    length: Math.ceil(length / 1000),
  });
}

async function savePatch({ page, id, source, text }: Edited): Promise<string> {
  if (source.problem)
    return say("No patch can be made. {problem} Copy the text instead.", { problem: source.problem });
  const editor = await loadEditor(page);
  const written = editor.patch(source, text(editor));
  if (!written) return say("The file says the same already.");
  const name = `${source.file.split("/").at(-1)!.replace(/\.md$/, "")}-${id}.patch`;
  save([written], "text/x-diff;charset=utf-8", name);
  const others = source.shared ? ` ${say("Other pages may show the same text.")}` : "";
  return say("Saved {name}, which changes {file}: git apply {name}, in the report's folder.{others}", {
    name,
    file: source.file,
    others,
  });
}

async function copyBlock({ page, source, text }: Edited): Promise<string> {
  const editor = await loadEditor(page);
  const isCopied = await copyText(editor.blockText(source, text(editor)));
  return isCopied ? say("Copied.") : say("The browser refuses to copy.");
}
