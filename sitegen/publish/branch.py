"""Pushes a site as one commit of a branch, through git's own plumbing.

Everything happens in a repository of its own in a temporary folder, which only borrows the report's settings
of git: the report's work tree, index and branches are never touched. History stays: each publication is one
commit on top of the last, and one that would change nothing is not made.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sitegen.errors import SitegenError, nearest
from sitegen.output import File, foreign

DOMAIN = "CNAME"
"""The file that tells GitHub Pages a domain; GitHub writes it, too, when its settings name one."""
_OWN = "refs/heads/site"
_SUCH = "such as gh-pages"
_IDENTITY = {"NAME": "sitegen", "EMAIL": "sitegen@localhost"}
"""Who commits on a machine where git knows nobody."""


_AT_ONCE = 500
"""Files that git is asked for together: their names fit into a pipe that nobody reads yet."""


@dataclass(frozen=True)
class Change:
    """What a publication does to its branch."""

    remote: str
    """Address of the repository."""
    branch: str
    added: int
    changed: int
    removed: int
    commit: str
    """The new commit; empty where nothing changed."""

    @property
    def is_empty(self) -> bool:
        """Whether the branch holds this very site already."""
        return not self.commit


@dataclass(frozen=True)
class Branch:
    """A branch of some repository, and how it stood when it was looked at."""

    git: Git
    remote: str
    name: str
    parent: str
    """Its last commit; empty where there is no such branch yet."""

    def files(self) -> dict[str, str]:
        """Return the files that the branch has, each as ``mode sha``, by path."""
        return self._tree()

    def refuse_foreign(self) -> None:
        """Raise where the branch holds files, and sitegen did not publish them."""
        if some := foreign(self.files()):
            what = f'the branch "{self.name}" holds something that sitegen did not publish: {some}'
            hint = "name another: --branch NAME; or let the site take its place, history kept: --force"
            raise SitegenError(self.remote, what, hint)

    def refuse_to_drop_domain(self, paths: Collection[str]) -> None:
        """Raise where the branch names a domain and ``paths``, its next files, do not: links would break."""
        said = self.read([DOMAIN]).get(DOMAIN, b"").decode("utf-8", "replace").strip()
        if said and DOMAIN not in paths:
            what = (
                f'the branch "{self.name}" has the domain "{said}" in {DOMAIN}, and sitegen.toml names none'
            )
            gone = f"on GitHub in Settings, Pages, Custom domain; elsewhere the file {DOMAIN}"
            hint = f'write domain = "{said}" in [publish]; or, to give it up, remove it there first: {gone}'
            raise SitegenError(self.remote, what, hint)

    def read(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Return those of the files that the branch has, by path."""
        tree = self._tree()
        found = [(path, tree[path].split()[1]) for path in paths if path in tree]
        contents: dict[str, bytes] = {}
        for start in range(0, len(found), _AT_ONCE):
            some = found[start : start + _AT_ONCE]
            said = self.git.run("cat-file", "--batch", stdin=(f"{sha}\n".encode() for _, sha in some))
            contents |= zip((path for path, _ in some), _blobs(said), strict=True)
        return contents

    def _tree(self, commit: str = "") -> dict[str, str]:
        commit = commit or self.parent
        if not commit:
            return {}
        lines = self.git.run("ls-tree", "-r", "-z", "--full-tree", commit).decode().split("\0")
        entries = (line.partition("\t") for line in lines if line)
        return {path: f"{head.split()[0]} {head.split()[2]}" for head, _, path in entries}

    def commit(self, files: Mapping[str, File], kept: Mapping[str, str], message: str) -> Change:
        """Make the commit that holds ``files`` and what is ``kept`` of the last one, and nothing else."""
        self.git.run("fast-import", "--quiet", "--force", stdin=_stream(self, files, kept, message))
        before, after = self._tree(), self._tree(_OWN)
        new = self.git.run("rev-parse", _OWN).decode().strip() if before != after else ""
        return Change(
            self.remote,
            self.name,
            added=len(after.keys() - before.keys()),
            changed=sum(before[path] != after[path] for path in before.keys() & after.keys()),
            removed=len(before.keys() - after.keys()),
            commit=new,
        )

    def push(self) -> None:
        """Send the commit; raises when the repository does not take it."""
        try:
            self.git.run("push", "--quiet", "--", self.remote, f"{_OWN}:refs/heads/{self.name}")
        except GitError as error:
            raise SitegenError(self.remote, f"takes no push: {error}", _push_hint(str(error))) from error


