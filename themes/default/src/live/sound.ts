/** A sound from the bytes of a column: the browser's own player over a `blob:` URL, or why there is none. */
import { column as columnRef, literal, Query, sql } from "@uwdata/mosaic-sql";
import type { CardColumns } from "../cards.ts";
import { objects } from "../data/result.ts";
import type { Table } from "../page.ts";
import type { Host } from "./host.ts";
import { say } from "../words.ts";

/** Puts the player of a sample's sound in the place of its button, and plays it. */
export async function play(
  { page, context }: Pick<Host, "page" | "context">,
  card: Pick<CardColumns, "id" | "audio" | "mediaType">,
  id: unknown,
  into: Element,
): Promise<void> {
  const found = await page.coordinator.answer(soundQuery(card, context.table, id));
  const row = objects(found)[0];
  into.querySelector(".sample-play, .sample-silent")?.replaceWith(playable(row?.["bytes"], row?.["type"]));
}

/** The bytes of one sample's sound, and of what kind they are. */
function soundQuery(
  { id, audio, mediaType }: Pick<CardColumns, "id" | "audio" | "mediaType">,
  table: Table,
  value: unknown,
): Query {
  return Query.from(table.relation)
    .select({ bytes: columnRef(audio!.name), type: mediaType ? columnRef(mediaType.name) : sql`''` })
    .where(sql`${columnRef(id.name)} = ${literal(value)}`)
    .limit(1);
}

/** Bytes may claim any type; only types of sound are passed on, and the browser reads the bytes itself. */
export function soundType(written: unknown): string {
  return typeof written === "string" && /^audio\/[\w.+-]+$/.test(written) ? written : "";
}

function playable(bytes: unknown, type: unknown): HTMLElement {
  if (!(bytes instanceof Uint8Array) && !Array.isArray(bytes)) return silent(say("There is no sound."));
  const blob = new Blob([Uint8Array.from(bytes as ArrayLike<number>)], { type: soundType(type) });
  const player = document.createElement("audio");
  player.className = "sample-player";
  player.controls = true;
  player.autoplay = true;
  player.src = URL.createObjectURL(blob);
  player.addEventListener("play", () => hush(player));
  player.addEventListener("error", () =>
    player.replaceWith(silent(say("This browser cannot play the sound."))),
  );
  player.addEventListener("emptied", () => URL.revokeObjectURL(player.src));
  return player;
}

/** Sounds are heard one after the other. */
function hush(player: HTMLAudioElement): void {
  for (const other of document.querySelectorAll<HTMLAudioElement>(".sample-player"))
    if (other !== player) other.pause();
}

function silent(reason: string): HTMLElement {
  const said = document.createElement("span");
  said.className = "sample-silent";
  said.setAttribute("role", "status");
  said.textContent = reason;
  return said;
}
