"""Computes `dataset`: copies the samples and lays their images out on sprite sheets."""

from __future__ import annotations

import pyarrow as pa

from pipelines.contract import Rows
from pipelines.dataset.spec import SAMPLES
from pipelines.tool import Job, Output, check_free, sprite_sheets


def compute(job: Job) -> Output:
    """Return the table `samples`, one row per sample in all its columns."""
    if job.dataset is None:
        message = "the runner gives dataset a dataset"
        raise ValueError(message)
    sheets, places = sprite_sheets(job)
    told = {column.name: job.dataset.rows[column.name] for column in job.dataset.columns}
    check_free(job.dataset, places, told, "dataset")
    # Where there are no images, a column "x" is the dataset's own, whatever it holds.
    rows = Rows(SAMPLES.only(places), pa.table({**told, **places}), job.dataset.columns)
    libraries = ("numpy", "pyarrow", *(("pillow",) if sheets else ()))
    return Output((rows,), sheets, job.dataset.classes, libraries, job.dataset.skipped)
