/** The views that a spec is composed of. */
import { isObject, type Json } from "../channels.ts";

const COMPOSITIONS = ["layer", "concat", "hconcat", "vconcat"];

/** The views right below a spec: layers, neighbours, and what is repeated. */
export function viewsIn(spec: Json): Json[] {
  const children = COMPOSITIONS.flatMap((key) => (Array.isArray(spec[key]) ? (spec[key] as Json[]) : []));
  return isObject(spec["spec"]) ? [...children, spec["spec"]] : children;
}
