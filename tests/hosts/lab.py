"""A run's place for hosts: directory, network, key and lxcfs. What a killed run leaves, the next removes."""

from __future__ import annotations

import fcntl
import ipaddress
import itertools
import os
import shutil
import signal
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .cgroups import remove_cgroups
from .commands import HostsError
from .keys import new_key
from .lxcfs import lxcfs, unmount_below
from .machine import Machine, booted
from .network import add_bridge, remove_links
from .nspawn import Place
from .rootfs import cache_directory, locked, rootfs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SEED_MEMORY_MIB = 961


@dataclass(frozen=True, slots=True)
class Lab:
    """Where hosts can be booted; they reach one another and this machine, and nothing else."""

    owner: int
    """The process that will remove everything; its number is in all names."""
    directory: Path
    rootfs: Path
    lxcfs_files: Path
    network: ipaddress.IPv4Network
    key_file: Path
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(2))
    """Host parts of the addresses; 1 is this machine's."""

    @contextmanager
    def boot(
        self, name: str, *, services: Sequence[str] = (), memory_mib: int = SEED_MEMORY_MIB
    ) -> Iterator[Machine]:
        """Boot a host of that name with services of `SERVICES`. Raises HostsError if it does not come up."""
        number = next(self.numbers)
        label = f"{_labels(self.owner)}{number:03}"
        place = Place(
            label=label,
            directory=self.directory / label,
            rootfs=self.rootfs,
            lxcfs_files=self.lxcfs_files,
            bridge=_bridge(self.owner),
            address=ipaddress.IPv4Interface((self.network[number], self.network.prefixlen)),
            memory_mib=memory_mib,
        )
        try:
            with booted(place, name, services=services, key_file=self.key_file) as machine:
                yield machine
        finally:
            _remove_hosts(place.label, place.directory)


@contextmanager
def lab() -> Iterator[Lab]:
    """Prepare everything hosts need, and remove it at the end, whatever happens. Raises HostsError.

    Until then SIGTERM interrupts like Ctrl-C, so that it does not skip the end.
    """
    if os.geteuid() != 0:
        raise HostsError("the test hosts need root")
    owner = os.getpid()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    runs = cache_directory() / "runs"
    try:
        root = rootfs()
        runs.mkdir(exist_ok=True)
        with ExitStack() as until_the_end:
            with locked(cache_directory() / "runs.lock"):
                lock = until_the_end.enter_context((runs / f"{owner}.lock").open("w"))
                fcntl.flock(lock, fcntl.LOCK_EX)
                _remove_dead_runs(runs)
                network = add_bridge(_bridge(owner))
            directory = runs / str(owner)
            directory.mkdir()
            key_file = directory / "id_ed25519"
            new_key(key_file)
            yield Lab(
                owner=owner,
                directory=directory,
                rootfs=root,
                lxcfs_files=until_the_end.enter_context(lxcfs(directory / "lxcfs")),
                network=network,
                key_file=key_file,
            )
    finally:
        _remove_run(runs, owner)
        signal.signal(signal.SIGTERM, before)


def _labels(owner: int) -> str:
    """Return how the names of a run's cgroups and interfaces begin (at most 15 characters in all)."""
    return f"mw{owner}."


def _bridge(owner: int) -> str:
    return f"{_labels(owner)}br"


def _remove_dead_runs(runs: Path) -> None:
    """Remove what is left of runs that were killed: the kernel has given up their locks."""
    for file in runs.glob("*.lock"):
        with file.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            _remove_run(runs, int(file.stem))


def _remove_run(runs: Path, owner: int) -> None:
    _remove_hosts(_labels(owner), runs / str(owner))
    (runs / f"{owner}.lock").unlink(missing_ok=True)


def _remove_hosts(labels: str, directory: Path) -> None:
    remove_cgroups(labels)
    remove_links(labels)
    unmount_below(directory)
    if directory.exists():
        shutil.rmtree(directory)
