"""Somebody asks where a server's memory is; the hosts answer what real ones answered."""

from __future__ import annotations

import re

import pytest

from bot.errors import CommandTimedOut, HostKeyChanged, StoreError
from bot.message import Table, Tone
from tests.cases import SEED_AS_ROOT, SEED_AS_USER, captured
from tests.conversations.ops import Ops, text_of

TWO_HOSTS = """
[[host]]
name = "web-1"
[[host]]
name = "db-2"
"""


@pytest.fixture
def web() -> Ops:
    """One host, the seed's server, on which we are root."""
    ops = Ops('[[host]]\nname = "web-1"')
    ops.hosts["web-1"].says("sh", captured(SEED_AS_ROOT))
    return ops


@pytest.fixture
def two() -> Ops:
    """Two hosts: the seed's server, and one that is down."""
    ops = Ops(TWO_HOSTS)
    ops.hosts["web-1"].says("sh", captured(SEED_AS_USER))
    ops.hosts["db-2"].fails(CommandTimedOut("'sh' was not done within 20 s on db-2."))
    return ops


def test_status_of_one_host_answers_in_its_first_line_and_says_what_would_help(web: Ops) -> None:
    answer = web.say("alice", "/mem status")

    assert answer.headline == "web-1 is critical: 82 of 961 MiB available (8 %)"
    assert answer.tone is Tone.CRITICAL
    assert "largest: gunicorn 358 MiB, daphne 115 MiB" in text_of(answer)
    assert "gunicorn 4 -> 2 workers would free about 167 MiB" in text_of(answer)


def test_status_of_several_hosts_puts_the_worst_first_and_names_the_silent_one(two: Ops) -> None:
    answer = two.say("alice", "status")

    assert answer.headline == "1 critical · 1 unknown"
    table = next(block for block in answer.blocks if isinstance(block, Table))
    assert [row.cells[:2] for row in table.rows] == [("critical", "web-1"), ("unknown", "db-2")]
    assert "db-2 did not answer within 20 s." in text_of(answer)


def test_a_host_that_cannot_be_read_is_unknown_never_zero(two: Ops) -> None:
    answer = two.say("alice", "report db-2")

    assert answer.tone is Tone.UNKNOWN
    assert answer.headline == "db-2 did not answer within 20 s."


def test_the_report_has_every_line_with_its_method_and_adds_up(web: Ops) -> None:
    answer = web.say("alice", "report")

    table = next(block for block in answer.blocks if isinstance(block, Table))
    names = [row.cells[0] for row in table.rows]
    assert names[:4] == ["gunicorn", "daphne", "platform-agent", "backup-agent"]
    assert names[-3:] == ["cache", "free", "unaccounted"]
    assert all(row.cells[4] for row in table.rows)
    shown = [int(row.cells[2].removeprefix("<").removesuffix(" MiB")) for row in table.rows]
    assert sum(shown) == pytest.approx(961, abs=len(shown) / 2)
    assert table.total is not None
    assert table.total.cells[2:4] == ("961 MiB", "100 %")


def test_without_root_the_report_says_how_it_measured_instead(two: Ops) -> None:
    answer = two.say("alice", "report web-1")

    assert "cgroup" in answer.footnote
    assert "up to about" in text_of(answer)


def test_top_shows_what_the_end_of_a_process_would_free(web: Ops) -> None:
    answer = web.say("alice", "top 2")

    assert answer.headline.startswith("web-1: the 2 largest processes hold")
    table = next(block for block in answer.blocks if isinstance(block, Table))
    assert [(row.cells[0], row.cells[3], row.cells[7]) for row in table.rows] == [
        ("49", "113 MiB", "daphne"),
        ("53", "103 MiB", "platform-agent"),
    ]


def test_an_estimate_is_marked_in_top(two: Ops) -> None:
    answer = two.say("alice", "top web-1 1")

    assert "~110 MiB" in text_of(answer)
    assert "~ is an estimate" in answer.footnote


def test_a_service_is_shown_with_its_unit_its_workers_and_its_last_words(web: Ops) -> None:
    web.hosts["web-1"].says(
        "systemctl",
        b"Description=the shop\nActiveState=active\nSubState=running\nNRestarts=3\nResult=success\n",
    )
    web.hosts["web-1"].says("journalctl", b"2026-03-02T14:00:00 web-1 gunicorn[63]: Booting worker\n")

    answer = web.say("alice", "service gunicorn")

    said = text_of(answer)
    assert answer.headline == "gunicorn on web-1 holds 358 MiB (37 % of memory)"
    assert "gunicorn.service: active (running), restarted 3 times by systemd" in said
    assert said.count("worker  ") == 4
    assert "gunicorn[63]: Booting worker" in said


def test_a_host_without_systemd_or_journal_rights_still_shows_the_service(web: Ops) -> None:
    web.hosts["web-1"].says("journalctl", b"-- No entries --\n")

    said = text_of(web.say("alice", "service redis"))

    assert "Not read: the unit's state (systemctl did not answer)." in said
    assert "Not read: the last log lines (the login needs the group adm" in said


def test_a_mistyped_service_leads_to_the_right_one(web: Ops) -> None:
    answer = web.say("alice", "service gunicron")

    assert answer.headline.startswith(
        "web-1 runs no service `gunicron`. Did you mean `gunicorn`? It runs `gunicorn`"
    )


def test_a_changed_host_key_is_the_answer_and_nothing_else(two: Ops) -> None:
    two.hosts["web-1"].fails(
        HostKeyChanged("web-1 shows another host key than the pinned one. Nothing was sent.")
    )

    assert two.say("alice", "top web-1").headline.startswith("web-1 shows another host key")


def test_the_buttons_are_words_that_work(web: Ops) -> None:
    web.say("alice", "status")

    assert web.click("alice", "Report").headline == web.say("alice", "report web-1").headline


def test_swap_that_is_read_back_since_the_check_before_is_said(web: Ops) -> None:
    answer = captured(SEED_AS_ROOT)
    web.hosts["web-1"].says("sh", _swapping(answer, swapped_in_pages=1000))
    web.say("alice", "status")
    web.time_passes(seconds=10)
    web.hosts["web-1"].says("sh", _swapping(answer, swapped_in_pages=1000 + 5120))

    assert "swap 212 of 512 MiB, in 2.0 MiB/s" in text_of(web.say("alice", "status"))


def test_a_store_that_fails_costs_no_answer(web: Ops) -> None:
    web.store.fails(StoreError("The database is locked."))

    said = text_of(web.say("alice", "report"))

    assert said.startswith("web-1 is critical")
    assert "Not remembered: The database is locked." in said


def _swapping(answer: bytes, swapped_in_pages: int) -> bytes:
    """Return the answer of the same host with 212 MiB of swap in use."""
    answer = re.sub(rb"SwapTotal: +0 kB", b"SwapTotal: 524288 kB", answer)
    answer = re.sub(rb"SwapFree: +0 kB", b"SwapFree: 307200 kB", answer)
    return re.sub(rb"pswpin [0-9]+", b"pswpin %d" % swapped_in_pages, answer)
