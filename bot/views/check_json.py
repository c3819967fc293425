"""A check as JSON: documented in the README, stable, additions only."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING

from bot.domain.check import Checked, Failed
from bot.domain.policy import Level

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.breakdown import Line

Json = dict[str, "str | int | float | list[Json] | Json | None"]


def check_json(found: Sequence[Checked | Failed]) -> str:
    """Write all hosts; the bytes of each breakdown add up to its `mem_total_bytes`."""
    return json.dumps({"hosts": [_host(each) for each in found]}, indent=2)


def _host(found: Checked | Failed) -> Json:
    if isinstance(found, Failed):
        return {
            "name": found.host,
            "level": Level.UNKNOWN.value,
            "taken_at": _utc(found.at),
            "error": str(found.error),
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
    meminfo, limit = found.snapshot.meminfo, found.snapshot.limit
    vmstat, pressure = found.snapshot.vmstat, found.snapshot.pressure
    return {
        "name": found.host,
        "level": found.assessment.level.value,
        "taken_at": _utc(found.snapshot.taken_at),
        "error": None,
        "mem_total_bytes": meminfo.total_bytes,
        "mem_available_bytes": meminfo.available_bytes,
        "limit_bytes": limit.limit_bytes if limit else None,
        "limit_used_bytes": limit.used_bytes if limit else None,
        "swap_total_bytes": meminfo.swap_total_bytes,
        "swap_used_bytes": meminfo.swap_used_bytes,
        "oom_kills": vmstat.oom_kills if vmstat else None,
        "pressure_some_avg10": pressure.some_avg10 if pressure else None,
        "breakdown": [_line(line) for line in found.breakdown.lines],
        "not_read": [{"what": gap.what, "reason": gap.reason} for gap in found.snapshot.gaps],
    }


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _line(line: Line) -> Json:
    return {
        "name": line.name,
        "kind": line.kind.value,
        "bytes": line.bytes,
        "method": line.method.value,
        "workers": line.workers,
    }
