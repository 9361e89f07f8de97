"""The digits with mistakes that are known: labels that were changed, and near copies with other labels."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

SHARE = 0.05  # of the labels that are wrong
COPIES = 12
SEED = 0


def digits() -> pa.Table:
    """Return the digits, 5% of them labelled as another digit, and twelve near copies in the split "test"."""
    random, given = np.random.default_rng(SEED), load_digits()
    pixels = np.rint(given.images * (255 / 16)).astype(np.uint8)
    source = np.concatenate([np.arange(len(pixels)), random.permutation(len(pixels))[:COPIES]])
    noise = np.where(np.arange(len(source)) < len(pixels), 0, 1)[:, None, None] * random.normal(0, 2, (8, 8))
    images = np.clip(pixels[source] + noise, 0, 255).astype(np.uint8)
    truth = given.target[source]
    split = np.where(random.random(len(source)) < 0.75, "train", "test")
    split[len(pixels) :] = "test"
    labels = _mislabelled(truth, random)
    flat = images.reshape(len(images), -1).astype(np.float32)
    places = PCA(2, random_state=SEED, svd_solver="full").fit_transform(flat)
    columns: dict[str, Any] = {
        "id": pa.array([f"{number:04}" for number in range(len(source))]),
        "image": pa.array([_png(image) for image in images]),
        "label": pa.array(labels.astype(str)),
        "truth": pa.array(truth.astype(str)),
        "split": pa.array(split),
        "embedding": pa.FixedSizeListArray.from_arrays(pa.array(flat.reshape(-1)), flat.shape[1]),
        "projection_x": pa.array(places[:, 0].astype(np.float32)),
        "projection_y": pa.array(places[:, 1].astype(np.float32)),
    }
    return pa.table(columns)


def _mislabelled(truth: Any, random: np.random.Generator) -> Any:
    """Return the labels: some are any other digit, and every copy has the next one."""
    labels, count = truth.copy(), len(truth) - COPIES
    wrong = random.permutation(count)[: round(SHARE * count)]
    labels[wrong] = (truth[wrong] + random.integers(1, 10, len(wrong))) % 10
    labels[count:] = (truth[count:] + 1) % 10
    return labels


def _png(pixels: Any) -> bytes:
    held = io.BytesIO()
    Image.fromarray(pixels).save(held, "PNG")
    return held.getvalue()
