/** The engine of `sitegen serve --engine native`: DuckDB on the reader's own machine, asked over the page's origin. */
import type { Engine } from "./engine.ts";
import { remaking } from "./made.ts";
import { newReader } from "./reader.ts";

const TYPE = "application/sql";

/** Where the page's server answers queries; null on a published site, which has no server. */
export function nativeAddress(): string | null {
  return document.querySelector<HTMLMetaElement>("meta[name=sitegen-engine]")?.content ?? null;
}

export class Native implements Engine {
  private readonly url: string;

  constructor(address: string) {
    const page = decodeURIComponent(location.pathname.slice(1)).replace(/(^|\/)$/, "$1index.html");
    this.url = `${address}?${new URLSearchParams({ page, reader: newReader() }).toString()}`;
  }

  /** Rejects with the server's reason when it refuses a statement, or cannot be reached. */
  readonly query = remaking((sql) => this.ask(sql));

  private async ask(sql: string): Promise<Uint8Array[]> {
    const response = await fetch(this.url, { method: "POST", headers: { "Content-Type": TYPE }, body: sql });
    if (!response.ok) throw new Error((await response.text()).trim());
    return [new Uint8Array(await response.arrayBuffer())];
  }
}
