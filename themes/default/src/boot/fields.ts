/** What the reader does with the fields of views that are not live yet: nothing is sent, and nothing is lost. */

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** What a field was set to; one that is still being written in is only heard, not taken. */
interface Setting {
  field: Field;
  view: Element;
  value: string;
  isChecked: boolean;
  isTaken: boolean;
}

const FIELD = ".view-body :is(input, select, textarea)";

/** Keeps what fields of views are set to, until the signal; what it returns sets them so again, for live views to hear. */
export function keepSettings(signal: AbortSignal): () => void {
  const settings = new Map<Field, Setting>();
  const options = { signal, capture: true };
  addEventListener("input", ({ target }) => keep(settings, target, false), options);
  addEventListener(
    "change",
    (event) => keep(settings, event.target, true) && event.stopPropagation(),
    options,
  );
  addEventListener("keydown", (event) => isTaking(event) && event.stopPropagation(), options);
  // Whatever becomes of the page, no view has a form to send.
  addEventListener("submit", (event) => (event.target as Element).closest(".view") && event.preventDefault());
  return () => settings.forEach(setAgain);
}

/** The browser itself turns Enter into a change; a view that is half live would take it twice. */
function isTaking({ key, target }: KeyboardEvent): boolean {
  return key === "Enter" && target instanceof Element && target.matches(FIELD);
}

function keep(settings: Map<Field, Setting>, target: EventTarget | null, isTaken: boolean): boolean {
  if (!(target instanceof Element) || !target.matches(FIELD)) return false;
  const [field, view] = [target as Field, target.closest(".view")!];
  const isChecked = field instanceof HTMLInputElement && field.checked;
  const taken = settings.get(field);
  // What was taken before the reader wrote on is taken still.
  if (isTaken || !taken?.isTaken)
    settings.set(field, { field, view, value: field.value, isChecked, isTaken });
  return true;
}

function setAgain(setting: Setting): void {
  const field = fieldOf(setting);
  if (!field) return;
  const written = field.value;
  if (isChoice(field)) (field as HTMLInputElement).checked = setting.isChecked;
  else if (field.type !== "file" && written !== setting.value) field.value = setting.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  if (!setting.isTaken) return;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  // The reader writes on.
  if (written && TEXTS.includes(field.type) && document.activeElement === field) field.value = written;
}

const TEXTS = ["text", "search", "textarea"];

function isChoice({ type }: Field): boolean {
  return type === "checkbox" || type === "radio";
}

/** The field, or the one that its view has drawn in its place. */
function fieldOf({ field, view }: Setting): Field | null {
  if (field.isConnected) return field;
  const choice = isChoice(field) ? `[value="${CSS.escape(field.value)}"]` : "";
  return view.querySelector<Field>(`[name="${CSS.escape(field.name)}"]${choice}`);
}
