/** ELK, called as a function: its worker's dispatcher answers at once, in any V8 and without timers. */
import { Worker } from "elkjs/lib/elk-worker.min.js";
import type { ElkNode, Engine } from "./layout.ts";

interface Reply {
  error?: { message?: string };
  data?: ElkNode;
}

function started(): Engine {
  const worker = new Worker();
  let reply: Reply = {};
  worker.onmessage = ({ data }: { data: Reply }) => {
    reply = data;
  };
  const call = (message: object): Reply => {
    reply = {};
    worker.dispatcher.saveDispatch({ data: { id: 0, ...message } });
    return reply;
  };
  call({ cmd: "register", algorithms: ["layered"] });
  return (graph) => {
    const { error, data } = call({ cmd: "layout", graph, layoutOptions: {}, options: {} });
    if (!data) throw new Error(`the layout failed: ${error?.message ?? "no answer"}`);
    return data;
  };
}

let running: Engine | null = null;

export const elk: Engine = (graph) => (running ??= started())(graph);
