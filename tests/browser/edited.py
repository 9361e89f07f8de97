"""A report of texts that readers can edit, and how a test reads and edits them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.browser.driver import Tab
from tests.generator.reports import write_tables

OPENING = "~~~~~"

LABELS = ["cat", "<img src=x onerror=hacked=1>", "[x](javascript:hacked=1)", "{{ who }}"]
"""Values of the data."""

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A picture of one pixel."""

TEXTS = (
    "Plain *words*, **strong** and ***both***; __so__ and _so_, a_b_c and 2*3*4.",
    "# One\n\n## Two {#no-anchor}\n\n###### Six\n\nSetext\n======\n\nAgain\n---",
    "- a\n- b\n  - c\n\n    more\n\n3. three\n4. four\n\n* loose\n\n* list",
    "> quoted\n> > twice\nlazy\n\n***\n\nline  \nbreak\\\nand\nsoft",
    "`code`, `` a`b ``, `<b>` and\n\n    indented <code>\n\n```python\nx = '<a>' & 1\n```",
    "| a | b | c |\n|:--|:-:|--:|\n| 1 | `|` \\| | **3** |\n| only |\n\nno table | here",
    "~~gone~~ and ~one~, a ~~ b ~~ c",
    "&amp; &copy; &#x41; &#0; &nosuch; \\& \\* \\<b> \u00a0 \u2028 é 猫 🐈",
    "<https://example.org/?a=b&c=d> <me@example.org> https://example.org www.example.org",
    '[a](https://example.org "a \\"title\\"") [b](<index.md>) [c]( index.md#home ) [d](mailto:a@b.c)',
    "[ref]: https://example.org 'title'\n\n[ref], [other][ref], [missing], [x][]",
    "![a dot](dot.png 'tiny') and [![dot](dot.png)](deep/page.md)",
    "[deep](deep/page.md?a=1#deep) [root](/deep/page.md) [file](dot.png) [place](#home) [tel](tel:+123)",
    "[sp ace](<deep/a%20b.md>) [brackets](index.md?a(b)#home) [ü](index.md?ü#%68ome)",
    "<b>raw</b> <!-- comment --> <br/>\n\n<div>\nblock *text*\n</div>\n\n<?php x ?>",
    "{{ site.title }} and {{who}}, **{{ who }}**, `{{ who }}`, \\{{ who }}, {{ not closed",
    '{sql}`select count(*) from "digits/samples"` of {sql ,}``select 1000 * count(*) from "digits/samples"``',
    '{sql .2f}`select min(id) from "digits/samples"`,\n**{sql}`select min(label)\nfrom "digits/samples"`**',
    "[who](index.md?{{who}}#{{place}}) and [whole](%7B%7Bpage%7D%7D)",
    "a\n\n\n\n\nb\n\tc\n\n-\ttab\n\n\t\tcode",
    "1) one\n2) two\n\n- [ ] task\n- [x] done\n\n+ plus\n\n\n+ more",
    "*a **b *c* d** e* _(x)_ **\u201cq\u201d**\u4e2d **a**b *a*\u00e9 _a_b",
    "Term\n: definition\n\nfootnote[^1]\n\n::: note\nno note\n:::",
    "((((deep [a [b](index.md) c](index.md) ![x [y](index.md)](dot.png)",
    "> - a\n>   1. b\n>\n>      > c\n>\n>      | t |\n>      |---|\n>      | u |",
    "\\\\ \\` \\[no](index.md) !\\[no](dot.png) * * *\n\n___\n\n    \n\nend\\",
)
"""What CommonMark and its tables can be tricky in; every one is read at build and in the browser."""

