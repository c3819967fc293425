"""Places a person may write, and what is said of those that are none."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from adapters.store.engine import open_database
from adapters.store.store import open_store
from bot.errors import StoreError
from tests.contracts.store import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "written",
    [
        "memwarden.db",
        "./deep/er/memwarden.db",
        "~/memwarden.db",
        "a b?mode=ro#c%20d&e=f.db",
        "file:memwarden.db",
        ":memory:",
        "grün-\udcff.db",
    ],
)
def test_a_file_is_named_by_its_path(written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / written.removeprefix("~/")

    with closing(open_store(written)) as store:
        store.remember(SAMPLE)

        assert store.latest("web-1") == SAMPLE
    assert path.is_file()


@pytest.mark.parametrize("written", ["", ".", "/", "a\0b"])
def test_a_path_that_names_no_file(written: str) -> None:
    with pytest.raises(
        StoreError, match=r"^The path under `database` in \[bot\] names no file; write the path"
    ):
        open_database(written, busy_timeout_s=1)


def test_a_home_that_nobody_has() -> None:
    with pytest.raises(
        StoreError, match=r"^The database ~nobody-of-this-name/x.db is in no known home directory; "
    ):
        open_database("~nobody-of-this-name/x.db", busy_timeout_s=1)
