"""networkmanager: brings the network up and keeps it."""

from bot.domain.service import Group, KnownService

SERVICE = KnownService(
    name="networkmanager",
    purpose="keeps the network up",
    advice="essential",
    programs=("NetworkManager", "nm-dispatcher"),
    units=("NetworkManager.service", "NetworkManager-dispatcher.service"),
    group=Group.SYSTEM,
    essential=True,
)
