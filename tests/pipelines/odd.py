"""Networks with layers that are hard to look at; a report's own code builds them from a copy of this file."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class Giving(nn.Module):
    """Gives what a function makes of rows of shape (samples, 64)."""

    def __init__(self, made: Any) -> None:
        super().__init__()
        self.made = made

    def forward(self, rows: Tensor) -> Any:
        """Return what the function makes."""
        return self.made(rows)


def _spoilt(rows: Tensor) -> Tensor:
    """Return the rows, with NaN in those of which more than 385 sixteenths are ink."""
    return torch.where(rows.sum(1, keepdim=True) * 16 > 385, torch.nan, rows)


ODD = {
    "nothing": lambda _: None,
    "empty": lambda _: [],
    "words": lambda _: {"words": ["a"]},
    "sparse": lambda rows: rows.to_sparse(),
    "eight": lambda _: torch.arange(8.0)[:, None] + torch.zeros(3),
    "square": lambda rows: rows @ rows.T,
    "widening": lambda rows: rows[:, : 4 if len(rows) <= 8 else 5],
    "shrinking": lambda rows: rows[0] if len(rows) > 8 else rows,
    "spoilt": _spoilt,
}
"""What cannot be looked at, by the name of its layer."""


class Odd(nn.Module):
    """Reads images of 8 by 8 pixels; of its layers `flat`, `kind` and `logits` are as layers should be."""

    def __init__(self) -> None:
        super().__init__()
        self.flat = nn.Flatten()
        self.kind = Giving(lambda rows: rows.argmax(1))
        for name, made in ODD.items():
            self.add_module(name, Giving(made))
        self.logits = nn.Linear(64, 10)

    def forward(self, images: Tensor) -> Any:
        """Return a logit for each class."""
        rows = self.flat(images)
        self.kind(rows)
        for name in ODD:
            self.get_submodule(name)(rows)
        return self.logits(rows)


def odd() -> Odd:
    """Return the network; its weights are the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(4)
        return Odd().eval()


class Broken(nn.Module):
    """Cannot answer at all."""

    def __init__(self) -> None:
        super().__init__()
        self.logits = nn.Linear(64, 10)

    def forward(self, images: Tensor) -> Any:
        """Raise."""
        return self.logits(images)


def broken() -> Broken:
    """Return the network."""
    return Broken().eval()


class Sequence(nn.Module):
    """Reads images as 16 steps of 4 channels, which come first in convolutions and last in what follows."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 3, padding=1)
        self.norm = nn.BatchNorm1d(6)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool1d(2)
        self.dense = nn.Linear(6, 5)
        self.gelu = nn.GELU()
        self.logits = nn.Linear(5, 10)

    def forward(self, images: Tensor) -> Any:
        """Return a logit for each class."""
        steps = self.pool(self.relu(self.norm(self.conv(images.reshape(-1, 4, 16)))))
        return self.logits(self.gelu(self.dense(steps.transpose(1, 2))).mean(1))


UNITS = {"conv": [6, 16], "norm": [6, 16], "relu": [6, 16], "pool": [6, 8], "dense": [5, 8], "gelu": [5, 8]}
"""Units of the layers of `Sequence`, and the places of each."""


def sequence() -> Sequence:
    """Return the network; its weights are the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(5)
        return Sequence().eval()


class Recurrent(nn.Module):
    """Reads images as 8 steps of 8 features."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, 6, batch_first=True)
        self.drop = nn.Dropout()
        self.logits = nn.Linear(6, 10)

    def forward(self, images: Tensor) -> Any:
        """Return a logit for each class."""
        steps, _ = self.lstm(images.reshape(-1, 8, 8))
        return self.logits(self.drop(steps)[:, -1])


def recurrent() -> Recurrent:
    """Return the network; its weights are the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(6)
        return Recurrent().eval()
