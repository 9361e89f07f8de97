/** Artifacts as a build tells of them, for tests. */
import type { Artifact } from "../src/page.ts";

export const DIGEST = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22";

export function artifactNamed(name: string, changed: Partial<Artifact> = {}): Artifact {
  return {
    name,
    tool: "classification",
    tool_version: 3,
    title: "Classification",
    parameters: {},
    declarations: [],
    inputs: {},
    code: "",
    key: "",
    libraries: {},
    device: "cpu",
    seed: 7,
    dataset: null,
    licence: "",
    source: "",
    seconds: {},
    tables: [],
    ...changed,
  };
}
