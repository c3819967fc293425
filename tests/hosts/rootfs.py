"""The root file system that all test hosts share: debootstrap once, kept until its recipe changes."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .apt import KEYRING, mirror, proxies
from .commands import must_run

if TYPE_CHECKING:
    from collections.abc import Iterator

SUITE = "bookworm"

PACKAGES = (
    # a small server
    *("systemd", "systemd-sysv", "dbus", "libpam-systemd", "openssh-server", "cron", "rsyslog", "sudo"),
    # what an operator finds there
    *("procps", "iproute2", "busybox", "mawk", "smem"),
    # the seed's stack
    *("python3", "gunicorn", "daphne", "nginx", "redis-server"),
    # python3-pycparser needs it under a virtual name, which debootstrap does not resolve
    "python3-ply",
)

USERS = {"deploy": 1000, "oncall": 1001}
"""Login name -> uid; root is there anyway."""

# Enabled by their packages; a host starts the services that it asked for.
_NOT_BY_DEFAULT = ("nginx.service", "redis-server.service")

# Nothing changes by itself during a test, and a pipe is no console.
_NEVER = (
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer"),
    *("e2scrub_reap.service", "fstrim.timer", "systemd-tmpfiles-clean.timer"),
    *("console-getty.service", "systemd-firstboot.service"),
)

_UNIQUE_PER_HOST = ("etc/machine-id", "var/lib/dbus/machine-id", "etc/hostname", "etc/resolv.conf")


def cache_directory() -> Path:
    """Return where root file systems and the state of running hosts are kept: outside the repository."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "memwarden-hosts"


def rootfs() -> Path:
    """Return the root file system, built first where there is none of this recipe. Raises HostsError."""
    cache = cache_directory()
    cache.mkdir(parents=True, exist_ok=True)
    wanted = cache / f"rootfs-{_recipe_hash()}"
    with locked(cache / "rootfs.lock"):
        if not wanted.exists():
            for old in cache.glob("rootfs-*"):
                shutil.rmtree(old)
            partial = cache / f"{wanted.name}.partial"
            _debootstrap(partial)
            _prepare(partial)
            partial.rename(wanted)
    return wanted


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold an exclusive lock among all processes that use the cache."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _recipe_hash() -> str:
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]


def _debootstrap(target: Path) -> None:
    # In namespaces of its own, so that an interrupted build leaves no process and no mount.
    must_run(
        *(
            "setpriv",
            "--pdeathsig",
            "KILL",
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ),
        *("debootstrap", "--variant=minbase", f"--keyring={KEYRING}", f"--include={','.join(PACKAGES)}"),
        *(SUITE, str(target), mirror()),
        timeout_s=1800,
        env={**os.environ, **proxies()},
    )


def _prepare(root: Path) -> None:
    for name, uid in USERS.items():
        must_run(
            *("chroot", str(root), "useradd", "--uid", str(uid), "--create-home"),
            *("--shell", "/bin/bash", "--password", "*", name),
        )
    must_run("chroot", str(root), "systemctl", "disable", *_NOT_BY_DEFAULT)
    must_run("chroot", str(root), "systemctl", "mask", *_NEVER)
    for name in _UNIQUE_PER_HOST:
        (root / name).unlink(missing_ok=True)
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    for directory in ("var/cache/apt", "var/lib/apt/lists"):
        shutil.rmtree(root / directory)
        (root / directory).mkdir()
