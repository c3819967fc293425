"""The in-memory store keeps the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contracts.store import StoreContract
from tests.contracts.store_approvals import ApprovalContract
from tests.contracts.store_audit import AuditContract
from tests.contracts.store_history import HistoryContract
from tests.contracts.store_ledger import LedgerContract
from tests.contracts.store_outbox import OutboxContract
from tests.fakes.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable


class TestMemoryStore(
    StoreContract, LedgerContract, OutboxContract, HistoryContract, ApprovalContract, AuditContract
):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()

    @pytest.fixture
    def restarted(self, store: MemoryStore) -> Callable[[], MemoryStore]:
        return store.restarted
