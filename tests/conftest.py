"""A real sshd for the tests that ask for one, where the machine has it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.sshd import SEARCH_PATH, Keys, Sshd, make_keys, running_sshd

if TYPE_CHECKING:
    from collections.abc import Iterator

# How long an example takes tells, on a machine that does much else, nothing about us.
settings.register_profile("memwarden", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("memwarden")

_LEFT_OUT = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Client and host keys of all types."""
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def sshd(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """A server that everything is all right with."""
    with running_sshd(tmp_path_factory.mktemp("sshd"), keys) as server:
        yield server


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark of tests that need a program which not every machine has."""
    config.addinivalue_line("markers", "needs(program): left out where the program is not installed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, visibly, what needs a program that this machine does not have."""
    missing = {item: _missing(item) for item in items}
    left_out = [item for item in items if missing[item]]
    if left_out:
        items[:] = [item for item in items if not missing[item]]
        config.hook.pytest_deselected(items=left_out)
        config.stash[_LEFT_OUT] = [program for item in left_out for program in missing[item]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out and how to change that."""
    left_out = config.stash.get(_LEFT_OUT, [])
    for program in sorted(set(left_out)):
        terminalreporter.write_line(
            f"left out, because {program} is not installed: {left_out.count(program)} tests", yellow=True
        )


def _missing(item: pytest.Item) -> tuple[str, ...]:
    needed = [mark.args[0] for mark in item.iter_markers("needs")]
    if "keys" in getattr(item, "fixturenames", ()):
        needed += ["sshd", "ssh-keygen"]
    return tuple(program for program in needed if shutil.which(program, path=SEARCH_PATH) is None)
