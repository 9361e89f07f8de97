"""What is expected of a published site: listings, pictures for links, old addresses, tags."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from io import BytesIO

import pytest
from PIL import Image

from sitegen.assets import light_tokens
from sitegen.link_picture import Colours, LinkPicture, _Pen, colours_of
from sitegen.memo import Memo
from sitegen.moved import old_url
from tests.generator.reports import Report
from tests.generator.test_navigation import DEFAULT

FONTS = tuple((DEFAULT / "dist/fonts" / f"inter-{part}-wght-normal.woff2") for part in ("latin", "latin-ext"))
ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def settle(report: Report, address: str = "", more: str = "", language: str = "en") -> None:
    named = f'site_url = "{address}"\n' if address else ""
    head = f'[site]\ntitle = "A & B"\nlanguage = "{language}"\nauthor = "Ann <a@b.c>"\ntheme = "{DEFAULT}"\n'
    report.write("sitegen.toml", head + named + more)


def releases(report: Report) -> None:
    report.write("content/index.md", "# Front\n\n[One](news/one.md), [two](news/two.md)\n")
    report.write("content/news/one.md", "---\ndate: 2026-01-02\ntags: [Data, model]\n---\n# One < two\n")
    front = "date: 2026-03-04\ndescription: It's “new” & better\ntags: [data]\n"
    report.write("content/news/two.md", f"---\n{front}---\n# Two\n")


def text(files: object, url: str) -> str:
    body = files.read(url)  # type: ignore[attr-defined]
    assert body is not None, f"there is no {url}"
    return str(body.decode())


def test_machines_read_where_pages_are(report: Report) -> None:
    releases(report)
    settle(report, "https://a.example/r")
    site = report.build()
    places = ElementTree.fromstring(text(site, "sitemap.xml"))
    listed = {place.findtext(f"{SITEMAP}loc"): place.findtext(f"{SITEMAP}lastmod") for place in places}
    base = "https://a.example/r/"
    assert listed == {
        base: None,
        f"{base}news/one.html": "2026-01-02",
        f"{base}news/two.html": "2026-03-04",
        f"{base}tags/": None,
        f"{base}tags/data.html": None,
        f"{base}tags/model.html": None,
    }
    assert f"- [Two]({base}news/two.html.md): It's “new” & better\n" in text(site, "llms.txt")
    assert site.read("robots.txt") is None, "it would be read at the root of a domain only"


def test_pages_are_markdown_too_made_of_what_the_page_is_made_of(report: Report) -> None:
    report.artifact("a", {"rows": {"id": [1, 2, 3]}})
    text_of_page = """---
description: Counts & says
---
# How many?

## Rows

There are {sql}`select count(*) from "a/rows"`, see [the other](other.md#there).

```sql title="All"
select id from "a/rows" order by id
```

```view table title="Counted" id=count-1
table: a/rows
```

````text
```view count
````
"""
    report.write("content/index.md", text_of_page)
    report.write("content/other.md", "# Other\n\n## There\n\n[Back](index.md)\n")
    settle(report, "https://a.example/r")
    first, again = report.build(), report.build()
    found = text(first, "index.html.md")
    assert first.read("index.html.md") == again.read("index.html.md")
    (data,) = [url for url in first.files if url.endswith(".parquet")]
    base = "https://a.example/r/"
    for part in (
        f"# How many?\n\n> Counts & says\n\n[{base}]({base})\n\n## Rows\n\nThere are 3, see "
        f"[the other]({base}other.html#there).",
        "| Id |\n| --- |\n| 1 |\n| 2 |\n| 3 |",
        f"**[Counted]({base}#count-1)**",
        f"([a/rows]({base}{data}))",
        "````\n```view count\n````",
    ):
        assert part in found, found
    assert f'<link rel="alternate" type="text/markdown" href="{base}index.html.md">' in text(
        first, "index.html"
    )
    assert ".md" not in text(first, "sitemap.xml")


