"""From here to a host, hop by hop: each one's key is checked and each one logs us in."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import paramiko

from adapters.hosts.ssh.stream import dial
from adapters.hosts.ssh.transport import (
    BROKEN,
    Transport,
    check_key,
    exchange_keys,
    log_in,
    pins_of,
    preferred_algorithms,
)
from adapters.hosts.ssh.wording import reason
from bot.errors import HostUnreachable, LoginRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.hosts.deadline import Deadline
    from adapters.hosts.ssh.keys import Keyring
    from adapters.hosts.ssh.refusals import Refusals
    from adapters.hosts.ssh.route import Hop
    from adapters.hosts.ssh.stream import Stream
    from bot.domain.host import Timeouts

# What a direct-tcpip channel gives as its origin (RFC 4254, 7.2); no connection of ours is behind it.
_ORIGIN = ("127.0.0.1", 0)
_FORBIDDEN, _NOT_CONNECTED = 1, 2


class Connection:
    """The way to a host: one transport per hop, the host's own last."""

    def __init__(self, transports: Sequence[Transport]) -> None:
        self._transports = tuple(transports)

    @property
    def transport(self) -> Transport:
        """The transport of the last hop."""
        return self._transports[-1]

    def close(self) -> None:
        """Close every hop, the farthest first."""
        for transport in reversed(self._transports):
            transport.close()


def connect(
    hops: Sequence[Hop], timeouts: Timeouts, keyring: Keyring, refusals: Refusals, whole: Deadline
) -> Connection:
    """Go through all hops and log in to each, all of it before the deadline `whole`.

    Raises HostUnreachable, HostKeyUnknown, HostKeyChanged, LoginRefused; nothing stays open then.
    """
    for hop in hops:
        refusals.check(hop)
    with ExitStack() as opened:
        transports: list[Transport] = []
        for hop in hops:
            pins = pins_of(hop)
            deadline = whole.at_most(timeouts.connect_s)
            stream = reach(hop, transports[-1] if transports else None, deadline)
            opened.callback(stream.close)
            transport = Transport(stream, preferred_algorithms(pins))
            opened.callback(transport.close)
            check_key(hop, exchange_keys(transport, hop, deadline), pins)
            with refusals.turn(hop, whole.at_most(timeouts.auth_s)):
                _log_in(transport, hop, keyring, refusals, whole.at_most(timeouts.auth_s))
            transports.append(transport)
        opened.pop_all()
        return Connection(transports)


def reach(hop: Hop, through: Transport | None, deadline: Deadline) -> Stream | paramiko.Channel:
    """Connect to a hop, from here or through the hop before it. Raises HostUnreachable."""
    if through is None:
        return dial(hop, deadline)
    try:
        return through.open_channel(
            "direct-tcpip", (hop.address, hop.port), _ORIGIN, timeout=max(deadline.left_s, 0.001)
        )
    except paramiko.ChannelException as error:
        why = {
            _FORBIDDEN: "its jump host does not allow forwarding",
            _NOT_CONNECTED: "its jump host cannot connect to it",
        }.get(error.code, "its jump host refuses")
        raise HostUnreachable(f"{hop.place} cannot be reached: {why}.") from error
    except BROKEN as error:
        raise HostUnreachable(f"{hop.place} cannot be reached: {reason(error)}.") from error


def _log_in(transport: Transport, hop: Hop, keyring: Keyring, refusals: Refusals, deadline: Deadline) -> None:
    with keyring.identities(hop, deadline) as identities:
        try:
            log_in(transport, hop, identities, deadline)
        except LoginRefused:
            refusals.refused(hop)
            raise
    refusals.accepted(hop)
