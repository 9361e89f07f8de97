"""How a model from elsewhere learned: logs of JSON that are none say where, what and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import ContractError
from pipelines.models.history import read_history
from pipelines.models.model import Model
from pipelines.models.settings import ModelSettings


def read(folder: Path, name: str, text: str) -> list[dict[str, object]]:
    (folder / name).write_text(text)
    rows: list[dict[str, object]] = read_history(
        Model("net", ModelSettings("net.pt2", history=name), folder)
    ).to_pylist()
    return rows


def test_lists_and_lines_of_json_are_read(tmp_path: Path) -> None:
    rows = [{"epoch": 1, "split": "train", "loss": 0.5}, {"epoch": 2, "split": "train", "loss": 0.25}]
    assert read(tmp_path, "log.json", '{"loss": [0.5, 0.25]}') == rows
    assert read(tmp_path, "log.jsonl", '{"epoch": 1, "loss": 0.5}\n\n{"epoch": 2, "loss": 0.25}\n') == rows


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("log.json", '{"loss": [0.5,\n  0.25}', "log.json:1:10: not JSON: the bracket [ is not closed"),
        ("log.json", "{'loss': [0.5]}", "log.json:1:2: not JSON: text stands in single quotes"),
        (
            "log.jsonl",
            '{"epoch": 1, "loss": 0.5}\n\n{"epoch": 2, "loss": 0.4,}\n',
            "log.jsonl:3:25: not JSON: a comma stands before",
        ),
        ("log.jsonl", '{"epoch": 1, "loss": 0.5}\n[2, 0.4]\n', "log.jsonl:2: is [2, 0.4], not an object"),
    ],
)
def test_a_log_that_is_no_json_says_the_place_and_what_to_do(
    name: str, text: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ContractError) as caught:
        read(tmp_path, name, text)
    first, *rest = str(caught.value).splitlines()
    assert first.startswith(f"{tmp_path}/{said}")
    assert rest
