"""Products of matrices on a GPU, in double precision, by PyTorch."""

from __future__ import annotations

import torch

from pipelines.pfa.moments import Floats, Product


def product_on(device: str) -> Product:
    """Return what multiplies the transpose of a matrix with the matrix on a device."""

    def multiply(rows: Floats) -> Floats:
        with torch.inference_mode():
            given = torch.from_numpy(rows).to(device)
            made: Floats = (given.T @ given).cpu().numpy()
        return made

    return multiply
