"""The tool `dataset`: samples of any kind as a table with roles, without a model; and their memory."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from pipelines import contract, runner
from pipelines.contract import ContractError, Manifest
from pipelines.images import decode, survey
from pipelines.signatures import jpeg_header, png_header
from sitegen.cli import main
from tests.pipelines.media import encode, noise, tone


def run(root: Path, address: str, **settings: Any) -> Manifest:
    told = {
        "datasets": {"mine": {"source": address, **settings}},
        "tools": {"mine": {"tool": "dataset", "dataset": "mine"}},
    }
    return runner.run(told, root)[0]


def samples(root: Path, manifest: Manifest) -> pa.Table:
    return contract.read_table(root / "artifacts" / "mine", manifest.table("samples"))


def test_writes_images_text_sounds_and_numbers_with_their_roles(tmp_path: Path) -> None:
    pixels = noise(12, 8, 8, 3)
    table = {
        "image": [encode(item) for item in pixels],
        "text": [f"What is <b>{index}</b>?" for index in range(12)],
        "audio": [tone(0.01)] * 12,
        "amount": np.arange(12) * 1.5,
        "vector": [[1.0, 2.0]] * 12,
    }
    pq.write_table(pa.table(table), tmp_path / "data.parquet")
    manifest = run(tmp_path, "data.parquet", licence="CC0", citation="Me")
    assert contract.verify(tmp_path / "artifacts" / "mine", manifest) == []
    roles = {column.name: column.role for column in manifest.table("samples").columns}
    assert roles == {
        "id": "id",
        "text": "text",
        "amount": None,
        "vector": "embedding",
        "audio": "audio",
        "media_type": "media_type",
        "sheet": "sheet",
        "x": "x",
        "y": "y",
    }
    assert (manifest.licence, manifest.source, manifest.dataset, manifest.skipped) == ("CC0", "Me", "mine", 0)
    rows = samples(tmp_path, manifest)
    assert rows["audio"].to_pylist() == table["audio"]
    (sheet,) = manifest.media
    shown = np.asarray(Image.open(io.BytesIO((tmp_path / "artifacts" / "mine" / sheet.file).read_bytes())))
    for row, image in zip(rows.to_pylist(), pixels, strict=True):
        assert np.array_equal(shown[row["y"] : row["y"] + 8, row["x"] : row["x"] + 8], image)


def test_classification_carries_text_sounds_and_other_columns_along(tmp_path: Path) -> None:
    table = {
        "text": ["one", "two"],
        "audio": [tone(0.01), tone(0.02)],
        "prediction": ["a", "b"],
        "target": ["a", "a"],
        "length": [1.5, 2.5],
    }
    pq.write_table(pa.table(table), tmp_path / "data.parquet")
    settings = {
        "datasets": {"mine": {"source": "data.parquet"}},
        "models": {"told": {"source": "columns"}},
        "tools": {"mine": {"tool": "classification", "dataset": "mine", "model": "told"}},
    }
    manifest = runner.run(settings, tmp_path)[0]
    rows = samples(tmp_path, manifest).to_pydict()
    assert {name: rows[name] for name in ("text", "audio", "length")} == {
        name: table[name] for name in ("text", "audio", "length")
    }
    assert rows["correct"] == [True, False]
    roles = {column.role for column in manifest.table("samples").columns}
    assert {"text", "audio", "media_type", "label", "prediction"} <= roles


def test_a_name_in_the_data_writes_nothing_into_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "pets" / "\x1b[31mred").mkdir(parents=True)
    (tmp_path / "pets" / "\x1b[31mred" / "a.png").write_bytes(encode(noise(1, 4, 4)[0]))
    (tmp_path / "pets" / "\x1b[31mred" / "b.png").write_bytes(b"torn")
    with pytest.raises(ContractError) as caught:
        run(tmp_path, "pets")
    assert "\\x1b[31mred/b.png is no image" in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_table_of_numbers_alone_is_a_report_without_a_model(tmp_path: Path) -> None:
    manifest = run(tmp_path, "vega:cars")
    assert manifest.media == ()
    assert samples(tmp_path, manifest).num_rows == 406
    assert set(manifest.libraries) == {"numpy", "pyarrow"}


def test_counts_what_was_left_out_in_the_manifest_and_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data.csv").write_text("name,n\na,1\nb\nc,2\n")
    (tmp_path / "sitegen.toml").write_text(
        '[site]\ntitle = "A"\n[datasets.mine]\nsource = "data.csv"\non_unreadable = "skip"\n'
        '[tools.mine]\ntool = "dataset"\ndataset = "mine"\n'
    )
    assert main(["-C", str(tmp_path), "run"]) == 0
    assert capsys.readouterr().out == "artifacts/mine: samples 2 rows, 1 unreadable row left out\n"
    assert contract.read_manifest(tmp_path / "artifacts" / "mine").skipped == 1


def test_refuses_columns_with_the_names_of_its_own(tmp_path: Path) -> None:
    pq.write_table(pa.table({"image": [encode(noise(1, 4, 4)[0])], "x": [1]}), tmp_path / "data.parquet")
    with pytest.raises(ContractError, match='column "x" has the name of one that dataset writes'):
        run(tmp_path, "data.parquet")


def test_says_which_values_a_setting_has(tmp_path: Path) -> None:
    with pytest.raises(
        ContractError, match='on_unreadable is "skp", which is not allowed there\n  did you mean "skip"'
    ):
        run(tmp_path, "digits", on_unreadable="skp")
    with pytest.raises(ContractError, match="largest_clip is 0, less than 1"):
        run(tmp_path, "digits", largest_clip=0)


MEASURE = """
import resource, sys
from pathlib import Path
from pipelines import runner
settings = {"datasets": {"mine": {"source": sys.argv[2]}},
            "tools": {"mine": {"tool": "dataset", "dataset": "mine"}}}
