/** A line that floats at the foot of the window for a moment, and that screen readers read out. */

/** How long it stays, in ms. */
const SHOWN = 4000;

let line: HTMLElement | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

export function showToast(text: string): void {
  line ??= made();
  clearTimeout(timer);
  // The same words said again are heard again.
  line.textContent = "";
  requestAnimationFrame(() => (line!.textContent = text));
  timer = setTimeout(() => (line!.textContent = ""), SHOWN);
}

function made(): HTMLElement {
  const toast = document.createElement("p");
  toast.className = "toast";
  toast.setAttribute("role", "status");
  document.body.append(toast);
  return toast;
}
