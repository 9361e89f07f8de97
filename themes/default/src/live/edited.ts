/** The bar below what a reader edited: says where the edit is kept, and gives it away as a patch or as text. */
import { html } from "../markup.ts";
import type { BlockSource } from "../page.ts";
import { copyText } from "./clipboard.ts";
import { loadEditor } from "./editor.ts";
import { save } from "./export/save.ts";
import type { Page } from "./page.ts";

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
  place.innerHTML = html`<div class="edit-bar" role="group" aria-label="Your edit">
    <p class="edit-said">${edited.said} ${kept(edited.page)}</p>
    <div class="edit-buttons">
      <button type="button" data-action="patch">Export as a patch</button>
      <button type="button" data-action="copy">Copy the block</button>
      <button type="button" data-action="discard">Discard</button>
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
    done.textContent = `That did not work: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

/** Whether the link carries the edit. */
function kept({ linkProblem }: Page): string {
  if (linkProblem) return "It is too much for a link, and gone when the page is left: export it.";
  const { length } = location.href;
  if (length <= PASSED_ON) return "The link of this page keeps it; the report is as it was.";
  return `The link of this page keeps it, and is ${Math.ceil(length / 1000)} kB long: some programs cut such links.`;
}

async function savePatch({ page, id, source, text }: Edited): Promise<string> {
  if (source.problem) return `No patch can be made. ${source.problem} Copy the text instead.`;
  const editor = await loadEditor(page);
  const written = editor.patch(source, text(editor));
  if (!written) return "The file says the same already.";
  const name = `${source.file.split("/").at(-1)!.replace(/\.md$/, "")}-${id}.patch`;
  save([written], "text/x-diff;charset=utf-8", name);
  const others = source.shared ? ` Other pages may show the same text.` : "";
  return `Saved ${name}, which changes ${source.file}: git apply ${name}, in the report's folder.${others}`;
}

async function copyBlock({ page, source, text }: Edited): Promise<string> {
  const editor = await loadEditor(page);
  const isCopied = await copyText(editor.blockText(source, text(editor)));
  return isCopied ? "Copied." : "The browser refuses to copy.";
}
