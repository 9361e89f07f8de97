"""Runs a network over batches that fit in memory: halved when they do not, padded where a size is fixed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipelines.errors import ContractError
from pipelines.models.files import brief_reason
from pipelines.models.network import Answered, Array, Batch, Network, count, cut, padded

BATCH = 256


@dataclass
class Batches:
    """Answers batch by batch. `size` is how many samples the network is given at once, at most `most`.

    `most` falls when memory runs out.
    """

    network: Network
    layers: Sequence[str]
    where: str
    device: str
    size: int = BATCH
    most: int = BATCH

    def __post_init__(self) -> None:
        traits = self.network.traits
        shape = traits.inputs[0].shape if traits.inputs else traits.shape
        self.fixed = shape[0] if shape else None
        self.size = self.fixed or self.size

    def answers(self, batches: Iterable[Batch]) -> Iterator[Answered]:
        """Yield outputs and those of the layers, part by part, in order.

        None stands for a layer that takes no part, and for what does not count samples. Raise
        `ContractError` when the network cannot answer, or when one sample does not fit in memory.
        """
        for batch in batches:
            done, total = 0, count(batch)
            while done < total:
                part = cut(batch, slice(done, min(done + self.size, total)))
                found = self._attempt(part)
                if found is not None:
                    yield found
                    done += count(part)

    def check(self, batch: Batch) -> None:
        """Raise `ContractError` when the network cannot answer a batch, whatever its layers give."""
        replace(self, layers=())._attempt(batch)

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether an error says that a batch was too large."""
        return isinstance(error, MemoryError) or self.network.is_out_of_memory(error)

    def too_large(self) -> ContractError:
        """Return what to say when the smallest batch does not fit in memory."""
        what = f"{self.fixed or 1} samples do not fit in the memory of {self.device}"
        return ContractError(self.where, what, "use a smaller input.size, or --device cpu")

    def _attempt(self, part: Batch) -> Answered | None:
        """Return the answers for a part; None when it was too large and the next will be smaller."""
        wanted = count(part)
        given = padded(part, self.fixed) if self.fixed and wanted < self.fixed else part
        try:
            outputs, inner = self.network.answer(given, self.layers)
        except ContractError:
            raise
        except Exception as error:
            if not self.is_out_of_memory(error):
                raise self._failure(error, given) from error
            self._shrink(wanted, error)
            return None
        if len(outputs) < wanted:
            what = f"answered {wanted} samples with an array of shape {outputs.shape}"
            raise ContractError(self.where, what, "the first axis of an output counts samples")
        return np.asarray(outputs[:wanted]), [_of_samples(each, count(given), wanted) for each in inner]

    def _shrink(self, wanted: int, error: Exception) -> None:
        if wanted == 1 or self.fixed:
            raise self.too_large() from error
        self.size = self.most = max(1, wanted // 2)

    def _failure(self, error: Exception, given: Batch) -> ContractError:
        if isinstance(given, np.ndarray):
            said = f"{given.dtype} of shape {given.shape}"
        else:
            said = f"the columns {', '.join(given)}"
        what = f"cannot answer: {brief_reason(error)}"
        return ContractError(self.where, what, f"it was given {said}; see input and features")


def _of_samples(values: Array | None, given: int, wanted: int) -> Array | None:
    """Return what a layer gives for the samples that were asked for; None where it does not count them."""
    if not isinstance(values, np.ndarray) or values.ndim < 1 or len(values) != given:
        return None
    return values[:wanted]
