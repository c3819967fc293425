"""What people see in Slack and in Discord, view by view.

`GOLDEN=write make test` writes the files anew; look at the difference before committing it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import bot.commands
from adapters.chat.discord.rendering import rendered as in_discord
from adapters.chat.slack.rendering import rendered as in_slack
from bot.catalogue import entries
from bot.commands import Command
from bot.errors import HostUnreachable
from bot.message import Align, Button, Column, Emphasis, Message, Row, Table, Text, Tone
from tests.cases import MADE_CGROUP_V2, SEED_AS_ROOT, SEED_AS_USER, captured
from tests.conversations.ops import Ops

if TYPE_CHECKING:
    from adapters.monospace.document import Attachment

GOLDEN = Path(__file__).parents[2] / "golden"

FLEET = """
[[host]]
name = "web-1"
[[host]]
name = "db-2"
tags = ["production"]
[[host]]
name = "mail-1"
address = "mail-1.internal"
user = "memwarden"
jump = ["bastion"]
"""

TOP_1000 = Message(
    "web-1: the 1000 largest processes hold 719 of 961 MiB (75 %)",
    (
        Table(
            (Column("pid", Align.RIGHT), Column("memory", Align.RIGHT), Column("service")),
            tuple(Row((str(pid), "1 MiB", "gunicorn")) for pid in range(1000)),
        ),
        Text("This is a container (systemd-nspawn).", Tone.FAINT),
    ),
    tone=Tone.WARNING,
    footnote="up 1 h · 1000 processes · ~ is an estimate (not PSS)",
)
STOP = Message(
    "Plan 42: daphne on web-1 is stopped, which frees about 113 MiB",
    (Text("Real-time updates end until it is started again."),),
    (
        Button("Stop daphne", "approve 42 k7f3", Emphasis.DANGER, confirm="Real-time updates end."),
        Button("Deny", "deny 42"),
    ),
    tone=Tone.WARNING,
)
APOLOGY = Message(
    "That is a mistake of ours, not of yours. The log tells more about it: reference 1a2b3c4d.",
    tone=Tone.CRITICAL,
    refusal=True,
)


def alone(case: str) -> Ops:
    """One host, read as this case."""
    ops = Ops('[[host]]\nname = "web-1"')
    ops.hosts["web-1"].says("sh", captured(case))
    return ops


ALL = entries(bot.commands, "COMMAND", Command)
SHOWN = {"help", "hosts", "report", "service", "status", "top"}


def several() -> Ops:
    """Three hosts, one of which does not answer; a command more would be no reason for another help here."""
    ops = Ops(FLEET, commands=tuple(each for each in ALL if each.usage.name in SHOWN))
    ops.hosts["web-1"].says("sh", captured(SEED_AS_ROOT))
    ops.hosts["db-2"].says("sh", captured(MADE_CGROUP_V2))
    ops.hosts["mail-1"].fails(HostUnreachable("mail-1 does not answer: no route to host."))
    return ops


@pytest.mark.parametrize("words", ["status", "report", "top 10", "service gunicorn", "wide report"])
@pytest.mark.parametrize(("as_whom", "case"), [("root", SEED_AS_ROOT), ("user", SEED_AS_USER)])
def test_the_seed_is_shown_as_agreed(words: str, as_whom: str, case: str) -> None:
    view = words.removesuffix(" 10").removesuffix(" gunicorn").replace(" ", "-")
    assert_golden(f"seed-{as_whom}-{view}", alone(case).say("alice", words), words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fleet-status", "status"),
        ("hosts", "hosts"),
        ("help", "help"),
        ("help-top", "help top"),
        ("refusal", "repot web-1"),
        ("unreadable", "report mail-1"),
        ("unreadable-status", "status mail-1"),
        ("form", "service web-1"),
    ],
)
def test_answers_of_a_fleet_are_shown_as_agreed(name: str, words: str) -> None:
    assert_golden(name, several().say("alice", words), words)


@pytest.mark.parametrize(
    ("name", "message", "words"),
    [("overlong", TOP_1000, "top web-1 1000"), ("confirm", STOP, ""), ("apology", APOLOGY, "status")],
)
def test_rare_answers_are_shown_as_agreed(name: str, message: Message, words: str) -> None:
    assert_golden(name, message, words)


def assert_golden(name: str, message: Message, words: str) -> None:
    slack, discord = in_slack(message, words=words), in_discord(message, words=words)
    assert_same(
        GOLDEN / "slack" / f"{name}.json",
        {"text": slack.text, "blocks": slack.blocks, "file": brief(slack.file)},
    )
    assert_same(
        GOLDEN / "discord" / f"{name}.json",
        {
            "content": discord.content,
            "embeds": discord.embeds,
            "buttons": [asdict(button) for button in discord.buttons],
            "form": discord.form,
            "file": brief(discord.file),
        },
    )


def brief(file: Attachment | None) -> object:
    """A file's name, how many lines it has, and the first of them."""
    if file is None:
        return None
    lines = file.content.splitlines()
    return {"name": file.name, "lines": len(lines), "first": lines[:5]}


def assert_same(golden: Path, shown: object) -> None:
    text = json.dumps(shown, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
