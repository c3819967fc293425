"""chrony: keeps the clock right."""

from bot.domain.service import Group, KnownService

SERVICE = KnownService(
    name="chrony",
    purpose="keeps the clock right",
    advice="essential; very small",
    programs=("chronyd",),
    units=("chrony.service", "chronyd.service"),
    group=Group.SYSTEM,
    essential=True,
)
