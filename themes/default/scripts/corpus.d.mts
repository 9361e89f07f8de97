export interface Corpus {
  columns: {
    name: string;
    type: string;
    role: string | null;
    unit: string | null;
    description: string;
    nullable: boolean;
    values: unknown[];
  }[];
  filters: string[];
  refusals: { expression: string; message: string }[];
  charts: { name: string; spec: Record<string, unknown> }[];
}

export interface Answers {
  /** Ids of the rows that pass, by filter. */
  filters: Record<string, number[]>;
  /** Groups and their measures, by chart. */
  charts: Record<string, Record<string, unknown>[]>;
}

export function readCorpus(): Corpus;
export function readRows(corpus: Corpus): Record<string, unknown>[];
export function expected(corpus: Corpus): Answers;
export function written(answers: Answers): string;
