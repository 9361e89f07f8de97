/**
 * Walks a view as a reader would, whatever view it is: what can be used is found by what it looks like (fields, buttons,
 * what has a hand or a cross for a pointer, what scrolls), and what is seen is written down line by line. Mouse and keys
 * are pressed by the test.
 */
(() => {
  /** What comes and goes by itself, or says in words what is drawn beside it; menus, and the field that leads to a number. */
  const PASSING = [
    ".tooltip, .toast, .view-header, .view-data, .view-said, .view-description, .visually-hidden",
    ".chart-ring, .fairvis-hover, .training-cursor, .samples-place, .table-foot, .table-status",
    ".table-chooser, .network-looks, .confusion-more, .edit-form, .edit-open, .summary-panel, defs",
    "[role=status], [role=alert], [role=tooltip], [role=listbox], [name=goto]",
    ".toolbar-ids, .toolbar-link, .table-copy, .provenance-copy",
  ].join();
  const ATTRIBUTES =
    "aria-pressed aria-checked aria-selected aria-sort open d x y x1 x2 y1 y2 cx cy r width height transform fill stroke points href".split(
      " ",
    );
  const MARKED = /(selected|chosen|picked|opened|-out|-beside)$/;
  /** Of regions that hold only what is in sight: what stands at their upper edge. */
  const ROLLING = "[data-view=samples] .samples-frame, .table-frame";
  const EDGE = 8;

  function edgeOf(frame) {
    const head = frame.querySelector("thead")?.getBoundingClientRect().height ?? 0;
    const edge = frame.getBoundingClientRect().top + frame.clientTop + head + EDGE;
    const rows = [...frame.querySelectorAll("tr[data-row], .card, li")];
    // A card counts from the half of it on, a row of a table as long as something of it is there.
    const share = frame.matches(".table-frame") ? 1 : 0.5;
    const endOf = ({ top, height }) => top + height * share;
    const at = rows.find((row) => endOf(row.getBoundingClientRect()) > edge);
    return at ? at.textContent.replace(/\s+/g, " ").trim() + (at.querySelector("[data-id]")?.dataset.id ?? "") : "";
  }

  /** Of the pixels themselves: into a file Firefox writes more than those. A copy is read: the view's own stays as fast. */
  function digest(canvas) {
    const { width, height } = canvas;
    if (!width || !height) return "nothing";
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    let hash = 0;
    for (const pixel of new Uint32Array(copy.getImageData(0, 0, width, height).data.buffer))
      hash = (Math.imul(hash, 31) + pixel) | 0;
    return String(hash);
  }

  /** A sum depends in its last digit on the order of what is added: a millionth of a pixel is none. */
  const rounded = (text) => text.replace(/\d+\.\d{6,}(?!\d*e)/g, (number) => String(Math.round(number * 1e6) / 1e6));

  function lineOf(element) {
    const said = ATTRIBUTES.filter((name) => element.hasAttribute(name)).map(
      // Gradients are numbered anew in each drawing.
      (name) => `${name}=${rounded(element.getAttribute(name).slice(0, 400).replace(/url\(.*?\)/, "url()"))}`,
    );
    const marked = [...element.classList].filter((name) => MARKED.test(name));
    const field = element.matches("input, select, textarea")
      ? [`value=${element.type === "checkbox" || element.type === "radio" ? element.checked : element.value}`]
      : [];
    const drawn = element.tagName === "CANVAS" ? [digest(element)] : [];
    const text = [...element.childNodes]
      .filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => node.data.trim())
      .join(" ")
      .trim();
    return [element.tagName.toLowerCase(), ...said, ...marked, ...field, ...drawn, text].filter(Boolean).join(" ");
  }

  function* linesOf(element) {
    if (element.matches(PASSING) || !element.checkVisibility()) return;
    yield lineOf(element);
    if (element.matches(ROLLING)) yield `at ${edgeOf(element)}`;
    else if (element.matches("svg g") && [...element.children].every((child) => !child.childElementCount))
      // Marks beside each other come in the order of an answer that has none.
      yield* [...element.children].flatMap((child) => [...linesOf(child)]).sort();
    else for (const child of element.children) yield* linesOf(child);
  }

  /** What each figure of the page shows, by id. */
  function shown() {
    return Object.fromEntries(
      [...document.querySelectorAll("figure.view")].map((figure) => {
        const counts = `${figure.dataset.rows} of ${figure.dataset.total}`;
        const frame = figure.hasAttribute("data-full") ? "full" : "";
        return [figure.id, [counts, frame, ...linesOf(figure)].join("\n")];
      }),
    );
  }

  const isPointed = (element) => getComputedStyle(element).cursor === "pointer";

  function kindOf(element) {
    if (element.matches("input[type=file], [disabled], a[href]")) return null;
    if (element.matches("input, select, textarea")) return element.type;
    if (element.matches("button, summary")) return "press";
    const { cursor, overflowX, overflowY } = getComputedStyle(element);
    if (cursor === "pointer") return element.parentElement && isPointed(element.parentElement) ? null : "press";
    const isDragged = /crosshair|grab|col-resize/.test(cursor);
    if (isDragged && getComputedStyle(element.parentElement).cursor !== cursor) return "drag";
    const isHigh = element.scrollHeight > element.clientHeight + 40 && element.clientHeight > 40;
    const isWide = element.scrollWidth > element.clientWidth + 40 && element.clientWidth > 40;
    if ((isHigh && /auto|scroll/.test(overflowY)) || (isWide && /auto|scroll/.test(overflowX))) return "scroll";
    return null;
  }

  /** What kind of control it is: those that do the same have one name. */
  function nameOf(element, kind) {
    const data = Object.keys(element.dataset).filter((key) => !["key", "id"].includes(key));
    const named = ["action", "deed", "entry"].map((key) => element.dataset[key] ?? "");
    const panel = element.closest(".view-panel") ? "group" : "";
    const [first = ""] = element.classList;
    return [panel, kind, element.tagName.toLowerCase(), element.name ?? "", first, ...data.sort(), ...named]
      .filter((part) => typeof part === "string" && part)
      .join(" ");
  }

  function candidates(id) {
    const found = new Map();
    const bodies = [...document.querySelectorAll(`#${CSS.escape(id)} :is(.view-body, .view-panels)`)];
    for (const body of bodies.filter((each) => each.checkVisibility()))
      for (const element of body.querySelectorAll("*")) {
        if (!element.checkVisibility() || element.closest(".view-menu, [role=listbox], [hidden], dialog:not([open])"))
          continue;
        const kind = kindOf(element);
        if (kind === null) continue;
        const name = nameOf(element, kind);
        found.set(name, { kind, elements: [...(found.get(name)?.elements ?? []), element] });
      }
    return withCharts(id, found);
  }

  /** What is done with a chart, whose marks have no pointer of their own. */
  const CHARTS = {
    "drag chart": ["drag", ".chart-live .root path.background"],
    "press mark": ["press", ".chart-live .role-mark path"],
    "wheel chart": ["wheel", ".chart-live .root path.background"],
    "wheel canvas": ["wheel", "canvas"],
  };

  function withCharts(id, found) {
    for (const [name, [kind, selector]] of Object.entries(CHARTS)) {
      const all = [...document.querySelectorAll(`#${CSS.escape(id)} :is(${selector})`)];
      const elements = all.filter((each) => each.checkVisibility() && each.getBoundingClientRect().height > 4);
      if (elements.length) found.set(name, { kind, elements });
    }
    return found;
  }

  const isOn = (element) =>
    element.getAttribute("aria-pressed") === "true" || element.checked === true || element.ariaDisabled === "true";

  /** The names of all controls of a view. */
  const controls = (id) => [...candidates(id).keys()];

  /** Brings a control of that name to the window's middle: one that is not on, the second where there are several. */
  function ready(id, name) {
    const found = candidates(id).get(name);
    if (!found) return null;
    const free = found.elements.filter((element) => !isOn(element));
    const element = free[1] ?? free[0] ?? found.elements[0];
    const frame = element.closest(ROLLING);
    const before = frame?.scrollTop;
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const { x, y, width, height } = element.getBoundingClientRect();
    const top = Math.max(0, y);
    const box = { x, y: top, width, height: Math.min(innerHeight, y + height) - top };
    window.walked = element;
    return { kind: found.kind, box, isRolled: frame?.scrollTop !== before };
  }

  /** Changes a field as by hand, and says so to the page. */
  function change() {
    const element = window.walked;
    if (element.type === "checkbox" || element.type === "radio") return element.click();
    if (element.tagName === "SELECT") {
      const next = [...element.options].findIndex((option, index) => index !== element.selectedIndex && !option.disabled);
      if (next >= 0) element.selectedIndex = next;
    } else if (element.type === "range") {
      const [low, high] = [Number(element.min || 0), Number(element.max || 100)];
      const middle = low + (high - low) / 3;
      element.value = String(Math.abs(Number(element.value) - middle) < 1e-9 ? high : middle);
    } else if (element.type === "number") element.value = String(Number(element.value || element.min || 0) + 1);
    else if (element.type === "color") element.value = "#884400";
    else element.value = "1";
    for (const kind of ["input", "change"]) element.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  /** Presses what the mouse cannot reach where it should be: a path is not in the middle of its box. */
  function press({ x, y }) {
    const at = document.elementFromPoint(x, y);
    const element = window.walked;
    if (at && (element.contains(at) || at.contains(element))) return true;
    element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, clientX: x, clientY: y }));
    return false;
  }

  window.walking = { shown, controls, ready, change, press };
})();