def test_a_page_as_markdown_has_the_heading_of_the_page_whatever_menus_call_it(report: Report) -> None:
    report.write("content/index.md", "---\ntitle: Short\n---\n# A figure, and x<y\n\nSo.\n")
    settle(report, "https://a.example")
    found = text(report.build(), "index.html.md")
    assert found.startswith("# A figure, and x\\<y\n\n"), found
    assert "- [Short](https://a.example/index.html.md)" in text(report.build(), "llms.txt")


def test_a_site_without_an_address_has_no_pages_as_markdown(report: Report) -> None:
    settle(report, "https://a.example")
    report.write("content/index.md", "# Front\n")
    assert text(report.build(), "index.html.md").startswith("# Front\n")
    settle(report)
    assert report.build().read("index.html.md") is None, "nobody is told of it"


def test_a_feed_names_each_of_several_authors(report: Report) -> None:
    releases(report)
    settle(report, "https://a.example/")
    settings = report.settings.read_text()
    report.write("sitegen.toml", settings.replace("Ann <a@b.c>", "Rivera, Ana; The Digits & Group"))
    feed = ElementTree.fromstring(text(report.build(), "feed.xml"))
    names = [name.text for name in feed.iter(f"{ATOM}name")]
    assert names == ["Ana Rivera", "The Digits & Group"]


def test_releases_are_a_feed_the_newest_first(report: Report) -> None:
    releases(report)
    settle(report, "https://a.example/")
    site = report.build()
    feed = ElementTree.fromstring(text(site, "feed.xml"))
    assert feed.findtext(f"{ATOM}updated") == "2026-03-04T00:00:00Z"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Ann <a@b.c>"
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == ["Two", "One < two"]
    assert [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")] == [
        "https://a.example/news/two.html",
        "https://a.example/news/one.html",
    ]
    assert '<link rel="alternate" type="application/atom+xml"' in text(site, "index.html")
    assert "Sitemap: https://a.example/sitemap.xml" in text(site, "robots.txt")


def test_a_site_that_is_nowhere_yet_says_nothing_of_addresses(report: Report) -> None:
    releases(report)
    settle(report)
    site = report.build()
    beside = {"sitemap.xml", "feed.xml", "llms.txt", "robots.txt", "404.html"}
    assert beside & set(site.files) == set()
    assert not any(url.startswith("assets/links/") for url in site.files)
    assert "og:" not in text(site, "index.html")


def test_an_authors_own_listing_is_kept(report: Report) -> None:
    releases(report)
    report.write("content/llms.txt", "mine")
    settle(report, "https://a.example/")
    assert text(report.build(), "llms.txt") == "mine"


def test_links_to_pages_show_a_picture_of_their_own(report: Report) -> None:
    releases(report)
    settle(report, "https://a.example/r/")
    site = report.build()
    page = text(site, "news/two.html")
    found = re.search(r'<meta property="og:image" content="https://a.example/r/(assets/links/[^"]+)">', page)
    assert found
    image = Image.open(BytesIO(site.read(found.group(1)) or b""))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert '<meta property="og:description" content="It&#39;s “new” &amp; better">' in page
    assert '<meta property="og:title" content="Two">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    settle(report, "https://a.example/r/", more='description = "Another"\n')
    assert found.group(1) in report.build().files, "the same picture has another name"


def test_a_picture_is_the_same_each_time_and_is_drawn_once(report: Report) -> None:
    picture = LinkPicture("Łódź, Zürich and a very long title of many words " * 3, "Said", "Report", FONTS)
    assert picture.draw() == picture.draw()
    memo, drawn = Memo(), []
    for _ in range(2):
        memo.recall(("link picture", "x"), picture, lambda: drawn.append(1))
    assert drawn == [1]


