/** Where the pointer is does not show in a picture: it is where the entry of the menu was that was clicked. */

/** Calls back while nothing looks as if the pointer were on it; what it was before is there again when this returns. */
export function withoutPointer<Read>(sheets: readonly CSSStyleSheet[], read: () => Read): Read {
  const hovering = sheets.flatMap(({ cssRules }) => hoveringIn(cssRules));
  const before = hovering.map(({ selectorText }) => selectorText);
  for (const rule of hovering) rule.selectorText = rule.selectorText.replaceAll(":hover", ":not(*)");
  const still = sheets[0];
  const at = still?.insertRule("* { transition: none !important; }", still.cssRules.length);
  try {
    return read();
  } finally {
    if (at !== undefined) still!.deleteRule(at);
    hovering.forEach((rule, index) => (rule.selectorText = before[index]!));
  }
}

function hoveringIn(rules: CSSRuleList): CSSStyleRule[] {
  return [...rules].flatMap((rule) => {
    const own = rule instanceof CSSStyleRule && rule.selectorText.includes(":hover") ? [rule] : [];
    return rule instanceof CSSGroupingRule || rule instanceof CSSStyleRule
      ? [...own, ...hoveringIn(rule.cssRules)]
      : own;
  });
}
