"""Single files as bytes: what they hold, what their policy lets run, and what is said where none can be."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from sitegen.archive import single_file
from sitegen.archive.held import Site
from sitegen.archive.markup import changed, tags
from sitegen.archive.single_file import WHOLE, single_pages, whole_report
from sitegen.assets import load_theme
from sitegen.bundled import THEMES
from sitegen.cli import main
from sitegen.config import load_config
from sitegen.errors import SitegenError

FRONT = """# Front

![A dot](dot.svg) See [the second page](second.md#there), [its top](second.md) and [a file](notes.txt).

## There

Back to [the top](#front).
"""
DOT = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="4"/></svg>'


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small report with a picture, a file and links."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "content").mkdir()
    (folder / "sitegen.toml").write_text('[site]\ntitle = "Small"\n')
    files = {"index.md": FRONT, "second.md": "# Second\n\n## There\n", "dot.svg": DOT, "notes.txt": "Notes"}
    for name, text in files.items():
        (folder / "content" / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def site(report: Path) -> Site:
    """The report, built."""
    folder = report / "site"
    assert main(["-C", str(report), "build", "--output", str(folder)]) == 0
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    return Site(files, load_theme(THEMES / "default", "default"))


def test_the_policy_names_every_script_and_style_and_nothing_else(site: Site) -> None:
    (made,) = single_pages(site, ["index.html"])
    page = made.content.decode()
    (policy,) = [tag.get("content") for tag in tags(page) if tag.get("http-equiv")]
    assert "unsafe-inline" not in policy
    assert policy.startswith("default-src 'none'")
    assert "connect-src" not in policy
    run = [tag for tag in tags(page) if tag.text is not None and not tag.get("type")]
    for tag in run:
        digest = base64.b64encode(hashlib.sha256((tag.text or "").encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert {tag.name for tag in run} == {"script", "style"}


def test_nothing_that_a_browser_loads_is_beside_a_file(site: Site) -> None:
    for made in (*single_pages(site, ["index.html"]), whole_report(site, ["index.html"])):
        for tag in tags(made.content.decode()):
            named = [tag.get("src"), tag.get("href") if tag.name in ("link", "image", "use") else ""]
            asked = [each for each in named if each and not each.startswith(("data:", "#"))]
            assert asked == [] or tag.get("rel") in ("canonical", "alternate"), tag


def test_files_are_too_large_with_advice(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_file, "LARGEST", 1000)
    with pytest.raises(SitegenError, match="more than the 0 MB that browsers open") as caught:
        single_pages(site, ["index.html"])
    assert "take a sample" in str(caught.value)
    with pytest.raises(SitegenError, match=WHOLE):
        whole_report(site, ["index.html"])


def test_a_theme_without_classic_scripts_says_so(
    report: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {site.theme.urls["live"], site.theme.urls["editor"]} < set(site.theme.classic)
    bare = replace(site.theme, classic={})
    monkeypatch.setattr(single_file, "load_theme", lambda *_: bare)
    config = load_config(report / "sitegen.toml")
    with pytest.raises(SitegenError, match="has no scripts for single files"):
        single_file.single_files(config, [], lambda _: None, None, whole=False)


def test_the_command_writes_a_page_or_the_report(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "files"
    assert main(["-C", str(report), "archive", "--single-file", "--output", str(folder)]) == 0
    assert "a double click opens one" in capsys.readouterr().out
    assert (folder / "index.html").is_file()
    assert main(["-C", str(report), "archive", "--single-file", "report", "--output", str(folder)]) == 0
    assert [file.name for file in folder.glob("*.html")] == [WHOLE]
    wrong = ["archive", "--single-file", "--page", "indx.html", "--output", str(folder)]
    assert main(["-C", str(report), *wrong]) == 1
    assert 'there is no page "indx.html"' in capsys.readouterr().err


def test_only_tags_change(site: Site) -> None:
    page = Path(str(site.files["index.html"])).read_text("utf-8")
    assert changed(page, lambda _: None) == page
    rewritten = changed(page, lambda tag: None if tag.text is not None else str(tag))
    assert [tag.attributes for tag in tags(rewritten)] == [tag.attributes for tag in tags(page)]


def test_a_whole_report_names_its_pages_in_ids_and_links(site: Site) -> None:
    pages = sorted((url for url in site.files if url.endswith(".html")), key=lambda url: url != "index.html")
    page = whole_report(site, pages).content.decode()
    waiting = [tag.get("data-page") for tag in tags(page) if tag.name == "noscript"]
    assert waiting == pages
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    inner = [tag.get("href") for tag in tags(page) if tag.name == "a" and tag.get("href").startswith("#!")]
    assert inner
    assert {href.partition("!")[2].partition("!")[0] for href in inner} <= set(pages)
