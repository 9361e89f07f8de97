/** The widgets' models as a notebook gives them, and the channel to the kernel that one of them is. */
import type { Channel, KernelMessage } from "../data/kernel.ts";

/** The part of a widget's model that is used; JupyterLab's, VS Code's and Colab's are the same here. */
export interface WidgetModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: (...parts: never[]) => void): void;
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
  return {
    send: (content) => model.send(content),
    listen: (listener) =>
      model.on("msg:custom", (content: KernelMessage, buffers: readonly DataView[] = []) =>
        listener(content, buffers.map(bytesOf)),
      ),
    closed: (callback) => {
      model.on("comm:close", callback);
      model.on("destroy", callback);
    },
  };
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
