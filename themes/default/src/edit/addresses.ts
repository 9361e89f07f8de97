/** Addresses in an editable text: the same rules as those of the generator (`sitegen/links.py`). */

/** How an address may begin that leaves the site. */
const FOLLOWED = ["http", "https", "mailto", "tel"];

const VALUE = /%7B%7B(?:%20)*([A-Za-z_][\w.-]*)(?:%20)*%7D%7D/g;

interface Parts {
  scheme: string;
  host: string | null;
  path: string;
  rest: string;
}

/** What browsers drop within an address is no part of its scheme. */
function split(address: string): Parts {
  const plain = address.replace(/[\u0000-\u0020]/g, "");
  const [, scheme = "", host = null, path = "", query = "", anchor = ""] =
    /^(?:([a-z][a-z0-9+.-]*):)?(?:[/\\]{2}([^/\\?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(plain) ?? [];
  const rest = `${query === "?" ? "" : query}${anchor === "#" ? "" : anchor}`;
  return { scheme: scheme.toLowerCase(), host, path, rest };
}

/** Whether a link may lead there: nothing runs. */
export function isFollowed(address: string): boolean {
  const { scheme } = split(address);
  return scheme === "" || FOLLOWED.includes(scheme);
}

/** Whether it is an address of this site. */
export function isOurs(address: string): boolean {
  const { scheme, host } = split(address);
  return scheme === "" && host === null;
}

/** An address with its values: one that stands alone is the address, others are parts of it. */
export function fillAddress(address: string, values: Readonly<Record<string, string>>): string {
  const said = (whole: string, name: string): string | null =>
    Object.hasOwn(values, name) ? values[name]! : whole;
  const alone = new RegExp(`^${VALUE.source}$`).exec(address);
  if (alone) return encodeURI(said(address, alone[1]!)!);
  return address.replace(VALUE, (whole, name: string) =>
    Object.hasOwn(values, name) ? quote(values[name]!) : whole,
  );
}

/** An address written in the content file `path`, as the page of the content file `page` says it. */
export function rewrite(path: string, address: string, page: string): string {
  const parts = split(address);
  if (!isOurs(address) || parts.path === "") return address;
  const target = resolve(path, decode(parts.path));
  const url = target.endsWith(".md") ? pageUrl(target) : target;
  return `${relative(pageUrl(page), url).split("/").map(quote).join("/")}${parts.rest}`;
}

function resolve(path: string, named: string): string {
  const folder = named.startsWith("/") ? [] : path.split("/").slice(0, -1);
  const found: string[] = [];
  for (const step of [...folder, ...named.split("/")]) {
    if (step === "" || step === ".") continue;
    if (step === ".." && found.length && found.at(-1) !== "..") found.pop();
    else found.push(step);
  }
  return found.join("/") || ".";
}

function pageUrl(path: string): string {
  return `${path.replace(/\.md$/, "")}.html`;
}

/** The way from one URL to another. */
function relative(source: string, target: string): string {
  const here = source.split("/").slice(0, -1);
  const there = target.split("/");
  let shared = 0;
  while (shared < here.length && shared < there.length && here[shared] === there[shared]) shared++;
  return [...here.slice(shared).map(() => ".."), ...there.slice(shared)].join("/") || ".";
}

function quote(text: string): string {
  const whole = text.replace(/[\ud800-\udfff]/gu, "\ufffd");
  return encodeURIComponent(whole).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
