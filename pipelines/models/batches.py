"""Runs a network over batches that fit in memory: halved when they do not, padded where a size is fixed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.errors import ContractError
from pipelines.models.files import brief_reason
from pipelines.models.network import Array, Batch, Network, count, cut, padded

BATCH = 256
Pair = tuple[Array, Array | None]


@dataclass
class Batches:
    """Answers batch by batch. `size` is how many samples the network is given at once; it only falls."""

    network: Network
    layer: str
    where: str
    device: str
    size: int = BATCH

    def __post_init__(self) -> None:
        traits = self.network.traits
        shape = traits.inputs[0].shape if traits.inputs else traits.shape
        self.fixed = shape[0] if shape else None
        self.size = self.fixed or self.size

    def answers(self, batches: Iterable[Batch]) -> Iterator[Pair]:
        """Yield outputs and embeddings (None without a layer), part by part, in order.

        Raise `ContractError` when the network cannot answer, or when one sample does not fit in memory.
        """
        for batch in batches:
            done, total = 0, count(batch)
            while done < total:
                part = cut(batch, slice(done, min(done + self.size, total)))
                found = self._attempt(part)
                if found is not None:
                    yield found
                    done += count(part)

    def _attempt(self, part: Batch) -> Pair | None:
        """Return the answers for a part; None when it was too large and the next will be smaller."""
        wanted = count(part)
        given = padded(part, self.fixed) if self.fixed and wanted < self.fixed else part
        try:
            outputs, embeddings = self.network.answer(given, self.layer)
        except ContractError:
            raise
        except Exception as error:
            if not (isinstance(error, MemoryError) or self.network.is_out_of_memory(error)):
                raise self._failure(error, given) from error
            self._shrink(wanted, error)
            return None
        if len(outputs) < wanted:
            what = f"answered {wanted} samples with an array of shape {outputs.shape}"
            raise ContractError(self.where, what, "the first axis of an output counts samples")
        flat = None if embeddings is None else self._flat(embeddings[:wanted], wanted)
        return np.asarray(outputs[:wanted]), flat

    def _flat(self, embeddings: Array, wanted: int) -> Array:
        if embeddings.ndim < 1 or len(embeddings) != wanted:
            what = f'layer "{self.layer}" gives an array of shape {embeddings.shape} for {wanted} samples'
            raise ContractError(self.where, what, "choose a layer whose first axis counts samples")
        return np.asarray(embeddings.reshape(wanted, -1), np.float32)

    def _shrink(self, wanted: int, error: Exception) -> None:
        if wanted == 1 or self.fixed:
            what = f"{self.fixed or 1} samples do not fit in the memory of {self.device}"
            hint = "use a smaller input.size, or --device cpu"
            raise ContractError(self.where, what, hint) from error
        self.size = max(1, wanted // 2)

    def _failure(self, error: Exception, given: Batch) -> ContractError:
        if isinstance(given, np.ndarray):
            said = f"{given.dtype} of shape {given.shape}"
        else:
            said = f"the columns {', '.join(given)}"
        what = f"cannot answer: {brief_reason(error)}"
        return ContractError(self.where, what, f"it was given {said}; see input and features")
