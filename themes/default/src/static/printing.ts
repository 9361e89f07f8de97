/** What writes PDF, in V8: the classic script of the page's own module, run only where a PDF is asked for. */
import type * as Print from "../architecture/print/main.ts";

/** Thrown where a PDF is asked for before its script is there. */
export class NoPrinting extends Error {}

let loaded: typeof Print | null = null;

export function printing(): typeof Print.printed {
  loaded ??= defined();
  return loaded.printed;
}

function defined(): typeof Print {
  const define = globalThis.sitegenModule;
  if (!define) throw new NoPrinting("what writes PDF is not loaded");
  const module = { exports: {} };
  const none = (name: string): never => {
    throw new Error(`it needs ${name}`);
  };
  define(none, module, module.exports);
  return module.exports as typeof Print;
}
