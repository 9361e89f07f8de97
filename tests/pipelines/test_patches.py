"""Patches of labels: what is written beside the data, what is refused, and what training on either shows."""

from __future__ import annotations

import hashlib
import io
import json
import time
import tomllib
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from scipy import stats

from pipelines import config, contract, corrected, datasets, runner
from pipelines.contract import ContractError
from pipelines.patches import Applied, apply
from pipelines.registry import registry
from pipelines.sources.source import Source
from tests.pipelines.test_label_errors import planted_digits

SETTINGS: dict[str, Any] = {
    "datasets": {"own": {"source": "data/own.parquet"}},
    "models": {"net": {"source": "cnn", "width": 2, "epochs": 1}},
    "tools": {
        "labels": {
            **{"tool": "label_errors", "dataset": "own", "model": "net"},
            "parameters": {"truth": "truth"},
        }
    },
}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    pq.write_table(planted_digits(0.1)[0].slice(0, 200), tmp_path / "data" / "own.parquet")
    return tmp_path


def entry(number: int, report: Path, **changed: Any) -> dict[str, Any]:
    old = pq.read_table(report / "data" / "own.parquet")["label"][number].as_py()
    new = {"who": "Ada", "when": "2026-01-01T00:00:00Z", "why": "seen"}
    return {"id": f"d{number:04}", "old": old, "new": "9", "action": "relabel", **new, **changed}


def written(report: Path, *entries: dict[str, Any], **changed: Any) -> Path:
    told = {"format": "label patch", "version": 1, "table": "labels/samples", "entries": entries, **changed}
    path = report / "patch.json"
    path.write_text(json.dumps(told))
    return path


def applied(report: Path, *entries: dict[str, Any]) -> Applied:
    return apply(SETTINGS, report, written(report, *entries))


def test_writes_the_corrected_data_beside_the_old_which_stays(report: Path) -> None:
    old = report / "data" / "own.parquet"
    before = hashlib.sha256(old.read_bytes()).hexdigest()
    deed = {"action": "delete", "new": None}
    done = applied(report, entry(0, report), entry(1, report, **deed), entry(2, report, action="unsure"))
    assert hashlib.sha256(old.read_bytes()).hexdigest() == before
    assert (done.changed, done.deleted, done.decided) == (2, 1, 3)
    assert done.corrected == "data/own-corrected.parquet"
    first, after = pd.read_parquet(old), pd.read_parquet(report / done.corrected)
    assert after["id"].tolist() == [each for each in first["id"] if each != "d0001"]
    expected = first.set_index("id")["label"].drop("d0001")
    expected["d0000"] = "9"
    assert after.set_index("id")["label"].equals(expected)
    assert after.columns.tolist() == first.columns.tolist()
    assert after["image"].tolist() == first.set_index("id")["image"].drop("d0001").tolist()
    changes = pd.read_parquet(report / done.changes)
    assert changes["why"].tolist() == ["seen"] * 3
    settings = tomllib.loads(done.settings)
    merged = {key: {**SETTINGS[key], **settings.get(key, {})} for key in SETTINGS}
    checked = config.read(merged, registry(report))
    assert checked.tools[done.tool].parameters["truth"] == "truth"


def test_the_same_patch_finds_its_own_data_and_another_makes_another(report: Path) -> None:
    first = applied(report, entry(0, report))
    assert applied(report, entry(0, report)).corrected == first.corrected
    other = applied(report, entry(5, report, new="8" if entry(5, report)["old"] != "8" else "7"))
    assert other.corrected == "data/own-corrected-2.parquet"
    assert other.tool == "own-correction-2"


def photographs(folder: Path) -> dict[str, bytes]:
    """Write large JPEGs by class, and return their bytes by their paths."""
    made = np.random.default_rng(0)
    for number in range(70):
        path = folder / ("cat" if number % 2 else "dog") / f"{number:02}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = made.integers(0, 255, (3, 4, 3), np.uint8).repeat(80, 0).repeat(80, 1)
        Image.fromarray(pixels).save(path, "JPEG", quality=90)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.jpg")}


