"""`memwarden run` on Slack and Discord at once: many people click Approve at the same moment.

The program and its libraries are real, sshd too; only the platforms are ours, and the machine behind sshd.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from adapters.store.store import open_store
from bot.flows.audit import verify
from tests.bot.both import DISCORD_CHANNEL, SLACK_CHANNEL, running
from tests.fakes.machine_with_services import MachineWithServices
from tests.servers.behind_sshd import machine_behind_sshd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bot.both import Running
    from tests.servers.fake_discord import Shown as ShownOnDiscord
    from tests.servers.fake_slack import Shown as ShownOnSlack
    from tests.servers.sshd import Keys

ON_SLACK, ON_DISCORD, CLICKS_EACH = ("U11", "U12", "U13"), ("21", "22"), 4
CLICKS = (len(ON_SLACK) + len(ON_DISCORD)) * CLICKS_EACH
CONFIGURATION = """
[people]
operators = ["slack:U10"]
approvers = ["slack:U11", "slack:U12", "slack:U13", "discord:21", "discord:22"]

[[host]]
name = "web-1"
address = "{server.address}"
port = {server.port}
user = "{server.user}"
key_file = "{key}"
known_hosts = "{known_hosts}"
"""
WON = re.compile(r"\W*Plan 1 is approved")
LOST = re.compile(
    r"\W*(You have approved plan 1 already\.|(Dee|Sam) \d+ approved this|Plan 1 was carried out already\.)"
)
ANSWERED = re.compile(f"{WON.pattern}|{LOST.pattern}")


def test_twenty_clicks_of_five_people_on_two_platforms_are_one_execution(tmp_path: Path, keys: Keys) -> None:
    machine = MachineWithServices(lambda: datetime.now(UTC))
    with machine_behind_sshd(tmp_path / "host", keys, machine) as server:
        hosts = CONFIGURATION.format(
            server=server, key=keys.client("ed25519"), known_hosts=server.known_hosts()
        )
        with running(tmp_path, hosts) as program:
            introduce(program)
            program.start()
            program.slack.command("U10", "workers web-1 gunicorn 2", channel=SLACK_CHANNEL)
            program.wait(lambda: bool(cards(program)[0] and cards(program)[1]), "no card")

            click_at_once(program)

            program.wait(lambda: len(said(program)) == CLICKS, "somebody got no answer")
            program.wait(lambda: all("is done" in c[0].plain for c in cards(program)), "it is not done")
            answers = said(program)
            ended = program.stop()

    assert sum(WON.match(answer) is not None for answer in answers) == 1
    assert [answer for answer in answers if not ANSWERED.match(answer)] == []
    assert [words[1:] for words in machine.ran] == [
        ("workers", "gunicorn.service", "2"),
        ("daemon-reload",),
        *[("kill", "--kill-who=main", "-s", "TTOU", "gunicorn.service")] * 2,
    ]
    assert machine.gunicorn.workers == 2
    assert (ended.status, "Traceback" in ended.printed) == (0, False)
    assert_audited(tmp_path)


def introduce(program: Running) -> None:
    for number, user in enumerate(("U10", *ON_SLACK), 10):
        program.slack.add_user(user, f"Sam {number}")
    program.slack.add_channel(SLACK_CHANNEL, "ops", members=("U10", *ON_SLACK))
    for user in ON_DISCORD:
        program.discord.add_member(user, f"Dee {user}")


def cards(program: Running) -> tuple[list[ShownOnSlack], list[ShownOnDiscord]]:
    """The plan's card on each platform, as somebody sees it who may approve."""
    on_slack = program.slack.shown(ON_SLACK[0], SLACK_CHANNEL)
    on_discord = program.discord.shown(ON_DISCORD[0], DISCORD_CHANNEL)
    return (
        [each for each in on_slack if "Plan 1 on web-1" in each.plain and not each.ephemeral],
        [each for each in on_discord if "Plan 1 on web-1" in each.plain and not each.ephemeral],
    )


def questions(program: Running) -> Iterator[tuple[str, ShownOnDiscord]]:
    """What memwarden asks who clicked on Discord, and waits for an answer to."""
    for user in ON_DISCORD:
        for each in program.discord.shown(user, DISCORD_CHANNEL):
            if each.ephemeral and "Yes" in each.buttons:
                yield user, each


def said(program: Running) -> list[str]:
    """What the clicks came to so far, as only who clicked sees it."""
    on_slack = [each for user in ON_SLACK for each in program.slack.shown(user, SLACK_CHANNEL)]
    on_discord = [each for user in ON_DISCORD for each in program.discord.shown(user, DISCORD_CHANNEL)]
    return [
        *(each.plain for each in on_slack if each.ephemeral and not each.plain.startswith("Looking…")),
        *(each.plain for each in on_discord if each.ephemeral and ANSWERED.match(each.plain)),
    ]


def click_at_once(program: Running) -> None:
    """Let everybody click Approve; on Discord memwarden asks back, and they say yes."""
    (on_slack,), (on_discord,) = cards(program)
    slack, discord = program.slack, program.discord
    for user in ON_DISCORD:
        for _ in range(CLICKS_EACH):
            discord.click(user, on_discord, "Approve")
    asked = len(ON_DISCORD) * CLICKS_EACH
    program.wait(lambda: len(list(questions(program))) == asked, "not every click was asked about")
    clicks: list[Callable[[], object]] = [
        *(partial(discord.click, user, question, "Yes") for user, question in questions(program)),
        *(partial(slack.click, user, on_slack, "Approve") for user in ON_SLACK * CLICKS_EACH),
    ]
    with ThreadPoolExecutor(len(clicks)) as threads:
        for done in [threads.submit(click) for click in clicks]:
            done.result()


def assert_audited(folder: Path) -> None:
    """All twenty clicks are lines of a chain that holds, one of them a yes."""
    with closing(open_store(str(folder / "state" / "memwarden" / "memwarden.sqlite3"))) as store:
        entries = [link.entry for link in store.audited(99)]
        assert verify(store).broken is None
    clicks = [entry for entry in entries if entry.what.startswith("approve")]
    assert len(clicks) == CLICKS
    assert sum(entry.result.startswith("approved, fingerprint") for entry in clicks) == 1
    assert sum(entry.result.startswith("refused: ") for entry in clicks) == CLICKS - 1
