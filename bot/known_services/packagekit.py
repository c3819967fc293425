"""packagekit: lets desktop programs install packages; on a server often only a login message asks it."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="packagekit",
    purpose="installs packages for other programs",
    advice="can be stopped; it starts again when asked for",
    programs=("packagekitd",),
    units=("packagekit.service",),
    optional=True,
)
