"""firewalld: manages the kernel's packet filter from a Python process."""

from bot.domain.service import Group, KnownService

SERVICE = KnownService(
    name="firewalld",
    purpose="manages the firewall",
    advice="essential; plain nftables rules need no process",
    programs=("firewalld",),
    units=("firewalld.service",),
    group=Group.SYSTEM,
    essential=True,
)
