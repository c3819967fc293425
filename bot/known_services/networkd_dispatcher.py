"""networkd-dispatcher: a Python process that runs scripts when the network changes."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="networkd-dispatcher",
    purpose="runs scripts when the network changes",
    advice="can be disabled where /etc/networkd-dispatcher has no scripts",
    programs=("networkd-dispatcher",),
    units=("networkd-dispatcher.service",),
)
