/** Work that can wait until the page is at rest: done before anybody asks, the first answer takes no longer than others. */

/** Where a browser has no word for rest, a pause in ms. */
const PAUSE = 200;

/** Does a task when nothing else is to be done, unless the signal comes first. */
export function whenIdle(task: () => void, signal?: AbortSignal): void {
  const begin = (): void => {
    if (!signal?.aborted) task();
  };
  if ("requestIdleCallback" in globalThis) requestIdleCallback(begin);
  else setTimeout(begin, PAUSE);
}
