"""A new database takes a moment to make: it is made once and copied."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from adapters.store.store import SqlStore, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "new.db"
    open_store(str(path)).close()
    return path


@pytest.fixture
def path(new_database: Path, tmp_path: Path) -> Path:
    """Return the file of a database in which nothing is remembered yet."""
    path = tmp_path / "memwarden.db"
    shutil.copy(new_database, path)
    return path


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    with closing(open_store(str(path))) as opened:
        yield opened
