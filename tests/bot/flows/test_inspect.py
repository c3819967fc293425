"""A close look at one service."""

from __future__ import annotations

import pytest

from bot.domain.inspection import UnitState
from bot.flows.inspect import inspect
from tests.cases import SEED_AS_ROOT, captured
from tests.conversations.ops import Ops


@pytest.mark.parametrize(
    ("service", "unit"),
    [
        ("ssh", "ssh.service"),
        ("cron", "cron.service"),
        ("rsyslog", "rsyslog.service"),
        ("journald", "systemd-journald.service"),
        ("systemd", "init.scope"),
        ("gunicorn", "gunicorn.service"),
        ("SSH.service", "ssh.service"),
    ],
)
def test_the_unit_by_which_a_service_is_known_is_the_one_asked_for(service: str, unit: str) -> None:
    ops = Ops('[[host]]\nname = "web-1"')
    shell = ops.hosts["web-1"]
    shell.says("sh", captured(SEED_AS_ROOT))
    shell.says("systemctl", b"ActiveState=active\n")

    found = inspect(ops.ports, "web-1", service)

    assert isinstance(found.state, UnitState)
    assert [ran.argv[-1] for ran in shell.ran if ran.argv[0] == "systemctl"] == [unit]