runner.run(settings, Path(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def peak(root: Path, address: str) -> int:
    """Return the most memory, in bytes, that a run of the tool holds."""
    command = [sys.executable, "-c", MEASURE, str(root), address]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_images_of_a_folder_are_never_all_in_memory(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for name, count in (("few", 30), ("many", 200)):
        (tmp_path / name / "class").mkdir(parents=True)
        for index in range(count):
            pixels = random.integers(0, 256, (500, 500, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / "class" / f"{index:03}.bmp")  # 750 kB each
    more = peak(tmp_path, "many") - peak(tmp_path, "few")
    assert more < 170 * 750_000 / 2


HEADERS = {"PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"], "JPEG": ["L", "RGB", "CMYK"]}


@pytest.mark.parametrize(
    ("kind", "mode"), [(kind, mode) for kind, modes in HEADERS.items() for mode in modes]
)
@pytest.mark.parametrize("progressive", [False, True])
def test_quick_headers_say_what_pillow_says(mode: str, kind: str, progressive: bool) -> None:
    image = Image.new("L", (17, 9)).convert(mode) if mode != "I;16" else Image.new("I;16", (17, 9))
    sink = io.BytesIO()
    image.save(sink, kind, progressive=progressive)
    content = sink.getvalue()
    quick = (png_header if kind == "PNG" else jpeg_header)(content)
    assert quick is not None
    whole, fast = survey(lambda: iter([[content]]), whole=True), survey(lambda: iter([[content]]))
    assert quick[0] == image.size
    assert (whole.shape, whole.lossless) == (fast.shape, fast.lossless)


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 10, 20, 24, 33, 60, 200])
def test_torn_headers_are_named_and_crash_nothing(cut: int) -> None:
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"):
        content = encode(noise(1, 9, 9, 3)[0], kind)[:cut]
        found = survey(lambda content=content: iter([[content]]), whole=True)
        assert found.failed or not isinstance(decode(content, (9, 9, 3)), str)
        survey(lambda content=content: iter([[content]]))