HOSTILE = {
    "script": "<script>hacked = 1</script>",
    "script in a list": "- <script>\n  hacked = 1\n  </script>",
    "onerror": '<img src=x onerror="hacked = 1">',
    "onerror in a picture": '![x](x" onerror="hacked=1)',
    "javascript link": "[x](javascript:hacked=1) <javascript:hacked=1>",
    "javascript in disguise": "[x](java&#x0A;script:hacked=1) [y](\x01javascript:x) [z](JaVaScRiPt:hacked=1)",
    "javascript reference": "[x]\n\n[x]: javascript:hacked=1",
    "vbscript and data links": "[x](vbscript:x) [y](data:text/html,<b>) [z](blob:x) [f](file:///etc)",
    "data picture": "![x](data:image/svg+xml;base64,PHN2Zz4=) ![y](data:image/png;base64,AAAA)",
    "svg": "<svg onload=hacked=1><a xlink:href=javascript:hacked=1><text>x</text></a></svg>",
    "mathml": "<math><mtext><table><mglyph><style><img src=x onerror=hacked=1></style></math>",
    "style": '<style>body { display: none }</style><p style="position:fixed">x</p>',
    "frame and form": "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe><form action=javascript:x>",
    "broken out of code": "```</code></pre><script>hacked=1</script>\n</code><img src=x onerror=x>\n```",
    "broken out of a title": "[x](index.md '\"><img src=x onerror=hacked=1>')",
    "value": "{{ constructor }} {{ __proto__ }} {{ who }}",
    "sql": "{sql}`select 1` {sql}`copy (select 1) to 'x'`",
    "picture from elsewhere": "![x](https://example.org/track.png) ![y](//example.org/track.png)",
}
"""What nothing may come of when it is written into a text, a link or the data."""

RAW = {
    "script": "<p>a<script>hacked=1</script></p>",
    "onerror": "<img src=dot.png onerror=hacked=1>",
    "javascript": '<a href="javascript:hacked=1">x</a><a href=" java\tscript:hacked=1">y</a>',
    "svg": "<svg><animate onbegin=hacked=1 attributeName=x dur=1s></svg><svg><script>hacked=1</script></svg>",
    "mathml": "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=dot.png onerror=x>'>",
    "style": "<style>@import '//example.org'</style><p style='background:url(//example.org)'>x</p>",
    "data": "<img src='data:image/svg+xml,<svg onload=hacked=1>'><a href='data:text/html,x'>x</a>",
    "frames": "<iframe src=//example.org></iframe><object data=x></object><embed src=x><base href=//a.org>",
    "forms": "<form action=//example.org><input autofocus onfocus=hacked=1><button formaction=javascript:x>",
    "templates": "<template><script>x</script></template><noscript><a title='</noscript><img onerror=x>'",
    "clobbering": "<img name=cookie><a id=sitegen name=sitegen href=x>x</a><form id=document></form>",
    "classes": "<div class='view-error'>x</div><td class='align-right x'>y</td>",
    "comments": "<!-- --!><img src=dot.png onerror=hacked=1> --><![CDATA[ <img src=dot.png onerror=x> ]]>",
}
"""HTML that no Markdown of a text makes; the sanitiser is asked about it all the same."""


NOTE = """# Plain

```view markdown id=note title="A note"
First line.

- one
- two

Last line.
```

The end.
"""

DATA = """---
for_each:
  sql: select label, id from "digits/samples"
  slug: "{{ id }}"
---
# {{ id }}

~~~~~view markdown id=data
{{ label }} [{{ label }}](index.md '{{ label }}') {sql}`select max(label)
from "digits/samples" where label = {{ label }}`
~~~~~
"""

CHARTS = """# Charts

```view toolbar
table: digits/samples
```

Text.

```view summary id=all
table: digits/samples
# in this order
columns: [label, weight] # two
```
"""


