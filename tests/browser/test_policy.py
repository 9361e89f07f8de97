"""The content security policy holds: a script of the page's own tries what it forbids."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.driver import OpenTab, Tab, serving

pytestmark = pytest.mark.browser

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'"
)
ATTEMPTS = {
    "eval": "() => eval('window.hacked = 1')",
    "Function": "() => new Function('window.hacked = 1')()",
    "timer": "() => { setTimeout('window.hacked = 1'); throw 'asked'; }",
    "style": "() => { box.innerHTML = '<i id=styled style=\"color: rgb(1, 2, 3)\">x</i>';"
    " if (getComputedStyle(box.firstChild).color !== 'rgb(1, 2, 3)') throw 'ignored'; }",
    "style element": "() => { const e = make('style'); e.textContent = '#probe{opacity: 0}';"
    " document.head.append(e); if (getComputedStyle(box).opacity === '1') throw 'ignored'; }",
    "handler": '() => { box.innerHTML = \'<img src="data:," onerror="window.hacked = 1">\';'
    " return later().then(() => { if (!window.hacked) throw 'ignored'; }); }",
    "inline": "() => { const e = make('script'); e.textContent = 'window.hacked = 1';"
    " document.head.append(e); if (!window.hacked) throw 'ignored'; }",
    "script": "() => loaded(Object.assign(make('script'), {src: other + 'a.js'}))",
    "styles": "() => loaded(Object.assign(make('link'), {rel: 'stylesheet', href: other + 'a.css'}))",
    "import": "() => import(other + 'a.js')",
    "fetch": "() => fetch(other, {mode: 'no-cors'})",
    "request": "() => { const r = new XMLHttpRequest(); r.open('GET', other, false); r.send(); }",
    "socket": "() => new Promise((yes, no) => { const s = new WebSocket(other.replace('http', 'ws'));"
    " s.onopen = yes; s.onerror = no; })",
    "events": "() => new Promise((yes, no) => { const s = new EventSource(other);"
    " s.onopen = yes; s.onerror = no; })",
    "image": "() => loaded(Object.assign(new Image(), {src: other + 'a.png'}))",
    "beacon": "() => { if (!navigator.sendBeacon(other, 'x')) throw 'refused';"
    " return later().then(() => { throw 'asked'; }); }",
    "frame": "() => { box.append(Object.assign(make('iframe'), {src: other}));"
    " return later().then(() => { throw 'asked'; }); }",
    "worker": "() => new Promise((yes, no) => { const w = new Worker('data:text/javascript,postMessage(1)');"
    " w.onmessage = yes; w.onerror = no; })",
}
"""What a probe tries, by name; an attempt that succeeds resolves, any other throws."""

PROBE = """
const other = OTHER, violated = [], make = name => document.createElement(name), box = make('div');
box.id = 'probe';
document.body.append(box);
const later = () => new Promise(done => setTimeout(done, 200));
const loaded = element => new Promise((yes, no) => {
  element.onload = yes; element.onerror = no; document.head.append(element);
});
addEventListener('securitypolicyviolation', event => violated.push(event.effectiveDirective));
const outcomes = {};
for (const [name, attempt] of Object.entries({ATTEMPTS})) {
  const before = violated.length;
  const done = await Promise.resolve().then(attempt).then(() => 'done', () => 'stopped');
  await later();
  outcomes[name] = [done, violated.slice(before)];
}
box.remove();
const said = make('pre');
said.id = 'outcomes';
said.textContent = JSON.stringify(outcomes);
document.body.append(said);
"""


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another site, on another port."""
    folder = tmp_path_factory.mktemp("other")
    (folder / "a.js").write_text("window.hacked = 1")
    (folder / "a.css").write_text("body { opacity: 0.5 }")
    with serving(folder) as url:
        yield url


@pytest.fixture
def probed(demo: Path, other: str, tmp_path: Path) -> Iterator[str]:
    """The address of a copy of the demo whose report has the probe for a script."""
    copy = Path(shutil.copytree(demo, tmp_path / "site"))
    attempts = ", ".join(f"{json.dumps(name)}: {code}" for name, code in ATTEMPTS.items())
    (copy / "probe.js").write_text(PROBE.replace("OTHER", json.dumps(other)).replace("ATTEMPTS", attempts))
    page = copy / "digits.html"
    script = '<script src="probe.js" type="module"></script></head>'
    page.write_text(page.read_text("utf-8").replace("</head>", script), "utf-8")
    with serving(copy) as url:
        yield url + page.name


def outcomes(tab: Tab) -> dict[str, Any]:
    """Return what came of each attempt: done or stopped, and the directives that it violated."""
    tab.page.wait_for_selector("#outcomes", state="attached")
    return dict(json.loads(tab.page.locator("#outcomes").text_content() or ""))


def test_a_script_of_the_page_cannot_do_what_the_policy_forbids(
    probed: str, other: str, open_tab: OpenTab
) -> None:
    tab = open_tab(probed)
    got = outcomes(tab)
    assert list(got) == list(ATTEMPTS)
    assert {name: done for name, (done, _) in got.items() if done != "stopped"} == {}
    assert {name for name, (_, violated) in got.items() if not violated} == set()
    assert tab.page.evaluate("window.hacked") is None
    assert [url for url in tab.requests if url.startswith(other) and url not in tab.failures] == []
    assert tab.live().counts()["toolbar"][0] > 0, "the policy leaves the page what it needs"


def test_every_page_has_the_policy_before_anything_that_it_governs(demo: Path) -> None:
    for page in demo.rglob("*.html"):
        head = page.read_text("utf-8").partition("</head>")[0]
        found = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', head)
        assert [text.replace("&#39;", "'") for text in found] == [POLICY], page.name
        assert head.index("Content-Security-Policy") < min(head.index("<link"), head.index("<script"))
