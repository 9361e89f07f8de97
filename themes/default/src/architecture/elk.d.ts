declare module "elkjs/lib/elk-worker.min.js" {
  export class Worker {
    onmessage: (event: { data: never }) => void;
    dispatcher: { saveDispatch: (event: { data: object }) => void };
  }
}
