"""A small network that the tests of models share; a report's own code builds it from a copy of this file."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Small(nn.Module):
    """Reads images of 8 by 8 pixels and one channel; `hidden` has 16 units."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.stage = nn.Sequential(nn.Conv2d(1, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.hidden = nn.Sequential(nn.Flatten(), nn.Linear(width * 16, 16), nn.ReLU())
        self.logits = nn.Linear(16, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Return a logit for each class."""
        found: Tensor = self.logits(self.hidden(self.stage(images - 0.5)))
        return found


class Several(nn.Module):
    """Is given an image, a whole number and two numbers; `scale` may be left out."""

    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(64 + 3, 2)

    def forward(self, image: Tensor, age: Tensor, place: Tensor, scale: float = 90) -> Tensor:
        """Return a logit for each class."""
        found: Tensor = self.last(torch.cat([image.flatten(1), age[:, None] / scale, place], 1))
        return found


def several() -> Several:
    """Return the network of several inputs with weights that are the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(4)
        return Several().eval()


def small(width: int = 4) -> Small:
    """Return the network with weights that are the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = Small(width).eval()
        with torch.no_grad():
            network.logits.weight *= 20  # spread probabilities, so that a wrong one is seen
    return network
