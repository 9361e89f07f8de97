/** What a document calls itself towards an engine that several ask. */

/** A name that no other has; also where a notebook is served without encryption, and the browser makes no UUIDs. */
export function newReader(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
