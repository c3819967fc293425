"""polkit: decides what a user may ask system services to do."""

from bot.domain.service import Group, KnownService

SERVICE = KnownService(
    name="polkit",
    purpose="decides who may manage the system",
    advice="essential",
    programs=("polkitd",),
    units=("polkit.service",),
    group=Group.SYSTEM,
    essential=True,
)
