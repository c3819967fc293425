"""The audit for people and for programs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.domain.audit import Broken, Head, Verified, linked
from bot.message import Table, Tone
from bot.views.audit import audit, json_line, verdict
from tests.contracts.store_audit import ENTRY, NOW
from tests.conversations.ops import text_of

ROME = ZoneInfo("Europe/Rome")
LATER = NOW + timedelta(days=1)


def test_lines_are_shown_as_they_are_given_with_who_when_and_what_came_of_it() -> None:
    first = linked(ENTRY)
    second = linked(replace(ENTRY, who="memwarden", name="", at=LATER), 1, first.hash)

    message = audit((second, first), ROME, LATER, again="audit 2")

    *shown, footnote = text_of(message).splitlines()
    assert shown == [
        "2 lines of the audit, newest first",
        "no.  when  who  host  what  result",
        "2  at 15:02  memwarden  web-1  workers web-1 gunicorn 2  plan 42",
        "1  yesterday 15:02  Alice (slack:U01)  web-1  workers web-1 gunicorn 2  plan 42",
    ]
    assert footnote.startswith(
        f"`memwarden audit verify --head 2:{second.hash[:16]}` checks that none of them"
    )
    assert [button.words for button in message.buttons] == ["audit 2"]


def test_an_empty_audit_says_what_will_be_in_it() -> None:
    message = audit((), ROME, NOW)

    assert message.headline == "Nothing was done yet"
    assert "written down here" in text_of(message)


def test_what_was_refused_is_faint_and_nothing_can_pass_for_another_line() -> None:
    hostile = replace(ENTRY, what="x\n2  memwarden\x1b[2J", result="refused: " + "y" * 999, name="\u202e")

    (table,) = audit((linked(hostile),), ROME, NOW).blocks

    assert isinstance(table, Table)
    assert table.rows[0].tone is Tone.FAINT
    assert all(cell.isprintable() and len(cell) <= 120 for cell in table.rows[0].cells)


def test_a_program_finds_all_that_is_hashed_in_a_line() -> None:
    link = linked(replace(ENTRY, what="grün \udcff\n"))

    line = json_line(link)
    found = json.loads(line)

    assert line.isascii()
    assert "\n" not in line
    hashed = [
        found[key] for key in ("number", "previous", "at", "who", "name", "what", "host", "plan", "result")
    ]
    data = json.dumps(hashed, separators=(",", ":")).encode()
    assert found["hash"] == hashlib.sha256(data).hexdigest() == link.hash


def test_the_verdict_names_the_hash_to_compare_with_later() -> None:
    link = linked(ENTRY)

    note = "Note it elsewhere: an audit that is cut short or written anew has another. To compare: --head"
    assert verdict(Verified(1, link, None)) == (
        "The audit holds: 1 line, each follows from the one before.",
        f"The last is line 1 with the hash {link.hash}",
        f"{note} 1:{link.hash[:16]}",
    )
    assert verdict(Verified(0, None, None)) == ("The audit holds: 0 lines, nothing was written yet.",)


def test_the_verdict_says_that_a_noted_line_is_there() -> None:
    link = linked(ENTRY)

    said = verdict(Verified(1, link, None, Head(1, link.hash[:16])))

    assert said[1] == "Line 1 is the one that was noted."


def test_the_verdict_names_the_first_broken_line() -> None:
    link = linked(ENTRY)

    assert verdict(Verified(7, link, Broken(3, "line 3 is not what was written"))) == (
        "The audit is broken at line 3: line 3 is not what was written. (7 lines)",
        "From there on it proves nothing: compare it with a backup.",
        f"The last is line 1 with the hash {link.hash}",
    )
