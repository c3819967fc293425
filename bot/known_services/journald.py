"""journald: much of its resident memory is mapped log files, which the kernel can take back."""

from bot.domain.service import Group, KnownService

SERVICE = KnownService(
    name="journald",
    purpose="collects the system's logs",
    advice="essential; mostly mapped log files, given back when needed",
    programs=("systemd-journald",),
    units=("systemd-journald.service", "systemd-journald@*.service"),
    group=Group.SYSTEM,
    essential=True,
)
