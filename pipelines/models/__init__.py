"""Models: what answers for each sample of a dataset, from a file, trained here or told by columns."""

from pipelines.models.answering import answer as answer
from pipelines.models.answering import choose_device as choose_device
from pipelines.models.answering import devices as devices
from pipelines.models.answering import digests as digests
from pipelines.models.answering import modules as modules
from pipelines.models.answering import said as said
from pipelines.models.model import Answers as Answers
from pipelines.models.model import Model as Model
