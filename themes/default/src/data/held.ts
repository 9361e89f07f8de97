/**
 * Files of the site that a page holds in itself, where it was saved as a single file. Such a page fetches nothing and
 * loads no module: its files stand in elements of their own, as text in base 85, which is a sixteenth shorter than in
 * base 64. A script among them runs as an inline one, whose digest the page's policy names.
 */

/** What a module's classic script leaves behind; `build.mjs` writes them. */
type Definition = (
  require: (name: string) => unknown,
  module: { exports: unknown },
  exports: unknown,
) => void;

declare global {
  var sitegenModule: Definition | undefined;
}

let found: Map<string, Element> | null = null;
const definitions = new Map<string, Definition>();
const modules = new Map<string, { exports: unknown }>();
const pictures = new Map<string, Promise<string>>();

/** The element that holds a file; null on a site of many files, and outside of pages. */
function holderOf(url: string): Element | null {
  if (typeof document === "undefined") return null;
  found ??= new Map(
    [...document.querySelectorAll("[data-file]")].map((each) => [each.getAttribute("data-file")!, each]),
  );
  return found.get(pathOf(url)) ?? null;
}

/** From the site's root; pages name files by the way from where they stand. */
function pathOf(url: string): string {
  return url.replace(/^(\.\.?\/)+/, "");
}

/** Whether the page is a single file. */
export function holdsFiles(): boolean {
  return document.querySelector("[data-file], [data-page]") !== null;
}

/** Whether the page holds the file. */
export function isHeld(url: string): boolean {
  return holderOf(url) !== null;
}

/** A file of the site, from the page or, where that does not hold it, from beside it. */
export async function load(url: string): Promise<Response> {
  const holder = holderOf(url);
  return holder ? unpacked(holder) : fetch(url);
}

function unpacked(holder: Element): Response {
  const written = holder.getAttribute("href");
  const bytes = written === null ? decoded(holder.textContent ?? "") : pictured(written);
  const type = holder.getAttribute("data-type") ?? "application/octet-stream";
  const body = holder.hasAttribute("data-packed")
    ? new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
    : bytes;
  return new Response(body, { headers: { "content-type": type } });
}

/** A picture, which elements show as well, has its bytes in its address. */
function pictured(address: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(address.slice(address.indexOf(",") + 1)), (one) => one.charCodeAt(0));
}

/** The digits of RFC 1924, but for three that mean something in HTML. */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%.()*+-;,=:?@^_`{|}~";

/** Five digits are four bytes; at the end, fewer digits are one byte less than they are. */
export function decoded(text: string): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(128);
  [...DIGITS].forEach((digit, value) => (values[digit.charCodeAt(0)] = value));
  const groups = Math.ceil(text.length / 5);
  const view = new DataView(new ArrayBuffer(groups * 4));
  for (let group = 0; group < groups; group++) {
    let value = 0;
    for (let at = group * 5; at < group * 5 + 5; at++)
      value = value * 85 + (at < text.length ? values[text.charCodeAt(at)]! : 84);
    view.setUint32(group * 4, value);
  }
  return new Uint8Array(view.buffer, 0, groups * 4 - (groups * 5 - text.length));
}

/** An address at which the file can be loaded by elements; it is held for as long as the page is open. */
async function addressOf(url: string): Promise<string> {
  return URL.createObjectURL(await (await load(url)).blob());
}

async function textOf(url: string): Promise<string> {
  return (await load(url)).text();
}

function run(text: string): void {
  const script = document.createElement("script");
  script.textContent = text;
  document.head.append(script);
}

/** Runs a classic script of the site. Rejects where it cannot be loaded. */
export async function runScript(url: string): Promise<void> {
  if (isHeld(url)) return run(await textOf(url));
  const script = document.createElement("script");
  await new Promise((done, fail) => {
    script.src = url;
    script.addEventListener("load", done);
    script.addEventListener("error", () => fail(new Error(url)));
    document.head.append(script);
  });
}

/** A module of the site, with those that it loads besides. */
export async function loadModule(url: string, besides: readonly string[] = []): Promise<unknown> {
  if (!isHeld(url)) return import(new URL(url, document.baseURI).href);
  await Promise.all([...besides, url].map(define));
  return required(pathOf(url));
}

async function define(url: string): Promise<void> {
  if (definitions.has(pathOf(url))) return;
  run(await textOf(url));
  // A policy that refuses the script says so to the console only.
  if (!globalThis.sitegenModule) throw new Error(`${url} could not be run`);
  definitions.set(pathOf(url), globalThis.sitegenModule);
  delete globalThis.sitegenModule;
}

function required(path: string): unknown {
  const known = modules.get(path);
  if (known) return known.exports;
  const module = { exports: {} };
  modules.set(path, module);
  const define = definitions.get(path);
  if (!define) throw new Error(`the page does not hold ${path}`);
  define((name) => required(new URL(name, `file:///${path}`).pathname.slice(1)), module, module.exports);
  return module.exports;
}

/** A worker that runs a script of the site. */
export async function startWorker(url: string): Promise<Worker> {
  return new Worker(isHeld(url) ? await addressOf(url) : url);
}

/** Where a picture of the site can be loaded from: a held one is unpacked once. */
export async function pictureAddress(url: string): Promise<string> {
  if (!isHeld(url)) return url;
  const address = pictures.get(url) ?? addressOf(url);
  pictures.set(url, address);
  return address;
}

/** A link to a file that the page holds saves it; the file is under no address. */
export function installHeldLinks(): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    const url = link?.getAttribute("href") ?? "";
    if (!isHeld(url)) return;
    event.preventDefault();
    void save(url, link!.getAttribute("download") || pathOf(url).replace(/^.*\//, ""));
  });
}

async function save(url: string, name: string): Promise<void> {
  const link = document.createElement("a");
  link.href = await addressOf(url);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
