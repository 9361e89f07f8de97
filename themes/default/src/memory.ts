/** A tab's own memory, which outlives a reload. */
export interface Memory {
  read: () => string | null;
  /** Whether it is kept: a browser may keep nothing, or have no more room. */
  write: (text: string) => boolean;
}

export function tabMemory(key: string): Memory {
  return {
    read: () => attempt(() => sessionStorage.getItem(key)),
    write: (text) => attempt(() => (sessionStorage.setItem(key, text), true)) ?? false,
  };
}

function attempt<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}
