/** Names of saved files: `<report>-<view>-<n>of<N>.csv`, in signs that every file system takes. */

/** Most characters of one part of a name. */
const LONGEST = 60;

export interface Named {
  report: string;
  id: string;
  rows: number;
  total: number;
}

/** `what` tells two files of one view apart: empty for what is drawn. */
export function fileName({ report, id, rows, total }: Named, extension: string, what = ""): string {
  const parts = [report, id, what].map(sanitised).filter(Boolean);
  return `${[...parts, `${rows}of${total}`].join("-")}.${extension}`;
}

/** Letters and digits of any script, in lower case, with a hyphen for all that is between them. */
function sanitised(text: string): string {
  const words =
    text
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return Array.from(words.join("-")).slice(0, LONGEST).join("").replace(/-$/, "");
}