def test_a_picture_has_the_colours_of_its_theme(report: Report) -> None:
    report.write("content/index.md", "# Front\n")
    drawn = {}
    for theme in ("default", "paper", "own"):
        if theme == "own":
            tokens = '[tokens.light]\npage-accent = "#123456"\n[tokens.dark]\npage-accent = "#fedcba"\n'
            report.write("themes/own/theme.toml", f'name = "own"\ninherits = "paper"\n{tokens}')
        report.write("sitegen.toml", f'[site]\ntitle = "A"\nsite_url = "https://a.b/"\ntheme = "{theme}"\n')
        site = report.build()
        found = re.search(r"assets/links/[^\"]+\.png", text(site, "index.html"))
        assert found
        image = Image.open(BytesIO(site.read(found.group()) or b"")).convert("RGB")
        drawn[theme] = (image.getpixel((5, 5)), image.getpixel((5, 625)))
    assert drawn == {
        "default": ((0xFD, 0xFD, 0xFE), (0x41, 0x49, 0xC9)),
        "paper": ((0xFD, 0xFB, 0xF6), (0x7A, 0x2E, 0x1D)),
        "own": ((0xFD, 0xFB, 0xF6), (0x12, 0x34, 0x56)),
    }


@pytest.mark.parametrize(
    ("styles", "accent"),
    [
        (":root{--page-accent:#111111;--x:1}/* :root{--page-accent:#222} */", "#111111"),
        (":root{--page-accent:#111}a{b:c}\n:root { --page-accent: #333; }", "#333"),
        (":root:root{--page-accent:#333}:root{--page-accent:#111}", "#333"),
        (":root{--page-accent:#111}@media screen{@container (x){:root{--page-accent:#222}}}", "#111"),
        (':root{--quote:";--page-accent:#222}";--page-accent:#111}', "#111"),
        (".a, :root{--page-accent:#111}", "#111"),
        (":root{--page-accent:#111}:root[data-theme=dark]{--page-accent:#222}", "#111"),
    ],
)
def test_tokens_in_the_light_are_those_that_a_browser_takes(styles: str, accent: str) -> None:
    assert light_tokens(styles)["page-accent"] == accent


def test_a_colour_that_only_browsers_know_leaves_the_picture_in_its_own() -> None:
    tokens = {"page-text": "#fff", "page-background": "oklch(20% 0 0)", "page-accent": "red"}
    assert colours_of(tokens) == Colours()
    assert colours_of({**tokens, "page-background": "rgb(1, 2, 3)"}) == Colours(
        (255, 255, 255), (1, 2, 3), (255, 0, 0)
    )


@pytest.mark.parametrize("title", ["数字", "", "  "])
def test_there_is_no_picture_with_letters_that_no_font_has(title: str) -> None:
    assert LinkPicture(title, "", "Report", FONTS).draw() is None


def test_a_text_of_a_picture_is_cut_behind_a_word_and_not_behind_a_stop() -> None:
    pen = _Pen(FONTS)
    cut = [pen.lines("It goes on, and on. " * 20, 34, 400, room, 3)[-1] for room in range(600, 1040, 5)]
    assert [line for line in cut if not re.search(r"\w…$", line)] == []


def test_tags_have_pages_that_list_what_carries_them(report: Report) -> None:
    releases(report)
    settle(report)
    site = report.build()
    tag = text(site, "tags/data.html")
    assert '<a href="../news/one.html">One &lt; two</a>' in tag
    assert '<a href="../news/two.html">Two</a>' in tag
    assert '<a href="data.html">Data</a> <span class="tag-count">2</span>' in text(site, "tags/index.html")
    assert '<a href="../tags/data.html" rel="tag">Data</a>' in text(site, "news/one.html")


def test_the_way_to_a_page_is_shown(report: Report) -> None:
    report.write("content/index.md", "# Front\n\n[a](guides/index.md) [b](guides/deep/b.md)\n")
    report.write("content/guides/index.md", "# Guides\n")
    report.write("content/guides/deep/b.md", "# B\n")
    settle(report)
    site = report.build()
    crumbs = re.findall(r"<li[^>]*>(?:<a href=\"([^\"]+)\">)?([^<]+)", text(site, "guides/deep/b.html"))
    assert [crumb for crumb in crumbs if crumb[1] in ("Start", "Guides", "B")][-3:] == [
        ("../../index.html", "Start"),
        ("../../guides/index.html", "Guides"),
        ("", "B"),
    ]
    assert "crumbs" not in text(site, "index.html")


