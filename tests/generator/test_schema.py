"""The published schemas are those of the code, and admit what the code admits."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sitegen import config
from sitegen.cli import main
from sitegen.schema import front_matter_schema, settings_schema
from sitegen.structured import read_yaml

ROOT = Path(__file__).parents[2]
SCHEMAS = {"settings": settings_schema, "page": front_matter_schema}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_that_of_the_code(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", name]) == 0
    published = (ROOT / "sitegen" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert capsys.readouterr().out == published, f"run: sitegen schema {name} > sitegen/{name}.schema.json"
    jsonschema.Draft202012Validator.check_schema(json.loads(published))


def test_the_keys_of_a_model_are_those_that_a_run_reads() -> None:
    from pipelines.models.settings import BUNDLED, InputSettings, ModelSettings

    keys = {item.name for item in fields(ModelSettings)} - {"parameters"}
    own = {parameter.name for parameters in BUNDLED.values() for parameter in parameters}
    assert config.MODEL_KEYS.keys() == keys | own
    assert config.MODEL_INPUT_KEYS.keys() == {item.name for item in fields(InputSettings)}


def _every_description(schema: Any) -> list[str]:
    own = [item.get("description", "") for item in schema.get("properties", {}).values()]
    return own + [text for item in schema.get("properties", {}).values() for text in _every_description(item)]


def test_every_key_of_a_page_and_of_the_site_says_what_it_means() -> None:
    assert "" not in _every_description(front_matter_schema())
    properties = settings_schema()["properties"]
    assert all("" not in _every_description(properties[section]) for section in ("site", "build"))


def test_the_demo_fits() -> None:
    settings = tomllib.loads((ROOT / "sitegen.toml").read_text(encoding="utf-8"))
    jsonschema.validate(settings, settings_schema())
    for page in sorted((ROOT / "content").rglob("*.md")):
        front = page.read_text(encoding="utf-8").split("---\n")[1]
        jsonschema.validate(read_yaml(front, "page.md", 1), front_matter_schema())


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (settings_schema, {}),
        (settings_schema, {"site": {"title": "A", "tilte": "B"}}),
        (settings_schema, {"site": {"title": 1}}),
        (settings_schema, {"site": {"title": "A"}, "tools": {"a": {"tool": "b", "datset": "c"}}}),
        (settings_schema, {"site": {"title": "A"}, "datasets": {"A B": {"source": "digits"}}}),
        (settings_schema, {"site": {"title": "A"}, "models": {"a": {}}}),
        (front_matter_schema, {"titel": "A"}),
        (front_matter_schema, {"draft": "yes"}),
    ],
)
def test_what_a_build_refuses_is_refused(schema: Callable[[], Any], value: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, schema())
