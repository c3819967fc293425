"""What every conversation starts from."""

from __future__ import annotations

import pytest

from tests.conversations.ops import Ops


@pytest.fixture
def ops() -> Ops:
    """A bot without a configuration file: this machine, and everybody may look."""
    return Ops()
