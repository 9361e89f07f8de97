"""Models: what answers for each sample of a dataset, from a file, trained here or told by columns.

Its names are loaded when they are asked for: the settings of models are read where nothing is computed.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.models.answering import answer as answer
    from pipelines.models.answering import choose_device as choose_device
    from pipelines.models.answering import devices as devices
    from pipelines.models.answering import digests as digests
    from pipelines.models.answering import held_out as held_out
    from pipelines.models.answering import is_trained_here as is_trained_here
    from pipelines.models.answering import modules as modules
    from pipelines.models.answering import responses as responses
    from pipelines.models.answering import said as said
    from pipelines.models.answering import torch_devices as torch_devices
    from pipelines.models.model import Answers as Answers
    from pipelines.models.model import Model as Model
    from pipelines.models.model import Responses as Responses

_NAMES = (
    *("answer", "choose_device", "devices", "digests", "held_out", "is_trained_here", "modules", "responses"),
    *("said", "torch_devices"),
    *("Answers", "Model", "Responses"),
)


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        message = f"module {__name__} has no attribute {name}"
        raise AttributeError(message)
    from pipelines.models import answering

    return getattr(answering, name)
