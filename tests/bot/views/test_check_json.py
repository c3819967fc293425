"""The JSON that scripts rely on."""

from __future__ import annotations

import json

from bot.errors import HostUnreachable
from bot.flows.check import check_all
from bot.views.check_json import check_json
from tests.cases import SEED_AS_USER, captured
from tests.conversations.ops import Ops


def test_the_bytes_of_a_breakdown_add_up_to_the_machine() -> None:
    ops = Ops('[[host]]\nname = "web-1"\n[[host]]\nname = "db-2"')
    ops.hosts["web-1"].says("sh", captured(SEED_AS_USER))
    ops.hosts["db-2"].fails(HostUnreachable("db-2 (192.0.2.1 port 22) cannot be reached."))

    web, db = json.loads(check_json(check_all(ops.ports, ("web-1", "db-2"))))["hosts"]

    assert (web["name"], web["level"], web["error"]) == ("web-1", "critical", None)
    assert web["mem_total_bytes"] == sum(line["bytes"] for line in web["breakdown"]) == 984064 * 1024
    assert web["mem_available_bytes"] == 79900672
    gunicorn = web["breakdown"][0]
    assert (gunicorn["name"], gunicorn["kind"], gunicorn["method"], gunicorn["workers"]) == (
        "gunicorn",
        "service",
        "cgroup",
        4,
    )
    assert db == {
        "name": "db-2",
        "level": "unknown",
        "taken_at": ops.clock().isoformat(),
        "error": "db-2 (192.0.2.1 port 22) cannot be reached.",
        "mem_total_bytes": None,
        "mem_available_bytes": None,
        "limit_bytes": None,
        "limit_used_bytes": None,
        "swap_total_bytes": None,
        "swap_used_bytes": None,
        "oom_kills": None,
        "pressure_some_avg10": None,
        "breakdown": [],
        "not_read": [],
    }
