/**
 * The window with what a page can share: its link, its charts as images, how to cite it. A classic script, so that a
 * page from the disk can load it. Where a browser refuses to copy, every text stands there to be selected.
 */
import { fullHash, ownHash } from "../whole.ts";
import type { Shared } from "../boot/share.ts";
import { copyText } from "../live/clipboard.ts";
import { copyImage, save } from "../live/export/save.ts";
import { html, type Markup } from "../markup.ts";
import { say } from "../words.ts";
import { shownAt, staticLink, type Linked } from "./address.ts";
import { FORMATS, type Cited } from "./citation.ts";
import { chartsOfPage, imageOf, type Drawn } from "./pictures.ts";

declare global {
  var sitegenShare: ((shared: Shared) => void) | undefined;
}

class Window {
  readonly #cited: Cited;
  readonly #dialog = document.createElement("dialog");
  #shared: Shared = {};
  #format = 0;

  constructor(cited: Cited) {
    this.#cited = cited;
    this.#dialog.className = "share";
    this.#dialog.setAttribute("aria-labelledby", "share-title");
    this.#dialog.addEventListener("click", (event) => this.#act(event.target as Element));
    this.#dialog.addEventListener("change", (event) => this.#choose(event.target as HTMLInputElement));
    document.body.append(this.#dialog);
  }

  open(shared: Shared): void {
    this.#shared = shared;
    const charts = chartsOfPage();
    this.#dialog.innerHTML =
      html`${head(shared)}${linkSection()}${imageSection(charts, shared)}${citeSection(this.#format)}
        <p class="share-said" role="status"></p>`.text;
    this.#show();
    if (!this.#dialog.open) this.#dialog.showModal();
    const first = shared.section === "cite" ? "textarea" : "input[name=link]";
    this.#find<HTMLInputElement>(first).focus();
    this.#find<HTMLInputElement>(first).select();
  }

  #find<E extends HTMLElement>(selector: string): E {
    return this.#dialog.querySelector<E>(selector)!;
  }

  #link(): Linked {
    const { id } = this.#shared;
    const { sitegen } = document as { sitegen?: { link(id?: string): Linked } };
    return sitegen?.link(id) ?? staticLink(ownHash(), this.#cited, id);
  }

  /** Link and citation as the page is now. */
  #show(): void {
    const { hash, isTooLong } = this.#link();
    const cited = this.#cited;
    this.#find<HTMLInputElement>("input[name=link]").value = shownAt(location, cited) + fullHash(hash);
    this.#find(".share-note").textContent = isTooLong
      ? say("What is selected is too much for a link: this one leads to the page as it was built.")
      : say("It holds the filters, selections and settings of the page, and which data it shows.");
    const url = (cited.url || shownAt(location, cited)) + hash;
    const accessed = new Date().toISOString().slice(0, 10);
    this.#find<HTMLTextAreaElement>("textarea").value = FORMATS[this.#format]!.write(cited, {
      url,
      accessed,
    });
  }

  #choose({ name, value }: HTMLInputElement): void {
    if (name !== "format") return;
    this.#format = FORMATS.findIndex((format) => format.name === value);
    this.#show();
  }

  #act(target: Element): void {
    if (target === this.#dialog) return this.#dialog.close();
    const action = target.closest<HTMLElement>("[data-share]")?.dataset["share"];
    if (action === "close") this.#dialog.close();
    if (action === "link" || action === "cite") void this.#copy(action);
    if (action === "copy-image" || action === "save-image") void this.#image(action === "copy-image");
  }

  async #copy(what: "link" | "cite"): Promise<void> {
    const field = this.#find<HTMLInputElement>(what === "link" ? "input[name=link]" : "textarea");
    const isCopied = await copyText(field.value, this.#dialog);
    field.focus();
    field.select();
    this.#say(
      isCopied
        ? say("Copied")
        : say("The browser refuses to copy: the text is selected, copy it with Ctrl+C."),
    );
  }

  async #image(isCopied: boolean): Promise<void> {
    const id = this.#find<HTMLSelectElement>("select").value || null;
    this.#say(say("Drawing…"));
    const image = imageOf(id);
    try {
      if (isCopied && (await didCopy(image))) return this.#say(say("Image copied."));
      const name = `${nameOf(id)}.png`;
      save([await image], "image/png", name);
      this.#say(
        isCopied
          ? say("The browser refuses to copy images: saved as {name}.", { name })
          : say("Saved as {name}.", { name }),
      );
    } catch (error) {
      this.#say(
        say("That did not work: {why}", { why: error instanceof Error ? error.message : String(error) }),
      );
    }
  }

  #say(text: string): void {
    this.#find(".share-said").textContent = text;
  }
}

/** False where the clipboard refuses; a failure of the image itself is the image's. */
async function didCopy(image: Promise<Blob>): Promise<boolean> {
  image.catch(() => undefined);
  try {
    await copyImage(image);
    return true;
  } catch {
    await image;
    return false;
  }
}

function nameOf(id: string | null): string {
  const page =
    location.pathname
      .split("/")
      .at(-1)!
      .replace(/\.html$/, "") || "index";
  return id === null ? page : `${page}-${id}`;
}

function head({ id }: Shared): Markup {
  const figure = id === undefined ? null : document.getElementById(id);
  const title = figure?.querySelector(":scope > .view-header > .view-title")?.textContent;
  return html`<header class="share-head">
    <h2 id="share-title">${title ? say("Share “{title}”", { title }) : say("Share this page")}</h2>
    <button type="button" data-share="close" aria-label="${say("Close")}">×</button>
  </header>`;
}

function linkSection(): Markup {
  return html`<section>
    <h3>${say("Link")}</h3>
    <div class="share-row">
      <input name="link" readonly aria-label="${say("Link")}" />
      <button type="button" data-share="link">${say("Copy link")}</button>
    </div>
    <p class="share-note"></p>
  </section>`;
}

function imageSection(charts: readonly Drawn[], { id: shared }: Shared): Markup | null {
  if (charts.length === 0) return null;
  const option = (id: string, title: string): Markup =>
    html`<option value="${id}" ${id === shared ? "selected" : ""}>${title}</option>`;
  return html`<section>
    <h3>${say("Image")}</h3>
    <div class="share-row">
      <select aria-label="${say("Chart")}">
        ${charts.length > 1 ? option("", say("All charts of the page")) : null}
        ${charts.map(({ id, title }) => option(id, title))}
      </select>
      <button type="button" data-share="copy-image">${say("Copy image")}</button>
      <button type="button" data-share="save-image">${say("Save PNG")}</button>
    </div>
  </section>`;
}

function citeSection(format: number): Markup {
  return html`<section>
    <h3>${say("Citation")}</h3>
    <div class="share-row share-formats" role="radiogroup" aria-label="${say("Citation")}">
      ${FORMATS.map(
        ({ name }, index) =>
          html`<label
            ><input
              type="radio"
              name="format"
              value="${name}"
              ${index === format ? "checked" : ""}
            />${name}</label
          >`,
      )}
    </div>
    <textarea readonly rows="6" spellcheck="false" aria-label="${say("Citation")}"></textarea>
    <div class="share-row">
      <button type="button" data-share="cite">${say("Copy citation")}</button>
    </div>
  </section>`;
}

let opened: Window | undefined;

globalThis.sitegenShare = (shared) => {
  const text = document.getElementById("sitegen-citation")?.textContent;
  if (text) (opened ??= new Window(JSON.parse(text) as Cited)).open(shared);
};
