"""A real sshd for the tests that ask for one, where the machine has it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.servers.sshd import SSHD, Keys, Sshd, make_keys, running_sshd

if TYPE_CHECKING:
    from collections.abc import Iterator

_DESELECTED = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Client and host keys of all types."""
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def sshd(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """A server that everything is all right with."""
    with running_sshd(tmp_path_factory.mktemp("sshd"), keys) as server:
        yield server


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, visibly, what needs OpenSSH's server where there is none."""
    if SSHD and shutil.which("ssh-keygen"):
        return
    needing = [item for item in items if "keys" in getattr(item, "fixturenames", ())]
    items[:] = [item for item in items if item not in needing]
    config.stash[_DESELECTED] = len(needing)
    config.hook.pytest_deselected(items=needing)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out and how to change that."""
    if deselected := config.stash.get(_DESELECTED, 0):
        terminalreporter.write_line(
            f"{deselected} tests were left out: they need OpenSSH's sshd and ssh-keygen, which are not installed.",
            yellow=True,
        )
