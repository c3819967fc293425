"""fwupd: updates firmware; useless in most virtual machines."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="fwupd",
    purpose="updates firmware",
    advice="can be stopped; it starts again when asked for",
    programs=("fwupd",),
    units=("fwupd.service",),
    optional=True,
)
