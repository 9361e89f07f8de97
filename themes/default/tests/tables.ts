/** Tables as a page's payload describes them, for tests. */
import type { Column, Table } from "../src/page.ts";

export function columnOf(name: string, type: string, role: string | null = null): Column {
  return { name, type, role, unit: null, description: "", nullable: true };
}

/** A table `data` of columns by name and type; a type may carry a role: `int32 id`. */
export function tableOf(columns: Record<string, string>, changed: Partial<Table> = {}): Table {
  const listed = Object.entries(columns).map(([name, written]) => {
    const [type, role] = written.split(" ");
    return columnOf(name, type!, role ?? null);
  });
  const fixed = {
    name: "test/data",
    relation: "data",
    rows: 0,
    media: [],
    member: null,
    classes: [],
    title: "Data",
  };
  return { ...fixed, columns: listed, ...changed };
}
