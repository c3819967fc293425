"""systemd: the service manager (process 1, and one for each user who is logged in) and its daemons.

In containers and WSL its own unit, `init.scope`, also holds what entered from outside. journald is an entry
of its own.
"""

from bot.domain.service import Group, KnownService

_DAEMONS = (
    "systemd-homed",
    "systemd-hostnamed",
    "systemd-localed",
    "systemd-logind",
    "systemd-machined",
    "systemd-networkd",
    "systemd-nsresourced",
    "systemd-oomd",
    "systemd-resolved",
    "systemd-timedated",
    "systemd-timesyncd",
    "systemd-udevd",
    "systemd-userdbd",
)

SERVICE = KnownService(
    name="systemd",
    purpose="starts and watches everything else",
    advice="essential",
    programs=(
        "systemd",
        "systemd-executor",
        "systemd-nsresourcework",
        "systemd-userwork",
        "(sd-*)",
        "(udev-worker)",
        *_DAEMONS,
    ),
    units=("init.scope", *(f"{daemon}.service" for daemon in _DAEMONS)),
    group=Group.SYSTEM,
    essential=True,
    hosts_others=True,
)
