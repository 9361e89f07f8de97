"""Builds that use what an earlier one made: the same bytes, and no work that is not needed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen import cli
from sitegen import kept as keeping
from sitegen.build import build
from sitegen.config import load_config
from sitegen.errors import SitegenError
from sitegen.kept import DAY, OLDEST, STAMP, Drawings, digest, user_drawings
from sitegen.memo import Memo
from sitegen.output import Memory
from sitegen.serve import Preview
from sitegen.views import Views
from tests.generator.reports import Report

VIEW = "```view count\ntable: digits/samples\ncolumn: label\n```\n"
COLUMNS = {"id": [1, 2], "label": ["a", "b"]}


@pytest.fixture
def written(report: Report) -> Report:
    report.write("content/index.md", f"# Front\n\n{VIEW}")
    report.write("content/other.md", f"# Other [front](index.md)\n\n{VIEW}")
    report.artifact("digits", {"samples": COLUMNS})
    return report


@pytest.fixture(params=["memo", "kept"])
def rebuild(written: Report, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Memory]:
    """A function that builds with one memo, or with drawings kept on disk, and compares with neither."""
    memo = Memo() if request.param == "memo" else None
    site, kept = Memory(), Drawings(tmp_path / "kept")

    def run() -> Memory:
        build(load_config(written.settings), site, memo=memo, kept=None if memo else kept)
        fresh = written.build()
        assert {url: site.read(url) for url in site.files} == {url: fresh.read(url) for url in fresh.files}
        return site

    return run


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages whose views were drawn; those of one build in any order, as they are drawn side by side."""
    pages: list[str] = []
    draw = Views.draw

    def noting(*arguments: object) -> object:
        pages.append(arguments[1].file)  # type: ignore[attr-defined]
        return draw(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Views, "draw", noting)
    return pages


EDITS: dict[str, Callable[[Report], object]] = {
    "a word": lambda report: report.write("content/index.md", f"# Word\n\n{VIEW}"),
    "a title": lambda report: report.write("content/index.md", f"---\ntitle: New\n---\n# Front\n\n{VIEW}"),
    "a view": lambda report: report.write("content/index.md", f"# Front\n\n{VIEW}\n{VIEW}"),
    "a new page": lambda report: report.write("content/third.md", "# Third [front](index.md)\n"),
    "a page gone": lambda report: (report.folder / "content/other.md").unlink(),
    "the data": lambda report: report.artifact("digits", {"samples": {"id": [1, 2], "label": ["a", "c"]}}),
    "a column": lambda report: report.artifact("digits", {"samples": {**COLUMNS, "size": [3, 4]}}),
    "the settings": lambda report: report.write("sitegen.toml", '[site]\ntitle = "B"\ntheme = "theme"\n'),
    "a template": lambda report: report.write(
        "themes/theme/templates/page.html", "<html><head></head><body>{{ page.body }}</body></html>"
    ),
}


MANY = (
    '---\ntitle: "{{ class }}"\nconstants:\n  word: of\nfor_each:\n'
    '  sql: select distinct label as class from "digits/samples" order by 1\n---\n'
    '# {sql}`select count(*) from "digits/samples" where label = {{ class }}` {{ word }} {{ site.title }}\n\n'
    "```include part.md\n```\n\n"
    "```view count\ntable: digits/samples\ncolumn: label\nfilter: datum.label == {{ class }}\n```\n"
)

AUTHORED: dict[str, Callable[[Report], object]] = {
    "a snippet": lambda report: report.write("snippets/part.md", "Another text of {{ class }}.\n"),
    "a snippet gone": lambda report: report.write(
        "content/many.md", MANY.replace("```include part.md\n```", "")
    ),
    "rows that are pages": lambda report: report.artifact(
        "digits", {"samples": {"id": [1, 2, 3], "label": ["a", "c", "d"]}}
    ),
    "a number's data": lambda report: report.artifact(
        "digits", {"samples": {"id": [1, 2, 3], "label": ["a", "b", "b"]}}
    ),
    "a constant": lambda report: report.write("content/many.md", MANY.replace("word: of", "word: from")),
    "the site's title": lambda report: report.write("sitegen.toml", '[site]\ntitle = "B"\ntheme = "theme"\n'),
    "a filter": lambda report: report.write("content/many.md", MANY.replace("== {{ class }}", "== 'a'")),
    "a title": lambda report: report.write("content/many.md", MANY.replace('title: "', 'title: "Class ')),
}


