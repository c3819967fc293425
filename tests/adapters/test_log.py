"""Our log: one record, one line."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from adapters import log

if TYPE_CHECKING:
    import pytest


def test_a_hostile_record_cannot_control_the_terminal_or_forge_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.start()

    logging.getLogger("bot").warning("host said %s", "\x1b[2Jhello\n2026-01-01 CRITICAL forged\u202e")

    written = capsys.readouterr().err
    assert "\x1b" not in written
    assert "\u202e" not in written
    assert [line for line in written.splitlines() if not line.startswith("    ")] == [written.splitlines()[0]]


def test_information_is_logged_only_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    log.start()
    logging.getLogger("adapters.hosts").info("quiet")
    log.start("INFO")
    logging.getLogger("adapters.hosts").info("said")

    assert "quiet" not in (written := capsys.readouterr().err)
    assert "said" in (written + capsys.readouterr().err)
