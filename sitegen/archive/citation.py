"""Says how a report is cited: ``CITATION.cff`` 1.2.0, and ``.zenodo.json`` for Zenodo."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import yaml

from sitegen.archive.release import Release
from sitegen.people import Person

MESSAGE = "If you use this report, please cite it as below."


def citation_file(release: Release) -> bytes:
    """Return ``CITATION.cff``."""
    told: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": MESSAGE,
        "type": "dataset",
        "title": release.title,
        "abstract": release.description,
        "authors": [_author(person) for person in release.authors],
        "date-released": release.day.isoformat(),
        "version": release.version,
        "license": release.licence,
        "doi": release.doi,
        "url": release.url,
        "keywords": list(release.keywords),
    }
    return write_yaml(_without_empty(told)).encode("utf-8")


def _author(person: Person) -> dict[str, str]:
    if person.family:
        told = {"family-names": person.family, "given-names": person.given, "affiliation": person.affiliation}
    else:
        told = {"name": person.name}
    orcid = person.url if person.orcid else ""
    return _without_empty({**told, "orcid": orcid, "email": person.email, "website": person.website})


def zenodo_file(release: Release) -> bytes:
    """Return ``.zenodo.json``; Zenodo reads it instead of ``CITATION.cff`` where both are there."""
    told: dict[str, Any] = {
        "title": release.title,
        "upload_type": "dataset",
        "description": f"<p>{escape(release.description)}</p>",
        "creators": [
            _without_empty({"name": one.name, "affiliation": one.affiliation, "orcid": one.orcid})
            for one in release.authors
        ],
        "access_right": "open",
        "license": release.licence.lower(),
        "publication_date": release.day.isoformat(),
        "version": release.version,
        "doi": release.doi,
        "keywords": list(release.keywords),
        "related_identifiers": [{"identifier": release.url, "relation": "isIdenticalTo", "scheme": "url"}]
        if release.url
        else [],
    }
    return (json.dumps(_without_empty(told), indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def write_yaml(value: Any) -> str:
    """Return YAML as people write it: keys in the order given, every sign as it is."""
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)


def _without_empty(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value not in ("", [], None)}
