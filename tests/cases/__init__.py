"""Answers of the probe, captured on real hosts."""

from __future__ import annotations

from pathlib import Path

SEED_AS_ROOT = "systemd-252-cgroup-v1-lxcfs-root.txt"
SEED_AS_USER = "systemd-252-cgroup-v1-lxcfs-user.txt"


def captured(name: str) -> bytes:
    """Return one of the files beside this one."""
    return (Path(__file__).parent / name).read_bytes()
