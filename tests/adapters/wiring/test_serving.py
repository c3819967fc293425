"""Platforms are served side by side; what ends one leaves the others alone."""

from __future__ import annotations

import logging
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapters import log, wiring
from adapters.store.store import open_store
from adapters.wiring.outages import Herald
from adapters.wiring.unattended import Unattended
from bot.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Callable

    Configured = Callable[[str], wiring.Setting]


def letters() -> list[str]:
    return sorted(Path("letters").read_text().splitlines())


def test_all_configured_platforms_are_served(configured: Configured) -> None:
    setting = configured(
        '[chat.pigeon]\nletters = "letters"\nleaves = true\n[chat.wren]\nletters = "letters"\nleaves = true\n'
    )

    wiring.serve(setting)

    assert letters() == ["pigeon: 1 host", "wren: 1 host"]


@pytest.mark.parametrize(
    ("habit", "sentence"),
    [
        ('refuses = "The seed is off."', "The seed is off."),
        ('ring = { env = "NO_RING" }', "environment: NO_RING: is not set, and a secret should be in it"),
        ("breaks = true", "A mistake of ours ended pigeon; the log tells more."),
        ("exits = true", "A mistake of ours ended pigeon; the log tells more."),
        ("is_cancelled = true", "A mistake of ours ended pigeon; the log tells more."),
    ],
)
def test_one_that_has_to_end_leaves_the_others_alone_and_is_told_there_and_in_the_end(
    habit: str, sentence: str, configured: Configured
) -> None:
    setting = configured(
        f'[chat.pigeon]\nletters = "letters"\n{habit}\n'
        '[chat.wren]\nletters = "letters"\nleaves_after = "not served"\n'
    )

    with pytest.raises(ChatError) as caught:
        wiring.serve(setting)

    assert str(caught.value) == f"pigeon: {sentence}"
    assert letters() == ["wren: 1 host", f"wren: Pigeon is not served any more: {sentence}"]


def test_all_that_had_to_end_are_told(configured: Configured) -> None:
    setting = configured(
        '[chat.pigeon]\nletters = "x"\nrefuses = "No seed."\n'
        '[chat.wren]\nletters = "x"\nrefuses = "No nest."\n'
    )

    with pytest.raises(ChatError) as caught:
        wiring.serve(setting)

    assert sorted(str(caught.value).splitlines()) == ["pigeon: No seed.", "wren: No nest."]


def test_who_ends_while_others_go_on_is_one_line_in_the_log(
    configured: Configured, caplog: pytest.LogCaptureFixture
) -> None:
    setting = configured(
        '[chat.pigeon]\nletters = "x"\nring = { env = "NO_RING" }\n'
        '[chat.wren]\nletters = "x"\nleaves = true\n'
    )

    with caplog.at_level(logging.ERROR), pytest.raises(ChatError):
        wiring.serve(setting)

    (record,) = caplog.records
    assert record.getMessage() == (
        "pigeon is not served any more, but wren:"
        " environment: NO_RING: is not set, and a secret should be in it"
    )


def test_a_mistake_of_a_platform_is_logged_with_its_traceback(
    configured: Configured, caplog: pytest.LogCaptureFixture
) -> None:
    setting = configured('[chat.pigeon]\nletters = "letters"\nbreaks = true\n')

    with caplog.at_level(logging.ERROR), pytest.raises(ChatError, match="A mistake of ours ended pigeon"):
        wiring.serve(setting)

    assert "RuntimeError: a broken wing" in caplog.text


def test_what_a_platform_revealed_is_never_logged(
    configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RING", "hunter2-of-the-pigeon")
    setting = configured('[chat.pigeon]\nletters = "x"\nrefuses = "Bad ring: "\nring = { env = "RING" }\n')

    with pytest.raises(ChatError) as caught:
        wiring.serve(setting)

    assert log.concealed(str(caught.value)) == "Bad ring: ***"


def test_who_had_to_end_is_told_on_the_platforms_that_go_on_without_its_secret(
    configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RING", "hunter2-of-the-pigeon")
    setting = configured(
        '[chat.pigeon]\nletters = "x"\nrefuses = "Bad ring: "\nring = { env = "RING" }\n'
        '[chat.wren]\nletters = "letters"\nleaves_after = "not served"\n'
    )

    with pytest.raises(ChatError):
        wiring.serve(setting)

    assert letters() == ["wren: 1 host", "wren: Pigeon is not served any more: Bad ring: ***"]


def test_a_database_that_cannot_be_used_is_told_on_the_platforms_and_hosts_are_watched_all_the_same(
    configured: Configured,
) -> None:
    Path("note.txt").write_text("I am no database. " * 100)
    setting = configured(
        '[bot]\ndatabase = "note.txt"\n[chat.pigeon]\nletters = "letters"\nleaves_after = "cannot be used"\n'
    )

    wiring.serve(setting)

    assert letters()[-1] == (
        "pigeon: The database cannot be used: memwarden watches all the same,"
        " but changes nothing on any host and forgets everything at its end."
    )


@pytest.mark.parametrize("is_usable", [True, False])
def test_only_a_database_that_stays_is_one_by_which_hosts_are_changed(
    configured: Configured, tmp_path: Path, *, is_usable: bool
) -> None:
    setting = configured("")
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(str(tmp_path / "kept")))) if is_usable else None

        unattended = Unattended(setting, stack, store, Herald(setting.config.bot.zone))

        assert unattended.lasting is is_usable
        assert unattended.store is not None