def test_old_addresses_lead_to_their_pages(report: Report) -> None:
    report.write("content/index.md", "# Front\n\n[a](guides/new.md)\n")
    report.write("content/guides/new.md", "---\naliases: [/old/, guides/older.md]\n---\n# New\n\n## Part\n")
    more = '[redirects]\n"x.html" = "guides/new.md#part"\n"y" = "https://b.example/?a=1&b"\n'
    settle(report, "https://a.example/r/", more=more)
    site = report.build()
    old = text(site, "old/index.html")
    assert '<noscript><meta http-equiv="refresh" content="0; url=../guides/new.html"></noscript>' in old
    assert '<link rel="canonical" href="https://a.example/r/guides/new.html">' in old
    assert '<meta name="robots" content="noindex">' in old
    assert 'id="moved" href="new.html"' in text(site, "guides/older.html")
    assert 'id="moved" href="guides/new.html#part"' in text(site, "x.html")
    assert 'id="moved" href="https://b.example/?a=1&amp;b"' in text(site, "y/index.html")
    assert "old/" not in text(site, "sitemap.xml")


def test_what_is_wrong_with_old_addresses_is_said(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    aliases = "aliases: [../up.html, index.html]\ndate: 26.11.2026\n"
    report.write("content/index.md", "# Front\n\n[a](new.md)\n")
    report.write("content/new.md", f"---\n{aliases}---\n# New\n")
    settle(report, more='[redirects]\n"x.html" = "nwe.md"\n"https://c.example/" = "new.md"\n')
    assert report.command("check") == 1
    said = capsys.readouterr().err
    assert '"26.11.2026" is no day' in said
    report.write("content/new.md", f"---\n{aliases.partition('date')[0]}---\n# New\n")
    assert report.command("check") == 1
    said = capsys.readouterr().err
    assert 'content/new.md:2: "../up.html" is no address of this site' in said
    assert 'the redirect of "x.html" leads nowhere: "nwe.md"\n  did you mean "new.md"?' in said
    assert '"https://c.example/" is no address of this site' in said
    assert "index.html" in said


@pytest.mark.parametrize(
    "there",
    [
        *("javascript:alert(1)", "data:text/html,x", "//evil.example/x", "../up.md", "/etc/passwd"),
        *("https://a.example/\\n/* https://b.example", "https:evil", "https:///x", " https://a.example"),
        *("https://a.example/x y", "http:\\\\\\\\evil.example"),
    ],
)
def test_a_redirect_leads_to_a_page_a_file_or_another_sites_address(
    report: Report, capsys: pytest.CaptureFixture[str], there: str
) -> None:
    report.write("content/index.md", "# Front\n")
    settle(report, more=f'[redirects]\n"old" = "{there}"\n')
    assert report.command("build") == 1
    assert 'the redirect of "old" leads' in capsys.readouterr().err


@pytest.mark.parametrize("old", [".sitegen", "search-index.js", "404.html", "feed.xml", "llms.txt/x"])
def test_an_old_address_takes_the_place_of_nothing_that_a_build_writes(
    report: Report, capsys: pytest.CaptureFixture[str], old: str
) -> None:
    report.write("content/index.md", "# Front\n")
    settle(report, more=f'[redirects]\n"{old}" = "index.md"\n')
    assert report.command("build") == 1
    assert f'"{old}" is a file that every build writes' in capsys.readouterr().err


@pytest.mark.parametrize("written", ["/a/../../b", "a?b", "//host/x", "a#b", "a\\b"])
def test_an_old_address_stays_within_the_site(written: str) -> None:
    with pytest.raises(Exception, match="is no address of this site"):
        old_url(written, "here")
