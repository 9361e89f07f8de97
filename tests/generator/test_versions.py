"""Versions side by side: what stands where, what is kept, and where addresses without a version lead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sitegen.publish import versions
from sitegen.publish.versions import Version
from tests.generator.reports import Report
from tests.generator.test_publish import committed, git, host, listed

__all__ = ["committed", "host"]


AT = "https://example.org/report/"


def settings(version: str, address: str = "") -> str:
    where = f'site_url = "{address}"\n' if address else ""
    named = f'[site]\ntitle = "A report"\ntheme = "default"\nversion = "{version}"\n{where}'
    return f"{named}[publish]\nversions = true\n"


def publish(report: Report, target: Path, version: str, *pages: str) -> int:
    for file in (report.folder / "content").glob("*.md"):
        file.unlink()
    for page in ("index", *pages):
        report.write(f"content/{page}.md", f"# {page} of {version}\n")
    report.write("sitegen.toml", settings(version, AT))
    return report.command("publish", "--to", "folder", str(target))


def read_list(folder: Path) -> dict[str, Any]:
    script = (folder / versions.FILE).read_text("utf-8")
    value: dict[str, Any] = json.loads(script.partition("=")[2].rstrip().rstrip(";"))
    return value


def test_versions_stand_side_by_side_and_plain_addresses_lead_to_the_newest(
    report: Report, tmp_path: Path
) -> None:
    site = tmp_path / "all"
    assert publish(report, site, "1.9", "data", "old") == 0
    before = {path: path.read_text("utf-8") for path in (site / "1.9").rglob("*.html")}
    assert publish(report, site, "1.10", "data", "new") == 0
    # The old pages are as they were, but search engines are to show the newest where it has the page.
    for path, text in before.items():
        name = "/" if path.name == "index.html" else f"/{path.name}"
        assert f'canonical" href="{AT}1.9{name}"' in text or path.name == "404.html"
        newest = (
            text
            if path.name == "old.html"
            else text.replace(f'l" href="{AT}1.9{name}"', f'l" href="{AT}1.10{name}"')
        )
        assert path.read_text("utf-8") == newest
    assert [one["name"] for one in read_list(site)["versions"]] == ["1.10", "1.9"]
    assert read_list(site)["missing"] == {"new.html": ["1.9"], "old.html": ["1.10"]}
    leads = (site / "data.html").read_text("utf-8")
    assert 'href="1.10/data.html"' in leads
    assert '<link rel="canonical" href="https://example.org/report/1.10/data.html">' in leads
    assert not (site / "old.html").exists()
    assert 'href="1.10/index.html"' in (site / "index.html").read_text("utf-8")
    assert (site / "404.html").read_bytes() == (site / "1.10/404.html").read_bytes()
    shown = (site / versions.LIST).read_text("utf-8")
    assert shown.index("1.10/index.html") < shown.index("1.9/index.html")
    assert 'data-versions="./../"' in (site / "1.10/data.html").read_text("utf-8")


def test_a_mended_older_version_leaves_the_newest_where_it_is(report: Report, tmp_path: Path) -> None:
    site = tmp_path / "all"
    assert publish(report, site, "1.0", "data") == 0
    assert publish(report, site, "2.0", "data", "new") == 0
    assert publish(report, site, "1.0.1", "mended") == 0
    assert [one["name"] for one in read_list(site)["versions"]] == ["2.0", "1.0.1", "1.0"]
    assert 'href="2.0/data.html"' in (site / "data.html").read_text("utf-8")
    assert not (site / "mended.html").exists()
    assert (site / "1.0.1/mended.html").is_file()


def test_a_preview_is_not_the_newest(report: Report, tmp_path: Path) -> None:
    site = tmp_path / "all"
    assert publish(report, site, "1.0", "data") == 0
    assert publish(report, site, "2.0-rc1", "data", "new") == 0
    assert [one["name"] for one in read_list(site)["versions"]] == ["2.0-rc1", "1.0"]
    assert read_list(site)["newest"] == "1.0"
    assert 'href="1.0/data.html"' in (site / "data.html").read_text("utf-8")
    assert not (site / "new.html").exists()
    shown = (site / versions.LIST).read_text("utf-8")
    assert shown.index("2.0-rc1/index.html") < shown.index("1.0/index.html")
    assert [line.rpartition("</time>")[2] for line in shown.splitlines() if "<li>" in line] == [
        " · preview</li>",
        " · newest</li>",
    ]
    assert [one.get("preview") for one in read_list(site)["versions"]] == [True, None]
    assert f'canonical" href="{AT}1.0/data.html"' in (site / "2.0-rc1/data.html").read_text("utf-8")
    assert f'canonical" href="{AT}2.0-rc1/new.html"' in (site / "2.0-rc1/new.html").read_text("utf-8")
    assert publish(report, site, "2.0", "data") == 0
    assert read_list(site)["newest"] == "2.0"
    assert 'href="2.0/data.html"' in (site / "data.html").read_text("utf-8")
    assert f'canonical" href="{AT}2.0/data.html"' in (site / "1.0/data.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "preview"),
    [
        *[
            (name, True)
            for name in (
                "2.0-rc1",
                "2.0rc.1",
                "v3-beta",
                "2.0b2",
                "1.0-dev",
                "2.0-ALPHA.3",
                "2.0-of-marks-rc1",
            )
        ],
        *[
            (name, False)
            for name in ("2.0", "2026-11", "1.0-final", "1.0b", "accepted", "2.0-1", "2.0-march")
        ],
    ],
)
def test_a_preview_says_so_behind_its_number(name: str, preview: bool) -> None:
    assert versions.is_preview(name) == preview


def test_a_branch_keeps_its_versions_and_takes_nothing_twice(
    committed: Report, host: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for version in ("1.0", "2.0"):
        committed.write("sitegen.toml", settings(version, AT))
        assert committed.command("publish") == 0
    assert f'canonical" href="{AT}2.0/"' in git(host, "show", "gh-pages:1.0/index.html")
    assert {"1.0/index.html", "2.0/index.html", "index.html", "versions.js", ".nojekyll"} <= set(listed(host))
    last = git(host, "rev-parse", "gh-pages")
    assert git(host, "log", "-1", "--format=%s", "gh-pages") == "Publish A report 2.0"
    assert committed.command("publish") == 0
    assert "nothing to push" in capsys.readouterr().out
    assert git(host, "rev-parse", "gh-pages") == last


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (["1.9", "1.10", "1.2"], ["1.10", "1.9", "1.2"]),
        (["2.0-rc1", "2.0", "1.9"], ["2.0", "2.0-rc1", "1.9"]),
        (["v1", "v3", "2"], ["v3", "2", "v1"]),
        (["2026-11", "2026-02"], ["2026-11", "2026-02"]),
        (["submitted", "accepted", "1.0"], ["1.0", "accepted", "submitted"]),
    ],
)
def test_the_newest_is_the_one_with_the_greatest_number(names: list[str], ordered: list[str]) -> None:
    given = [Version(name, f"2026-01-0{day}") for day, name in enumerate(names, 1)]
    assert [version.name for version in versions._ordered(given)] == ordered


@pytest.mark.parametrize("version", ["../up", "a/b", ".hidden", "a b", "ä"])
def test_a_version_is_the_name_of_a_folder(
    report: Report, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report.write("sitegen.toml", settings(version))
    assert report.command("check") == 1
    assert f'sitegen.toml:4: "{version}" is no name of a version' in capsys.readouterr().err


@pytest.mark.parametrize(
    "version", ["versions.html", "index.html", "CNAME", "assets", "cname", "versions.js"]
)
def test_a_version_is_not_called_as_what_stands_beside_it(
    report: Report, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report.write("content/index.md", "# Front\n")
    report.write("sitegen.toml", settings(version))
    assert report.command("check") == 1
    assert f'sitegen.toml:4: "{version}" cannot be the folder of a version' in capsys.readouterr().err
    report.write("sitegen.toml", settings(version).replace("versions = true", "versions = false"))
    assert report.command("check") == 0


def test_no_page_takes_the_place_of_a_version(
    report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "all"
    assert publish(report, site, "1.0", "data") == 0
    before = (site / "1.0/data.html").read_bytes()
    assert publish(report, site, "2.0", "1.0/data") == 1
    assert 'the page 1.0/data.html and the version "1.0" would have the same place' in capsys.readouterr().err
    assert (site / "1.0/data.html").read_bytes() == before


def test_says_what_keeps_versions_apart(
    report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report.write("content/index.md", "# Front\n")
    report.write("sitegen.toml", settings(""))
    assert report.command("publish", "--to", "folder", str(tmp_path / "all")) == 1
    assert "the report does not say which it is" in capsys.readouterr().err
    report.write("sitegen.toml", settings("1.0"))
    assert report.command("publish", "--to", "s3", str(tmp_path / "all")) == 1
    assert "cannot keep versions side by side" in capsys.readouterr().err
    assert report.command("publish", "--to", "folder", str(tmp_path / "all")) == 0
    (tmp_path / "all" / versions.FILE).write_text("alert(1)")
    assert report.command("publish", "--to", "folder", str(tmp_path / "all")) == 1
    assert "is not the list that sitegen wrote" in capsys.readouterr().err
