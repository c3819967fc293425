"""`/mem incidents [hosts]`: what is wrong now, and what was in the last 24 hours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.triage import store_of
from bot.message import Kind, Message, Parameter, Usage
from bot.views.incidents import incidents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.commands import Call
    from bot.domain.incident import Incident

_BEFORE = timedelta(hours=24)


def _run(call: Call) -> Message:
    store, now = store_of(call.ports), call.ports.now()
    asked, configured = call.arguments.hosts, call.ports.config.hosts
    found = store.incidents(now - _BEFORE)
    everything = len(asked) == len(configured)
    return incidents(
        found if everything else tuple(_of(found, asked)),
        call.ports.config.bot.zone,
        now,
        backlog=store.backlog(),
        given_up=store.given_up(now - _BEFORE),
        again=call.again,
    )


def _of(found: Sequence[Incident], hosts: Sequence[str]) -> Iterator[Incident]:
    """Yield the incidents of these hosts, and the whole storms they are in."""
    storms = {incident.parent for incident in found if incident.host in hosts} - {None}
    return (i for i in found if i.host in hosts or i.id in storms or i.parent in storms)


COMMAND = Command(
    Usage(
        "incidents",
        "what is wrong now, and what was in the last 24 hours",
        (Parameter("hosts", Kind.HOSTS, "a host or a tag; all hosts if left out"),),
        ("incidents", "incidents web-1"),
    ),
    Role.VIEWER,
    _run,
)
