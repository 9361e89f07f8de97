/** Model files that a reader drops: read here, sent nowhere, and shown in the place of the page's own network. */
import { readModel } from "../../src/architecture/files/read.ts";
import { html, shorten, type Markup } from "../../src/markup.ts";
import { ProblemError, told } from "../../src/problem.ts";
import type { Host } from "../../src/live/host.ts";
import type { NetworkFile } from "./drawing.ts";
import { say } from "../../src/words.ts";

/** Bytes of a file that is read; a network's weights are skipped, but must be passed. */
const LARGEST = 2_000_000_000;
/** Letters of a file's name that are shown. */
const LONGEST = 60;

export type Dropped = (file: NetworkFile) => void;

export class Files {
  private isShown = false;

  constructor(
    private readonly host: Host,
    private readonly dropped: Dropped,
  ) {
    const { body } = host;
    body.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    body.addEventListener("drop", (event) => {
      const [file] = event.dataTransfer?.files ?? [];
      if (!file) return;
      event.preventDefault();
      void this.read(file);
    });
    body.addEventListener("change", (event) => {
      const target = event.target as HTMLInputElement;
      if (target.name === "model" && target.files?.[0]) void this.read(target.files[0]);
    });
  }

  show(): void {
    const place = this.place();
    if (this.isShown || !place) return;
    this.isShown = true;
    place.innerHTML = html`<label class="network-drop"
        ><span
          >${say("See a network of your own: drop a file of ONNX or Keras here, or choose one. It stays on this machine.")}</span
        ><input type="file" name="model" accept=".onnx,.keras,.json"
      /></label>
      <div class="network-dropped" aria-live="polite"></div>`.text;
  }

  private place(): HTMLElement | null {
    return this.host.body.querySelector<HTMLElement>("[data-part=files]");
  }

  private tell(what: Markup): void {
    const place = this.place()?.querySelector(".network-dropped");
    if (place) place.innerHTML = what.text;
  }

  private async read(file: File): Promise<void> {
    const name = shorten(file.name, LONGEST);
    try {
      if (file.size > LARGEST)
        throw new ProblemError(told("it is larger than 2 GB"), told("take the graph without its weights"));
      const network = readModel(file.name, new Uint8Array(await file.arrayBuffer()));
      this.dropped({ name, network });
      this.tell(html``);
    } catch (error) {
      this.refuse(name, error);
    }
  }

  private refuse(name: string, error: unknown): void {
    const what =
      error instanceof ProblemError ? error.said : say("it is damaged, or of a kind that is not known here");
    // Where the picker stands is folded away at first.
    const looks = this.host.body.querySelector<HTMLDetailsElement>(".network-looks");
    if (looks) looks.open = true;
    this.tell(
      html`<p class="network-refused" role="alert">
        ${say("{name} cannot be read: {what}.", { name, what })}
      </p>`,
    );
    this.place()?.scrollIntoView({ block: "nearest" });
  }
}
