// Reloads the page when its report was built anew, where the reader was; lists what the last build found wrong.
const shown = new URL(import.meta.url).searchParams.get("version");

const SHEET = {
  panel: {
    position: "fixed", inset: "auto 0 0 0", maxHeight: "60vh", overflow: "auto", zIndex: "9999",
    padding: "16px 24px 24px", background: "#7a1020", color: "#fff", font: "15px/1.5 system-ui, sans-serif",
    borderTop: "3px solid #ffb3bd",
  },
  title: { margin: "0 0 8px", textWrap: "wrap", font: "600 16px/1.5 system-ui, sans-serif", color: "inherit" },
  list: { margin: "0", padding: "0", listStyle: "none" },
  item: { margin: "12px 0 0", overflowWrap: "anywhere" },
  place: { fontFamily: "ui-monospace, monospace", fontSize: "14px", background: "none", color: "#ffd9de", padding: "0" },
  what: { margin: "0", color: "inherit", whiteSpace: "pre-wrap" },
  hint: { margin: "0", padding: "0 0 0 28px", textIndent: "-12px", color: "#ffd9de", whiteSpace: "pre-wrap" },
  close: {
    position: "sticky", top: "0", float: "right", margin: "0 0 8px 16px", padding: "4px 12px", color: "#fff",
    background: "#7a1020", border: "1px solid #ffb3bd", borderRadius: "6px", font: "inherit", cursor: "pointer",
  },
};

function element(name, style, text, ...children) {
  const made = document.createElement(name);
  Object.assign(made.style, SHEET[style]);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

function item({ where, what, hint }) {
  const lines = [element("code", "place", where), element("p", "what", what)];
  // Lines after the first are indented for a terminal; here each is a line of its own, and hangs where it wraps.
  if (hint) lines.push(...hint.split("\n").map((line) => element("p", "hint", line.trim())));
  return element("li", "item", "", ...lines);
}

let panel = null;

function show({ problems, more }) {
  panel?.remove();
  panel = null;
  if (problems.length === 0) return;
  const count = problems.length + more;
  const title = `${count === 1 ? "One thing" : `${count} things`} to mend; the page shows the last good build`;
  const items = problems.map(item);
  if (more) items.push(element("li", "item", `… and ${more} more`));
  const close = element("button", "close", "Close");
  close.type = "button";
  close.addEventListener("click", () => panel.remove());
  panel = element("section", "panel", "", close, element("h2", "title", title), element("ul", "list", "", ...items));
  panel.id = "sitegen-problems";
  panel.setAttribute("role", "alert");
  document.body.append(panel);
}

document.addEventListener("keydown", (event) => event.key === "Escape" && panel?.remove());

new EventSource("EVENTS").onmessage = (event) => {
  const state = JSON.parse(event.data);
  if (String(state.version) !== shown) location.reload();
  else show(state);
};
