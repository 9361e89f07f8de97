import tseslint from "typescript-eslint";

/** The theme's import rules: no fetch outside src/data, no view imports another, the pure half knows no document. */
const viewFolders = [
  "architecture",
  "architecture-diff",
  "binary-confusion",
  "confusion-matrix",
  "data-map",
  "duplicates",
  "error-matrix",
  "fairvis",
  "familiarity",
  "inactive-units",
  "label-review",
  "markdown",
  "parameters",
  "pfa",
  "provenance",
  "samples",
  "scatter",
  "summary",
  "table",
  "toolbar",
  "training",
  "vega-lite",
];

export default tseslint.config(
  { ignores: ["dist", ".dist.tmp", "node_modules", "**/*.gen.ts"] },
  ...tseslint.configs.recommended,
  {
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-this-alias": "off",
      "max-lines": ["error", 600],
      "max-lines-per-function": ["error", 60],
      complexity: ["error", 10],
      "no-restricted-globals": ["error", "fetch", "XMLHttpRequest", "EventSource", "eval"],
    },
  },
  { files: ["src/data/**"], rules: { "no-restricted-globals": "off" } },
  {
    files: ["views/*/view.ts", "src/vega/**", "src/data/**", "src/static/**"],
    rules: { "no-restricted-imports": ["error", { patterns: ["**/live/**", "!**/live/state.ts"] }] },
  },
  ...viewFolders.map((name) => ({
    files: [`views/${name}/**`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: viewFolders
            .filter((other) => other !== name)
            .flatMap((other) => [`../${other}/*`, `**/views/${other}/*`]),
        },
      ],
    },
  })),
);
