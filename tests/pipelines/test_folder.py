"""Folders of images: classes and splits from folders, nothing from outside, unreadable files by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipelines import datasets, images
from pipelines.contract import ContractError
from pipelines.datasets import Dataset
from pipelines.sources import folder, open_source
from pipelines.sources.source import Source
from tests.pipelines.media import Pixels, encode, noise


def fill(root: Path, *paths: str) -> dict[str, Pixels]:
    """Write an image of its own to each path, in the format of its ending."""
    found = dict(zip(paths, noise(len(paths), 6, 8, 3), strict=True))
    for path, pixels in found.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(root / path)
    return found


def load(root: Path, **settings: Any) -> Dataset:
    return datasets.load(Source("pets", root.name, **settings), root.parent)


def rows(data: Dataset, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(data.rows[name].to_pylist() for name in names), strict=True))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "pets"
    folder.mkdir()
    return folder


def test_the_first_folder_is_the_class(root: Path) -> None:
    made = fill(root, "dog/b.png", "cat/deep/er.bmp", "cat/a.PNG", "dog/c.tiff", "dog/d.gif", "cat/e.webp")
    (root / "notes.txt").write_text("not an image")
    (root / "dog" / ".hidden.png").write_bytes(b"")
    data = load(root)
    assert rows(data, "id", "label") == [
        ("cat/a.PNG", "cat"),
        ("cat/deep/er.bmp", "cat"),
        ("cat/e.webp", "cat"),
        ("dog/b.png", "dog"),
        ("dog/c.tiff", "dog"),
        ("dog/d.gif", "dog"),
    ]
    assert data.classes == ("cat", "dog")
    assert "split" not in data.rows.column_names
    assert data.images is not None
    pixels = np.concatenate(list(data.images.batches()))
    assert np.array_equal(pixels[0], made["cat/a.PNG"])
    assert np.array_equal(pixels[3], made["dog/b.png"])


def test_first_folders_named_like_splits_are_splits(root: Path) -> None:
    fill(root, "train/cat/a.png", "train/dog/a.png", "Test/cat/b.png", "val/c.png")
    assert rows(load(root), "id", "split", "label") == [
        ("Test/cat/b.png", "Test", "cat"),
        ("train/cat/a.png", "train", "cat"),
        ("train/dog/a.png", "train", "dog"),
        ("val/c.png", "val", None),
    ]


def test_a_class_called_test_among_others_is_a_class(root: Path) -> None:
    fill(root, "test/a.png", "other/b.png", "c.png")
    assert rows(load(root), "id", "label") == [
        ("c.png", None),
        ("other/b.png", "other"),
        ("test/a.png", "test"),
    ]


def test_digest_follows_bytes_and_names_in_a_defined_order(root: Path) -> None:
    fill(root, "b/1.png", "a/1.png")
    source = Source("pets", "pets")
    first = datasets.digest(source, root.parent)
    assert datasets.digest(source, root.parent) == first
    (root / "a").rename(root / "c")
    moved = datasets.digest(source, root.parent)
    (root / "b" / "1.png").write_bytes(encode(noise(9, 6, 8, 3)[-1]))
    assert len({first, moved, datasets.digest(source, root.parent)}) == 3


def test_links_are_followed_inside_the_folder_only(root: Path, tmp_path: Path) -> None:
    fill(root, "cat/a.png")
    fill(tmp_path / "secret", "key.png")
    (root / "dog").mkdir()
    for link, target in {
        "cat/again.png": "a.png",
        "kitten": "cat",
        "cat/loop": "..",
        "dog/out.png": "../../secret/key.png",
        "dog/outside": str(tmp_path / "secret"),
        "dog/gone.png": "nothing.png",
    }.items():
        (root / link).symlink_to(target)
    with pytest.raises(ContractError) as caught:
        load(root)
    assert caught.value.what == (
        "5 of 9 rows cannot be read: cat/loop is a link to a folder that holds it, dog/gone.png is a link to "
        "nothing, dog/out.png is a link that leads out of the folder, dog/outside is a link that leads out "
        "of the folder, kitten/loop is a link to a folder that holds it"
    )
    data = load(root, on_unreadable="skip")
    followed = ["cat/a.png", "cat/again.png", "kitten/a.png", "kitten/again.png"]
    assert (data.rows["id"].to_pylist(), data.skipped) == (followed, 5)


def test_unreadable_images_are_named_by_their_paths(root: Path) -> None:
    fill(root, "cat/a.png", "cat/c.png")
    (root / "cat" / "b.png").write_bytes(b"<svg onload=alert(1)>")
    with pytest.raises(ContractError) as caught:
        load(root)
    assert caught.value.what == "1 of 3 rows cannot be read: cat/b.png is no image"
    data = load(root, on_unreadable="skip")
    assert (data.skipped, data.rows["id"].to_pylist()) == (1, ["cat/a.png", "cat/c.png"])
    assert data.images is not None
    assert sum(map(len, data.images.batches())) == 2


def test_hostile_names_stay_text(root: Path) -> None:
    names = ["<img src=x onerror=alert(1)>", "x..", "a'; DROP TABLE--", "$(touch x)", "ünïcode ‮"]
    fill(root, *(f"{name}x/{name} .png" for name in names))
    data = load(root)
    assert set(data.classes) == {f"{name}x" for name in names}
    assert {path.name for path in root.parent.iterdir()} == {"pets"}


def test_a_name_that_is_no_text_is_named(root: Path) -> None:
    fill(root, "cat/a.png")
    (root / "cat" / "a.png").rename(os.fsdecode(os.fsencode(root / "cat") + b"/\xff.png"))
    fill(root, "cat/b.png")
    with pytest.raises(
        ContractError, match=r"1 of 2 rows cannot be read: cat/\?\.png has a name that is not UTF-8"
    ):
        load(root)


def test_says_what_a_folder_without_images_needs(root: Path) -> None:
    (root / "table.parquet").write_bytes(b"")
    with pytest.raises(
        ContractError, match=r"holds no images\n.*parts of a table are \"folder/\*\.parquet\""
    ):
        load(root)


def test_reads_a_few_files_at_a_time(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(root, *(f"class-{index % 3}/{index:03}.png" for index in range(100)))
    open_now: list[int] = []
    contents = open_source(Source("pets", "pets"), root.parent)
    batches = contents.items("image")
    open_now += [len(batch) for batch in batches]
    assert max(open_now) <= 32
    assert sum(open_now) == 100
    seen: list[int] = []
    decode = images.decode
    monkeypatch.setattr(
        images, "decode", lambda *arguments, **named: seen.append(1) or decode(*arguments, **named)
    )
    data = load(root)
    assert data.images is not None
    assert seen == []
    next(iter(data.images.batches()))
    assert len(seen) <= 32


def test_turns_photographs_upright_and_decodes_large_ones_in_steps(root: Path) -> None:
    pixels = np.zeros((400, 600, 3), np.uint8)
    pixels[:, :300] = (255, 0, 0)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90° to the right when shown
    (root / "cat").mkdir()
    (root / "cat" / "a.jpg").write_bytes(encode(pixels, "JPEG", exif=exif))
    data = load(root)
    assert data.images is not None
    assert data.images.shape == (128, 85, 3)
    (image,) = next(iter(data.images.batches()))
    assert image[10, 40].tolist() == pytest.approx([255, 0, 0], abs=6)
    assert image[118, 40].tolist() == pytest.approx([0, 0, 0], abs=6)


def test_shows_sixteen_bits_of_grey_in_eight(root: Path) -> None:
    (root / "cat").mkdir()
    Image.fromarray((np.arange(64, dtype=np.uint16) * 1040).reshape(8, 8)).save(root / "cat" / "a.png")
    data = load(root)
    assert data.images is not None
    (image,) = next(iter(data.images.batches()))
    assert image.shape == (8, 8, 1)
    assert image.ravel().tolist() == pytest.approx(np.arange(64) * 1040 / 65535 * 255, abs=1)


@pytest.mark.parametrize(("limit", "times"), [(32_000_000, 1), (1, 2)])
def test_small_images_are_read_from_disk_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, times: int
) -> None:
    paths = [tmp_path / f"a-{index}.png" for index in range(40)]
    for path, pixels in zip(paths, noise(40, 4, 4, 3), strict=True):
        path.write_bytes(encode(pixels))
    contents = folder.opened(Source("data", str(tmp_path)), Path())
    read: list[str] = []
    plain = folder._content
    monkeypatch.setattr(folder, "HELD_BYTES", limit)
    monkeypatch.setattr(folder, "_content", lambda path: (read.append(path), plain(path))[1])
    next(contents.items("image"))  # a look at the first ones holds nothing
    read.clear()
    both = [[item for batch in contents.items("image") for item in batch] for _ in range(2)]
    assert both[0] == both[1] == [path.read_bytes() for path in sorted(paths)]
    assert len(read) == 40 * times
