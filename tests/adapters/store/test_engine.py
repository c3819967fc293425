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
        "sqlite:///memwarden.db",
        "sqlite+pysqlite:///~/memwarden.db",
        "a b?mode=ro#c%20d&e=f.db",
        "file:memwarden.db",
        ":memory:",
        "grün-\udcff.db",
    ],
)
def test_a_file_is_named_by_its_path_or_url(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / written.removeprefix("sqlite+pysqlite:///").removeprefix("sqlite:///").removeprefix(
        "~/"
    )

    with closing(open_store(written)) as store:
        store.remember(SAMPLE)

        assert store.latest("web-1") == SAMPLE
    assert path.is_file()


def test_an_absolute_path_in_a_url_has_four_slashes(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/memwarden.db").close()

    assert (tmp_path / "memwarden.db").is_file()


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


@pytest.mark.parametrize(
    "written",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite://memwarden.db",
        "sqlite:///x.db?mode=ro",
        "sqlite+aiosqlite:///x.db",
    ],
)
def test_a_url_of_sqlite_that_names_no_file(written: str) -> None:
    with pytest.raises(
        StoreError, match=r" is not a file; write its path, or sqlite:/// and its path alone.$"
    ):
        open_database(written, busy_timeout_s=1)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "postgresql+pg8000://bot:s3cret@db.example/memwarden?password=s3cret",
            "The database postgresql+pg8000://bot:***@db.example/memwarden needs the Python package pg8000; ",
        ),
        (
            "postgres://bot:s3cret@db.example/memwarden",
            "The database postgres://bot:***@db.example/memwarden is of a kind that is not known here; ",
        ),
        (
            "postgresql://bot:s3cret@db.example:port/memwarden",
            "The URL under `database` in [bot] cannot be read; ",
        ),
    ],
)
def test_a_url_that_cannot_be_used_and_its_password_is_not_shown(written: str, said: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_database(written, busy_timeout_s=1)

    assert str(caught.value).startswith(said)
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(caught.value.__cause__)
