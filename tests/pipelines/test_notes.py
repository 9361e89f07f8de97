"""What TensorFlow notes about itself is left out; errors are told, and so is what comes before a crash."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pipelines.models.notes import without_notes

NOTES = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    "I0000 00:00:1795732086.601011   26177 port.cc:153] oneDNN custom operations are on.\n"
)
ERRORS = (
    "E0000 00:00:1795732086.6 26177 cuda_dnn.cc:9] cuDNN is too old\nI am no note\nW0000 00:00:17 beware\n"
)


def told(code: str) -> str:
    """Return what a process of its own writes to its standard error."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    return done.stderr


def test_notes_are_left_out_and_errors_kept(capfd: pytest.CaptureFixture[str]) -> None:
    with without_notes():
        os.write(2, (NOTES + ERRORS).encode())
    os.write(2, b"after\n")
    assert capfd.readouterr().err == f"{ERRORS}after\n"


def test_what_is_said_before_a_crash_is_told() -> None:
    said = told(
        "import os\nfrom pipelines.models.notes import without_notes\n"
        f"with without_notes():\n    os.write(2, {(NOTES + ERRORS).encode()!r})\n    os._exit(3)"
    )
    assert said == ERRORS


def test_an_error_while_loading_is_raised_as_it_is() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_library"), without_notes():
        import no_such_library  # type: ignore[import-not-found] # noqa: F401


def test_tensorflow_is_loaded_without_a_word() -> None:
    assert told("import pipelines.models.keras_archive") == ""
