"""What a host would refuse or slow down, said before anything is published."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitegen.build import PageWeight
from sitegen.errors import Problems
from sitegen.publish.preflight import ANY, PAGES, addresses, check_site
from tests.generator.reports import sparse


def test_the_preflight_names_all_that_a_host_would_refuse_or_slow_down_at_once(tmp_path: Path) -> None:
    (tmp_path / "own.html").write_text('<p>\n<script src="https://cdn.example/x.js"></script>')
    (tmp_path / "link.txt").symlink_to(tmp_path / "own.html")
    files = {
        "film.mp4": sparse(tmp_path / "film.mp4", 150_000_000),
        "scan.tif": sparse(tmp_path / "scan.tif", 60_000_000),
        "rest.bin": sparse(tmp_path / "rest.bin", 900_000_000),
        "data/a/t.parquet": sparse(tmp_path / "t.parquet", 12_000_000),
        "_static/own.html": tmp_path / "own.html",
        "link.txt": tmp_path / "link.txt",
    }
    pages = [PageWeight("index.html", "content/index.md", 300_000, 30_000_000, 3)]
    problems = Problems()
    check_site(files, pages, tmp_path, PAGES, problems)
    errors = {problem.where: problem.what for problem in problems.errors}
    assert errors == {
        "the site": "the site has 1.12 GB, and GitHub Pages takes 1.00 GB",
        "film.mp4": "has 150.0 MB, and GitHub refuses files above 100.0 MB",
        "rest.bin": "has 900.0 MB, and GitHub refuses files above 100.0 MB",
    }
    warnings = [f"{problem.where}: {problem.what}" for problem in problems.warnings]
    assert sorted(warnings) == [
        "content/index.md: its views fetch 30.0 MB once somebody touches them",
        "content/index.md: the page and its styles weigh 300 kB compressed, above 200",
        "link.txt: is a link on the disk, which GitHub Pages refuses: its content is published",
        'own.html: "_static" begins with _, and GitHub Pages leaves that out where .nojekyll is missing',
        "own.html:2: asks another site for https://cdn.example/x.js",
        "scan.tif: has 60.0 MB, and GitHub warns of files above 50.0 MB",
        "t.parquet: is a part of 12.0 MB, which every reader fetches whole",
    ]
    assert all(problem.hint for problem in [*problems.errors, *problems.warnings])
    elsewhere = Problems()
    check_site(files, pages, tmp_path, ANY, elsewhere)
    assert elsewhere.errors == []


def test_links_for_people_are_no_requests() -> None:
    asks = """<a href="https://a.example/">a</a> <link rel="canonical" href="https://a.example/">
<link rel=stylesheet href="//b.example/c.css"><img alt="x" src='https://c.example/i.png'>
a { background: url(https://d.example/e.png) } @import "https://f.example/g.css";"""
    found = [(line, address) for line, address in addresses(asks)]
    assert found == [
        (2, "//b.example/c.css"),
        (2, "https://c.example/i.png"),
        (3, "https://d.example/e.png"),
        (3, "https://f.example/g.css"),
    ]


@pytest.mark.parametrize(
    ("markup", "asked"),
    [
        ('<img srcset="a.png 1x, https://a.example/b,c.png 2x,//b.example/d.png 3x">', 2),
        ('<picture><source srcset=" https://a.example/b.png"></picture>', 1),
        ('<object data="https://a.example/b.svg"></object>', 1),
        ('<video poster="//a.example/b.png" src="own.mp4"></video>', 1),
        ('<form action="https://a.example/">', 1),
        ('<button formaction="https://a.example/">', 1),
        ('<svg><image xlink:href="https://a.example/b.png"/><feImage href="//a.example/c.png"/></svg>', 2),
        ('<link rel="alternate stylesheet" href="https://a.example/b.css">', 1),
        ('<a href="https://a.example/" title="x > y">a</a><form action="/own"><img srcset="b.png 1x">', 0),
        ('<!-- <img src="https://a.example/b.png"> --><cite data="https://a.example/">', 0),
    ],
)
def test_every_attribute_that_asks_another_site_is_named(markup: str, asked: int) -> None:
    found = addresses(f"<p>\n{markup}")
    assert [line for line, _ in found] == [2] * asked, found
    assert all(address.endswith((".png", ".svg", ".css", ".example/")) for _, address in found)
