/** The folded rest of a list, one in a view: whether it is unfolded is part of the view's state, and so of the link. */

/** What a click on its summary leads to; null for any other click. The browser acts only when this has been heard. */
export function unfolding(event: Event): boolean | null {
  const rest = (event.target as Element).closest("summary")?.parentElement as HTMLDetailsElement | undefined;
  return rest ? !rest.open : null;
}

/** Whether the reader has unfolded it before the view was live. */
export function isUnfoldedIn(body: HTMLElement): boolean {
  return body.querySelector("details[data-rest][open]") !== null;
}
