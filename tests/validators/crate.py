"""Validates an RO-Crate with roc-validator, and no network: ``python crate.py FOLDER``.

The crate's context is the only address that it needs. It is answered from the terms that the crate uses, each
of which the published context maps to schema.org, but for those below. Prints each issue, exits with their
number.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import requests
from rocrate_validator import models, services

CONTEXT = "https://w3id.org/ro/crate/1.2/context"
SCHEMA = "http://schema.org/"
ELSEWHERE = {
    "File": f"{SCHEMA}MediaObject",
    "Profile": "http://www.w3.org/ns/dx/prof/Profile",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
    "sha256": f"{SCHEMA}sha256",
}


def terms(folder: Path) -> set[str]:
    """Return every property and type that the crate uses."""
    graph = json.loads((folder / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
    found = {key for node in graph for key in node if not key.startswith("@")}
    for node in graph:
        types = node["@type"]
        found.update(types if isinstance(types, list) else [types])
    return found


def answer(folder: Path) -> None:
    """Answer the context's address, and refuse every other."""
    context = {term: ELSEWHERE.get(term, f"{SCHEMA}{term}") for term in sorted(terms(folder))}
    body = json.dumps({"@context": context}).encode()

    def send(_: object, request: requests.PreparedRequest, **__: object) -> requests.Response:
        if not str(request.url).startswith(CONTEXT):
            message = f"{request.method} {request.url}: there is no network here"
            raise requests.ConnectionError(message)
        response = requests.Response()
        response.status_code, response.url, response.request = 200, CONTEXT, request
        response.headers["Content-Type"] = "application/ld+json"
        response.raw = io.BytesIO(body)
        return response

    requests.Session.send = send


def main() -> int:
    folder = Path(sys.argv[1])
    answer(folder)
    settings = models.ValidationSettings(
        rocrate_uri=str(folder),
        profile_identifier="ro-crate-1.2",
        requirement_severity=models.Severity[sys.argv[2] if len(sys.argv) > 2 else "REQUIRED"],
        no_cache=True,
        skip_availability_check=True,
    )
    result = services.validate(settings)
    issues = list(result.get_issues())
    for issue in issues:
        entity = getattr(issue, "violatingEntity", "")
        print(f"{issue.severity.name}: {issue.check.identifier}: {issue.message} ({entity})")
    return min(len(issues), 100)


if __name__ == "__main__":
    sys.exit(main())