def write_report(folder: Path) -> Path:
    """Write the report, and return its folder."""
    texts = "".join(_block(f"text-{number}", text) for number, text in enumerate(TEXTS))
    linked = "".join(_block(f"hostile-{number}", "harmless") for number in range(len(HOSTILE)))
    built = [(number, text) for number, text in enumerate(HOSTILE.values()) if _is_built(text)]
    written = "".join(_block(f"hostile-{number}", text) for number, text in built)
    front = "---\nconstants:\n  who: <i>me</i> & *you*\n  page: deep/page.md\n  place: home\n---\n"
    files = {
        "sitegen.toml": '[site]\ntitle = "Texts & <more>"\n',
        "snippets/part.md": "```view markdown id=part\na snippet\n```\n",
        "content/index.md": f"{front}# Home\n\n{texts}",
        "content/deep/page.md": "# Deep\n\n```include part.md\n```\n\n```include /deep/beside.md\n```\n",
        "content/deep/a b.md": "# A b\n",
        "content/deep/beside.md": "- List\n\n  ```view markdown id=beside\n  one\n\n  two\n  ```\n",
        "content/plain.md": NOTE,
        "content/quoted.md": "# Quoted\n\n> ```view markdown id=quoted\n> one\n>\n> two\n> ```\n",
        "content/linked.md": f"---\nconstants:\n  who: me\n---\n# Linked\n\n{linked}",
        "content/written.md": f"---\nconstants:\n  who: me\n---\n# Written\n\n{written}",
        "content/data.md": DATA,
        "content/charts.md": CHARTS,
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / "content" / "dot.png").write_bytes(base64.b64decode(DOT))
    columns = {"id": [1, 2, 3, 4], "label": LABELS, "weight": [0.5, 1.5, 2.5, 3.5], "legs": [4, 2, 2, 4]}
    (folder / "artifacts").mkdir()
    write_tables(folder / "artifacts", "digits", {"samples": columns})
    return folder


def _is_built(text: str) -> bool:
    """Say whether a build takes a text: it refuses addresses that run, and values that there are not."""
    refused = (
        "](java",
        "](\x01",
        "](JaVa",
        "<javascript",
        "]: javascript",
        "](vb",
        "](data",
        "](http",
        "](//",
        "{{ c",
        "{sql}",
    )
    return not any(part in text for part in refused) and '](x"' not in text


def _block(name: str, text: str) -> str:
    return f"{OPENING}view markdown id={name}\n{text}\n{OPENING}\n\n"


def digest(text: str) -> str:
    """Return what a link calls a text: FNV-1a of its UTF-16 units, to the base of 36."""
    value, units = 0x811C9DC5, text.encode("utf-16-le")
    for low, high in zip(units[::2], units[1::2], strict=True):
        value = (value ^ (low | high << 8)) * 0x01000193 & 0xFFFFFFFF
    signs, said = "0123456789abcdefghijklmnopqrstuvwxyz", ""
    while value or not said:
        value, rest = divmod(value, 36)
        said = signs[rest] + said
    return said


def link(edits: dict[str, dict[str, Any]]) -> str:
    """Return the hash that carries states of views."""
    pairs = (f"{name}={quote(json.dumps(state))}" for name, state in edits.items())
    return f"#~{'&'.join(pairs)}"


def replacing(text: str, by: str) -> dict[str, Any]:
    """Return the edit that puts another text in the place of one."""
    return {"of": digest(text), "edits": [[0, len(text.split("\n")), f"{by}\n"]]}


def prose(tab: Tab, name: str) -> str:
    """Return the HTML of a text as it is shown."""
    return tab.page.inner_html(f"#{name} .prose-text").strip()


def edit(tab: Tab, name: str, text: str) -> None:
    """Write another text into a view, and apply it with the keyboard."""
    tab.page.click(f"#{name} [data-action=edit]")
    tab.page.fill(f"#{name} textarea", text)
    tab.page.keyboard.press("Control+Enter")
    tab.settle()


def export(tab: Tab, name: str) -> tuple[str, str]:
    """Return name and content of the patch that a view gives away."""
    with tab.page.expect_download() as download:
        tab.page.click(f"#{name} [data-action=patch]")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes().decode()
