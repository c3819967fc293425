"""snapd: installs and updates snaps."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="snapd",
    purpose="installs and updates snaps",
    advice="can be removed where no snap is used",
    programs=("snapd",),
    units=("snapd.service",),
)