def _blobs(said: bytes) -> Iterator[bytes]:
    """Yield the files that ``cat-file --batch`` wrote: before each stands a line that ends with its size."""
    at = 0
    while at < len(said):
        end = said.index(b"\n", at)
        size = int(said[at:end].rsplit(b" ", 1)[1])
        yield said[end + 1 : end + 1 + size]
        at = end + size + 2


class GitError(Exception):
    """What git said when it failed, in one line."""


class Git:
    """The git of this machine, in one bare repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._program = _program()

    def run(self, *arguments: str, stdin: Iterator[bytes] | None = None) -> bytes:
        """Return what git prints; raises ``GitError`` when it fails."""
        command = [self._program, "-C", str(self.folder), *arguments]
        # Whether git runs in a hook or a work tree of somebody's must not matter.
        kept = {key: value for key, value in os.environ.items() if key not in _PLACES}
        environment = {**kept, "LC_ALL": "C"}
        given = subprocess.DEVNULL if stdin is None else subprocess.PIPE
        with subprocess.Popen(
            command, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        ) as process:
            if stdin is None:
                said, wrong = process.communicate()
            else:
                said, wrong = _fed(process, stdin)
        if process.returncode:
            raise GitError(_one_line(wrong))
        return said


_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")


def _fed(process: subprocess.Popen[bytes], stdin: Iterator[bytes]) -> tuple[bytes, bytes]:
    assert process.stdin is not None
    try:
        for part in stdin:
            process.stdin.write(part)
    except BrokenPipeError:
        pass  # git ended early, and says why
    return process.communicate()


def _program() -> str:
    found, where = shutil.which("git"), "git"
    if found is None:
        raise SitegenError(where, "is not installed", "install git, or publish files: --to folder DIR")
    return found


def _one_line(wrong: bytes) -> str:
    lines = [line.strip() for line in wrong.decode(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "!"))]
    said = "; ".join((telling or lines)[:3]) or "git failed and said nothing"
    return re.sub(r"\b(fatal|error): ", "", said)


def _push_hint(said: str) -> str:
    if "exists; cannot create" in said:
        return "a branch is in the way, and git has only one of them: name another: --branch NAME"
    if "fetch first" in said or "non-fast-forward" in said or "stale" in said or "cannot lock" in said:
        return "somebody else published meanwhile; publish again"
    if "hook declined" in said or "protected branch" in said.lower():
        return "its own rules refuse it: change them there, or publish to another branch: --branch NAME"
    return "see whether you may push there: git push --dry-run"


@contextmanager
def opened(root: Path, remote: str, name: str) -> Iterator[Branch]:
    """Look at a branch of a repository: a remote of the report's own by its name, a path or an address."""
    with tempfile.TemporaryDirectory(prefix="sitegen-publish-") as folder:
        git = Git(Path(folder))
        _check_name(git, name)
        git.run("init", "--quiet", "--bare", ".")
        address = _address(root, remote)
        _borrow(git, root)
        yield Branch(git, address, name, _fetched(git, address, name))


def _check_name(git: Git, name: str) -> None:
    where = "git"
    if name.startswith("refs/") or name == "@":
        hint = f"write {name.removeprefix('refs/heads/')}" if name.startswith("refs/heads/") else _SUCH
        raise SitegenError(where, f'"{name}" is no name of a branch', hint)
    try:
        git.run("check-ref-format", "--branch", name)
    except GitError as error:
        raise SitegenError(where, f'"{name}" is no name of a branch', _SUCH) from error


def repository(root: Path) -> tuple[Path, str] | None:
    """Return the top folder of the repository that holds a report, and its branch; None outside of one."""
    top = _asked(root, "rev-parse", "--show-toplevel")
    return (Path(top), _asked(root, "symbolic-ref", "--short", "HEAD") or "main") if top else None


def _borrow(git: Git, root: Path) -> None:
    """Read the report's settings of git first: who commits, and how a remote is reached."""
    common = _asked(root, "rev-parse", "--path-format=absolute", "--git-common-dir")
    if common is None:
        return
    settings = git.folder / "config"
    # What stands later holds: no work tree but this folder, no hooks, and files as they are.
    own = f"[core]\n\tbare = true\n\tautocrlf = false\n\thooksPath = {os.devnull}\n"
    included = str(Path(common) / "config").replace("\\", "\\\\").replace('"', '\\"')
    settings.write_text(f'[include]\n\tpath = "{included}"\n{settings.read_text()}{own}')