def test_keeps_images_byte_for_byte_at_their_full_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrected, "GROUP_BYTES", 30_000)  # some row groups
    settings = {**SETTINGS, "datasets": {"own": {"source": "photos"}}}
    settings["tools"] = {"labels": {"tool": "label_errors", "dataset": "own", "model": "net"}}
    before = photographs(tmp_path / "photos")
    moved = {"id": "dog/00.jpg", "old": "dog", "new": "cat", "action": "relabel"}
    gone = {"id": "cat/01.jpg", "old": "cat", "new": None, "action": "delete"}
    done = apply(settings, tmp_path, written(tmp_path, moved, gone))
    file = tmp_path / done.corrected
    after = pd.read_parquet(file).set_index("id")
    assert pq.ParquetFile(file).num_row_groups > 1
    assert set(after.index) == set(before) - {"cat/01.jpg"}
    assert after["image"].to_dict() == {name: before[name] for name in after.index}
    assert after["label"].to_dict() == {
        name: "cat" if name == "dog/00.jpg" else name.split("/")[0] for name in after.index
    }
    section = tomllib.loads(done.settings)["datasets"]["own-corrected"]
    section["classes"] = tuple(section["classes"])
    read = datasets.load(Source("own-corrected", **section), tmp_path)
    assert read.images is not None
    assert read.roles["label"] == "label"


def sound(seconds: float, made: np.random.Generator) -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(made.integers(-999, 999, int(8000 * seconds), np.int16).tobytes())
    return held.getvalue()


def test_keeps_sounds_that_are_too_large_for_a_page(tmp_path: Path) -> None:
    made = np.random.default_rng(0)
    sounds = [sound(0.1 if number else 2, made) for number in range(6)]
    labels = ["hum", "buzz"] * 3
    table = pa.table({"key": [f"s{n}" for n in range(6)], "clip": sounds, "label": labels})
    pq.write_table(table, tmp_path / "own.parquet")
    own = {"source": "own.parquet", "roles": {"id": "key"}, "largest_clip": 10_000}
    settings = {**SETTINGS, "datasets": {"own": own}}
    settings["tools"] = {"labels": {"tool": "label_errors", "dataset": "own", "model": "net"}}
    changed = {"id": "s1", "old": "buzz", "new": "hum", "action": "relabel"}
    done = apply(settings, tmp_path, written(tmp_path, changed))
    after = pq.read_table(tmp_path / done.corrected)
    assert after.column_names == table.column_names
    assert after["clip"].to_pylist() == sounds
    section = tomllib.loads(done.settings)["datasets"]["own-corrected"]
    assert section["largest_clip"] == 10_000
    assert section["roles"] == {"id": "key", "label": "label", "audio": "clip"}
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"id": "d9999"}, 'has no sample "d9999"'),
        ({"id": None}, "entry 1: has no id"),
        ({"old": "none"}, 'the patch found "none"'),
        ({"new": "10"}, "is no class"),
        ({"action": "move"}, 'has the action "move"'),
        ({"why": 3}, "something else than text"),
    ],
)
def test_refuses_what_does_not_fit_and_writes_nothing(
    report: Path, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(ContractError, match=said):
        applied(report, entry(0, report, **changed))
    assert [path.name for path in (report / "data").iterdir()] == ["own.parquet"]


def test_says_the_first_of_very_many_problems_at_once(report: Path) -> None:
    one = entry(0, report)
    entries = [one | {"id": f"none {number}"} for number in range(20_000)]
    begun = time.process_time()
    with pytest.raises(ContractError) as told:
        applied(report, *entries)
    assert time.process_time() - begun < 5
    assert len(told.value.problems) == 20
    assert len(str(told.value)) < 20_000


def test_refuses_to_leave_nothing_to_learn_from_or_to_be_judged_by(report: Path) -> None:
    table = pq.read_table(report / "data" / "own.parquet")
    splits = table["split"].to_pylist()
    deed = {"action": "delete", "new": None}
    entries = [entry(row, report, **deed) for row, split in enumerate(splits) if split == "train"]
    with pytest.raises(ContractError, match='leaves no labelled sample of the split "train"'):
        applied(report, *entries)
    assert [path.name for path in (report / "data").iterdir()] == ["own.parquet"]
    assert applied(report, *entries[1:]).deleted == len(entries) - 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "neither JSON nor Parquet"),
        ("[]", "is no patch of labels"),
        ("[" * 200_000, "neither JSON nor Parquet"),
        (
            '{"format": "label patch", "version": 1, "table": "labels/samples", "entries": []}',
            "decides of nothing",
        ),
        ('{"format": "label patch", "version": 9, "entries": []}', "has version 9"),
        (
            '{"format": "label patch", "version": 1, "table": "lables/samples", '
            '"entries": [{"id": "d0000", "action": "unsure"}]}',
            "did you mean",
        ),
    ],
)
def test_refuses_files_that_are_no_patch(report: Path, text: str, said: str) -> None:
    path = report / "patch.json"
    path.write_text(text)
    with pytest.raises(ContractError, match=said):
        apply(SETTINGS, report, path)


