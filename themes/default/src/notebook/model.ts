/** The widgets' models as a notebook gives them, and the channel to the kernel that one of them is. */
import type { Channel, KernelMessage } from "../data/kernel.ts";

/** The part of a widget's model that is used; JupyterLab's, VS Code's and Colab's are the same here. */
export interface WidgetModel {
  model_id: string;
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: (...parts: never[]) => void): void;
  off(event: string, callback: (...parts: never[]) => void): void;
  send(content: unknown): void;
  widget_manager: { get_model(id: string): Promise<WidgetModel> };
}

/** How a trait names another widget. */
const REFERENCE = "IPY_MODEL_";

/** The report's model, by a view's. */
export async function reportOf(view: WidgetModel): Promise<WidgetModel> {
  return view.widget_manager.get_model(String(view.get("report")).slice(REFERENCE.length));
}

export function channelOf(model: WidgetModel): Channel {
  const heard = new Listening(model);
  const window = new AbortController();
  return {
    name: model.model_id,
    send: (content) => model.send(content),
    listen: (listener) =>
      heard.on("msg:custom", (content: KernelMessage, buffers: readonly DataView[] = []) =>
        listener(content, buffers.map(bytesOf)),
      ),
    closed: (callback) => {
      heard.on("comm:close", callback);
      heard.on("destroy", callback);
    },
    leaving: (callback) => {
      // A document that the browser keeps may be shown again, and goes on.
      const left = (event: PageTransitionEvent): void => void (event.persisted || callback());
      globalThis.addEventListener("pagehide", left, { signal: window.signal });
    },
    end: () => {
      heard.end();
      window.abort();
    },
  };
}

/** What is heard of a model, until the end. */
export class Listening {
  private readonly heard: [string, (...parts: never[]) => void][] = [];

  constructor(private readonly model: WidgetModel) {}

  on(event: string, callback: (...parts: never[]) => void): void {
    this.model.on(event, callback);
    this.heard.push([event, callback]);
  }

  end(): void {
    for (const [event, callback] of this.heard.splice(0)) this.model.off(event, callback);
  }
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
