"""The last lines a unit wrote to the journal."""

from __future__ import annotations

import pytest

from bot.domain.memory import Gap
from bot.facts import journal
from bot.ports import Completed


def test_lines_are_kept_and_cut_at_a_sensible_width() -> None:
    answer = Completed(0, b"2026-03-01T12:00 web-1 redis[7]: ready\n\n" + b"x" * 9000 + b"\n", b"")

    found = journal.parse(answer)

    assert isinstance(found, tuple)
    assert found[0] == "2026-03-01T12:00 web-1 redis[7]: ready"
    assert [len(line) for line in found[1:]] == [300]


def test_bytes_that_are_no_text_are_shown_as_what_they_are() -> None:
    assert journal.parse(Completed(0, b"caf\xc3\xa9 \xff\x1b[31m\r\n", b"")) == ("café \\xff\x1b[31m\r",)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Completed(127, b"", b"sh: journalctl: not found\n"), "journalctl did not answer"),
        (Completed(0, b"", b""), "the login needs the group adm or systemd-journal, or there are none"),
        (
            Completed(0, b"-- No entries --\n", b""),
            "the login needs the group adm or systemd-journal, or there are none",
        ),
    ],
)
def test_lines_that_are_not_ours_to_see_are_a_gap(answer: Completed, reason: str) -> None:
    assert journal.parse(answer) == Gap("the last log lines", reason)


def test_a_unit_is_asked_for_within_one_word() -> None:
    assert "--unit=--help.service" in journal.command("--help.service")