@pytest.mark.parametrize("edit", AUTHORED.values(), ids=AUTHORED.keys())
def test_pages_from_data_are_those_of_a_fresh_build(
    written: Report, rebuild: Callable[[], Memory], edit: Callable[[Report], object]
) -> None:
    written.write("snippets/part.md", "A text of {{ class }}.\n")
    written.write("content/many.md", MANY)
    written.write("content/list.md", "# List\n\n```pages many.md\n```\n\n[front](index.md)\n")
    before = rebuild().files
    edit(written)
    after = rebuild().files
    assert before != after


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_after_any_edit_the_site_is_that_of_a_fresh_build(
    written: Report, rebuild: Callable[[], Memory], edit: Callable[[Report], object]
) -> None:
    rebuild()
    edit(written)
    rebuild()


@pytest.mark.parametrize("way", ["memo", "kept"])
def test_only_what_changed_is_drawn(way: str, written: Report, drawn: list[str], tmp_path: Path) -> None:
    memo = Memo() if way == "memo" else None
    kept = None if memo else Drawings(tmp_path / "kept")
    site, config = Memory(), load_config(written.settings)

    def rebuild() -> None:
        build(config, site, memo=memo, kept=kept)

    rebuild()
    assert sorted(drawn) == ["content/index.md", "content/other.md"]
    rebuild()
    written.write("content/other.md", f"# Other words [front](index.md)\n\n{VIEW}")
    rebuild()
    assert len(drawn) == 2
    written.write("content/other.md", f"# Other [front](index.md)\n\n{VIEW.replace('label', 'id')}")
    rebuild()
    assert drawn[2:] == ["content/other.md"]
    written.artifact("digits", {"samples": {"id": [1, 2], "label": ["a", "c"]}})
    rebuild()
    assert sorted(drawn[3:]) == ["content/index.md", "content/other.md"]


