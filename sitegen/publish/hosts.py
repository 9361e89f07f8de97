"""Hands a site over as files: to a folder, with rsync, as objects of a store, with Netlify's rules."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urlsplit

from sitegen.assets import HASH_LENGTH, sha256
from sitegen.catalog import file_digest
from sitegen.errors import SitegenError
from sitegen.output import MARK, Disk, File, foreign, write_file
from sitegen.serve import TYPES
from sitegen.templates import CONTENT_SECURITY_POLICY

OBJECTS = "objects.json"
FOREVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=600"
MOST_RULES = 100
"""Rules that Cloudflare Pages reads of ``_headers``."""
_NAMED = re.compile(rf"(?:.*/)?[^/]+\.([0-9a-f]{{{HASH_LENGTH}}})\.[^./]+")
_PIECE = re.compile(r"assets/pieces/[^/]+\.[A-Z2-7]{8}\.js")
"""A part of a theme's scripts: esbuild names it by a digest of its own of what is in it."""


def to_folder(files: Mapping[str, File], folder: Path, to: str = "folder") -> None:
    """Write the site; raises where the folder holds anything but one."""
    Disk(folder, f"sitegen publish --to {to} FOLDER").publish(files)


def to_rsync(files: Mapping[str, File], target: str, *, replaces: bool = False) -> None:
    """Make ``target`` (``host:path``, or a path) the site: what is not of it is removed there.

    Raises where it holds anything but a site, unless ``replaces`` says that it may go.
    """
    program, where = shutil.which("rsync"), "rsync"
    if program is None:
        raise SitegenError(where, "is not installed", "install rsync, or publish a folder: --to folder DIR")
    if target.startswith("-"):
        raise SitegenError(where, f'"{target}" is no target', "write host:path")
    if not replaces:
        _refuse_foreign(program, target)
    with tempfile.TemporaryDirectory(prefix="sitegen-publish-") as place:
        site = Path(place) / "site"
        to_folder(files, site)
        # By content: every file is new on the disk here, and most are old there.
        command = [program, "--archive", "--checksum", "--delete-after", "--chmod=D755,F644"]
        _ran(target, *command, "--", f"{site}/", target)


def is_path(target: str) -> bool:
    """Say whether what rsync is given is a path of this machine: a colon before any slash ends a host."""
    return ":" not in target.partition("/")[0]


_PARTLY = 23
"""How rsync ends where it could not read all that was asked for, such as a folder that is not there yet."""


def _refuse_foreign(program: str, target: str) -> None:
    """Raise where ``target`` holds files and no mark of a site: all of them would be removed."""
    folder = f"{target.rstrip('/')}/"
    lines = _ran(target, program, "--list-only", "--", folder, takes=(0, _PARTLY)).splitlines()
    names = {line.split(maxsplit=4)[-1] for line in lines if line} - {"."}
    if some := foreign(names):
        what = f"holds something that sitegen did not write, and rsync would remove it: {some}"
        raise SitegenError(target, what, "name an empty or new folder, or let it go: --force")


def _ran(target: str, *command: str, takes: tuple[int, ...] = (0,)) -> str:
    """Return what rsync prints; raises where it ends otherwise than it may."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode in takes:
        return done.stdout
    said = done.stderr.strip().splitlines()
    raise SitegenError(target, f"rsync: {said[0] if said else 'failed'}", "see whether you may write there")


def to_s3(files: Mapping[str, File], folder: Path) -> None:
    """Write the site to ``folder/site``, and beside it how each object is to be stored, as JSON."""
    _refuse_beside(folder)
    to_folder(files, folder / "site", "s3")
    objects = [{"Key": url, **headers_of(url, content)} for url, content in sorted(files.items())]
    write_file(folder / OBJECTS, f"{json.dumps(objects, indent=1)}\n".encode())


def _refuse_beside(folder: Path) -> None:
    """Raise where the folder holds anything but what publishing to a store writes."""
    if not folder.is_dir():
        return
    names = {found.name for found in folder.iterdir()}
    is_ours = names <= {"site", OBJECTS} and (folder / "site" / MARK).is_file()
    if names and not is_ours:
        what = "the folder holds something that sitegen did not write"
        raise SitegenError(str(folder), what, "name an empty or new folder: sitegen publish --to s3 FOLDER")


def is_named_by_content(url: str, content: File) -> bool:
    """Say whether a file's name carries the digest of its content, so that what it names never changes."""
    if _PIECE.fullmatch(url):
        return True
    found = _NAMED.fullmatch(url)
    if found is None:
        return False
    digest = sha256(content) if isinstance(content, bytes) else file_digest(content)
    return digest.startswith(found[1])


def headers_of(url: str, content: File) -> dict[str, str]:
    """Return the metadata of an object: what it is, and how long readers may keep it."""
    kind = TYPES.get(PurePosixPath(url).suffix.lower(), "application/octet-stream")
    return {"ContentType": kind, "CacheControl": FOREVER if is_named_by_content(url, content) else SHORT}


def to_netlify(files: Mapping[str, File], redirects: Mapping[str, str], folder: Path) -> None:
    """Write the site with ``_headers`` and ``_redirects``, as Netlify and Cloudflare Pages read them."""
    rules = {"_headers": headers(files).encode()}
    if redirects:
        moved = sorted(redirects.items())
        lines = (f"/{quote(old)} {_led_to(new)} 301\n" for old, new in moved)
        rules["_redirects"] = "".join(lines).encode()
    to_folder({**files, **rules}, folder, "netlify")


def _led_to(target: str) -> str:
    """Return where a redirect leads as a rule writes it: white space would end it there."""
    address = quote(target, safe="/:?#[]@!$&'()*+,;=%")
    return address if urlsplit(target).scheme else f"/{address}"


def headers(files: Mapping[str, File]) -> str:
    """Return the rules of a host that lets a site say its headers."""
    lines = [
        "/*",
        f"  Content-Security-Policy: {CONTENT_SECURITY_POLICY}; frame-ancestors 'self'",
        "  X-Content-Type-Options: nosniff",
        "  Referrer-Policy: strict-origin-when-cross-origin",
    ]
    for pattern in unchanging(files)[: MOST_RULES - 1]:
        lines += [pattern, f"  Cache-Control: {FOREVER}"]
    return "\n".join(lines) + "\n"


def unchanging(files: Mapping[str, File]) -> list[str]:
    """Return patterns that match the files named by their content and no others.

    Whole folders come first, then single files: a host that reads some of the rules reads those.
    """
    named = {url for url, content in files.items() if is_named_by_content(url, content)}
    mixed = {folder for url in files.keys() - named for folder in _folders(url)}
    whole = {url: next((folder for folder in _folders(url) if folder not in mixed), "") for url in named}
    folders = sorted({f"/{quote(folder)}/*" for folder in whole.values() if folder})
    return folders + sorted(f"/{quote(url)}" for url, folder in whole.items() if not folder)


def _folders(url: str) -> list[str]:
    """Return the folders that a file is in, the outermost first."""
    return [parent.as_posix() for parent in reversed(PurePosixPath(url).parents[:-1])]
