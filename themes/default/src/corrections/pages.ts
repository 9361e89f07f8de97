/** Other pages that work on the same labels, in tabs beside this one: what one of them writes, the others show. */

export interface Pages {
  /** Tells the others that something new is kept. */
  tell(): void;
}

/** Hears of what others wrote: at once where the browser tells pages of each other, else when this one is looked at. */
export function followPages(work: string, heard: () => void): Pages {
  const channel = channelOf(`sitegen-corrections ${work}`);
  channel?.addEventListener("message", heard);
  for (const kind of ["focus", "pageshow"]) addEventListener(kind, heard);
  document.addEventListener("visibilitychange", heard);
  return { tell: () => channel?.postMessage(null) };
}

function channelOf(name: string): BroadcastChannel | null {
  try {
    return new BroadcastChannel(name);
  } catch {
    // Pages of files, and those that may keep nothing, may have none: they read what is new when they are looked at.
    return null;
  }
}
