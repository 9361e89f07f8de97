/** A sound from the bytes of a column: the browser's own player over a `blob:` URL, or why there is none. */

/** Bytes may claim any type; only types of sound are passed on, and the browser reads the bytes itself. */
export function soundType(written: unknown): string {
  return typeof written === "string" && /^audio\/[\w.+-]+$/.test(written) ? written : "";
}

export function playable(bytes: unknown, type: unknown): HTMLElement {
  if (!(bytes instanceof Uint8Array) && !Array.isArray(bytes)) return silent("There is no sound.");
  const blob = new Blob([Uint8Array.from(bytes as ArrayLike<number>)], { type: soundType(type) });
  const player = document.createElement("audio");
  player.className = "sample-player";
  player.controls = true;
  player.autoplay = true;
  player.src = URL.createObjectURL(blob);
  player.addEventListener("error", () => player.replaceWith(silent("This browser cannot play the sound.")));
  player.addEventListener("emptied", () => URL.revokeObjectURL(player.src));
  return player;
}

function silent(reason: string): HTMLElement {
  const said = document.createElement("span");
  said.className = "sample-silent";
  said.setAttribute("role", "status");
  said.textContent = reason;
  return said;
}
