from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import models

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def whisper_dir() -> Path:
    """The real model, verified; the same that a user gets."""
    return models.locate("whisper-base")


@pytest.fixture(scope="session")
def data() -> Path:
    """Recordings to test with; their licences are in its README."""
    return DATA