def test_a_decision_is_taken_once(report: Path) -> None:
    with pytest.raises(ContractError, match="a second time"):
        applied(report, entry(0, report), entry(0, report))


def test_compares_trainings_on_labels_before_and_after(report: Path) -> None:
    table = pq.read_table(report / "data" / "own.parquet").to_pandas()
    wrong = np.flatnonzero(table["label"] != table["truth"])
    entries = [entry(int(row), report, new=table["truth"][row]) for row in wrong]
    entries[0] |= {"who": "", "why": ""}
    done = applied(report, *entries)
    settings = tomllib.loads(done.settings)
    merged = {key: {**SETTINGS[key], **settings.get(key, {})} for key in SETTINGS}
    manifest = runner.run(merged, report, [done.tool], device="cpu")[-1]

    def read(name: str) -> pd.DataFrame:
        folder = report / "artifacts" / done.tool
        return contract.read_table(folder, manifest.table(name)).to_pandas()

    samples, runs, summary = read("samples"), read("runs"), read("summary")
    assert samples["changed"].sum() == len(wrong)
    # What nobody said is missing, and no text of no length.
    assert samples["who"].notna().sum() == samples["why"].notna().sum() == len(wrong) - 1
    assert (samples["label_after"].astype(str) == samples["truth"].astype(str)).all()
    held = samples[samples["split"].astype(str) == "test"]
    assert set(runs["rows"]) == {len(held)}
    assert held["prediction"].notna().all()
    assert samples["prediction"].notna().sum() == len(held)
    # Judged by the corrected labels, which are all true here, is judged by the truth.
    wide = runs.pivot(index=["trained_on", "seed"], columns="judged_by", values="correct")
    assert (wide["after"] == wide["truth"]).all()
    for row in summary.itertuples():
        chosen = runs[(runs["trained_on"] == row.trained_on) & (runs["judged_by"] == row.judged_by)]
        low, high = stats.t.interval(0.95, 2, chosen["accuracy"].mean(), max(chosen["accuracy"].sem(), 1e-12))
        assert row.accuracy == pytest.approx(chosen["accuracy"].mean())
        assert (row.low, row.high) == pytest.approx((max(low, 0), min(high, 1)), abs=1e-6)
    assert read("changes")["samples"].sum() == len(wrong)


def test_data_of_one_split_is_divided_to_compare_trainings(report: Path) -> None:
    path = report / "data" / "own.parquet"
    table = pq.read_table(path)
    place = table.column_names.index("split")
    pq.write_table(table.set_column(place, "split", pa.array(["train"] * len(table))), path)
    done = applied(report, entry(0, report))
    settings = tomllib.loads(done.settings)
    merged = {key: {**SETTINGS[key], **settings.get(key, {})} for key in SETTINGS}
    manifest = runner.run(merged, report, [done.tool], device="cpu")[-1]
    runs = contract.read_table(report / "artifacts" / done.tool, manifest.table("runs")).to_pandas()
    labels = table["label"].to_pandas()
    assert set(runs["rows"]) == {sum(round(count / 4) for count in labels.value_counts())}


def test_ids_that_are_numbers_keep_their_type(report: Path) -> None:
    path = report / "data" / "own.parquet"
    table = pq.read_table(path)
    pq.write_table(table.set_column(0, "id", pa.array(range(len(table)))), path)
    done = applied(report, {**entry(3, report), "id": 3})
    assert pq.read_table(report / done.changes)["id"].to_pylist() == [3]
    assert pq.read_table(report / done.corrected)["label"][3].as_py() == "9"
