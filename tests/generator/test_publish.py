"""Publishing: what reaches a real repository, what stays untouched, and what a host would refuse."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
import yaml

from sitegen.errors import SitegenError
from sitegen.output import MARK
from sitegen.publish import branch, hosts
from tests.generator.reports import SETTINGS, Report, sparse

IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@b",
}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | IDENTITY,
    )
    return done.stdout.strip()


def listed(repository: Path, branch_: str = "gh-pages") -> list[str]:
    return git(repository, "ls-tree", "-r", "--name-only", branch_).splitlines()


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A bare repository, as the other side of a push."""
    folder = tmp_path / "host.git"
    git(tmp_path, "init", "--quiet", "--bare", str(folder))
    return folder


@pytest.fixture
def committed(report: Report, host: Path) -> Report:
    """A report in a repository of its own, whose remote ``origin`` is the host."""
    report.write("content/index.md", "# Front\n")
    git(report.folder, "init", "--quiet")
    git(report.folder, "remote", "add", "origin", str(host))
    git(report.folder, "add", "sitegen.toml", "content")
    git(report.folder, "commit", "--quiet", "--message", "Begin")
    return report


def test_pushes_the_site_as_a_branch_with_what_pages_needs(committed: Report, host: Path) -> None:
    committed.write("sitegen.toml", SETTINGS + '[publish]\ndomain = "report.example.org"\n')
    assert committed.command("publish") == 0
    assert {".nojekyll", MARK, "CNAME", "index.html", "LICENSES.txt"} <= set(listed(host))
    assert git(host, "show", "gh-pages:CNAME") == "report.example.org"
    assert "https://report.example.org/" in git(host, "show", "gh-pages:index.html")