def test_what_a_check_drew_is_drawn_for_no_build_and_no_preview(
    written: Report, drawn: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = str(written.folder)
    assert cli.main(["-C", folder, "check"]) == 0
    assert sorted(drawn) == ["content/index.md", "content/other.md"]
    assert not (written.folder / "site").exists()
    assert cli.main(["-C", folder, "build"]) == 0
    preview = Preview(written.settings, report=lambda _: None, kept=user_drawings())
    preview.rebuild()
    assert preview.state.version == 1
    assert len(drawn) == 2


def test_bytes_that_change_behind_size_and_time_are_found(written: Report) -> None:
    memo, site, config = Memo(), Memory(), load_config(written.settings)
    build(config, site, memo=memo)
    file = written.folder / "artifacts/digits/samples.parquet"
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(SitegenError, match="does not match the manifest's sha256"):
        build(config, site, memo=memo)
    file.write_bytes(content)
    build(config, site, memo=memo)


def test_warnings_are_said_again(written: Report) -> None:
    written.write("content/index.md", f"# Front\n\n```pythn\n```\n\n{VIEW}")
    memo, site, config = Memo(), Memory(), load_config(written.settings)
    first = build(config, site, memo=memo)
    again = build(config, site, memo=memo)
    assert [str(one) for one in first.warnings] == [str(one) for one in again.warnings]
    assert len(first.warnings) == 2


def test_nothing_is_kept_of_what_fails_and_the_rest_stays(written: Report, drawn: list[str]) -> None:
    memo, site, config = Memo(), Memory(), load_config(written.settings)
    build(config, site, memo=memo)
    written.write("content/index.md", f"# Front [nowhere](nowhere.md)\n\n{VIEW}")
    for _ in range(2):
        with pytest.raises(SitegenError, match="leads nowhere"):
            build(config, site, memo=memo)
    written.write("content/index.md", f"# Front\n\n{VIEW}")
    build(config, site, memo=memo)
    assert len(drawn) == 2


def test_a_memo_forgets_what_good_builds_no_longer_use() -> None:
    memo, made = Memo(), []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [memo.recall(("a",), 1, make), memo.recall(("a",), 1, make)] == [1, 1]
    memo.sweep()
    assert memo.holds(("a",), 1)
    memo.sweep()
    memo.sweep()
    assert not memo.holds(("a",), 1)


def kept_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def test_a_drawing_that_is_no_longer_whole_is_drawn_again(
    written: Report, drawn: list[str], tmp_path: Path
) -> None:
    config, folder = load_config(written.settings), tmp_path / "kept"
    expected = written.build().files
    build(config, Memory(), kept=Drawings(folder))
    for damage in (
        lambda text: text[:40],
        lambda text: text.replace("a", "b"),
        lambda _: "",
        lambda _: "\udcff",
    ):
        drawn.clear()
        for file in kept_files(folder):
            file.write_text(damage(file.read_text()), errors="surrogateescape")
        site = Memory()
        build(config, site, kept=Drawings(folder))
        assert len(drawn) == 2
        assert site.files == expected


def test_a_cache_that_cannot_be_used_costs_no_build(written: Report, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    site = Memory()
    build(load_config(written.settings), site, kept=Drawings(tmp_path / "kept"))
    assert site.files == written.build().files


def test_what_nobody_used_for_long_goes(tmp_path: Path) -> None:
    drawings, names = Drawings(tmp_path), [digest(number) for number in range(3)]
    for name in names:
        drawings.keep(name, f"<p>{name}</p>")
    for file in kept_files(tmp_path):
        os.utime(file, (0, time.time() - OLDEST - 60))
    assert drawings.find(names[1]) == f"<p>{names[1]}</p>"
    drawings.sweep()
    assert [drawings.find(name) is not None for name in names] == [False, True, False]


def test_drawings_are_swept_once_a_day(tmp_path: Path) -> None:
    kept, name = Drawings(tmp_path / "kept"), digest(1)
    kept.sweep_daily()
    assert list(tmp_path.iterdir()) == []  # there is nothing to sweep, and nothing is written

    def is_swept(since: float) -> bool:
        kept.keep(name, "old")
        for file in kept_files(tmp_path / "kept"):
            os.utime(file, (0, time.time() - OLDEST - 60))
        os.utime(tmp_path / "kept" / STAMP, (0, time.time() - since))
        kept.sweep_daily()
        return kept.find(name) is None

    kept.keep(name, "new")
    kept.sweep_daily()
    assert kept.find(name) == "new"
    assert not is_swept(since=DAY - 60)
    assert is_swept(since=DAY + 60)
    assert not is_swept(since=60)
    assert is_swept(since=-60)  # by a clock that was wrong
    assert [file.name for file in (tmp_path / "kept").iterdir() if file.is_file()] == [STAMP]


def test_digests_are_of_content_and_of_the_order() -> None:
    assert digest({"a": 1.0}, "b") == digest({"a": 1.0}, "b")
    assert (
        len({digest({"a": 1.0}), digest({"a": 1}), digest({"a": "1"}), digest("a", "b"), digest("b", "a")})
        == 5
    )


def test_more_drawings_than_the_disk_has_room_for_go_from_the_one_used_longest_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, now = Drawings(tmp_path), time.time()
    names = [digest(number) for number in range(6)]
    for age, name in enumerate(names):
        kept.keep(name, "x" * 1000)
        (file,) = (path for path in kept_files(tmp_path) if path.stem == name[2:])
        os.utime(file, (now - age, now - age))
    assert kept.find(names[5]) is not None  # used just now
    size = sum(path.stat().st_size for path in kept_files(tmp_path))
    monkeypatch.setattr(keeping, "MOST_BYTES", size)
    kept.sweep()
    assert len(kept_files(tmp_path)) == 6
    monkeypatch.setattr(keeping, "MOST_BYTES", size * 3 // 6 + 10)
    kept.sweep()
    assert [kept.find(name) is not None for name in names] == [True, True, False, False, False, True]


def test_a_sweep_that_cannot_read_or_remove_fails_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(keeping, "MOST_BYTES", 0)
    kept = Drawings(tmp_path / "kept")
    kept.sweep()  # there is no folder
    kept.keep(digest(1), "x")
    for name in ("unlink", "stat", "glob"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, name, refuse)
            kept.sweep()
    assert kept.find(digest(1)) == "x"


def test_a_front_matter_that_is_mended_hides_no_longer_what_its_page_lacks(written: Report) -> None:
    """What follows from a broken front matter is not said; the same text is read anew without it."""
    memo = Memo()

    def said(front: str) -> str:
        written.write("content/index.md", f"---\n{front}\n---\n# Of {{{{ rows }}}}\n\n[other](other.md)\n")
        with pytest.raises(SitegenError) as refused:
            build(load_config(written.settings), Memory(), memo=memo)
        return str(refused.value)

    assert said("constnats: {rows: 2}").startswith('content/index.md:2: unknown key "constnats"')
    assert said("title: Front").startswith('content/index.md:4: there is no value "rows"')
