"""A check as JSON: documented in the README, stable, additions only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.domain.check import Checked, Failed
from bot.domain.policy import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

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
            "taken_at": found.at.isoformat(),
            "error": str(found.error),
            "mem_total_bytes": None,
            "mem_available_bytes": None,
            "swap_used_bytes": None,
            "breakdown": [],
            "not_read": [],
        }
    meminfo = found.snapshot.meminfo
    return {
        "name": found.host,
        "level": found.assessment.level.value,
        "taken_at": found.snapshot.taken_at.isoformat(),
        "error": None,
        "mem_total_bytes": meminfo.total_bytes,
        "mem_available_bytes": meminfo.available_bytes,
        "swap_used_bytes": meminfo.swap_used_bytes,
        "breakdown": [_line(line) for line in found.breakdown.lines],
        "not_read": [{"what": gap.what, "reason": gap.reason} for gap in found.snapshot.gaps],
    }


def _line(line: Line) -> Json:
    return {
        "name": line.name,
        "kind": line.kind.value,
        "bytes": line.bytes,
        "method": line.method.value,
        "workers": line.workers,
    }
