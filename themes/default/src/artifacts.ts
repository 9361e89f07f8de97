/** Reading an artifact's facts: the one that a view is about, its parameters, what is above and below it. */
import type { Artifact } from "./page.ts";
import type { Context } from "./view.ts";

/** The artifact of the view's table; null where the page is not told of artifacts, as in the browser. */
export function artifactOf({ table, artifacts = {} }: Context): Artifact | null {
  return artifacts[table.name.split("/")[0]!] ?? null;
}

export interface Parameter {
  name: string;
  value: unknown;
  /** Undefined where the artifact does not say. */
  default: unknown;
  meaning: string;
  isChanged: boolean;
}

/** Parameters of the tool, and of its model where it has one. */
export interface Parameters {
  tool: Parameter[];
  model: { source: string; parameters: Parameter[] } | null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function parametersOf(artifact: Artifact): Parameters {
  const { model, ...own } = artifact.parameters;
  if (!isRecord(model)) return { tool: listed(artifact, artifact.parameters, ""), model: null };
  const settings = isRecord(model["parameters"]) ? model["parameters"] : {};
  return {
    tool: listed(artifact, own, ""),
    model: { source: String(model["source"] ?? ""), parameters: listed(artifact, settings, "model.") },
  };
}

function listed(artifact: Artifact, values: Record<string, unknown>, prefix: string): Parameter[] {
  return Object.entries(values).map(([name, value]) => {
    const declared = artifact.declarations.find((each) => each.name === prefix + name);
    return {
      name,
      value,
      default: declared?.default,
      meaning: declared?.description ?? "",
      isChanged: declared !== undefined && JSON.stringify(declared.default) !== JSON.stringify(value),
    };
  });
}

/** What an artifact read, one step up. */
export interface Above {
  /** `artifact/table`, `datasets/name`. */
  name: string;
  sha256: string;
  /** The artifact that holds the table; null for datasets, models and artifacts that are not there. */
  artifact: Artifact | null;
}

export function above(artifact: Artifact, artifacts: Context["artifacts"] = {}): Above[] {
  return Object.entries(artifact.inputs).map(([name, sha256]) => {
    const [first] = name.split("/");
    return { name, sha256, artifact: artifacts[first!] ?? null };
  });
}

/** Artifacts that read one of this one's tables. */
export function below(
  artifact: Artifact,
  artifacts: Context["artifacts"] = {},
): { table: string; artifact: Artifact }[] {
  return Object.values(artifacts).flatMap((each) =>
    Object.keys(each.inputs)
      .filter((name) => name.startsWith(`${artifact.name}/`))
      .map((table) => ({ table, artifact: each })),
  );
}
