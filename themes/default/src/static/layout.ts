/** The layout engine in V8 at build: a script of its own, run only where a view asks for it. */
import "./global.ts";
import { elk } from "../architecture/engine.ts";

(globalThis as { sitegenLayout?: typeof elk }).sitegenLayout = elk;
