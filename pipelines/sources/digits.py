"""The bundled set `digits`: scikit-learn's copy of the handwritten digits."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipelines.engine import readable
from pipelines.errors import ContractError
from pipelines.images import ArrayImages
from pipelines.sources.files import file_digest
from pipelines.sources.source import Contents, Known, Source, TableContents
from pipelines.splits import Codes, stratified_split

NAME = "digits"
LICENCE = "Creative Commons Attribution 4.0 International (CC BY 4.0)"
CITATION = (
    "Alpaydin, E. and Kaynak, C. (1998). Optical Recognition of Handwritten Digits. UCI Machine Learning "
    "Repository, https://doi.org/10.24432/C50P49. Its test set, as bundled with scikit-learn; the split into "
    "train and test is this project's own."
)


def claims(address: str, root: Path) -> bool:
    """Whether the source is this set."""
    return address == NAME


def opened(source: Source, root: Path) -> Contents:
    """Return the digits: 1,797 images, 8 by 8 pixels, 17 levels made 8-bit grey."""
    path = _file(source.where)
    with readable(path, "CSV"), gzip.open(path, "rt") as file:
        values = np.loadtxt(file, delimiter=",", dtype=np.int64)
    pixels = np.rint(values[:, :64] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
    codes: Codes = values[:, 64]
    table = pa.table({"id": np.arange(len(codes), dtype=np.int32), "label": codes})
    table = table.append_column("split", stratified_split(codes, seed=0))
    names = source.classes or tuple(map(str, range(10)))
    roles = {"id": "id", "label": "label", "split": "split"}
    known = Known(roles, {"label": names}, LICENCE, CITATION)
    kind = "bundled set of images (scikit-learn)"
    size = path.stat().st_size
    return TableContents(kind, NAME, table, file_digest(path), size, known, ArrayImages(pixels))


def _file(where: str) -> Path:
    found = importlib.util.find_spec("sklearn")
    if found is None or found.origin is None:
        hint = "install the pipelines extra: pip install 'explainsite[pipelines]'"
        raise ContractError(where, 'the bundled set "digits" needs the library scikit-learn', hint)
    return Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"
