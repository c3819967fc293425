"""One bridge per run, and per host a veth pair: one end on the bridge, the other is the host's eth0."""

from __future__ import annotations

import ipaddress
import json
import time
from pathlib import Path

from .commands import HostsError, must_run

_CANDIDATES = tuple(ipaddress.IPv4Network("10.213.0.0/16").subnets(new_prefix=24))


def add_bridge(bridge: str) -> ipaddress.IPv4Network:
    """Add a bridge with the first address of a private network nobody here uses; return that network."""
    network = _unused_network()
    must_run("ip", "link", "add", bridge, "type", "bridge")
    must_run("ip", "address", "add", f"{network[1]}/{network.prefixlen}", "dev", bridge)
    must_run("ip", "link", "set", bridge, "up")
    return network


def connect(pid: int, *, bridge: str, link: str) -> None:
    """Give the process, once it has a network namespace of its own, an eth0 that reaches the bridge.

    Raises HostsError.
    """
    own = Path("/proc/self/ns/net").stat().st_ino
    deadline = time.monotonic() + 60
    try:
        while Path(f"/proc/{pid}/ns/net").stat().st_ino == own:
            if time.monotonic() > deadline:
                raise HostsError(f"process {pid} makes no network namespace")
            time.sleep(0.005)
    except FileNotFoundError as error:
        raise HostsError(f"process {pid} ended before it had a network namespace") from error
    must_run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", str(pid))
    must_run("ip", "link", "set", link, "master", bridge, "up")


def remove_links(prefix: str) -> None:
    """Remove the interfaces whose name starts so."""
    for link in json.loads(must_run("ip", "-json", "link", "show")):
        if link["ifname"].startswith(prefix):
            must_run("ip", "link", "delete", link["ifname"])


def _unused_network() -> ipaddress.IPv4Network:
    routes = json.loads(must_run("ip", "-json", "-4", "route", "show", "table", "all"))
    used = [ipaddress.IPv4Network(route["dst"]) for route in routes if route["dst"] != "default"]
    for network in _CANDIDATES:
        if not any(network.overlaps(other) for other in used):
            return network
    raise HostsError("no unused private network left for the test hosts")
