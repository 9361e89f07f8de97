"""Where and how exactly PyTorch computes: devices, mixed precision, and memory that runs out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray


def devices() -> tuple[str, ...]:
    """Return the devices here, the best first."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return tuple(name for name, there in found.items() if there)


def precision(device: str, asked: str) -> str:
    """Return what numbers a network computes in: "bfloat16" or "float16" on CUDA, unless float32 is asked."""
    if device != "cuda" or asked == "float32":
        return "float32"
    return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"


@contextmanager
def inference(device: str, numbers: str) -> Iterator[None]:
    """Compute without gradients, and in mixed precision unless `numbers` is "float32"."""
    mixed = torch.autocast(device, dtype=getattr(torch, numbers), enabled=numbers != "float32")
    with torch.inference_mode(), mixed:
        yield


def on_device(values: NDArray[Any], device: str, dtype: torch.dtype) -> torch.Tensor:
    """Return an array as a tensor there; floating-point numbers take `dtype`."""
    tensor = torch.from_numpy(np.ascontiguousarray(values)).to(device)
    return tensor.to(dtype) if tensor.is_floating_point() else tensor


def to_numpy(tensor: torch.Tensor) -> NDArray[Any]:
    """Return a tensor of any precision as an array; half precision becomes float32."""
    values: NDArray[Any] = (tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy()
    return values


def is_out_of_memory(error: Exception) -> bool:
    """Whether the error says that memory ran out; what CUDA keeps for later is then given back."""
    ran_out = isinstance(error, torch.OutOfMemoryError) or "not enough memory" in str(error)
    if ran_out and torch.cuda.is_available():
        torch.cuda.empty_cache()
    return ran_out
