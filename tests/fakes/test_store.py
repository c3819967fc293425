"""The in-memory store keeps the contract."""

from __future__ import annotations

import pytest

from tests.contracts.store import StoreContract
from tests.fakes.store import MemoryStore


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()
