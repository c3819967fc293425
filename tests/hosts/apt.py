"""Where this machine gets Debian from, as apt itself says; no address is written down here."""

from __future__ import annotations

from .commands import HostsError, must_run

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def mirror() -> str:
    """Return the address of the Debian archive among this machine's apt sources. Raises HostsError."""
    listed = must_run(
        "apt-get",
        "indextargets",
        "--format",
        "$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)",
        "Created-By: Packages",
    )
    for line in listed.splitlines():
        words = line.split()
        if words[:3] == ["Debian", "Debian", "main"]:
            return words[3]
    raise HostsError("no Debian archive among this machine's apt sources; run apt-get update, or add one")


def proxies() -> dict[str, str]:
    """Return the environment that makes other programs use the proxies that apt uses."""
    found = {}
    for scheme in ("http", "https"):
        proxy = must_run("apt-config", "dump", "--format", "%v", f"Acquire::{scheme}::Proxy").strip()
        if proxy and proxy != "DIRECT":
            found[f"{scheme}_proxy"] = proxy
    return found
