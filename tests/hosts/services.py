"""The services a host can be asked for: a folder in stack/ each, and how to know that they are all there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """Units to start, and a shell test that succeeds as soon as the service has its full size."""

    units: tuple[str, ...]
    loaded: str = "true"


SERVICES = {
    "gunicorn": Service(("gunicorn.service",), loaded="test $(ls /run/gunicorn | grep -c loaded) = 4"),
    "daphne": Service(("daphne.service",), loaded="test $(ls /run/daphne | grep -c loaded) = 1"),
    "nginx": Service(("nginx.service",)),
    "redis": Service(("redis-server.service", "redis-data.service")),
    "agents": Service(("platform-agent.service", "backup-agent.service")),
}

SEED = tuple(SERVICES)
"""The seed host's: all of them."""
