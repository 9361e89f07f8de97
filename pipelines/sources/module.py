"""The source `module:function`: a function of the report's own that returns a table."""

from __future__ import annotations

import hashlib
import inspect
import re
from pathlib import Path

from pipelines.frames import arrow_table, content_digest
from pipelines.own_code import load_function, source_digest, told
from pipelines.sources.source import Contents, Source, TableContents, hugging_face

_REFERENCE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


def claims(address: str, root: Path) -> bool:
    """Whether the source names a function, as Python would write it."""
    return _REFERENCE.fullmatch(address) is not None


def opened(source: Source, root: Path) -> Contents:
    """Call the report's function, which its settings name, and return its table.

    The digest is of the module's source and of the table's content: either may change alone.
    """
    function = load_function(source.source, root, source.where)
    with told(Path(inspect.getsourcefile(function) or source.source)):
        returned = function()
    table = arrow_table(returned, source.where)
    digests = source_digest(source.source, root, source.where) + content_digest(table)
    sha256 = hashlib.sha256(digests.encode()).hexdigest()
    kind = "table from the report's own function"
    return TableContents(kind, source.where, table, sha256, int(table.nbytes), hugging_face(table.schema))
