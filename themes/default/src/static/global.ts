/** What ELK takes for the window; imported before it. */
(globalThis as unknown as Record<string, unknown>)["global"] ??= globalThis;

export {};
