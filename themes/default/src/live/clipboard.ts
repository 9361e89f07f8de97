/**
 * Copying a text: by the clipboard, else by the browser's own command; false where both are refused. Within a modal
 * window only what stands in it can be selected: that is then the `place`.
 */
export async function copyText(text: string, place: HTMLElement = document.body): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Clipboards need a secure page and permission; the older way needs neither.
    return copySelected(text, place);
  }
}

function copySelected(text: string, place: HTMLElement): boolean {
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.value = text;
  const focused = document.activeElement as HTMLElement | null;
  place.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return isCopied;
}
