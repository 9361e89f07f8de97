"""How many random cases are tried: a few hundred in ``make test``, ten thousand in ``make fuzz``."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

CASES = int(os.environ.get("SITEGEN_CASES", "300"))
REQUESTS = int(os.environ.get("SITEGEN_REQUESTS", "300"))
EDITS = int(os.environ.get("SITEGEN_EDITS", "15"))

fuzzed = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
