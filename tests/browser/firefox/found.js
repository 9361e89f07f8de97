// Finds elements as Playwright's selectors do, and says what stands in the way of using one.

const OWN = /:(visible|has-text|text-is)(?:\(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\))?/gu;

const words = (element) => element.textContent.replace(/\s+/gu, " ").trim();

const holds = (element, text) => words(element).toLowerCase().includes(text.toLowerCase());

function shown(element) {
    if (!element.isConnected || !element.checkVisibility({ visibilityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
}

function inOrder(elements) {
    return [...new Set(elements)].sort((one, other) =>
        one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
    );
}

/** The parts of a list of selectors: commas in brackets and quotes part nothing. */
function parted(selectors) {
    return selectors.match(/(?:\[[^\]]*\]|\((?:[^()"']|"[^"]*"|'[^']*'|\([^()]*\))*\)|[^,])+/gu);
}

function matching(root, selector) {
    const tests = [];
    const plain = selector.replace(OWN, (_, kind, quoted) => {
        const text = quoted?.slice(1, -1).replaceAll(/\\(.)/gu, "$1");
        tests.push((element) =>
            kind === "visible" ? shown(element) : kind === "has-text" ? holds(element, text) : words(element) === text,
        );
        return "";
    });
    return [...root.querySelectorAll(plain.trim() || "*")].filter((element) => tests.every((test) => test(element)));
}

const ROLES = {
    alert: "[role=alert]",
    button: "button, [role=button], input[type=button], input[type=submit]",
    group: "[role=group], fieldset, details",
    link: "a[href], [role=link]",
    listbox: "[role=listbox]",
    option: "[role=option], option",
    radio: "[role=radio], input[type=radio]",
    tab: "[role=tab]",
    table: "table, [role=table]",
};

function nameOf(element) {
    const by = element.getAttribute("aria-labelledby");
    if (by) return by.split(" ").map((id) => words(document.getElementById(id))).join(" ");
    const summary = element.localName === "details" ? element.querySelector("summary") : undefined;
    const label = [...(element.labels ?? [])].map(words).join(" ");
    if (label) return label;
    return element.getAttribute("aria-label") ?? (words(summary ?? element) || element.title);
}

function innermost(root, test) {
    const found = [...root.querySelectorAll("*")].filter((each) => !/^(?:script|style)$/u.test(each.localName) && test(each));
    return found.filter((each) => !found.some((other) => other !== each && each.contains(other)));
}

function taken(found, [kind, value, more, isExact]) {
    const within = (find) => inOrder(found.flatMap(find));
    switch (kind) {
        case "css":
            return within((root) => parted(value).flatMap((selector) => matching(root, selector)));
        case "nth":
            return found.slice(value, value === -1 ? undefined : value + 1);
        case "visible":
            return found.filter(shown);
        case "has-text":
            return found.filter((each) => holds(each, value));
        case "has":
            return found.filter((each) => all(value, each).length > 0);
        case "text":
            return within((root) =>
                innermost(root, (each) => (more ? words(each) === value : holds(each, value))),
            );
        case "role":
            return within((root) => matching(root, "*").filter((each) => each.matches(ROLES[value]) && shown(each)))
                .filter((each) => more === null || isNamed(nameOf(each), more, isExact));
        default:
            throw new Error(`no step ${kind}`);
    }
}

function isNamed(name, sought, isExact) {
    return isExact ? name === sought : name.toLowerCase().includes(sought.toLowerCase());
}

function all(steps, root = document) {
    return steps.reduce(taken, [root]);
}

function middle(element) {
    const boxes = [...element.getClientRects()].filter((box) => box.width * box.height > 0.99);
    const box = boxes[0] ?? element.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
}

function isHit(element) {
    const hit = document.elementFromPoint(...middle(element));
    if (!hit) return false;
    const owners = [element, ...(element.labels ?? [])];
    const control = element.closest("button, a, [role=button], label");
    if (control) owners.push(control);
    return owners.some((owner) => owner.contains(hit));
}

/** Where to click an element, or why it can't be. */
function ready(steps, isForced) {
    const [element] = all(steps);
    if (!element) return "is not there";
    if (!shown(element)) return "is not shown";
    if (element.matches(":disabled")) return "is disabled";
    const [x, y] = middle(element);
    const isInside = x >= 0 && y >= 0 && x < innerWidth && y < innerHeight;
    if (isInside && (isForced || isHit(element))) return middle(element);
    for (const block of ["nearest", "center", "end", "start"]) {
        element.scrollIntoView({ block, inline: "nearest", behavior: "instant" });
        if (isForced || isHit(element)) return middle(element);
    }
    const hit = document.elementFromPoint(...middle(element));
    return `is covered by ${hit?.outerHTML.slice(0, 120)}`;
}

function write(element, text) {
    element.focus();
    if (/^(?:color|date|datetime-local|month|number|range|time|week)$/u.test(element.type)) {
        element.value = text;
        for (const kind of ["input", "change"]) element.dispatchEvent(new Event(kind, { bubbles: true }));
        return;
    }
    if (element.select) element.select();
    else getSelection().selectAllChildren(element);
    document.execCommand(text ? "insertText" : "delete", false, text);
}

function choose(element, wanted) {
    const options = [...element.options];
    const { value, label, index } = wanted;
    const found = options.filter((each, at) =>
        index === null ? (label === null ? [each.value, each.label].includes(value) : each.label === label) : at === index,
    );
    if (found.length === 0) return false;
    for (const each of options) each.selected = found.includes(each);
    for (const kind of ["input", "change"]) element.dispatchEvent(new Event(kind, { bubbles: true }));
    return true;
}