def test_a_domain_that_the_branch_has_is_not_lost(
    committed: Report, host: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert committed.command("publish") == 0
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--branch", "gh-pages", str(host), str(clone))
    (clone / "CNAME").write_text("my.example.org")
    git(clone, "add", "CNAME")
    git(clone, "commit", "--quiet", "--message", "Create CNAME")
    git(clone, "push", "--quiet")
    for more in ([], ["--force"], ["--dry-run"]):
        assert committed.command("publish", *more) == 1
        said = capsys.readouterr().err
        assert 'the branch "gh-pages" has the domain "my.example.org" in CNAME' in said
        assert 'write domain = "my.example.org" in [publish]' in said
    assert git(host, "show", "gh-pages:CNAME") == "my.example.org"
    committed.write("sitegen.toml", SETTINGS + '[publish]\ndomain = "my.example.org"\n')
    assert committed.command("publish") == 0
    committed.write("sitegen.toml", SETTINGS)
    git(clone, "pull", "--quiet")
    git(clone, "rm", "--quiet", "CNAME")
    git(clone, "commit", "--quiet", "--message", "Delete CNAME")
    git(clone, "push", "--quiet")
    assert committed.command("publish") == 0
    assert "CNAME" not in listed(host)


def test_history_is_kept_and_nothing_is_pushed_when_nothing_changed(
    committed: Report, host: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    committed.write("content/old.md", "# Old\n")
    assert committed.command("publish") == 0
    first = git(host, "rev-parse", "gh-pages")
    assert committed.command("publish") == 0
    assert "nothing to push" in capsys.readouterr().out
    assert git(host, "rev-parse", "gh-pages") == first
    (committed.folder / "content/old.md").unlink()
    committed.write("content/index.md", "# Another front\n")
    assert committed.command("publish", "--message", "Say it better") == 0
    assert "0 new, 1 changed, 1 gone" in capsys.readouterr().out
    assert git(host, "rev-list", "gh-pages").splitlines()[1:] == [first]
    assert git(host, "log", "-1", "--format=%s", "gh-pages") == "Say it better"
    assert "old.html" not in listed(host)


def test_the_reports_own_repository_is_untouched(committed: Report) -> None:
    committed.write("content/index.md", "# Changed, and not committed\n")
    committed.write("staged.txt", "staged")
    git(committed.folder, "add", "staged.txt")

    def state() -> dict[str, bytes]:
        return {
            str(path): path.read_bytes()
            for path in sorted(committed.folder.rglob("*"))
            if path.is_file() and "themes" not in path.parts
        }

    before = state()
    assert committed.command("publish") == 0
    assert state() == before


def test_files_are_committed_as_they_are_whatever_the_reports_git_says(committed: Report, host: Path) -> None:
    git(committed.folder, "config", "core.autocrlf", "true")
    hooks = committed.folder / ".git/hooks"
    (hooks / "pre-push").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-push").chmod(stat.S_IRWXU)
    (committed.folder / "content/lines.txt").write_bytes(b"one\r\ntwo\n")
    assert committed.command("publish") == 0
    shown = subprocess.run(
        ["git", "-C", str(host), "cat-file", "blob", "gh-pages:lines.txt"], capture_output=True, check=True
    )
    assert shown.stdout == b"one\r\ntwo\n"


def test_a_dry_run_says_what_would_change_and_pushes_nothing(
    committed: Report, host: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert committed.command("publish", "--dry-run") == 0
    assert "would go to gh-pages of" in capsys.readouterr().out
    assert git(host, "for-each-ref") == ""


def test_publishes_to_a_path_from_a_report_in_no_repository(report: Report, host: Path) -> None:
    report.write("content/index.md", "# Front\n")
    assert report.command("publish", str(host), "--branch", "pages") == 0
    assert "index.html" in listed(host, "pages")


def test_odd_names_arrive(committed: Report, host: Path) -> None:
    committed.write('content/a "b" ü\\.txt', "odd")
    assert committed.command("publish") == 0
    names = git(host, "ls-tree", "-r", "-z", "--name-only", "gh-pages").split("\0")
    assert 'a "b" ü\\.txt' in names


def test_what_somebody_else_published_meanwhile_is_not_overwritten(committed: Report, host: Path) -> None:
    with branch.opened(committed.folder, "origin", "gh-pages") as there:
        there.commit({"index.html": b"ours"}, {}, "Ours")
        with branch.opened(committed.folder, "origin", "gh-pages") as other:
            other.commit({"index.html": b"theirs"}, {}, "Theirs")
            other.push()
        with pytest.raises(SitegenError, match="publish again"):
            there.push()
    assert git(host, "show", "gh-pages:index.html") == "theirs"


def test_a_branch_that_sitegen_did_not_publish_stays_unless_it_may_go(
    committed: Report, host: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(committed.folder, "push", "--quiet", "origin", "HEAD:source")
    before = git(host, "for-each-ref")
    for more in ([], ["--dry-run"]):
        assert committed.command("publish", "--branch", "source", *more) == 1
        said = capsys.readouterr().err
        assert 'the branch "source" holds something that sitegen did not publish: content/index.md' in said
        assert "--force" in said
    assert git(host, "for-each-ref") == before
    assert committed.command("publish", "--branch", "source", "--force") == 0
    assert git(host, "show", "source~1:content/index.md") == "# Front"
    assert "content/index.md" not in listed(host, "source")
    committed.write("content/index.md", "# Another front\n")
    assert committed.command("publish", "--branch", "source") == 0


def test_a_repository_that_refuses_is_quoted_and_stays_as_it_was(
    committed: Report, host: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = host / "hooks/pre-receive"
    hook.write_text('#!/bin/sh\necho "error: GH006: Protected branch update failed." >&2\nexit 1\n')
    hook.chmod(stat.S_IRWXU)
    assert committed.command("publish") == 1
    said = capsys.readouterr().err
    assert "takes no push: remote: GH006: Protected branch update failed." in said
    assert "its own rules refuse it" in said
    assert git(host, "for-each-ref") == ""


def test_publishes_where_git_knows_nobody(
    committed: Report, host: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("HOME", str(tmp_path))
    git(committed.folder, "config", "user.useConfigOnly", "true")
    assert committed.command("publish") == 0
    assert git(host, "log", "-1", "--format=%an %ce", "gh-pages") == "sitegen sitegen@localhost"


@pytest.mark.parametrize(
    "name", ["a..b", "gh pages", "main:refs/heads/x", "-x", "@{-1}", "a\nb", "@", "refs/heads/x"]
)
def test_what_is_no_branch_is_said(
    committed: Report, host: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert committed.command("publish", f"--branch={name}") == 1
    assert "is no name of a branch" in capsys.readouterr().err
    assert git(host, "for-each-ref") == ""


@pytest.mark.parametrize(("there", "wanted"), [("gh-pages", "gh-pages/sub/x"), ("gh-pages/sub", "gh-pages")])
def test_a_branch_that_is_in_the_way_is_said(
    committed: Report, host: Path, capsys: pytest.CaptureFixture[str], there: str, wanted: str
) -> None:
    assert committed.command("publish", f"--branch={there}") == 0
    committed.write("content/index.md", "[nowhere](nowhere.md)\n")
    before = git(host, "for-each-ref")
    assert committed.command("publish", f"--branch={wanted}") == 1
    said = capsys.readouterr().err
    assert f'its branch "{there}" is in the way of a branch "{wanted}"' in said
    assert "nowhere" not in said, "names are looked at before the site is built"
    assert git(host, "for-each-ref") == before


@pytest.mark.parametrize("how", ["--upload-pack", "--receive-pack", "--exec"])
def test_an_address_is_never_an_option_of_git(
    committed: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where git runs is a folder in it
    remote = f"{how}=cd ..;touch ran;a:b"
    committed.write("sitegen.toml", SETTINGS + f'[publish]\nremote = "{remote}"\n')
    assert committed.command("publish") == 1
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("orign", 'no remote "orign"\n  did you mean "origin"?'),
        ("/nowhere/at-all.git", "/nowhere/at-all.git: cannot be read"),
    ],
)
def test_a_repository_that_is_not_there_is_said(
    committed: Report, capsys: pytest.CaptureFixture[str], target: str, said: str
) -> None:
    assert committed.command("publish", target) == 1
    assert said in capsys.readouterr().err


def test_settings_of_publishing_are_checked(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    report.write("content/index.md", "# Front\n")
    report.write("sitegen.toml", SETTINGS + '[publish]\ndomian = "a.example"\ndomain = "https://a.example"\n')
    assert report.command("check") == 1
    said = capsys.readouterr().err
    assert 'sitegen.toml:5: unknown key "domian" in [publish]\n  did you mean "domain"?' in said
    assert '"https://a.example" is no domain' in said
    url = '[site]\ntitle = "A"\ntheme = "theme"\nsite_url = "https://b.example"\n'
    report.write("sitegen.toml", url + '[publish]\ndomain = "a.example"\n')
    assert report.command("check") == 1
    assert '"a.example" is not the domain of site_url' in capsys.readouterr().err


def test_a_refused_site_is_pushed_nowhere(
    committed: Report, host: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sparse(committed.folder / "content/film.mp4", 150_000_000)
    assert committed.command("publish") == 1
    said = capsys.readouterr().err
    assert "content/film.mp4: has 150.0 MB" in said
    assert "warning: sitegen.toml: no site_url" in said
    assert git(host, "for-each-ref") == ""


def test_the_workflow_is_pinned_and_may_do_no_more_than_deploy(committed: Report) -> None:
    committed.write("requirements.txt", "explainsite\n")
    assert committed.command("publish", "--workflow", "--release", 'v1 "odd"') == 0
    file = committed.folder / ".github/workflows/publish.yml"
    flow = yaml.safe_load(file.read_text())
    build, deploy = flow["jobs"]["build"], flow["jobs"]["deploy"]
    assert flow["permissions"] == {"contents": "read"}
    assert "permissions" not in build
    assert deploy["permissions"] == {"pages": "write", "id-token": "write"}
    used = [step["uses"] for job in (build, deploy) for step in job["steps"] if "uses" in step]
    assert [action for action in used if not re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action)] == []
    assert "actions/deploy-pages" in used[-1]
    fetch = next(step for step in build["steps"] if step.get("name") == "Fetch the artifacts")
    assert fetch["env"]["RELEASE"] == 'v1 "odd"'
    runs = [step["run"] for step in build["steps"] if "run" in step]
    assert 'pip install -r "requirements.txt"' in runs
    assert not any("sitegen run" in run for run in runs)


def test_a_workflow_says_what_it_will_install_where_nothing_is_named(
    committed: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    assert committed.command("publish", "--workflow", "--dry-run") == 0
    said = capsys.readouterr().err
    assert "warning: requirements.txt: is not there, so the workflow installs explainsite==" in said
    assert "-py3-none-any.whl" in said
    committed.write("requirements.txt", "explainsite\n")
    assert committed.command("publish", "--workflow", "--dry-run") == 0
    assert capsys.readouterr().err == ""


def test_a_release_is_made_of_artifacts_that_the_build_finds(
    committed: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    assert committed.command("publish", "--workflow", "--release", "v 1") == 0
    said = capsys.readouterr().out
    assert f"tar -czf artifacts.tar.gz -C {committed.folder} artifacts\n" in said
    assert "gh release create 'v 1' artifacts.tar.gz" in said
    written = committed.folder / ".github/workflows/publish.yml"
    written.unlink()
    for place in ("../art", ".", "x/../../art"):
        committed.write("sitegen.toml", SETTINGS + f'[build]\nartifacts = "{place}"\n')
        assert committed.command("publish", "--workflow", "--release", "v1") == 1
        assert f'artifacts = "{place}" is no folder inside of the report\'s' in capsys.readouterr().err
    assert not written.exists()


def test_a_workflow_of_ones_own_is_not_replaced(
    committed: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    committed.write(".github/workflows/publish.yml", "name: mine\n")
    assert committed.command("publish", "--workflow") == 1
    assert "is there already, and differs" in capsys.readouterr().err
    assert committed.command("publish", "--workflow", "--force") == 0
    assert "deploy-pages" in (committed.folder / ".github/workflows/publish.yml").read_text()


def test_a_report_below_the_top_of_its_repository_is_built_there(report: Report) -> None:
    git(report.folder.parent, "init", "--quiet")
    assert report.command("publish", "--workflow") == 0
    text = (report.folder.parent / ".github/workflows/publish.yml").read_text()
    assert 'sitegen -C "report" build' in text


def test_a_store_of_objects_is_told_kinds_and_how_long_they_may_be_kept(
    report: Report, tmp_path: Path
) -> None:
    report.write("content/index.md", "# Front\n")
    assert report.command("publish", "--to", "s3", str(tmp_path / "out")) == 0
    objects = json.loads((tmp_path / "out/objects.json").read_text())
    by_key = {each.pop("Key"): each for each in objects}
    site = tmp_path / "out/site"
    assert set(by_key) == {
        path.relative_to(site).as_posix()
        for path in site.rglob("*")
        if path.is_file() and path.name != ".sitegen"
    }
    kept = {"ContentType": "text/html; charset=utf-8", "CacheControl": "public, max-age=600"}
    assert by_key["index.html"] == kept
    hashed = next(key for key in by_key if key.startswith("assets/styles."))
    assert "immutable" in by_key[hashed]["CacheControl"]


def test_netlify_is_told_headers_and_redirects(report: Report, tmp_path: Path) -> None:
    report.write("content/index.md", "# Front\n")
    moved = {"old.html": "new.html#part", "an old/index.html": "a b.html", "talk": "https://example.org/talk"}
    hosts.to_netlify({"index.html": b"x"}, moved, tmp_path / "out")
    headers = (tmp_path / "out/_headers").read_text()
    assert "Content-Security-Policy: default-src 'none'" in headers
    assert "Cache-Control" not in headers
    assert (tmp_path / "out/_redirects").read_text().splitlines() == [
        "/an%20old/index.html /a%20b.html 301",
        "/old.html /new.html#part 301",
        "/talk https://example.org/talk 301",
    ]


@pytest.mark.parametrize("to", ["s3", "netlify"])
def test_only_what_is_named_by_its_content_may_be_kept_for_ever(
    report: Report, tmp_path: Path, to: str
) -> None:
    report.write("sitegen.toml", '[site]\ntitle = "A report"\n')
    report.write("content/index.md", "# Front\n")
    mine = ("assets/mine.txt", "data/mine.txt", "data/mine.01234567.txt")
    for name in mine:
        report.write(f"content/{name}", "mine")
    assert report.command("publish", "--to", to, str(tmp_path / "out")) == 0
    site = tmp_path / "out/site" if to == "s3" else tmp_path / "out"
    urls = [path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()]
    if to == "s3":
        objects = json.loads((tmp_path / "out/objects.json").read_text())
        kept = {each["Key"] for each in objects if "immutable" in each["CacheControl"]}
    else:
        lines = (site / "_headers").read_text().splitlines()
        patterns = [lines[at - 1][1:] for at, line in enumerate(lines) if "immutable" in line]
        assert "assets/pieces/*" in patterns
        kept = {url for url in urls for pattern in patterns if fnmatch.fnmatchcase(url, pattern)}
    assert not kept & {*mine, "index.html"}
    assert [url for url in kept if url.startswith("assets/fonts/")] == []
    assert [url for url in kept if not re.search(r"\.(?:[0-9a-f]{8}|[A-Z2-7]{8})\.", url)] == []
    assert {url.split(".")[0] for url in kept} >= {"assets/styles", "assets/live", "assets/duckdb-eh"}


def test_a_folder_of_files_named_by_their_content_takes_one_rule() -> None:
    bodies = [str(number).encode() for number in range(300)]
    files = {f"data/a/b/t.{hashlib.sha256(body).hexdigest()[:8]}.parquet": body for body in bodies}
    assert hosts.unchanging(files) == ["/data/*"]
    assert hosts.unchanging({**files, "data/mine.txt": b""}) == ["/data/a/*"]
    alone = hosts.headers({**files, "data/a/b/mine.txt": b""})
    assert alone.count("\n/") == hosts.MOST_RULES - 1


def test_rsync_is_given_the_whole_site_and_removes_what_is_gone(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A stand-in that notes what it was called with: the real one is on few build machines.
    fake = tmp_path / "bin/rsync"
    fake.parent.mkdir()
    fake.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$@" > "$RSYNC_SAID"\n'
        'eval "from=\\${$(($# - 1))}"; ls "$from" >> "$RSYNC_SAID"\n'
    )
    fake.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("RSYNC_SAID", str(tmp_path / "said"))
    report.write("content/index.md", "# Front\n")
    assert report.command("publish", "--to", "rsync", "host:/srv/report") == 0
    said = (tmp_path / "said").read_text().splitlines()
    assert {"--archive", "--checksum", "--delete-after", "host:/srv/report", "index.html"} <= set(said)
    assert report.command("publish", "--to", "rsync") == 1
    assert "--to rsync needs a target" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not installed")
def test_rsync_makes_the_target_the_site(
    report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "web"
    report.write("content/index.md", "# Front\n")
    report.write("content/gone.md", "# Gone\n")
    assert report.command("publish", "--to", "rsync", str(target)) == 0
    assert (target / "gone.html").is_file()
    kept = (target / "LICENSES.txt").stat()
    (report.folder / "content/gone.md").unlink()
    report.write("content/new.md", "# New\n")
    assert report.command("publish", "--to", "rsync", str(target)) == 0
    assert report.command("build", "--output", str(tmp_path / "built")) == 0
    sent, built = (
        {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
        for folder in (target, tmp_path / "built")
    )
    assert sent == built
    # What did not change is not sent again: it keeps its place on the disk.
    assert (target / "LICENSES.txt").stat().st_ino == kept.st_ino
    assert stat.S_IMODE((target / "index.html").stat().st_mode) == 0o644
    assert report.command("publish", "--to", "rsync", str(tmp_path / "built/index.html/inside")) == 1
    assert "rsync: " in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not installed")
def test_rsync_removes_nothing_that_is_no_site(
    report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report.write("content/index.md", "# Front\n")
    (tmp_path / "home").mkdir()
    (tmp_path / "home/a letter.txt").write_text("dear")
    assert report.command("publish", "--to", "rsync", str(tmp_path / "home")) == 1
    assert "rsync would remove it: a letter.txt" in capsys.readouterr().err
    assert [file.name for file in (tmp_path / "home").iterdir()] == ["a letter.txt"]
    assert report.command("publish", "--to", "rsync", str(tmp_path / "home"), "--force") == 0
    assert not (tmp_path / "home/a letter.txt").exists()
    assert report.command("publish", "--to", "rsync", f"{tmp_path / 'home'}/") == 0


def test_a_folder_that_is_no_site_is_not_replaced(
    report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report.write("content/index.md", "# Front\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear")
    for to in ("folder", "netlify", "s3"):
        assert report.command("publish", "--to", to, str(tmp_path / "mine")) == 1
        said = capsys.readouterr().err
        assert "holds something that sitegen did not write" in said
        assert f"name an empty or new folder: sitegen publish --to {to} FOLDER" in said
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    for to in ("folder", "s3"):
        for _ in ("new", "again"):
            assert report.command("publish", "--to", to, str(tmp_path / to)) == 0
    assert (tmp_path / "folder/index.html").is_file()


def test_objects_of_somebody_elses_are_not_replaced(report: Report) -> None:
    report.write("content/index.md", "# Front\n")
    report.write("objects.json", "mine")
    assert report.command("build") == 0
    assert report.command("publish", "--to", "s3", str(report.folder)) == 1
    assert (report.folder / "objects.json").read_text() == "mine"


@pytest.mark.parametrize("to", ["folder", "rsync", "s3", "netlify"])
def test_nothing_is_published_into_the_report(
    report: Report, to: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report.write("content/index.md", "# Front\n")
    assert report.command("publish", "--to", to, str(report.folder / "content/out")) == 1
    assert "is inside of content, which the report is made from" in capsys.readouterr().err
    assert not (report.folder / "content/out").exists()
    assert report.command("publish", "--to", to, str(report.folder / "site/out")) == 1
    assert "is inside of site, which the next build replaces" in capsys.readouterr().err
