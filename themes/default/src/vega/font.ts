/** What charts are set in; files name it as well. */
export const FONT = "Inter Variable, Inter, system-ui, sans-serif";