def _asked(root: Path, *arguments: str) -> str | None:
    """Return what git says of the report's own repository; None where there is none."""
    try:
        return Git(root).run(*arguments).decode().strip()
    except GitError:
        return None


def _address(root: Path, remote: str) -> str:
    """Return the address of a repository."""
    names = (_asked(root, "remote") or "").split()
    if remote in names:
        said = _asked(root, "remote", "get-url", "--push", remote) or remote
        top = _asked(root, "rev-parse", "--show-toplevel")
        return _absolute(said, Path(top) if top else root)
    if re.search(r"[/\\:]", remote):
        return _absolute(remote, Path.cwd())
    where = "git"
    if _asked(root, "rev-parse", "--git-dir") is None:
        hint = "make one, git init, or name where to publish: sitegen publish ADDRESS"
        raise SitegenError(where, f"the report is in no repository, so there is no {remote}", hint)
    hint = nearest(remote, names) if names else "add one with git remote add, or give an address or a path"
    raise SitegenError(where, f'the repository has no remote "{remote}"', hint)


def _absolute(address: str, folder: Path) -> str:
    """Return an address as it is, and a path from where it was written."""
    is_elsewhere = "://" in address or re.match(r"[^/\\]+:", address)
    return address if is_elsewhere else str((folder / Path(address).expanduser()).resolve())


def _fetched(git: Git, remote: str, name: str) -> str:
    """Return the last commit of a branch, fetched without its history; empty where there is none."""
    try:
        # Behind "--" an address stays one, whatever it begins with: git's own options can run programs.
        near = _near(git, remote, name)
        if name not in near:
            _refuse_in_the_way(remote, name, near)
            return ""
        wanted = f"+refs/heads/{name}:refs/heads/last"
        git.run("fetch", "--quiet", "--depth=1", "--no-tags", "--", remote, wanted)
        return git.run("rev-parse", "refs/heads/last").decode().strip()
    except GitError as error:
        raise SitegenError(
            remote, f"cannot be read: {error}", "see whether it is there and you may"
        ) from error


def _near(git: Git, remote: str, name: str) -> list[str]:
    """Return those of a branch, of the folders it is in, and of the branches below it that are there."""
    parents = [name, *(parent.as_posix() for parent in PurePosixPath(name).parents[:-1])]
    asked = [f"refs/heads/{each}" for each in (*parents, f"{name}/*")]
    lines = git.run("ls-remote", "--", remote, *asked).decode(errors="replace").splitlines()
    heads = [line.partition("\trefs/heads/")[2] for line in lines]
    return [head for head in heads if head in parents or head.startswith(f"{name}/")]


def _refuse_in_the_way(remote: str, name: str, near: Sequence[str]) -> None:
    """Raise where git could not make a branch: it keeps them as files, and none is also a folder."""
    if near:
        what = f'its branch "{near[0]}" is in the way of a branch "{name}": git has only one of them'
        raise SitegenError(remote, what, "name another: --branch NAME")


def _stream(
    branch: Branch, files: Mapping[str, File], kept: Mapping[str, str], message: str
) -> Iterator[bytes]:
    """Yield a commit as ``git fast-import`` reads it."""
    text = message.encode()
    yield f"commit {_OWN}\n".encode()
    yield f"author {_identity(branch.git, 'AUTHOR')}\n".encode()
    yield f"committer {_identity(branch.git, 'COMMITTER')}\n".encode()
    yield b"data %d\n%b\n" % (len(text), text)
    if branch.parent:
        yield f"from {branch.parent}\n".encode()
    yield b"deleteall\n"
    for path, entry in sorted(kept.items()):
        yield f"M {entry} {_quoted(path)}\n".encode()
    for path, content in sorted(files.items()):
        body = content.read_bytes() if isinstance(content, Path) else content
        yield f"M 100644 inline {_quoted(path)}\ndata {len(body)}\n".encode()
        yield body
        yield b"\n"


def _identity(git: Git, role: str) -> str:
    """Return who commits and when, as git writes it."""
    try:
        return git.run("var", f"GIT_{role}_IDENT").decode().strip()
    except GitError:
        name, email = _IDENTITY.values()
        settings = ("-c", f"user.name={name}", "-c", f"user.email={email}")
        return git.run(*settings, "var", f"GIT_{role}_IDENT").decode().strip()


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
