"""Fixtures: a lab for this session, and the seed host in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .lab import Lab, lab
from .services import SEED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .machine import Machine


@pytest.fixture(scope="session")
def hosts() -> Iterator[Lab]:
    """Where further hosts can be booted: `with hosts.boot("web-2", services=("nginx",)) as host`."""
    with lab() as place:
        yield place


@pytest.fixture(scope="session")
def seed_host(hosts: Lab) -> Iterator[Machine]:
    """The seed's server: 961 MiB, gunicorn with 4 workers, daphne, nginx, redis, and little left."""
    with hosts.boot("web-1", services=SEED) as host:
        yield host
