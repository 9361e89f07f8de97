/** Light or dark, as the notebook is: its own marks, else what the system asks for. */

type Theme = "light" | "dark";

/** VS Code's kinds of themes, as its documents' classes name them. */
const VSCODE = /^vscode-(?:light|dark|high-contrast|high-contrast-light)$/;

function marked(): Theme | null {
  const { jpThemeLight, vscodeThemeKind } = document.body.dataset;
  if (jpThemeLight !== undefined) return jpThemeLight === "false" ? "dark" : "light";
  const vscode = vscodeThemeKind ?? [...document.body.classList].find((name) => VSCODE.test(name));
  if (vscode !== undefined) return vscode.endsWith("light") ? "light" : "dark";
  const colab = document.documentElement.getAttribute("theme");
  return colab === null ? null : colab === "dark" ? "dark" : "light";
}

function current(system: MediaQueryList): Theme {
  return marked() ?? (system.matches ? "dark" : "light");
}

/** Calls back with the theme, now and whenever the notebook changes it. */
export function followTheme(callback: (theme: Theme) => void): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const tell = (): void => callback(current(system));
  const observer = new MutationObserver(tell);
  const marks = ["data-jp-theme-light", "data-vscode-theme-kind", "theme", "class"];
  for (const element of [document.documentElement, document.body])
    observer.observe(element, { attributes: true, attributeFilter: marks });
  system.addEventListener("change", tell);
  tell();
}
