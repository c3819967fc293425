"""What has to be done now and then so that memory stays small: old samples are thinned, too old ones go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.ports import Ports

_HOSTS_AT_ONCE = 5


def thin(ports: Ports) -> bool:
    """Thin the samples of some hosts and tell whether more is to do; short, so that no check has to wait.

    Raises StoreError.
    """
    if ports.store is None:
        return False
    return ports.store.thin(ports.now(), ports.config.history.retention, most_hosts=_HOSTS_AT_ONCE)
