"""``sitegen publish``: builds the site and takes it to where people read it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from sitegen.commands.calling import load
from sitegen.commands.telling import print_problems, print_progress
from sitegen.config import Config
from sitegen.errors import SitegenError, size_in_words
from sitegen.kept import user_drawings
from sitegen.publish import branch, publication, workflow


def main(given: argparse.Namespace) -> None:
    """Publish the site, or write the workflow that does."""
    settings = load(given)
    if given.workflow:
        _write_workflow(settings, given)
    else:
        _publish_site(settings, given)


def _publish_site(settings: Config, given: argparse.Namespace) -> None:
    if given.to == publication.BRANCH:
        _push(settings, given)
        return
    if not given.target:
        where = "sitegen publish"
        raise SitegenError(where, f"--to {given.to} needs a target", f"write --to {given.to} TARGET")
    publication.check_target(settings, given.to, given.target)
    made = _prepared(settings, given)
    if given.dry_run:
        print(f"{_said(made)} would go to {given.target}")
    else:
        publication.hand_over(made, given.to, given.target, replaces=given.force)
        print(f"{_said(made)} is in {given.target}")


def _prepared(settings: Config, given: argparse.Namespace) -> publication.Publication:
    def tell(warnings: Sequence[SitegenError]) -> None:
        print_progress("")
        print_problems(warnings)

    kept = user_drawings()
    return publication.prepare(settings, given.to, print_progress, tell, kept, strict=given.strict)


def _push(settings: Config, given: argparse.Namespace) -> None:
    remote, name = given.target or settings.publish.remote, given.branch or settings.publish.branch
    with branch.opened(settings.root, remote, name) as there:
        if not given.force:
            there.refuse_foreign()
        # Only now: a build takes minutes, and a wrong name of a branch is found at once.
        made, files = _prepared(settings, given), there.files()
        root = publication.at_root(made, publication.BRANCH, files, there.read)
        there.refuse_to_drop_domain(root.files.keys() | root.kept)
        kept = {path: files[path] for path in root.kept}
        change = there.commit(root.files, kept, given.message or f"Publish {_titled(settings)}")
        if change.is_empty:
            print(f"{_said(made)} is on {name} of {change.remote} already: nothing to push")
            return
        counts = f"{change.added} new, {change.changed} changed, {change.removed} gone"
        if given.dry_run:
            print(f"{_said(made)} would go to {name} of {change.remote}: {counts}")
            return
        there.push()
    print(f"{_said(made)} is on {name} of {change.remote}: {counts} (commit {change.commit[:12]})")
    if made.config.address:
        print(f"  GitHub shows it at {made.config.address} in a minute")


def _titled(settings: Config) -> str:
    """Return what the report is called, with its version where it has one."""
    return " ".join(filter(None, (settings.site.title, settings.site.version)))


def _said(made: publication.Publication) -> str:
    return f"the site ({size_in_words(made.bytes)}, {len(made.files)} files)"


def _write_workflow(settings: Config, given: argparse.Namespace) -> None:
    found = branch.repository(settings.root)
    if found is None:
        raise SitegenError(given.folder, "is in no git repository", "make one: git init")
    top, name = found
    folder = settings.root.resolve().relative_to(top.resolve()).as_posix()
    requirements = settings.root / "requirements.txt"
    text = workflow.workflow(name, folder, given.release, requirements)
    uploading = workflow.commands_of_release(settings, given.release) if given.release else []
    print_problems(workflow.without_requirements(requirements))
    if given.dry_run:
        print(text, end="")
        return
    publication.add_file(top / workflow.FILE, text, replaces=given.force)
    print(f"{top / workflow.FILE} is written. Commit it, and choose in the repository's settings:")
    print("  Pages, Build and deployment, Source: GitHub Actions")
    if given.release:
        print("\n".join(f"  {command}" for command in uploading))
