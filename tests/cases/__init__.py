"""Answers of the probe: captured on real hosts, and of machines that were made up (`tests.fakes.proc`)."""

from __future__ import annotations

from pathlib import Path

SEED_AS_ROOT = "systemd-252-cgroup-v1-lxcfs-root.txt"
SEED_AS_USER = "systemd-252-cgroup-v1-lxcfs-user.txt"
MADE_CGROUP_V2 = "made-debian-12-cgroup-v2.txt"
MADE_DOCKER = "made-docker-limit-cgroup-v2.txt"
MADE_HIDEPID = "made-hidepid.txt"
MADE_ALPINE = "made-alpine-busybox.txt"
MADE_WITHOUT_RSS_ANON = "made-ubuntu-16.04-linux-4.4.txt"
MADE_WITHOUT_MEM_AVAILABLE = "made-debian-7-linux-3.2.txt"


def captured(name: str) -> bytes:
    """Return one of the files beside this one."""
    return (Path(__file__).parent / name).read_bytes()
