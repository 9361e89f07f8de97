/** One tooltip per view: a small table beside the pointer, kept inside the window. */
import { html, type Markup } from "../markup.ts";
import { floatingPlace } from "./surroundings.ts";

const OFFSET = 14;

export class Tooltip {
  private readonly element: HTMLElement;

  constructor(owner: HTMLElement) {
    this.element = document.createElement("div");
    this.element.className = "tooltip";
    this.element.setAttribute("role", "presentation");
    this.element.hidden = true;
    floatingPlace().append(this.element);
    owner.addEventListener("pointerleave", () => this.hide());
  }

  show(event: PointerEvent, rows: readonly { name: string; value: string }[]): void {
    if (rows.length === 0 || event.buttons !== 0) {
      this.hide();
      return;
    }
    this.showAt(
      event.clientX,
      event.clientY,
      html`<dl>
        ${rows.map(
          (row) =>
            html`<div>
              <dt>${row.name}</dt>
              <dd>${row.value}</dd>
            </div>`,
        )}
      </dl>`,
    );
  }

  /** Beside a place in the window, for views that say more than a table, and for the keyboard. */
  showAt(x: number, y: number, content: Markup): void {
    this.element.innerHTML = content.text;
    this.element.hidden = false;
    this.place(x, y);
  }

  hide(): void {
    this.element.hidden = true;
  }

  private place(x: number, y: number): void {
    const { width, height } = this.element.getBoundingClientRect();
    const left = x + OFFSET + width > innerWidth ? x - OFFSET - width : x + OFFSET;
    const top = y + OFFSET + height > innerHeight ? y - OFFSET - height : y + OFFSET;
    this.element.style.left = `${Math.max(0, left)}px`;
    this.element.style.top = `${Math.max(0, top)}px`;
  }
}
