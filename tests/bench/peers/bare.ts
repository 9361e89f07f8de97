/** Bare DuckDB-WASM: from the first pointer move, fetch and start the engine, load the tables, count their rows. */
import { open, readSetup } from "./engine.ts";

const setup = await readSetup();
const begin = async (): Promise<void> => {
  const [, rows] = await open(setup);
  document.documentElement.dataset["rows"] = String(rows);
};
addEventListener("pointermove", () => void begin(), { once: true });
document.documentElement.dataset["state"] = "ready";
