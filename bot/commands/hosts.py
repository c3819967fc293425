"""`/mem hosts [hosts]`: which hosts are looked after, and how each is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.domain.units import counted
from bot.message import Button, Column, Kind, Message, Parameter, Row, Table, Usage

if TYPE_CHECKING:
    from bot.commands import Call
    from bot.config import Host


def _run(call: Call) -> Message:
    hosts = [host for host in call.ports.config.hosts if host.name in call.arguments.hosts]
    return Message(
        headline=counted(len(hosts), "host"),
        blocks=(
            Table(
                (Column("host"), Column("reached as", elastic=True), Column("tags", dispensable=1)),
                tuple(Row((host.name, _way(host), ", ".join(host.tags))) for host in hosts),
            ),
        ),
        buttons=(Button("Status", "status"),),
        footnote="as configured; nothing was asked of the hosts",
    )


def _way(host: Host) -> str:
    """Write `user@address:port via jump`, leaving out what the configuration leaves to ~/.ssh/config."""
    if host.is_local:
        return "this machine"
    user = f"{host.user}@" if host.user else ""
    address = f"[{host.address}]" if host.port and ":" in host.address else host.address
    port = f":{host.port}" if host.port else ""
    jumps = f" via {', '.join(host.jump)}" if host.jump else ""
    return f"{user}{address}{port}{jumps}"


COMMAND = Command(
    Usage(
        "hosts",
        "the hosts that are looked after, and how each is reached",
        (Parameter("hosts", Kind.HOSTS, "a host or a tag; all hosts if left out"),),
        ("hosts", "hosts production"),
    ),
    Role.VIEWER,
    _run,
)
