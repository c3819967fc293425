"""What people write in the place of a host, a service, a number, a reason or a code to have more done."""

from __future__ import annotations

from itertools import product

import pytest

from bot.domain.approval import Phase
from tests.conversations.approvals import ALICE, BOB, DAVE, Approvals
from tests.conversations.ops import text_of

PAYLOADS = (
    "; reboot",
    "&& reboot",
    "|| reboot",
    "| sh",
    "& reboot &",
    "$(reboot)",
    "`reboot`",
    "${IFS}reboot",
    "$IFS$9reboot",
    "\nreboot\n",
    "\r\nreboot",
    "\x00reboot",
    "%0areboot",
    "\\nreboot",
    "> /etc/passwd",
    ">> /root/.ssh/authorized_keys",
    "< /etc/shadow",
    "$(cat /etc/shadow)",
    "-H root@evil",
    "-M .host",
    "--host=evil",
    "--root=/",
    "--now",
    "--force",
    "-",
    "--",
    "-- ssh.service",
    "*",
    "*.service",
    "?unicorn",
    "[a-z]*",
    "{gunicorn,ssh}",
    "../../etc/passwd",
    "/etc/systemd/system/ssh.service",
    "gunicorn.service ssh.service",
    "ssh.service\x00gunicorn",
    "gunicorn.service/../ssh.service",
    "'; reboot; '",
    '"; reboot; "',
    "gunicorn' --now '",
    "<!channel>",
    "@everyone",
    "<script>alert(1)</script>",
    "[click](http://evil.example)",
    "\x1b[2J\x1b]0;owned\x07",
    "\u202egnp.exe",
    "\u2028reboot",
    "\uff47unicorn",
    "gunicorn\u200b",
    "{{7*7}}",
    "%s%n%x",
    "x" * 9000,
)
PLACES = (
    "workers {} gunicorn 2",
    "workers web-1 {} 2",
    "workers web-1 gunicorn {}",
    "stop web-1 {}",
    "start web-1 {}",
    "approve 1 {}",
    "deny {} because",
)
"""Each payload in each of these: more than 300 tries."""

HARMLESS = {"sh", "/usr/bin/systemctl", "/usr/bin/id", "/usr/bin/test"}


def spoken(place: str, payload: str, *, in_quotes: bool) -> str:
    return place.format(f'"{payload}"' if in_quotes else payload)


@pytest.mark.parametrize("place", PLACES)
def test_whatever_is_written_nothing_is_run_and_all_of_it_is_audited(place: str) -> None:
    asked: list[tuple[str, ...]] = []
    ops = Approvals()
    ops.ask(ALICE)
    ops.machine.before = asked.append
    for payload, in_quotes in product(PAYLOADS, (True, False)):
        before = len(ops.audit(10_000))

        answer = ops.say(BOB, spoken(place, payload, in_quotes=in_quotes))

        assert answer.refusal, payload
        assert answer.headline.isprintable(), payload
        assert all(line.isprintable() for line in text_of(answer).splitlines()), payload
        lines = ops.audit(10_000)[before:]
        assert len(lines) == 1, payload
        assert all(line.startswith("slack:U02 | ") and " | refused: " in line for line in lines), payload
        assert all(line.isprintable() for line in lines), payload
    assert ops.machine.ran == []
    assert {argv[0] for argv in asked} <= HARMLESS
    assert ops.approval(1).phase is Phase.ASKED
    assert len(ops.store.approvals(ops.clock())) == 1


@pytest.mark.parametrize("place", PLACES)
def test_systemd_is_only_ever_asked_about_names_of_units(place: str) -> None:
    asked: list[tuple[str, ...]] = []
    ops = Approvals()
    ops.machine.before = asked.append
    for payload in PAYLOADS:
        ops.say(DAVE, spoken(place, payload, in_quotes=True))

    for argv in asked:
        if argv[0] == "/usr/bin/systemctl":
            assert argv[-2] == "--"
            assert argv[-1].endswith(".service")
            assert argv[-1].isascii()
            assert not set(argv[-1]) & set(" ;&|$`<>*?[]{}()'\"\n\r\0/")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_reason_is_nothing_but_words(payload: str) -> None:
    ops = Approvals()
    ops.ask(ALICE)

    ops.say(BOB, f'deny 1 "{payload}"')

    reason = ops.approval(1).verdict
    assert reason.isprintable()
    assert len(reason) <= 200
    assert all(line.isprintable() for line in ops.audit())
    assert ops.machine.ran == []
